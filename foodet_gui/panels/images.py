"""The strip on the left: search, sorting, and a thumbnail per image with its name and a mark of its state."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QActionGroup, QColor, QFontMetricsF, QKeyEvent, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from foodet_core.types import ImageState

from .. import language, theme
from ..models.image_order import ImageOrder
from ..models.images import FRAME, ImageModel, Role
from ..ordering import Order
from ..session import Session

WIDTH = 188
_THUMBNAIL = QSize(164, 106)
_GAP = 10
Index = QModelIndex | QPersistentModelIndex
_NAME_HEIGHT = 24


class ImageStrip(QWidget):
    """Shows the images of the session and opens the one that is clicked."""

    def __init__(self, session: Session, model: ImageModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("imageStrip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDTH)
        self._session, self._model = session, model
        self.search = QLineEdit(clearButtonEnabled=True)
        self.search.setAcceptDrops(False)  # files are for the window, not their names for the search
        self.search.textChanged.connect(model.search)
        self.search.textChanged.connect(self._show_current)
        self.search.returnPressed.connect(self._open_first)
        self._list = self._make_list()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 0, 0)
        layout.setSpacing(_GAP)
        self.sorting = SortButton(model.order)
        top = QVBoxLayout()
        top.setContentsMargins(0, 0, 12, 0)
        top.setSpacing(4)
        top.addWidget(self.search)
        top.addWidget(self.sorting, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(top)
        layout.addWidget(self._list)
        session.project_changed.connect(self._show_current)
        session.current_changed.connect(self._show_current)
        model.order.changed.connect(self._show_current)
        language.watch(self._write)

    def _write(self) -> None:
        self._list.setAccessibleName(self.tr("Images"))
        self.search.setAccessibleName(self.tr("Search images"))
        self.search.setPlaceholderText(self.tr("Search  todo  done"))
        self.search.setToolTip(
            self.tr('Words of the name, or: class:rice  boxes>3  state:todo  score<0.5  split:val  name:"day 2"  -lunch')
        )

    def _make_list(self) -> QListView:
        view = _RowList()
        view.setModel(self._model)
        view.setItemDelegate(_Thumbnail(view))
        view.setUniformItemSizes(True)
        view.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the canvas
        view.verticalScrollBar().setSingleStep(40)
        view.clicked.connect(self._open)
        return view

    def _open(self, index: QModelIndex) -> None:
        self._session.open_image(index.data(Role.ID))

    def _open_first(self) -> None:
        if self._model.rowCount():
            self._open(self._model.index(0))

    def _show_current(self) -> None:
        if self._session.current is not None:
            index = self._model.row_of(self._session.current.id)
            if index.isValid() and not self._list.viewport().rect().contains(self._list.visualRect(index)):
                self._list.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
            self._list.setCurrentIndex(index)


class SortButton(QPushButton):
    """Says what the images are sorted by, and lets it be chosen; while dates are read, how far that is."""

    def __init__(self, order: ImageOrder) -> None:
        super().__init__()
        self._order, self._progress = order, ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme.set_role(self, "quiet")
        menu, group = QMenu(self), QActionGroup(self)
        menu.setToolTipsVisible(True)
        self._choices = {by: menu.addAction("") for by in Order}
        for by, choice in self._choices.items():
            choice.setCheckable(True)
            choice.setActionGroup(group)
            choice.triggered.connect(lambda _checked, by=by: order.choose(by, turned=False))
        menu.addSeparator()
        self._turned = menu.addAction("")
        self._turned.setCheckable(True)
        self._turned.triggered.connect(lambda turned: order.choose(order.by, turned=turned))
        self.setMenu(menu)
        order.changed.connect(self._write)
        order.opened.connect(self._write)
        order.progressed.connect(self._show_progress)
        language.watch(self._write)

    def _write(self) -> None:
        titles = {
            Order.ADDED: (self.tr("As added"), ""),
            Order.NAME: (self.tr("Name"), self.tr("Folder by folder, 2 before 10")),
            Order.DATE: (self.tr("Date"), self.tr("When the photo was taken, else when its file was written")),
            Order.BOXES: (self.tr("Number of boxes"), ""),
            Order.UNCERTAINTY: (self.tr("Uncertainty"), self.tr("Where the detector is least sure of what it shows")),
            Order.DISAGREEMENT: (self.tr("Disagreement"), self.tr("Where predictions and labels contradict each other most")),
        }
        for by, choice in self._choices.items():
            title, tip = titles[by]
            choice.setText(title)
            choice.setToolTip(tip)
            choice.setChecked(by is self._order.by)
        self._turned.setText(self.tr("The other way round"))
        self._turned.setChecked(self._order.turned)
        self.setToolTip(self.tr("Sort the images"))
        rising = self._order.by.most_first == self._order.turned
        self.setText(f"{'↑' if rising else '↓'} {titles[self._order.by][0]}{self._progress}")

    def _show_progress(self, done: int, total: int) -> None:
        self._progress = f"  {done / total:.0%}" if total else ""
        self._write()


class _RowList(QListView):
    """A list whose rows never change their height; Enter and space do what a click does."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.currentIndex().isValid():
            self.clicked.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def dataChanged(self, first: Index, last: Index, roles: Iterable[int] = ()) -> None:
        # Of one row; Qt would lay out all anew, which takes longer than an image for a folder of thousands.
        self.update(first)


