"""The canvas: the current image with its boxes, and the pointer's work on them.

It keeps nothing but how the image lies and what a running drag shows. A press chooses one tool (`tools.py`), whose
generator lives until the release; the result goes to the session as one step.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QElapsedTimer, QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from .. import box_steps, language, theme
from ..hiding import Hidden
from ..session import Session
from . import gestures, hit_test, looks, loupe, paint, tools
from .gestures import Gesture, Preview, Tool
from .levels import Levels, Loader
from .transform import Point, Size, View, fit, fit_box

_MARGINS = (16.0, 56.0, 16.0, 56.0)
_WHEEL_NOTCH = 1.2
_MIDDLE = (0.4, 0.6)
"""Where a box that is drawn by a key begins and ends, as a share of the canvas."""
_MANY = 100
"""From so many boxes on image and boxes are kept as one picture while nothing of them changes, as under a moving pointer."""
_SETTLED_MS = 80
"""So long after the last step of a zoom so many boxes are painted in full again."""
_PEEK_MS = 300
"""A key that hides the boxes and is held for longer brings them back when it is let go."""
_CURSORS = {
    "n": Qt.CursorShape.SizeVerCursor,
    "s": Qt.CursorShape.SizeVerCursor,
    "e": Qt.CursorShape.SizeHorCursor,
    "w": Qt.CursorShape.SizeHorCursor,
    "nw": Qt.CursorShape.SizeFDiagCursor,
    "se": Qt.CursorShape.SizeFDiagCursor,
    "ne": Qt.CursorShape.SizeBDiagCursor,
    "sw": Qt.CursorShape.SizeBDiagCursor,
}


class Canvas(QWidget):
    """Shows the session's current image and lets a person work on its boxes."""

    tool_changed = Signal(str)
    view_changed = Signal(float)
    """Screen pixels per image pixel."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._loader = Loader(self)
        self._levels: Levels | None = None
        self._size: Size = (1.0, 1.0)
        self._backdrop = QPixmap()
        """The image as it was painted last, and what of: other pixels are painted over it."""
        self._backdrop_of: Any = None
        self._still: tuple[Any, QPixmap | None] = None, None
        self._settle = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._settle.timeout.connect(self.update)
        self.view = View()
        self.tool: Tool = "select"
        self.has_loupe = True
        self._fitted = True
        self._space = False
        self._peek: Hidden | None = None
        self._peeked = QElapsedTimer()
        self._gesture: Gesture | None = None
        self._preview = Preview()
        self._pointer: Point | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(320, 240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._loader.loaded.connect(self._take_levels)
        session.current_changed.connect(self._show_current)
        session.changed.connect(self.update)
        session.selection_changed.connect(self.update)
        session.predictions_changed.connect(self.update)
        language.watch(self._write)

    def _write(self) -> None:
        self.setAccessibleName(self.tr("Image with its boxes"))

    def close_images(self) -> None:
        """Stop decoding; before the application ends."""
        self._loader.close()

    def expect(self, path: Path) -> None:
        """Begin to decode an image that is about to be the current one."""
        self._loader.get(path)

    @property
    def shows_image(self) -> bool:
        """Whether the current image is decoded."""
        return self._levels is not None

    # How the image lies

    def sizeHint(self) -> QSize:
        return QSize(800, 640)

    def set_tool(self, tool: Tool) -> None:
        """What a press means: select and move, draw always, or push the image."""
        self.tool = tool
        self._update_cursor()
        self.tool_changed.emit(tool)
        self.update()

    def fit_image(self) -> None:
        """Show the whole image, also of the next images."""
        self._fitted = True
        self._place(fit(self._size, self._canvas_size(), _MARGINS))

    def fit_selected(self) -> None:
        """Show the selected boxes as large as they fit, or the suggestion in focus; the whole image if there is neither."""
        session = self._session
        boxes = [a.box_xyxy for a in session.selected_boxes()]
        if session.suggestion is not None:
            boxes = [looks.suggested_box(session, session.suggestion)]
        if not boxes:
            self.fit_image()
            return
        x0, y0, x1, y1 = zip(*boxes, strict=True)
        self._fitted = False
        self._place(fit_box((min(x0), min(y0), max(x1), max(y1)), self._canvas_size(), _MARGINS))

    def zoom_to(self, scale: float) -> None:
        """Zoom to so many screen pixels per image pixel, about the middle."""
        self._zoom(scale / self.devicePixelRatioF() / self.view.scale, (self.width() / 2, self.height() / 2))

    def zoom_by(self, factor: float) -> None:
        """Zoom at the pointer, or about the middle."""
        self._zoom(factor, self._pointer or (self.width() / 2, self.height() / 2))

    def _zoom(self, factor: float, at: Point) -> None:
        self._fitted = False
        self._place(self.view.zoomed(factor, at, self._size))

    def _place(self, view: View) -> None:
        self.view = view.kept_in(self._canvas_size(), self._size)
        self.view_changed.emit(self.view.scale * self.devicePixelRatioF())
        self.update()

    def _canvas_size(self) -> Size:
        return float(self.width()), float(self.height())

    # Keyboard steps on boxes

    def nudge(self, dx: float, dy: float) -> None:
        """Move the selected boxes by image pixels; steps in a row are one step of the history."""
        boxes = self._session.free_boxes()
        if boxes:
            moved = tools.shifted([a.box_xyxy for a in boxes], dx, dy, self._size)
            ids = [a.id for a in boxes]
            self._session.change_boxes(zip(ids, moved, strict=True), merge=f"nudge {sorted(ids)}")

    def stretch(self, dx: float, dy: float) -> None:
        """Pull the lower right corner of the selected boxes; steps in a row are one step of the history."""
        boxes = self._session.free_boxes()
        pulled = [(a.id, tools.pulled(a.box_xyxy, "se", dx, dy, self._size)) for a in boxes]
        self._session.change_boxes(pulled, merge=f"stretch {sorted(a.id for a in boxes)}")

    def new_box(self) -> None:
        """Draw a box in the middle of what is in sight, for the keys to put in place."""
        width, height = self._canvas_size()
        corners = [(width * share, height * share) for share in _MIDDLE]
        if self._session.current is not None:
            box = tools.span(self.view.to_image(corners[0]), self.view.to_image(corners[1]), self._size)
            if hit_test.area(box):
                self._session.draw_box(box)

    def pan_by(self, dx: float, dy: float) -> None:
        """Look further in a direction, by canvas pixels."""
        self._pan_to(self.view.moved(-dx, -dy))

    def select_next(self) -> None:
        """Go to the box buried under the selected one, else to the next suggestion, else to the next box."""
        boxes = self._session.visible_boxes()
        spot = self._pointer and self.view.to_image(self._pointer)
        buried = gestures.buried_at(self._session, spot, self.view.scale) if spot else []
        if len(buried) > 1 and self._session.selected & set(buried):
            self._session.select([_required(hit_test.next_of(buried, next(iter(self._session.selected))))])
        elif self._session.shown_predictions().open:
            self._session.focus_next_suggestion()
        elif boxes:
            ids = [a.id for a in boxes]
            self._session.select([_required(hit_test.next_of(ids, next(iter(self._session.selected), None)))])

    def peek(self) -> None:
        """Hide all boxes, or show all: for good, or as long as the key is held."""
        self._peek = self._session.hidden if self.hasFocus() else None  # else the release is not told here
        self._peeked.start()
        box_steps.toggle_hidden(self._session)

    def cancel(self) -> None:
        """End a drag without a trace; else unselect; else go back to selecting."""
        if self._gesture is not None:
            self._gesture.drag.close()
            self._end_gesture()
        elif self._session.pending_box is not None:
            self._session.drop_pending_box()
        elif self._session.selected or self._session.suggestion is not None:
            self._session.select([])
        else:
            self.set_tool("select")

    # Pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._session.current is None or self._gesture is not None:
            return
        point = _point(event.position())
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        left = event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.MiddleButton or (left and (self._space or self.tool == "hand")):
            self._begin(Gesture(tools.pan(self.view, point), self._pan_to, self._pan_to, on_canvas=True))
        elif left:
            toggle = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            spot = self.view.to_image(point)
            self._begin(gestures.gesture_at(self._session, self.tool, self.view, self._size, spot, toggle=toggle))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = _point(event.position())
        if self._gesture is not None:
            point = self._pointer if self._gesture.on_canvas else self.view.to_image(self._pointer)
            self._preview = self._gesture.show(self._gesture.drag.send(point))
        else:
            self._update_cursor()
        if self._gesture is not None or self.tool == "draw":
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._gesture is None or event.button() == Qt.MouseButton.RightButton:
            return
        gesture = self._gesture
        try:
            gesture.drag.send(None)
        except StopIteration as end:
            self._end_gesture()
            gesture.commit(end.value)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        session = self._session
        if session.current is not None and session.suggestion is not None:
            session.accept_predictions(session.current.id, [session.suggestion])
        else:
            self.mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if notches:
            self._zoom(_WHEEL_NOTCH**notches, _point(event.position()))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._zoom(1 + event.value(), _point(event.position()))
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._hold_space(event, True)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self._hold_space(event, False)
        if self._peek is not None and not event.isAutoRepeat():
            if self._peeked.elapsed() >= _PEEK_MS:
                self._session.set_hidden(self._peek)
            self._peek = None

    def _hold_space(self, event: QKeyEvent, held: bool) -> None:
        if event.key() != Qt.Key.Key_Space:
            event.ignore()
        elif not event.isAutoRepeat():
            self._space = held
            self._update_cursor()

    def _begin(self, gesture: Gesture) -> None:
        self._gesture = gesture
        self._preview = gesture.show(next(gesture.drag))
        self._update_cursor()

    def _end_gesture(self) -> None:
        self._gesture, self._preview = None, Preview()
        self._update_cursor()
        self.update()

    def _pan_to(self, view: View) -> Preview:
        self._fitted = False
        self._place(view)
        return Preview()

    def _update_cursor(self) -> None:
        if self._space or self.tool == "hand" or (self._gesture is not None and self._gesture.on_canvas):
            self.setCursor(Qt.CursorShape.ClosedHandCursor if self._gesture else Qt.CursorShape.OpenHandCursor)
        elif self._gesture is None:
            self.setCursor(self._hover_cursor())

    def _hover_cursor(self) -> Qt.CursorShape:
        if self._pointer is None or self._session.current is None:
            return Qt.CursorShape.ArrowCursor
        point = self.view.to_image(self._pointer)
        handle = gestures.selected_handle(self._session, point, self.view.scale)
        if handle is not None:
            return _CURSORS[handle]
        over_box = self.tool == "select" and gestures.hit_at(self._session, point, self.view.scale) is not None
        return Qt.CursorShape.ArrowCursor if over_box else Qt.CursorShape.CrossCursor

    # What the session and the decoder tell

    def _show_current(self) -> None:
        if self._gesture is not None:
            self.cancel()
        image = self._session.current
        self._levels, self._backdrop_of, self._still = None, None, (None, None)
        if image is None or self._session.project is None:
            self.update()
            return
        before, self._size = self._size, (float(image.size_hw[1]), float(image.size_hw[0]))
        if self._fitted or before != self._size:
            self.fit_image()
        self._levels = self._loader.get(self._session.project.path(image))
        if self._levels is not None:
            self.repaint()  # the image is what a person waits for; lists, thumbnails and neighbours follow
        else:
            self.update()
        near = [self._session.neighbour(by) for by in (1, -1, 2)]
        self._loader.prefetch(self._session.project.path(n) for n in near if n is not None)

    def _take_levels(self, path: str, levels: Levels) -> None:
        session = self._session
        if session.project is not None and session.current and path == str(session.project.path(session.current)):
            self._levels, self._backdrop_of = levels, None
            self.update()

    # Painting

    def resizeEvent(self, event: QResizeEvent) -> None:
        ratio = self.devicePixelRatioF()
        self._loader.fitted = partial(_fitted, self._canvas_size(), ratio)
        self._loader.canvas_pixels = round(self.width() * self.height() * ratio**2)
        if self._fitted:
            self.fit_image()
        else:
            self._place(self.view)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        visible = QRectF(self.rect())
        before, image = self._backdrop_of, self._painted_image()
        if self._session.current is None:
            painter.drawPixmap(0, 0, image)
            return
        looks = tuple(self._looks())
        still = self._painted_boxes(looks, visible) if len(looks) >= _MANY else None
        painter.drawPixmap(0, 0, image if still is None else still)
        if still is None:
            moved = before is not None and before != self._backdrop_of and len(looks) >= _MANY
            paint.paint_boxes(painter, looks, visible, draft=moved)
            if moved:
                self._settle.start()
        if self._levels is not None and self._levels.images[0].isNull():
            paint.paint_note(painter, self.tr("This file cannot be read as an image."), _point(visible.center()), visible)
        self._paint_pointer(painter, visible)

    def _painted_image(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        made_for = (id(self._levels), self.view, self.size(), ratio, theme.is_dark())
        if self._backdrop_of != made_for:
            # Painted over rather than made anew, as memory that is new costs as much as what is painted into it.
            if self._backdrop.size() != self.size() * ratio:
                self._backdrop = QPixmap(self.size() * ratio)
            self._backdrop.setDevicePixelRatio(ratio)
            self._backdrop.fill(theme.color("canvas"))
            if self._levels is not None:
                painter = QPainter(self._backdrop)
                paint.paint_image(painter, self._levels, self._size, self.view, self._canvas_size(), ratio)
                painter.end()
            self._backdrop_of = made_for
        return self._backdrop

    def _painted_boxes(self, looks: tuple[paint.BoxLook, ...], visible: QRectF) -> QPixmap | None:
        """Image and boxes in one picture; None while they are others than the last time, as at each step of a drag or zoom."""
        shown = self._backdrop_of, looks
        if self._still[0] != shown:
            self._still = shown, None
        elif self._still[1] is None:
            pixmap = QPixmap(self._backdrop)
            painter = QPainter(pixmap)
            paint.paint_boxes(painter, looks, visible)
            painter.end()
            self._still = shown, pixmap
        return self._still[1]

    def _looks(self) -> Iterator[paint.BoxLook]:
        yield from looks.annotation_looks(self._session, self.view, self._preview.changed)
        yield from looks.prediction_looks(self._session, self.view)
        if (drawn := self._preview.drawn or self._session.pending_box) is not None:
            _, color = theme.class_look(self._session.classes, self._session.current_class)
            yield paint.BoxLook(self.view.box_to_canvas(drawn), color, "")
        if self._preview.band is not None:
            yield paint.BoxLook(self.view.box_to_canvas(self._preview.band), theme.color("on_scrim").name(), "", "dashed")

    def _paint_pointer(self, painter: QPainter, visible: QRectF) -> None:
        if self._pointer is None:
            return
        if self.tool == "draw" and self._gesture is None:
            paint.paint_crosshair(painter, self._pointer, visible)
        box = self._preview.drawn or next(iter(self._preview.changed.values()), None)
        if box is not None and self._gesture is not None and hit_test.area(box):
            note = f"{round(box[2] - box[0])} × {round(box[3] - box[1])}"
            if self._gesture.precise and self.has_loupe and self._levels is not None and loupe.is_wanted(self.view):
                corner = loupe.place(self._pointer, loupe.centre(self.view.box_to_canvas(box)), self._canvas_size())
                spot = self.view.to_image(self._pointer)
                loupe.paint_loupe(painter, self._levels.images[0], self._size, spot, corner, note)
            else:
                paint.paint_note(painter, note, self._pointer, visible)


def _point(position: QPointF) -> Point:
    return position.x(), position.y()


def _fitted(canvas: Size, ratio: float, image: QSize) -> QSize:
    """How large a whole image is shown, in pixels of the screen."""
    scale = fit((image.width(), image.height()), canvas, _MARGINS).scale * ratio
    return QSize(round(image.width() * scale), round(image.height() * scale))


def _required(value: int | None) -> int:
    assert value is not None
    return value
