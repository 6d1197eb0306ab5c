"""How the canvas looks: the image, boxes with their plates and handles, and what a drag shows.

A box is a 2 px line in its class colour on a dark halo, so that it stands out on every food; it is never filled. What is
only suggested is dashed. Each function paints one thing and knows nothing of the session.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap, QStaticText

from foodet_core.palette import is_light

from .. import theme
from .hit_test import handle_points
from .levels import Levels
from .transform import Box, Point, Size, View

LineStyle = Literal["solid", "dashed", "faint"]

_HALO = 4.0
_LINE = 2.0
_RADIUS = 3.0
_HANDLE = 8.0
_PLATE = QSizeF(6.0, 2.0)
"""Space around a plate's text."""
_PLATE_FROM = 26.0
"""A narrower box has its plate only while it is selected: plates are not to hide the food."""
_SHARP_FROM = 4.0
"""From this many screen pixels per image pixel on, pixels are shown as squares."""


class BoxLook(NamedTuple):
    """One box to paint: xyxy on the canvas, colour, what stands on its plate (nothing for a faint one)."""

    box: Box
    color: str
    text: str
    style: LineStyle = "solid"
    selected: bool = False
    locked: bool = False


def paint_image(painter: QPainter, levels: Levels, image: Size, view: View, canvas: Size, ratio: float) -> None:
    """The visible part of the image, from the level that suits; `ratio` is screen pixels per canvas pixel."""
    whole = QRectF(view.x, view.y, image[0] * view.scale, image[1] * view.scale)
    level = levels.pick(whole.width() * ratio)
    visible = whole.intersected(QRectF(0, 0, *canvas))
    if visible.isEmpty() or level.isNull():
        return
    if max(abs(level.width() - whole.width() * ratio), abs(level.height() - whole.height() * ratio)) < 1:
        # As many pixels as on the screen: on whole ones there is nothing to scale.
        painter.scale(1 / ratio, 1 / ratio)
        painter.drawImage(QPointF(round(view.x * ratio), round(view.y * ratio)), level)
        painter.resetTransform()
        return
    across, down = level.width() / whole.width(), level.height() / whole.height()
    part = QRectF((visible.x() - view.x) * across, (visible.y() - view.y) * down, 0, 0)
    part.setSize(QSizeF(visible.width() * across, visible.height() * down))
    sharp = view.scale * ratio >= _SHARP_FROM
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not sharp)
    painter.drawImage(visible, level, part)


def paint_boxes(painter: QPainter, looks: Iterable[BoxLook], visible: QRectF, *, draft: bool = False) -> None:
    """Boxes that touch `visible`: all lines first, plates over them, handles of selected boxes and locks on top.

    A `draft`, which takes two thirds of the time, has no halos.
    """
    seen = _in_sight(looks, visible)
    _paint_lines(painter, seen, halos=not draft)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ratio = painter.device().devicePixelRatioF()
    left, top = visible.left() + 2, visible.top()
    for look in seen:
        if look.text and (look.selected or look.box[2] - look.box[0] >= _PLATE_FROM):
            _paint_plate(painter, look, left, top, ratio)
    for look in seen:
        if look.locked:
            _paint_lock(painter, look)
        elif look.selected:
            _paint_handles(painter, look.box)


