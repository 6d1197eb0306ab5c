"""The label panel: the classes with their keys, and the boxes on this image."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QColorDialog,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from .. import box_steps, language, theme
from ..models.labels import BoxModel, ClassModel, Row, RowModel
from ..session import Session

Index = QModelIndex | QPersistentModelIndex
_CLASS_HEIGHT = 33
_BOX_HEIGHT = 31
_CLASSES_IN_SIGHT = 13
_BOXES_IN_SIGHT = 3


class LabelPanel(QWidget):
    """Choose, add and rename classes; select boxes."""

    named = Signal()
    """A name was typed, or given up: the keyboard can go back to the canvas."""
    merge_wanted = Signal(int)
    """The label of a class that is to become part of another one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes = ClassModel(session, self)
        self._boxes = BoxModel(session, self)
        self._session = session
        self.class_list = RowList(self._classes, _CLASS_HEIGHT, _CLASSES_IN_SIGHT)
        self.box_list = RowList(self._boxes, _BOX_HEIGHT, _BOXES_IN_SIGHT)
        self.class_list.clicked.connect(self._click_class)
        self.class_list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.class_list.customContextMenuRequested.connect(self._show_menu)
        self.box_list.clicked.connect(lambda index: self._boxes.choose(index.row()))
        self.box_list.spaced.connect(lambda index: self._boxes.toggle(index.row()))
        self.class_list.spaced.connect(self._click_class)
        self.class_list.itemDelegate().closeEditor.connect(self._end_edit)
        self._class_head, self._box_head = section_head(), section_head()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(4)
        layout.addWidget(self._class_head)
        layout.addWidget(self.class_list)
        layout.addSpacing(8)
        layout.addWidget(self._box_head)
        layout.addWidget(self.box_list)
        layout.addStretch()
        language.watch(self._write)

    def _write(self) -> None:
        self._class_head.setText(self.tr("CLASSES"))
        self.class_list.setAccessibleName(self.tr("Classes"))
        self.box_list.setAccessibleName(self.tr("Boxes on this image"))
        self._box_head.setText(self.tr("BOXES ON THIS IMAGE"))
        self._classes.refresh()
        self._boxes.refresh()

    def ask_class(self) -> None:
        """Begin the name of a new class in the list."""
        last = self._classes.index(self._classes.rowCount() - 1)
        self.class_list.scrollTo(last)
        self.class_list.edit(last)

    def _click_class(self, index: QModelIndex) -> None:
        if self._classes.is_class(index):
            self._session.choose_class(self._classes.label_of(index))
        else:
            self.class_list.edit(index)

    def _end_edit(self) -> None:
        """The name went in, or was given up."""
        self._session.drop_pending_box()
        self.named.emit()

    def _show_menu(self, at: QPoint) -> None:
        index = self.class_list.indexAt(at)
        if index.isValid() and self._classes.is_class(index):
            menu = self._class_menu(index)
            menu.popup(self.class_list.viewport().mapToGlobal(at))

    def _class_menu(self, index: QModelIndex) -> QMenu:
        session, label = self._session, self._classes.label_of(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Rename"), lambda: self.class_list.edit(index))
        menu.addAction(self.tr("Colour…"), lambda: self._ask_color(label))
        menu.addAction(self.tr("Move up"), lambda: session.move_class(label, -1))
        menu.addAction(self.tr("Move down"), lambda: session.move_class(label, 1))
        shown = label not in session.hidden.labels
        menu.addAction(
            self.tr("Hide boxes") if shown else self.tr("Show boxes"), partial(box_steps.toggle_class, session, label)
        )
        merge = menu.addAction(self.tr("Merge into…"), partial(self.merge_wanted.emit, label))
        merge.setEnabled(len(session.class_order) > 1)
        return menu

    def _ask_color(self, label: int) -> None:
        before = QColor(theme.class_look(self._session.classes, label)[1])
        chosen = QColorDialog.getColor(before, self, options=QColorDialog.ColorDialogOption.DontUseNativeDialog)
        if chosen.isValid():
            self._session.recolour_class(label, chosen.name())


class RowList(QListView):
    """A list as tall as its rows, that scrolls where there is no room for more than `in_sight`.

    A click leaves the keys with the canvas. Where they are here, Enter does what a click does, F2 edits the row, and the menu
    key opens its menu.
    """

    spaced = Signal(QModelIndex)
    """The space bar was pressed on a row."""

    def __init__(self, model: RowModel, row_height: int, in_sight: int) -> None:
        super().__init__()
        self._row_height, self._in_sight = row_height, in_sight
        self.setModel(model)
        self.setItemDelegate(_RowDelegate(self, model, row_height))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        model.modelReset.connect(self._fit)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index, key = self.currentIndex(), event.key()
        # While a name is edited, the editor passes Enter on.
        if not index.isValid() or self.state() is QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit(index)
        elif key == Qt.Key.Key_Space:
            self.spaced.emit(index)
        elif key == Qt.Key.Key_F2 and index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)
        elif key == Qt.Key.Key_Menu:
            self.customContextMenuRequested.emit(self.visualRect(index).center())
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(200, self.model().rowCount() * self._row_height)

    def dataChanged(self, first: Index, last: Index, roles: Iterable[int] = ()) -> None:
        # Qt would lay out all rows anew, a thousand classes at every key.
        if first.row() == last.row():
            self.update(first)
        else:
            self.viewport().update()

    def minimumSizeHint(self) -> QSize:
        return QSize(120, min(self._in_sight, self.model().rowCount()) * self._row_height)

    def _fit(self) -> None:
        self.setMaximumHeight(self.sizeHint().height())
        self.updateGeometry()


