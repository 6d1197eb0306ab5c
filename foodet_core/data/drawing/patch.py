"""One object drawn in its own coordinates: shapes as distances, noise, colours, and the layer they make.

A patch is square; u points right and v down, both -1..1, turned with the object, so nothing drawn is ever resampled.
Shapes are distance fields in those units (negative inside). Heights are in the same units. Colours come plane by plane,
(3, n, n), which numpy works through several times faster than pixel by pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Color = tuple[float, float, float]
Plane = npt.NDArray[Any]  # float32; the stubs of numpy and OpenCV do not keep track of that


@dataclass(frozen=True)
class Layer:
    """A drawn object: color (3, n, n) and alpha (n, n) in 0..1, height (n, n) in half patch sides, gloss 0..1 or (n, n)."""

    color: Plane
    alpha: Plane
    height: Plane
    gloss: Plane | float = 0.2


def doubled(layer: Layer) -> Layer:
    """A layer of even gloss at twice the size: what has only soft detail is drawn four times faster so."""

    def twice(plane: Plane) -> Plane:
        return cv2.resize(plane, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)

    alpha = np.clip(twice(layer.alpha), 0, 1)
    return Layer(np.stack([twice(plane) for plane in layer.color]), alpha, twice(layer.height), layer.gloss)


def rgb(text: str) -> Color:
    """A colour "rrggbb" as three numbers 0..1."""
    red, green, blue = (int(text[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return red, green, blue


def step(low: float, high: float, x: Plane) -> Plane:
    """0 below `low`, 1 above `high`, smooth between; falling where `low` > `high`."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return (t * t * (3 - 2 * t)).astype(np.float32)


def smooth_max(a: Plane, b: Plane, width: float) -> Plane:
    """The larger of two heights, the seam rounded over `width`."""
    h = np.clip(0.5 + 0.5 * (a - b) / width, 0, 1)
    return (b + (a - b) * h + width * h * (1 - h)).astype(np.float32)


def cloud(rng: np.random.Generator, size_hw: tuple[int, int], cells_hw: tuple[float, float], octaves: int) -> Plane:
    """Smooth noise (h, w) of about -1..1; the coarsest of its octaves has `cells_hw` blobs down and across."""
    fine = [min(round(cells * 2 ** (octaves - 1) * 5) + 1, side) for cells, side in zip(cells_hw, size_hw, strict=True)]
    total = np.zeros(fine, np.float32)
    for octave in range(octaves):
        grid = [min(max(2, round(cells * 2**octave)) + 1, side) for cells, side in zip(cells_hw, fine, strict=True)]
        rough = rng.standard_normal(grid, dtype=np.float32)
        total += cv2.resize(rough, fine[::-1], interpolation=cv2.INTER_CUBIC) * np.float32(0.5**octave * 0.55)
    return total if total.shape == size_hw else cv2.resize(total, size_hw[::-1], interpolation=cv2.INTER_LINEAR)


