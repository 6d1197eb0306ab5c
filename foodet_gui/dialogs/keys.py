"""The page of all keys: a sheet over the window, gone at the next key or click."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ..actions import key_lists
from ..theme import set_role


class KeysPage(QDialog):
    """All actions and their keys, in three columns."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        set_role(self, "sheet")
        row = QHBoxLayout(self)
        row.setContentsMargins(28, 24, 28, 24)
        row.setSpacing(36)
        for title, keys in key_lists():
            row.addLayout(_column(title, keys))
        self.adjustSize()
        self.move(parent.mapToGlobal(parent.rect().center()) - self.rect().center())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.close()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.close()


def _column(title: str, keys: list[tuple[str, str]]) -> QVBoxLayout:
    column, grid = QVBoxLayout(), QGridLayout()
    head = QLabel(title.upper())
    set_role(head, "head")
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(8)
    for row, (text, key) in enumerate(keys):
        grid.addWidget(QLabel(text), row, 0)
        pressed = QLabel(key)
        set_role(pressed, "dim")
        grid.addWidget(pressed, row, 1, Qt.AlignmentFlag.AlignRight)
    column.addWidget(head)
    column.addSpacing(8)
    column.addLayout(grid)
    column.addStretch(1)
    return column
