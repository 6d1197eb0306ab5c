"""The loupe: the pixels around the pointer, large, while a box is drawn or an edge is pulled.

It stands beside the pointer on the side away from the box, so that it covers nothing of what is being boxed, and it is not
there where the image itself is that large already.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPen

from .. import theme
from .transform import Box, Point, Size, View

PIXEL = 9.0
"""Canvas pixels per image pixel in the loupe."""
ACROSS = 15
"""Image pixels in sight, each way; odd, so that one is in the middle."""
SIDE = PIXEL * ACROSS
_LINE_HEIGHT = 20.0
_GAP = 22.0
_RADIUS = 8.0


def is_wanted(view: View) -> bool:
    """Whether the loupe shows more than the canvas does."""
    return view.scale < PIXEL / 2


def place(pointer: Point, away_from: Point, canvas: Size) -> Point:
    """Upper left corner of the loupe: diagonally beside the pointer, on the side that is away from a point; on the canvas.

    Where there is no room on that side it stands on the other one, so that it never lies under the pointer.
    """
    height = SIDE + _LINE_HEIGHT
    x = _beside(pointer[0], pointer[0] >= away_from[0], SIDE, canvas[0])
    return x, _beside(pointer[1], pointer[1] >= away_from[1], height, canvas[1])


def centre(box: Box) -> Point:
    """The middle of a box."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def paint_loupe(painter: QPainter, full: QImage, image: Size, spot: Point, corner: Point, text: str) -> None:
    """The pixels around the image point `spot` with their grid and a crosshair, `text` below them.

    `full` is the image at its largest level; while that is a draft of an image of `image` size, its pixels are larger.
    """
    whole = QRectF(*corner, SIDE, SIDE + _LINE_HEIGHT)
    glass = QRectF(*corner, SIDE, SIDE)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    outline = QPainterPath()
    outline.addRoundedRect(whole, _RADIUS, _RADIUS)
    painter.setClipPath(outline)
    painter.fillRect(whole, theme.color("canvas"))
    _paint_pixels(painter, full, image, spot, glass)
    _paint_grid(painter, spot, glass)
    _paint_text(painter, QRectF(corner[0], corner[1] + SIDE, SIDE, _LINE_HEIGHT), text)
    painter.setClipping(False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("on_scrim"), 1))
    painter.drawRoundedRect(whole, _RADIUS, _RADIUS)
    painter.restore()


def _beside(at: float, after: bool, length: float, limit: float) -> float:
    behind, before = at + _GAP, at - _GAP - length
    fits = behind + length <= limit if after else before >= 0
    return (behind if after else before) if fits else (before if after else behind)


def _paint_pixels(painter: QPainter, full: QImage, image: Size, spot: Point, glass: QRectF) -> None:
    """What of the glass lies on the image; `spot` is in its middle."""
    half = ACROSS / 2
    x0, y0 = max(spot[0] - half, 0.0), max(spot[1] - half, 0.0)
    x1, y1 = min(spot[0] + half, image[0]), min(spot[1] + half, image[1])
    if full.isNull() or x1 <= x0 or y1 <= y0:
        return
    across, down = full.width() / image[0], full.height() / image[1]
    source = QRectF(x0 * across, y0 * down, (x1 - x0) * across, (y1 - y0) * down)
    left, top = glass.left() + (x0 - spot[0] + half) * PIXEL, glass.top() + (y0 - spot[1] + half) * PIXEL
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(QRectF(left, top, (x1 - x0) * PIXEL, (y1 - y0) * PIXEL), full, source)


def _paint_grid(painter: QPainter, spot: Point, glass: QRectF) -> None:
    """Lines between the pixels, and two through the middle, where the box's edges will be."""
    line = QColor(theme.color("halo"))
    line.setAlpha(70)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(line, 1))
    offset_x, offset_y = ((ACROSS / 2 - value) % 1 * PIXEL for value in spot)
    for n in range(ACROSS + 1):
        x, y = glass.left() + offset_x + n * PIXEL, glass.top() + offset_y + n * PIXEL
        painter.drawLine(QPointF(x, glass.top()), QPointF(x, glass.bottom()))
        if y < glass.bottom():
            painter.drawLine(QPointF(glass.left(), y), QPointF(glass.right(), y))
    middle = glass.center()
    for token, width in (("halo", 3), ("on_scrim", 1)):
        painter.setPen(QPen(theme.color(token), width))
        painter.drawLine(QPointF(middle.x(), glass.top()), QPointF(middle.x(), glass.bottom()))
        painter.drawLine(QPointF(glass.left(), middle.y()), QPointF(glass.right(), middle.y()))


def _paint_text(painter: QPainter, row: QRectF, text: str) -> None:
    painter.fillRect(row, theme.color("panel"))
    painter.setFont(theme.font(12, QFont.Weight.DemiBold))
    painter.setPen(theme.color("text"))
    painter.drawText(row, Qt.AlignmentFlag.AlignCenter, text)
