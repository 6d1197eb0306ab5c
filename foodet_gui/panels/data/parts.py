"""What the parts of the Data tab are made of: a head, rows of choices, and a button that starts a job and stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ...form import LABEL_WIDTH, pass_wheel
from ...session import Session
from ...theme import set_role
from ...transfers import Transfers

if TYPE_CHECKING:
    from foodet_core.formats.format import Format

    from ...transfers import Transfer


class DataPart(QWidget):
    """A head and what stands below it; `first` takes the keyboard."""

    def __init__(self) -> None:
        super().__init__()
        self.first: QWidget = self
        self.head = QLabel()
        set_role(self.head, "head")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)
        self.column.addWidget(self.head)


class JobButton(QPushButton):
    """Starts jobs of one kind, and stops the one under way."""

    begun = Signal()
    """A job is to be started."""

    def __init__(self, transfers: Transfers, kind: type[Transfer]) -> None:
        super().__init__()
        self._transfers, self._kind = transfers, kind
        self.clicked.connect(self._click)

    @property
    def is_running(self) -> bool:
        """Whether the job under way is one of this button."""
        return isinstance(self._transfers.running, self._kind)

    def show_state(self, title: str, *, ready: bool) -> None:
        """Say what a click does now; `ready`: whether a job could be started if none is under way."""
        self.setText(self.tr("Stop") if self.is_running else title)
        self.setEnabled(self.is_running or (ready and self._transfers.running is None))

    def _click(self) -> None:
        if self.is_running:
            self._transfers.cancel()
        else:
            self.begun.emit()


class Rows(QFormLayout):
    """Rows of choices, each with a label before it."""

    def __init__(self) -> None:
        super().__init__()
        self.setHorizontalSpacing(12)
        self.setVerticalSpacing(8)
        self.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)

    def add(self, widget: QWidget) -> QLabel:
        """A row, whose label is still to be written."""
        label = QLabel()
        label.setMinimumWidth(LABEL_WIDTH)
        label.setBuddy(widget)
        self.addRow(label, widget)
        return label


def formats() -> dict[str, Format]:
    """All formats by name. They need SQLite and Pillow: not before a project is open."""
    from foodet_core.formats import FORMATS

    return dict(FORMATS)


def make_hint() -> QLabel:
    """A line of words below the rows."""
    hint = QLabel(wordWrap=True)
    set_role(hint, "dim")
    return hint


def root_of(session: Session) -> str:
    """Where a dialog begins to look: the project's images."""
    return str(session.project.root) if session.project is not None else ""


def make_combo() -> QComboBox:
    """A combo box that is as wide as there is room, not as its longest choice."""
    combo = QComboBox()
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(6)
    pass_wheel(combo)
    return combo


def make_small(button: QPushButton) -> None:
    """A button beside a field, that looks for what the field holds."""
    button.setText("…")
    set_role(button, "small")
    button.setFixedWidth(34)


def beside(*widgets: QWidget) -> QHBoxLayout:
    """Widgets in a row, as a layout."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    return row


def make_row(*widgets: QWidget) -> QWidget:
    """Widgets in a row, as one widget; the first one takes the keyboard."""
    row = QWidget()
    row.setLayout(beside(*widgets))
    row.setFocusProxy(widgets[0])
    return row
