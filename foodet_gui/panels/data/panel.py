"""The parts of the Data tab, one below the other, and what the last job told."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from ...session import Session
from ...transfers import Transfers
from .adding import AddPart
from .exporting import ExportPart
from .importing import ImportPart
from .parts import DataPart
from .told import ToldPart


class DataPanel(QWidget):
    """Three parts, one below the other, and what the last job told."""

    left = Signal()
    """Escape was pressed: the keyboard can go back to the canvas."""

    def __init__(self, session: Session, transfers: Transfers) -> None:
        super().__init__()
        self._session = session
        self.adding = AddPart(session, transfers)
        self.importing = ImportPart(session, transfers)
        self.exporting = ExportPart(session, transfers)
        self.told = ToldPart(transfers)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(20, 12, 20, 20)
        column.setSpacing(22)
        for part in (self.told, self.adding, self.importing, self.exporting):
            column.addWidget(part)
        column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidget(content)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._scroll)
        transfers.ended.connect(lambda _outcome: self._scroll.verticalScrollBar().setValue(0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def go_to(self, part: DataPart) -> None:
        """Put the keyboard into a part."""
        part.first.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._scroll.ensureWidgetVisible(part, 0, 0)
