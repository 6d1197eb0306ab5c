"""The class finder: a few letters, and the class is chosen. For lists that no digits reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from .. import theme
from ..finding import Finder, Found
from ..session import Session
from .sheet import Sheet

_WIDTH = 460
_ROW = 34
_IN_SIGHT = 10
_KEYS = "1234567890"
_TOP = 80
_ROLE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class _Row:
    """A class as it is painted; without a colour the name of one that may be added."""

    text: str
    aside: str = ""
    color: str = ""
    key: str = ""


class ClassFinder(Sheet):
    """Choose a class by name, alias or pinyin; Shift+Enter or Ctrl+Enter makes a new one of what was typed.

    With `merging`, the label of a class, it is one of the others that is chosen, and none is made.
    """

    chosen = Signal(int)
    """The label of a class."""
    named = Signal(str)
    """The name of a new class."""

    def __init__(self, window: QWidget, session: Session, merging: int | None = None) -> None:
        super().__init__(window, _TOP)
        self._session = session
        self._adds = merging is None
        self._order = [label for label in session.class_order if label != merging]
        self._finder: Finder | None = None
        self._found: list[Found] = []
        self._new = ""
        self._rows = _Rows(self._row, self)
        self._places = {label: place for place, label in enumerate(session.class_order)}
        self.field = _Field()
        prompt, hint_text = self.tr("Class: name, alias or pinyin"), self.tr("⏎ choose      ⇧⏎ new class      Esc back")
        if merging is not None:
            merged = theme.class_look(session.classes, merging)[0]
            prompt = self.tr("Merge {} into: name, alias or pinyin").format(merged)
            hint_text = self.tr("⏎ merge      Esc back")
        self.field.setPlaceholderText(prompt)
        self.field.setAccessibleName(prompt)
        self.field.textChanged.connect(self._show)
        self.field.moved.connect(self._move)
        self.field.entered.connect(self._enter)
        self.list = self._make_list()
        hint = QLabel(hint_text)
        theme.set_role(hint, "dim")
        hint.setContentsMargins(8, 2, 8, 0)
        column = QVBoxLayout(self.card)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        for part in (self.field, self.list, hint):
            column.addWidget(part)
        self.card.setFixedWidth(_WIDTH)
        self.show()
        self.field.setFocus()
        QTimer.singleShot(0, self, self._prepare)  # Chinese names want a dictionary: the window comes first

    def _prepare(self) -> None:
        self._finder = Finder(self._session.classes, self._order)
        self._show()

    def _show(self) -> None:
        if self._finder is None:
            return
        text = self.field.text().strip()
        self._found = self._finder.find(text)
        self._new = text if self._adds and text and self._called(text) is None else ""
        count = len(self._found) + bool(self._new)
        self._rows.set_count(count)
        self.list.setFixedHeight(_ROW * max(min(count, _IN_SIGHT), 1))
        current = self._session.current_class
        self._go_to(0 if text or current not in self._order else self._order.index(current))

    def _row(self, row: int) -> _Row:
        if row >= len(self._found):
            return _Row(self.tr("+ new class “{}”").format(self._new), "⇧⏎")
        found = self._found[row]
        name, color = theme.class_look(self._session.classes, found.label)
        food, place = self._session.classes[found.label], self._places[found.label]
        others = (found.name, food.name, food.name_zh)
        aside = next((other for other in others if other and other != name), "")
        return _Row(name, aside, color, _KEYS[place] if place < len(_KEYS) else "")

    def _called(self, text: str) -> int | None:
        """The class of this very name, if it can be chosen; one that was merged into another cannot."""
        label = self._session.classes.find(text)
        return label if label in self._order else None

    def _move(self, by: int) -> None:
        self._go_to(min(max(self.list.currentIndex().row() + by, 0), self._rows.rowCount() - 1))

    def _go_to(self, row: int) -> None:
        self.list.setCurrentIndex(self._rows.index(row))

    def _enter(self, add: bool) -> None:
        self._choose(len(self._found) if add else self.list.currentIndex().row())

    def _choose(self, row: int) -> None:
        """Take the class of a row; below the last one stands what was typed, a new class unless one is called so."""
        text = self.field.text().strip()
        known = self._found[row].label if 0 <= row < len(self._found) else self._called(text)
        if known is None and not (text and self._adds):
            return
        self.close_sheet()
        if known is None:
            self.named.emit(text)
        else:
            self.chosen.emit(known)

    def _make_list(self) -> QListView:
        view = QListView()
        view.setModel(self._rows)
        view.setItemDelegate(_Delegate(view))
        view.setUniformItemSizes(True)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        view.setFixedHeight(_ROW * _IN_SIGHT)
        view.clicked.connect(lambda index: self._choose(index.row()))
        return view


class _Field(QLineEdit):
    """A line whose up and down keys move through a list, and whose Enter says whether something is to be added."""

    moved = Signal(int)
    entered = Signal(bool)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, keys = event.key(), Qt.Key
        steps = {keys.Key_Up: -1, keys.Key_Down: 1, keys.Key_PageUp: -_IN_SIGHT, keys.Key_PageDown: _IN_SIGHT}
        if key in (keys.Key_Return, keys.Key_Enter):
            adding = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
            self.entered.emit(bool(event.modifiers() & adding))
        elif (by := steps.get(Qt.Key(key))) is not None:
            self.moved.emit(by)
        else:
            super().keyPressEvent(event)


class _Rows(QAbstractListModel):
    """Rows that are made when they are looked at."""

    def __init__(self, make: Callable[[int], _Row], parent: QWidget) -> None:
        super().__init__(parent)
        self._make, self._count = make, 0

    def set_count(self, count: int) -> None:
        self.beginResetModel()
        self._count = count
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> _Row | str | None:
        if role not in (_ROLE, Qt.ItemDataRole.DisplayRole):
            return None
        row = self._make(index.row())
        return row if role == _ROLE else row.text


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, rect, view = index.data(_ROLE), QRectF(option.rect), self.parent()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if isinstance(view, QListView) and view.currentIndex().row() == index.row():
            painter.setBrush(theme.color("line"))
            painter.drawRoundedRect(rect.adjusted(0, 1, -1, -1), 7, 7)
        if row.color:
            painter.setBrush(QColor(row.color))
            painter.drawRoundedRect(QRectF(rect.left() + 9, rect.center().y() - 6, 12, 12), 4, 4)
        right = _paint_key(painter, rect, row.key)
        _paint_names(painter, QRectF(rect.left() + 32, rect.top(), right - rect.left() - 32, rect.height()), row)
        painter.restore()


def _paint_key(painter: QPainter, rect: QRectF, key: str) -> float:
    """The key's chip at the right end; returns where the space left of it ends."""
    if not key:
        return rect.right() - 12
    chip = QRectF(rect.right() - 32, rect.center().y() - 9.5, 20, 19)
    painter.setPen(QPen(theme.color("dim"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(chip.translated(0.5, 0.5), 5, 5)
    painter.setFont(theme.font(11))
    painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, key)
    return chip.left() - 12


def _paint_names(painter: QPainter, rect: QRectF, row: _Row) -> None:
    """The name, and what it is also called at the right; a long one leaves the other a third of the room."""
    painter.setFont(theme.font(12))
    room = int(rect.width() / 3 if row.aside else 0)
    painter.setPen(theme.color("dim"))
    aside = painter.fontMetrics().elidedText(row.aside, Qt.TextElideMode.ElideRight, room)
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, aside)
    taken = painter.fontMetrics().horizontalAdvance(aside) + 12 if aside else 0
    painter.setFont(theme.font(13, QFont.Weight.Medium))
    painter.setPen(theme.color("text" if row.color else "dim"))
    space = rect.adjusted(0, 0, -taken, 0)
    text = painter.fontMetrics().elidedText(row.text, Qt.TextElideMode.ElideRight, int(space.width()))
    painter.drawText(space, Qt.AlignmentFlag.AlignVCenter, text)
