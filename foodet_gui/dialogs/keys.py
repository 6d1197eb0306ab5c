"""The page of all keys: a sheet over the window that tells them, finds them and changes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from .. import actions
from ..actions import Command
from ..settings import Settings
from ..theme import set_role
from .sheet import Sheet

_SLOTS = 2
"""How many keys a command can have."""
_TAKE_AWAY = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_CHIP = (96, 26)
_ROW_WIDTH = 430
_MARGINS = 172
"""Height of what stands above and below the lists, and around the card."""


class KeysPage(Sheet):
    """All actions and their keys by group. A click on a key, or Enter, waits for another one; Del takes it away."""

    def __init__(self, window: QWidget, settings: Settings) -> None:
        super().__init__(window)
        self._settings = settings
        self._rows: list[_KeyRow] = []
        self.search = QLineEdit(clearButtonEnabled=True)
        self.search.setPlaceholderText(self.tr("Search actions and keys"))
        self.search.setFixedWidth(280)
        self.search.textChanged.connect(self._filter)
        self.conflict = _Conflict()
        self.reset_all = QPushButton(self.tr("Reset all keys"))
        self.reset_all.clicked.connect(lambda: self._use({}))
        title = QLabel(self.tr("Keys"))
        set_role(title, "title")
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.search)
        foot.addWidget(self.conflict, 1)
        foot.addWidget(self.reset_all)
        column = QVBoxLayout(self.card)
        column.setContentsMargins(24, 18, 24, 16)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._make_lists(window))
        column.addLayout(foot)
        self._show_keys()
        self.show()
        self.search.setFocus()

    def row(self, name: str) -> _KeyRow:
        """The row of a command."""
        return next(row for row in self._rows if row.command.name == name)

    def _make_lists(self, window: QWidget) -> QScrollArea:
        inner = QWidget()
        columns = QHBoxLayout(inner)
        columns.setContentsMargins(0, 0, 12, 0)
        columns.setSpacing(36)
        titled = [command for command in actions.commands() if command.title]
        self._heads: list[tuple[QLabel, list[_KeyRow]]] = []
        groups = [self._make_group(group, list(members)) for group, members in groupby(titled, lambda c: c.group)]
        for part in (groups[:1], groups[1:]):
            column = QVBoxLayout()
            column.setSpacing(14)
            for group in part:
                column.addLayout(group)
            column.addStretch(1)
            columns.addLayout(column)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        size = inner.sizeHint()
        area.setMinimumWidth(min(size.width() + 12, window.width() - 100))
        area.setMinimumHeight(min(size.height() + 12, window.height() - _MARGINS))
        return area

    def _make_group(self, group: str, members: Sequence[Command]) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(2)
        head = QLabel(group.upper())
        set_role(head, "head")
        head.setContentsMargins(0, 0, 0, 4)
        column.addWidget(head)
        rows = [_KeyRow(command, self._try, self._reset) for command in members]
        for row in rows:
            column.addWidget(row)
        self._rows += rows
        self._heads.append((head, rows))
        return column

    def _filter(self, text: str) -> None:
        for head, rows in self._heads:
            for row in rows:
                row.setVisible(row.answers(text))
            head.setVisible(any(row.answers(text) for row in rows))

    def _try(self, name: str, keys: Sequence[str], new: str) -> None:
        """Give a command these keys; if `new` among them belongs to another one, that is for the person to say."""
        held_by = actions.holder(new, name) if new else None
        if held_by is None:
            self._use(actions.with_keys(self._settings.keys, name, keys))
        elif not held_by.title:
            self._show_keys()
            self.conflict.tell(
                self.tr("{} stays as it is: digits choose classes, arrows move boxes.").format(actions.native(new))
            )
        else:
            self._show_keys()
            text = self.tr("{} is the key for “{}”.").format(actions.native(new), held_by.title)
            self.conflict.ask(text, lambda: self._use(actions.with_keys(self._settings.keys, name, keys)))

    def _reset(self, name: str) -> None:
        command = self.row(name).command
        self._use(actions.with_keys(self._settings.keys, name, command.keys))

    def _use(self, own: actions.Keys) -> None:
        self._settings.keys = own
        actions.use_keys(own)
        self._show_keys()

    def _show_keys(self) -> None:
        self.conflict.clear()
        for row in self._rows:
            row.show_keys()
        self.reset_all.setEnabled(bool(self._settings.keys))


class _KeyRow(QWidget):
    """A command, its keys, and the way back to those it had at first."""

    def __init__(
        self, command: Command, change: Callable[[str, Sequence[str], str], object], reset: Callable[[str], object]
    ) -> None:
        super().__init__()
        self.command, self._change = command, change
        self.setFixedWidth(_ROW_WIDTH)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.reset = QPushButton("↺")
        self.reset.setToolTip(self.tr("Back to {}").format("  ".join(map(actions.native, command.keys)) or "–"))
        set_role(self.reset, "quiet")
        self.reset.clicked.connect(lambda: reset(command.name))
        keep = self.reset.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(keep)
        self.slots = [_KeySlot() for _ in range(_SLOTS)]
        row.addWidget(QLabel(command.title), 1)
        row.addWidget(self.reset)
        for place, slot in enumerate(self.slots):
            slot.changed.connect(lambda key, place=place: self._set(place, key))
            row.addWidget(slot)

    def show_keys(self) -> None:
        """Show the keys as they are now."""
        keys = actions.keys_of(self.command.name)
        for place, slot in enumerate(self.slots):
            slot.show_key(keys[place] if place < len(keys) else "")
        self.reset.setVisible(keys != self.command.keys)

    def answers(self, text: str) -> bool:
        """Whether the row has what was typed: in its title, or as one of its keys."""
        word = text.strip().casefold()
        keys = [actions.native(key).casefold() for key in actions.keys_of(self.command.name)]
        return word in self.command.title.casefold() or any(word == key or (len(word) > 1 and word in key) for key in keys)

    def _set(self, place: int, key: str) -> None:
        keys = [slot.key for slot in self.slots]
        keys[place] = key
        self._change(self.command.name, [k for k in keys if k], key)


class _KeySlot(QStackedWidget):
    """A key; pressed, it waits for another one."""

    changed = Signal(str)
    """The new key, "" for none."""

    def __init__(self) -> None:
        super().__init__()
        self.key = ""
        self.setFixedSize(*_CHIP)
        self.chip = QPushButton()
        self.chip.clicked.connect(self._wait)
        self.chip.installEventFilter(self)
        self.edit = _KeyEdit()
        self.edit.pressed.connect(self._take)
        self.edit.given_up.connect(self._rest)
        for part in (self.chip, self.edit):
            self.addWidget(part)

    def show_key(self, key: str) -> None:
        """Show a key, or a sign that there may be one."""
        self.key = key
        self.chip.setText(actions.native(key) or "+")
        set_role(self.chip, "key" if key else "nokey")
        self.setCurrentWidget(self.chip)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        taking = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in _TAKE_AWAY
        if taking and self.key:
            self.changed.emit("")
            return True
        return super().eventFilter(watched, event)

    def _wait(self) -> None:
        self.setCurrentWidget(self.edit)
        self.edit.setFocus()

    def _take(self, key: str) -> None:
        self._rest()
        if key != self.key:
            self.changed.emit(key)

    def _rest(self) -> None:
        had_keyboard = self.edit.hasFocus()
        self.setCurrentWidget(self.chip)
        if had_keyboard:
            self.chip.setFocus()


class _KeyEdit(QKeySequenceEdit):
    """Waits for one key; Esc, which always leads back, and a click elsewhere give up."""

    pressed = Signal(str)
    given_up = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setMaximumSequenceLength(1)
        self.keySequenceChanged.connect(self._tell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not event.modifiers():
            self.given_up.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        for line in self.findChildren(QLineEdit):
            line.setPlaceholderText(self.tr("new key"))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.given_up.emit()

    def _tell(self, sequence: QKeySequence) -> None:
        if not sequence.isEmpty():
            key = sequence.toString(QKeySequence.SequenceFormat.PortableText)
            self.clear()
            self.pressed.emit(key)


class _Conflict(QWidget):
    """Says that a key is another's, and lets the person take it from there."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        self.text = QLabel()
        self.take, self._leave = QPushButton(self.tr("Use it here")), QPushButton(self.tr("Leave it"))
        set_role(self.take, "primary")
        self._then: Callable[[], object] | None = None
        self.take.clicked.connect(self._go)
        self._leave.clicked.connect(self.clear)
        for part in (self.text, self.take, self._leave):
            row.addWidget(part)
        row.addStretch(1)
        self.clear()

    def ask(self, text: str, then: Callable[[], object]) -> None:
        """Say what stands in the way, and do `then` if the key is to be used all the same."""
        self.tell(text)
        self._then = then
        self.take.show()
        self._leave.show()
        self.take.setFocus()

    def tell(self, text: str) -> None:
        """Say why nothing was changed."""
        self.text.setText(text)
        set_role(self.text, "warning")

    def clear(self) -> None:
        """Nothing stands in the way."""
        self._then = None
        self.text.setText(self.tr("Click a key to change it, Del takes it away. 1 … 0 choose the first ten classes."))
        set_role(self.text, "dim")
        self.take.hide()
        self._leave.hide()

    def _go(self) -> None:
        if self._then is not None:
            self._then()
