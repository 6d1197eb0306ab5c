"""A card that lies over the window until Escape or a click beside it.

It is no window of its own, so that input methods work in its fields.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget
from shiboken6 import isValid

from .. import theme


class Sheet(QWidget):
    """Covers `window` and holds the keyboard while it is there: the window's own keys rest, Tab stays among its fields.

    What is shown goes into `card`, which lies `top` pixels below the window's edge, or in the middle.
    """

    def __init__(self, window: QWidget, top: int | None = None) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._window = window
        self._before = QApplication.focusWidget()
        self.card = QFrame()
        theme.set_role(self.card, "sheet")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.addStretch(1) if top is None else layout.addSpacing(top)
        layout.addWidget(self.card, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        window.installEventFilter(self)
        self.setGeometry(window.rect())

    def close_sheet(self) -> None:
        """Go away and give the keyboard back."""
        before = self._before
        self.close()
        if before is not None and isValid(before):  # an editor in a list is gone once it lost the keyboard
            before.setFocus()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:  # also those that its fields leave to it
            event.accept()
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._window:
            self.setGeometry(self._window.rect())
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_sheet()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.card.geometry().contains(event.position().toPoint()):
            self.close_sheet()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme.color("shade"))

    def focusNextPrevChild(self, forward: bool) -> bool:
        here = QApplication.focusWidget()
        fields = [w for w in self.findChildren(QWidget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.isVisible()]
        if not fields:
            return False
        place = fields.index(here) + (1 if forward else -1) if here in fields else 0
        fields[place % len(fields)].setFocus(Qt.FocusReason.TabFocusReason)
        return True