class _Thumbnail(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(_THUMBNAIL.width(), _THUMBNAIL.height() + _GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        state = index.data(Role.STATE)
        if state is None:  # its image is gone, and the row about to go
            return
        rect = QRectF(QPointF(option.rect.x() + 1.5, option.rect.y() + 2.0), FRAME)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        outline = QPainterPath()
        outline.addRoundedRect(rect, 8, 8)
        painter.setClipPath(outline)
        painter.fillPath(outline, theme.color("canvas"))
        _paint_covering(painter, rect, index.data(Qt.ItemDataRole.DecorationRole))
        _paint_name(painter, rect, index.data(), ImageState(state))
        painter.setClipping(False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if index.data(Role.CURRENT):
            painter.setPen(QPen(theme.color("accent"), 3))
            painter.drawRoundedRect(rect, 8, 8)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.color("on_scrim"), 1, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(rect.adjusted(4, 4, -4, -4), 5, 5)
        painter.restore()


def _paint_covering(painter: QPainter, rect: QRectF, pixmap: QPixmap | None) -> None:
    """The middle of the picture, filling the rectangle."""
    if pixmap is None or pixmap.isNull():
        return
    scale = max(rect.width() / pixmap.width(), rect.height() / pixmap.height())
    width, height = rect.width() / scale, rect.height() / scale
    source = QRectF((pixmap.width() - width) / 2, (pixmap.height() - height) / 2, width, height)
    painter.drawPixmap(rect, pixmap, source)


def _paint_name(painter: QPainter, rect: QRectF, name: str, state: ImageState) -> None:
    strip = QRectF(rect.left(), rect.bottom() - _NAME_HEIGHT, rect.width(), _NAME_HEIGHT)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("scrim"))
    painter.drawRect(strip)
    font = theme.font(11)
    space = strip.adjusted(9, 0, -28, 0)
    painter.setFont(font)
    painter.setPen(theme.color("on_scrim"))
    text = QFontMetricsF(font).elidedText(name, Qt.TextElideMode.ElideMiddle, space.width())
    painter.drawText(space, Qt.AlignmentFlag.AlignVCenter, text)
    paint_state(painter, QPointF(strip.right() - 14, strip.center().y()), state)


def paint_state(painter: QPainter, at: QPointF, state: ImageState) -> None:
    """State by shape and colour: a tick, a struck ring (empty on purpose), a dot (in progress), a ring (to do)."""
    good, neutral = QColor(theme.DARK["good"]), theme.color("on_scrim")  # always on the dark scrim
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if state is ImageState.DONE:
        painter.setPen(QPen(good, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.drawPolyline([at + QPointF(-4, 0), at + QPointF(-1, 3.5), at + QPointF(4.5, -4)])
    elif state is ImageState.EMPTY:
        painter.setPen(QPen(good, 1.6))
        painter.drawEllipse(at, 4.2, 4.2)
        painter.drawLine(at + QPointF(-3, 3), at + QPointF(3, -3))
    elif state is ImageState.IN_PROGRESS:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.DARK["accent"]))
        painter.drawEllipse(at, 4.5, 4.5)
    else:
        painter.setPen(QPen(neutral, 1.8))
        painter.drawEllipse(at, 4.0, 4.0)
