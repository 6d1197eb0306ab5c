"""What lies under the pointer: pure functions of boxes, a point and the scale.

All coordinates are image pixels; distances that a hand feels (the reach of a handle) are given in canvas pixels and divided
by the scale. No Qt here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from .transform import Box, Point

Handle = Literal["nw", "n", "ne", "e", "se", "s", "sw", "w"]
HANDLES: tuple[Handle, ...] = ("nw", "n", "ne", "e", "se", "s", "sw", "w")
HANDLE_REACH = 8.0
"""Canvas pixels around a handle within which a press takes it."""
_EDGE_REACH = 4.0


def handle_points(box: Box) -> dict[Handle, Point]:
    """Where the eight handles of a box are."""
    x0, y0, x1, y1 = box
    cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
    spots = ((x0, y0), (cx, y0), (x1, y0), (x1, cy), (x1, y1), (cx, y1), (x0, y1), (x0, cy))
    return dict(zip(HANDLES, spots, strict=True))


def handle_at(box: Box, point: Point, scale: float) -> Handle | None:
    """The handle of `box` within reach of `point`, the nearest first; None if there is none.

    In a box too small for eight handles the reach shrinks, so that its middle can still be taken to move it.
    """
    side = min(box[2] - box[0], box[3] - box[1])
    reach = min(HANDLE_REACH / scale, max(side / 4, 3 / scale))
    near = [(_distance(spot, point), handle) for handle, spot in handle_points(box).items()]
    distance, handle = min(near)
    return handle if distance <= reach else None


def contains(box: Box, point: Point, scale: float) -> bool:
    """Whether a press at `point` means this box: inside it, or on its line."""
    reach = _EDGE_REACH / scale
    x, y = point
    return box[0] - reach <= x <= box[2] + reach and box[1] - reach <= y <= box[3] + reach


def boxes_at(boxes: Sequence[Box], point: Point, scale: float) -> list[int]:
    """Positions of the boxes under `point`, smallest first: a box inside another can always be taken."""
    hits = [i for i, box in enumerate(boxes) if contains(box, point, scale)]
    return sorted(hits, key=lambda i: area(boxes[i]))


def touched_by(band: Box, boxes: Sequence[Box]) -> list[int]:
    """Positions of the boxes that a rubber band touches."""
    x0, y0, x1, y1 = band
    return [i for i, b in enumerate(boxes) if b[0] <= x1 and b[2] >= x0 and b[1] <= y1 and b[3] >= y0]


def next_of(stack: Sequence[int], current: int | None) -> int | None:
    """The member after `current` in a stack of buried boxes, the first if `current` is not in it; None if it is empty."""
    if not stack:
        return None
    if current not in stack:
        return stack[0]
    return stack[(stack.index(current) + 1) % len(stack)]


def area(box: Box) -> float:
    """Area of a box."""
    return (box[2] - box[0]) * (box[3] - box[1])


def _distance(a: Point, b: Point) -> float:
    return max(abs(a[0] - b[0]), abs(a[1] - b[1]))