class Patch:
    """Coordinates and paint for one object of `pixels` x `pixels`, turned by `turn` radians."""

    def __init__(self, rng: np.random.Generator, pixels: int, turn: float = 0.0) -> None:
        self.rng = rng
        self.pixels = pixels
        self.turn = turn
        axis = ((np.arange(pixels, dtype=np.float32) + 0.5) * (2 / pixels) - 1).astype(np.float32)
        x, y = axis[None, :], axis[:, None]
        cos, sin = np.float32(np.cos(turn)), np.float32(np.sin(turn))
        self.u: Plane = cos * x + sin * y
        self.v: Plane = cos * y - sin * x

    @cached_property
    def r(self) -> Plane:
        """Distance from the middle."""
        return cv2.magnitude(self.u, self.v)

    @cached_property
    def theta(self) -> Plane:
        """Angle about the middle, -pi..pi."""
        return np.arctan2(self.v, self.u)

    def noise(self, cells: float, octaves: int = 3) -> Plane:
        """Smooth noise of about -1..1; the coarsest blobs are a `cells`-th of the patch."""
        return cloud(self.rng, (self.pixels, self.pixels), (cells, cells), octaves)

    def wave(self, turns: int) -> Plane:
        """Smooth noise of about -1..1 around the middle, with `turns` random harmonics: wobbly outlines."""
        return self.wave_of(self.theta, turns)

    def wave_of(self, angle: Plane, turns: int) -> Plane:
        """As `wave`, of any angle (n, n): streaks about another centre. Read from a table of 512 angles."""
        k = np.arange(1, turns + 1)
        size, phase = self.rng.normal(0, 1, turns) / np.sqrt(k), self.rng.uniform(0, 2 * np.pi, turns)
        grid = np.linspace(-np.pi, np.pi, 512, endpoint=False)
        table = (size[:, None] * np.cos(k[:, None] * grid + phase[:, None])).sum(0) / 2
        place = (angle * np.float32(512 / (2 * np.pi)) + np.float32(512 * 64.5)).astype(np.int32) & 511
        wave: Plane = table.astype(np.float32).take(place)
        return wave

    def cells(self, count: int) -> Plane:
        """Distance to the nearest of `count` random points (Worley noise): grains, bubbles, florets."""
        field = np.full((self.pixels, self.pixels), 255, np.uint8)
        spots = self.rng.integers(0, self.pixels, (2, count))
        field[spots[0], spots[1]] = 0
        return cv2.distanceTransform(field, cv2.DIST_L2, 5) * np.float32(2 / self.pixels)

    def inside(self, distance: Plane, soft: float = 0.0) -> Plane:
        """Coverage 0..1 of a shape given as distance, one pixel or `soft` units wide at its edge."""
        return np.clip(0.5 - distance / max(soft, 2 / self.pixels), 0, 1).astype(np.float32)

    def circle(self, x: float, y: float, radius: float) -> Plane:
        """Distance to a circle."""
        return cv2.magnitude(self.u - np.float32(x), self.v - np.float32(y)) - np.float32(radius)

    def bar(self, start: tuple[float, float], end: tuple[float, float], radius: float) -> Plane:
        """Distance to a straight bar with round ends."""
        du, dv = end[0] - start[0], end[1] - start[1]
        along = np.clip(((self.u - start[0]) * du + (self.v - start[1]) * dv) / (du * du + dv * dv), 0, 1)
        return cv2.magnitude(self.u - start[0] - du * along, self.v - start[1] - dv * along) - np.float32(radius)

    def slab(self, width: float, height: float, round_by: float, x: float = 0.0) -> Plane:
        """Distance to a rectangle of these half sides about (x, 0) with corners rounded by `round_by`."""
        qu, qv = np.abs(self.u - x) - (width - round_by), np.abs(self.v) - (height - round_by)
        outer = cv2.magnitude(np.maximum(qu, 0), np.maximum(qv, 0))
        return outer + np.minimum(np.maximum(qu, qv), 0) - np.float32(round_by)

    def dome(self, distance: Plane, width: float, top: float) -> Plane:
        """Height of a body that rises round from the edge to `top` within `width`."""
        t = np.clip(-distance / width, 0, 1)
        return (top * np.sqrt(t * (2 - t))).astype(np.float32)

    def paint(self, color: Color) -> Plane:
        """A patch of one colour."""
        return np.repeat(np.array(color, np.float32), self.pixels**2).reshape(3, self.pixels, self.pixels)

    def over(self, ground: Plane, color: Color | Plane, cover: Plane) -> None:
        """Paint a colour, or another picture (3, n, n), over `ground` in place where `cover` (n, n) is above 0."""
        x, y, width, height = cv2.boundingRect((cover > 0).view(np.uint8))
        part = slice(y, y + height), slice(x, x + width)
        for plane, paint in zip(ground, color, strict=True):
            wanted = paint[part] if isinstance(paint, np.ndarray) else np.float32(paint)
            plane[part] += (wanted - plane[part]) * cover[part]

    def pick(self, *choices: str) -> Color:
        """One of some colours "rrggbb", a little varied in lightness and hue."""
        base = np.array(rgb(choices[self.rng.integers(len(choices))]))
        red, green, blue = np.clip(base * self.rng.uniform(0.95, 1.04) + self.rng.normal(0, 0.012, 3), 0, 1)
        return float(red), float(green), float(blue)

    def spread(self, count: int, radius: float, gap: float) -> Sequence[tuple[float, float]]:
        """Up to `count` random points within `radius` of the middle, `gap` or more apart."""
        points: list[tuple[float, float]] = []
        for _ in range(count * 6):
            r, a = radius * np.sqrt(self.rng.random()), self.rng.uniform(-np.pi, np.pi)
            x, y = float(r * np.cos(a)), float(r * np.sin(a))
            if len(points) < count and all((x - px) ** 2 + (y - py) ** 2 >= gap * gap for px, py in points):
                points.append((x, y))
        return points