class _RowDelegate(QStyledItemDelegate):
    """Swatch, name, what stands aside, key. A suggestion's swatch is a dashed ring."""

    def __init__(self, parent: QWidget, model: RowModel, row_height: int) -> None:
        super().__init__(parent)
        self._model, self._row_height = model, row_height

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, self._row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect, row = QRectF(option.rect), self._model.rows[index.row()]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.marked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("raised" if theme.is_dark() else "line"))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 6, 6)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(0.5, 1.5, -0.5, -1.5), 6, 6)
        if row.color:
            paint_swatch(painter, rect.left() + 9, rect.center().y(), row.color, dashed=row.suggested)
        right = _paint_key(painter, rect, row.key)
        _paint_words(painter, rect.adjusted(32, 0, right - rect.right(), 0), row)
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setPlaceholderText(self.tr("name, then ⏎"))
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        editor.setGeometry(option.rect.adjusted(26, 3, -4, -3))


def section_head() -> QLabel:
    """A head above a list."""
    head = QLabel()
    head.setProperty("role", "head")
    head.setContentsMargins(9, 4, 0, 4)
    return head


def paint_swatch(painter: QPainter, x: float, y: float, color: str, *, dashed: bool) -> None:
    """The class colour: a filled square, or a dashed ring for what is only suggested."""
    square = QRectF(x, y - 6, 12, 12)
    if dashed:
        pen = QPen(QColor(color), 2)
        pen.setDashPattern([2.4, 1.4])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        square.adjust(1, 1, -1, -1)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(color))
    painter.drawRoundedRect(square, 4, 4)


def _paint_key(painter: QPainter, rect: QRectF, key: str) -> float:
    """The key's chip at the right end; returns where the space left of it ends."""
    if not key:
        return rect.right() - 12
    chip = QRectF(rect.right() - 32, rect.center().y() - 10, 20, 19)
    painter.setPen(QPen(theme.color("line"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(chip.translated(0.5, 0.5), 5, 5)
    painter.setFont(theme.font(11))
    painter.setPen(theme.color("dim"))
    painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, key)
    return chip.left() - 12


def _paint_words(painter: QPainter, rect: QRectF, row: Row) -> None:
    aside = row.aside
    painter.setFont(theme.font(12))
    painter.setPen(theme.color("dim"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, aside)
    taken = painter.fontMetrics().horizontalAdvance(aside) + 12 if aside else 0
    painter.setFont(theme.font(13, QFont.Weight.DemiBold if row.marked else QFont.Weight.Medium))
    painter.setPen(theme.color("text" if row.color else "dim"))
    space = rect.adjusted(0, 0, -taken, 0)
    text = painter.fontMetrics().elidedText(row.text, Qt.TextElideMode.ElideRight, int(space.width()))
    painter.drawText(space, Qt.AlignmentFlag.AlignVCenter, text)
