"""Images added to the open project; they stay where they are."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QPushButton

from ... import language
from ...session import Session
from ...transfers import Transfers
from .parts import DataPart, beside, root_of


class AddPart(DataPart):
    """Images from elsewhere; they stay where they are."""

    def __init__(self, session: Session, transfers: Transfers) -> None:
        super().__init__()
        self._session, self._transfers = session, transfers
        self.first = self._folder = QPushButton()
        self._files = QPushButton()
        self._folder.clicked.connect(self._ask_folder)
        self._files.clicked.connect(self._ask_files)
        self.column.addLayout(beside(self._folder, self._files))
        language.watch(self._write)

    def _write(self) -> None:
        self.head.setText(self.tr("ADD IMAGES"))
        self._folder.setText(self.tr("Folder…"))
        self._files.setText(self.tr("Files…"))
        for button in (self._folder, self._files):
            button.setToolTip(self.tr("Photos stay where they are. They can also be dropped onto the window."))

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Add a folder of images"), root_of(self._session))
        if folder:
            self._transfers.add_images([Path(folder)])

    def _ask_files(self) -> None:
        files, _ = QFileDialog.getOpenFileNames(self, self.tr("Add images"), root_of(self._session))
        if files:
            self._transfers.add_images([Path(file) for file in files])