def paint_crosshair(painter: QPainter, at: Point, visible: QRectF) -> None:
    """Two thin lines through the pointer, over the whole canvas."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for token, style in (("halo", Qt.PenStyle.SolidLine), ("on_scrim", Qt.PenStyle.DashLine)):
        painter.setPen(QPen(theme.color(token), 1, style))
        painter.drawLine(QPointF(visible.left(), at[1]), QPointF(visible.right(), at[1]))
        painter.drawLine(QPointF(at[0], visible.top()), QPointF(at[0], visible.bottom()))


def paint_note(painter: QPainter, text: str, at: Point, visible: QRectF) -> None:
    """A few words beside the pointer, kept in sight."""
    font = theme.font(12, QFont.Weight.DemiBold)
    size = QFontMetricsF(font).size(0, text) + QSizeF(14, 6)
    x = min(at[0] + 16, visible.right() - size.width() - 4)
    y = min(at[1] + 16, visible.bottom() - size.height() - 4)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("scrim"))
    painter.drawRoundedRect(QRectF(QPointF(x, y), size), 6, 6)
    painter.setFont(font)
    painter.setPen(theme.color("on_scrim"))
    painter.drawText(QRectF(QPointF(x, y), size), Qt.AlignmentFlag.AlignCenter, text)


def _in_sight(looks: Iterable[BoxLook], visible: QRectF) -> list[BoxLook]:
    """Those of which something is to be seen: line, handles, or the plate above."""
    left, right = visible.left() - 4, visible.right() + 4
    top, bottom = visible.top() - 4, visible.bottom() + 24
    seen = []
    for look in looks:
        x0, y0, x1, y1 = look.box
        if x1 > left and x0 < right and y1 > top and y0 < bottom:
            seen.append(look)
    return seen


def _paint_lines(painter: QPainter, looks: list[BoxLook], *, halos: bool) -> None:
    """Halos, then lines; one call for all that share a pen, which is what makes hundreds of boxes quick."""
    # On whole pixels: sharper, and several times as fast.
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    by_line: defaultdict[tuple[bool, LineStyle, str], list[QRectF]] = defaultdict(list)
    for look in looks:
        x0, y0, x1, y1 = look.box
        by_line[look.selected, look.style, look.color].append(QRectF(x0, y0, x1 - x0, y1 - y0))
    in_order = sorted(by_line.items(), key=lambda item: item[0][0])
    for (selected, style, _), frames in in_order:
        if halos and style != "faint":
            painter.setPen(_pen(theme.color("halo"), _HALO + selected, "solid"))
            painter.drawRects(frames)
    for (selected, style, color), frames in in_order:
        painter.setPen(_pen(QColor(color), 1.0 if style == "faint" else _LINE + selected, style))
        painter.drawRects(frames)


def _pen(color: QColor, width: float, style: LineStyle) -> QPen:
    # Square corners, which Qt strokes in half the time of round ones; at two pixels they look the same.
    pen = QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.MiterJoin)
    if style != "solid":
        pen.setDashPattern([5, 3.5] if style == "dashed" else [1, 2])
    return pen


def _paint_plate(painter: QPainter, look: BoxLook, left: float, top: float, ratio: float) -> None:
    """Over the box, or in it where that would be out of sight; it begins at `left` or further right."""
    plate, height = _plate(look.text, look.color, ratio)
    x0, y0, x1, _ = look.box
    x = min(max(x0 - _LINE / 2, left), max(x1, left))
    above = y0 - height - 1
    painter.drawPixmap(QPointF(x, above if above >= top else max(y0, top) + 2), plate)


@lru_cache(maxsize=500)
def _plate(text: str, color: str, ratio: float) -> tuple[QPixmap, float]:
    """A plate, painted once for all boxes that say the same, and its height on the canvas."""
    words = QStaticText(text)
    words.setTextFormat(Qt.TextFormat.PlainText)
    words.prepare(font=_plate_font())
    size = words.size() + _PLATE + _PLATE
    pixmap = QPixmap((size * ratio).toSize() + QSize(1, 1))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawRoundedRect(QRectF(QPointF(), size), _RADIUS, _RADIUS)
    painter.setFont(_plate_font())
    painter.setPen(QColor("#15130F" if is_light(color) else "#FFFFFF"))
    painter.drawStaticText(QPointF(_PLATE.width(), _PLATE.height()), words)
    painter.end()
    return pixmap, size.height()


def _paint_handles(painter: QPainter, box: Box) -> None:
    painter.setPen(QPen(QColor("#2B2B2B"), 1.2))
    painter.setBrush(QColor("#FFFFFF"))
    for x, y in handle_points(box).values():
        painter.drawRoundedRect(QRectF(x - _HANDLE / 2, y - _HANDLE / 2, _HANDLE, _HANDLE), 2, 2)


def _paint_lock(painter: QPainter, look: BoxLook) -> None:
    """A padlock in the lower right corner, the one that is pulled most; over it where the box is small."""
    x, y = look.box[2] - 6, look.box[3] - 6
    for color, width in ((theme.color("halo"), 4.0), (QColor(look.color), 2.0)):
        painter.setPen(QPen(color, width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawArc(QRectF(x - 8.5, y - 14, 7, 9), 0, 180 * 16)
        painter.setBrush(color)
        painter.drawRect(QRectF(x - 10, y - 8, 10, 7))


def _plate_font() -> QFont:
    return theme.font(12, QFont.Weight.DemiBold)
