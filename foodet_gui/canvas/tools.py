"""Drags, each one generator from press to release, and the arithmetic of boxes under a drag.

A drag takes pointer positions by `send` and yields what to show; `send(None)` is the release, whose result is the value
the generator returns. Closing it is a cancel. A box that leaves the image is impossible here. No Qt.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TypeVar

from .hit_test import Handle
from .transform import Box, Point, Size, View

Shown = TypeVar("Shown")
Drag = Generator[Shown, Point | None, Shown | None]
"""What a tool returns: previews of type `Shown` while it lasts, the result at the end, None for nothing to do."""

MIN_SIDE = 2.0
"""The smallest side of a box in image pixels."""
_CLICK = 3.0


def draw(start: Point, image: Size, scale: float) -> Drag[Box]:
    """Span a box from `start`; a drag shorter than a click's tremble makes none."""
    box = span(start, start, image)
    while (point := (yield box)) is not None:
        box = span(start, point, image)
    least = max(_CLICK / scale, MIN_SIDE)
    return box if min(box[2] - box[0], box[3] - box[1]) >= least else None


def move(boxes: Sequence[Box], start: Point, image: Size, scale: float) -> Drag[tuple[Box, ...]]:
    """Move boxes together; they stop at the image's edge, and a click's tremble does not move them."""
    moved = tuple(boxes)
    loose = False
    while (point := (yield moved)) is not None:
        dx, dy = point[0] - start[0], point[1] - start[1]
        loose = loose or max(abs(dx), abs(dy)) * scale >= _CLICK
        if loose:
            moved = shifted(boxes, dx, dy, image)
    return moved if moved != tuple(boxes) else None


def resize(box: Box, handle: Handle, start: Point, image: Size) -> Drag[tuple[Box, ...]]:
    """Pull a handle; the box may be turned inside out."""
    changed = box
    while (point := (yield (changed,))) is not None:
        changed = pulled(box, handle, point[0] - start[0], point[1] - start[1], image)
    return (changed,) if changed != box else None


def pan(view: View, start: Point) -> Drag[View]:
    """Push the image; points are on the canvas."""
    moved = view
    while (point := (yield moved)) is not None:
        moved = view.moved(point[0] - start[0], point[1] - start[1])
    return moved


def span(a: Point, b: Point, image: Size) -> Box:
    """The box between two corners, cut to the image."""
    (ax, ay), (bx, by) = _inside(a, image), _inside(b, image)
    return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def shifted(boxes: Sequence[Box], dx: float, dy: float, image: Size) -> tuple[Box, ...]:
    """Boxes moved together by at most (dx, dy), as far as the image goes."""
    if not boxes:
        return ()
    dx = _between(dx, -min(b[0] for b in boxes), image[0] - max(b[2] for b in boxes))
    dy = _between(dy, -min(b[1] for b in boxes), image[1] - max(b[3] for b in boxes))
    return tuple((b[0] + dx, b[1] + dy, b[2] + dx, b[3] + dy) for b in boxes)


def pulled(box: Box, handle: Handle, dx: float, dy: float, image: Size) -> Box:
    """The box with one handle moved by (dx, dy); never thinner than `MIN_SIDE`, never outside the image."""
    x0, y0, x1, y1 = box
    if "w" in handle:
        x0, x1 = _edge(x0 + dx, x1, image[0])
    if "e" in handle:
        x0, x1 = _edge(x1 + dx, x0, image[0])
    if "n" in handle:
        y0, y1 = _edge(y0 + dy, y1, image[1])
    if "s" in handle:
        y0, y1 = _edge(y1 + dy, y0, image[1])
    return x0, y0, x1, y1


def _edge(moving: float, still: float, limit: float) -> tuple[float, float]:
    moving = _between(moving, 0.0, limit)
    if abs(moving - still) < MIN_SIDE:
        outward = MIN_SIDE if moving >= still else -MIN_SIDE
        moving = still + outward if 0 <= still + outward <= limit else still - outward
    return min(moving, still), max(moving, still)


def _inside(point: Point, image: Size) -> Point:
    return _between(point[0], 0.0, image[0]), _between(point[1], 0.0, image[1])


def _between(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
