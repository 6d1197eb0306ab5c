"""What the last job told."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ...theme import set_role
from ...transfers import Outcome, Transfers

_MOST_REMARKS = 20


class ToldPart(QWidget):
    """What the last job told: its sentence, and every remark, until the next one starts."""

    def __init__(self, transfers: Transfers) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.texts: list[str] = []
        self.hide()
        transfers.started.connect(lambda _job: self.hide())
        transfers.ended.connect(self._show)

    def _show(self, outcome: Outcome) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        more = len(outcome.remarks) - _MOST_REMARKS
        remarks = [*outcome.remarks[:_MOST_REMARKS], *([self.tr("and {} more").format(more)] if more > 0 else [])]
        self.texts = [outcome.text, *remarks]
        for place, text in enumerate(self.texts):
            label = QLabel(_breakable(text), wordWrap=True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            set_role(label, ("" if outcome.ok else "warning") if place == 0 else "dim")
            self._column.addWidget(label)
        self.show()


def _breakable(text: str) -> str:
    """A text whose paths may be broken after a separator: a line of the panel is short."""
    return text.replace("/", "/\u200b").replace("\\", "\\\u200b")
