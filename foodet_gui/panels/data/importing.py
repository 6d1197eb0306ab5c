"""Annotations imported: a file or folder, the format it was recognised as, and where its images lie."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton

from foodet_core.config import ImportJob

from ... import language
from ...session import Session
from ...transfers import Transfers
from .parts import DataPart, JobButton, Rows, formats, make_combo, make_hint, make_row, make_small, root_of

if TYPE_CHECKING:
    from foodet_core.formats.recognise import Candidate

_SPLITS = ("", "train", "val", "test")
_TYPING_MS = 400
"""Between the last letter of a path and a look at what it names."""


class ImportPart(DataPart):
    """A file or folder of annotations, the format it was recognised as, and where its images lie."""

    def __init__(self, session: Session, transfers: Transfers) -> None:
        super().__init__()
        self._session, self._transfers = session, transfers
        self._rows, self.hint, self.button = Rows(), make_hint(), JobButton(transfers, ImportJob)
        self.first = self.source = QLineEdit()
        self.format, self.split, self.images = make_combo(), make_combo(), QLineEdit()
        self._file, self._folder, self._images_button = (QPushButton() for _ in range(3))
        self._looking = False
        self._found: tuple[Candidate, ...] = ()
        self._build()
        # A path comes letter by letter, and each looked at would be one more that does not exist.
        self._soon = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._soon.timeout.connect(self._look)
        self.source.textChanged.connect(self._look_soon)
        self.format.currentIndexChanged.connect(self._refresh)
        transfers.recognised.connect(self._on_recognised)
        session.project_changed.connect(self._on_project)
        language.watch(self._write)

    def set_source(self, path: Path) -> None:
        """Choose a file or folder; its format is found out."""
        self.source.setText(str(path))
        self._look_soon()
        self._look()

    def _begin(self) -> None:
        chosen, project = self._chosen(), self._session.project
        if project is not None and chosen is not None:
            images = self.images.text().strip() or None
            split = _SPLITS[self.split.currentIndex()] or None
            self._transfers.start(ImportJob(str(project.folder), str(chosen.path), chosen.format, images, split))

    def _refresh(self) -> None:
        self.button.show_state(self.tr("Import"), ready=self._chosen() is not None)
        self.format.setEnabled(bool(self.source.text()) and not self._looking)
        self.hint.setText(self._say())
        self.hint.setVisible(bool(self.hint.text()))

    def _build(self) -> None:
        self._source_label = self._rows.add(self.source)
        self._rows.addRow(make_row(self._file, self._folder))
        self._format_label = self._rows.add(self.format)
        self._images_label = self._rows.add(make_row(self.images, self._images_button))
        self._split_label = self._rows.add(self.split)
        self.column.addLayout(self._rows)
        self.column.addWidget(self.hint)
        self.column.addWidget(self.button)  # Tab comes to it last
        self.button.begun.connect(self._begin)
        self._transfers.started.connect(self._refresh)
        self._transfers.ended.connect(self._refresh)
        make_small(self._images_button)
        self.split.addItems(list(_SPLITS))
        self._file.clicked.connect(self._ask_file)
        self._folder.clicked.connect(self._ask_folder)
        self._images_button.clicked.connect(self._ask_images)

    def _write(self) -> None:
        self.head.setText(self.tr("IMPORT ANNOTATIONS"))
        self._source_label.setText(self.tr("From"))
        self.source.setAccessibleName(self.tr("From"))
        self.source.setPlaceholderText(self.tr("file or folder"))
        self._file.setText(self.tr("File…"))
        self._folder.setText(self.tr("Folder…"))
        self._format_label.setText(self.tr("Format"))
        self._images_label.setText(self.tr("Images in"))
        self.images.setPlaceholderText(self.tr("project folder"))
        self.images.setToolTip(self.tr("The folder that image names in the file are relative to."))
        self._split_label.setText(self.tr("Split"))
        names = self.tr("as the file says"), self.tr("train"), self.tr("val"), self.tr("test")
        for place, name in enumerate(names):
            self.split.setItemText(place, name)
        self.images.setAccessibleName(self._images_label.text())
        self._fill()

    def _say(self) -> str:
        chosen = self._chosen()
        if self._looking or not self.source.text():
            return ""
        if len(self._found) == 1 and chosen == self._found[0]:
            return self.tr("Recognised as {}.").format(formats()[chosen.format].title)
        if chosen is not None:
            return ""
        if self._found:
            return self.tr("There are several sets of annotations here: choose one.")
        return self.tr("What format this is in cannot be told: choose it.")

    def _chosen(self) -> Candidate | None:
        found: Candidate | None = self.format.currentData()
        return found

    def _look_soon(self) -> None:
        self._found, self._looking = (), bool(self.source.text().strip())
        self._fill()
        self._soon.start()

    def _look(self) -> None:
        self._soon.stop()
        if self._looking:
            self._transfers.look(Path(self.source.text().strip()))

    def _on_recognised(self, path: Path, found: tuple[Candidate, ...]) -> None:
        if self._looking and self.source.text().strip() == str(path):
            self._found, self._looking = found, False
            self._fill()

    def _fill(self) -> None:
        """The format's choices: what was recognised, then everything that a person may know better."""
        self.format.blockSignals(True)
        self.format.clear()
        source = self.source.text().strip()
        if source and not self._looking:
            for title, candidate in _choices(Path(source), self._found):
                self.format.addItem(title, candidate)
            self.format.setCurrentIndex(0 if len(self._found) == 1 else -1)
        self.format.setPlaceholderText(self.tr("looking…") if self._looking else "–")
        self.format.blockSignals(False)
        self._refresh()

    def _on_project(self) -> None:
        if self._session.project is None:
            self.source.clear()
            self.images.clear()

    def _ask_file(self) -> None:
        file, _ = QFileDialog.getOpenFileName(self, self.tr("An annotation file"), root_of(self._session))
        if file:
            self.set_source(Path(file))

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("A folder of annotations"), root_of(self._session))
        if folder:
            self.set_source(Path(folder))

    def _ask_images(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("The folder of the images"), root_of(self._session))
        if folder:
            self.images.setText(str(Path(folder)))


def _choices(source: Path, found: Sequence[Candidate]) -> list[tuple[str, Candidate]]:
    """What was recognised, and after it every format for the source as it stands."""
    from foodet_core.formats.recognise import Candidate

    titles = {name: format.title for name, format in formats().items()}
    several = len(found) > 1
    first = [(f"{c.path.name} · {titles[c.format]}" if several else titles[c.format], c) for c in found]
    known = {c for _, c in first}
    return first + [(title, c) for name, title in titles.items() if (c := Candidate(name, source)) not in known]
