"""Where the image lies on the canvas: a scale and an offset, as a frozen value.

No Qt here. Canvas points are in logical pixels, image points in pixels of the upright image; a view maps one to the other
by `canvas = image * scale + offset`.
"""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]
Size = tuple[float, float]
Box = tuple[float, float, float, float]

MAX_SCALE = 40.0
MIN_SIDE = 48.0
"""An image is never zoomed out to less than this many canvas pixels on its long side."""


@dataclass(frozen=True, slots=True)
class View:
    """One placing of the image; `scale` is canvas pixels per image pixel."""

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0

    def to_canvas(self, point: Point) -> Point:
        """An image point on the canvas."""
        return point[0] * self.scale + self.x, point[1] * self.scale + self.y

    def to_image(self, point: Point) -> Point:
        """A canvas point in the image; it may lie outside."""
        return (point[0] - self.x) / self.scale, (point[1] - self.y) / self.scale

    def box_to_canvas(self, box: Box) -> Box:
        """An xyxy image box as xyxy on the canvas."""
        x0, y0, x1, y1 = box
        scale, x, y = self.scale, self.x, self.y
        return x0 * scale + x, y0 * scale + y, x1 * scale + x, y1 * scale + y

    def moved(self, dx: float, dy: float) -> View:
        """The view pushed by canvas pixels."""
        return View(self.scale, self.x + dx, self.y + dy)

    def zoomed(self, factor: float, at: Point, image: Size) -> View:
        """Scaled by `factor` within the limits, the image point under the canvas point `at` staying where it is."""
        low = min(MIN_SIDE / max(*image, 1.0), 1.0)
        scale = min(max(self.scale * factor, low), MAX_SCALE)
        ratio = scale / self.scale
        return View(scale, at[0] - (at[0] - self.x) * ratio, at[1] - (at[1] - self.y) * ratio)

    def kept_in(self, canvas: Size, image: Size, margin: float = 60.0) -> View:
        """The view pushed back so far that at least `margin` canvas pixels of the image stay in sight."""
        x = min(max(self.x, margin - image[0] * self.scale), canvas[0] - margin)
        y = min(max(self.y, margin - image[1] * self.scale), canvas[1] - margin)
        return View(self.scale, x, y)


def fit_box(box: Box, canvas: Size, margins: tuple[float, float, float, float]) -> View:
    """The largest view that shows a whole image box inside the margins, the box centred."""
    x0, y0, x1, y1 = box
    view = fit((x1 - x0, y1 - y0), canvas, margins)
    return view.moved(-x0 * view.scale, -y0 * view.scale)


def fit(image: Size, canvas: Size, margins: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)) -> View:
    """The largest view that shows the whole image inside the margins (left, top, right, bottom), centred."""
    left, top, right, bottom = margins
    width = max(canvas[0] - left - right, 1.0)
    height = max(canvas[1] - top - bottom, 1.0)
    scale = min(width / max(image[0], 1.0), height / max(image[1], 1.0), MAX_SCALE)
    return View(scale, left + (width - image[0] * scale) / 2, top + (height - image[1] * scale) / 2)
