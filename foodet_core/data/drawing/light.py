"""One light over everything: shading of heights, soft shadows, and the canvas that objects are laid on.

The light is a sun from one side plus a cool sky. A height field's slope gives the surface normal; flat ground has
brightness 1. Shadows are the object's own outline, shifted away from the sun and blurred at a quarter of the resolution.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from .patch import Layer, Plane

_SKY = (0.96, 1.0, 1.07)
_WRAP = 0.45  # light scattered in the body carries it round the terminator: food is soft
_SUN = (1.02, 1.0, 0.96)
_SHADOW = (1.0, 0.97, 0.9)

Window = tuple[slice, slice]


@dataclass(frozen=True)
class Light:
    """The sun shines from `angle` in the picture, `rise` above the table (radians); `sky` is the sky's share of the light."""

    angle: float
    rise: float
    sky: float

    @property
    def direction(self) -> tuple[float, float, float]:
        """Unit vector towards the sun: right, down, up."""
        flat = math.cos(self.rise)
        return math.cos(self.angle) * flat, math.sin(self.angle) * flat, math.sin(self.rise)


def shade(layer: Layer, light: Light) -> list[Plane]:
    """The lit colour of a layer: red, green and blue, each (n, n)."""
    scale = layer.alpha.shape[0] / 2 / 8
    slope_x = cv2.Sobel(layer.height, cv2.CV_32F, 1, 0, scale=scale)
    slope_y = cv2.Sobel(layer.height, cv2.CV_32F, 0, 1, scale=scale)
    x, y, z = light.direction
    upright = 1 / np.sqrt(1 + slope_x * slope_x + slope_y * slope_y)
    sun = np.maximum((z - slope_x * x - slope_y * y) * upright + _WRAP, 0) / (z + _WRAP)
    sky = (0.5 + 0.5 * upright) * light.sky
    sun = (1 - light.sky) * np.minimum(sun, 1.45)
    shine = _shine(slope_x, slope_y, upright, light) * layer.gloss
    return [plane * (sky * k + sun * s) + shine for plane, k, s in zip(layer.color, _SKY, _SUN, strict=True)]


def _shine(slope_x: Plane, slope_y: Plane, upright: Plane, light: Light) -> Plane:
    """A tight highlight on a broad sheen (Blinn and Phong)."""
    x, y, z = light.direction
    length = math.sqrt(x * x + y * y + (z + 1) ** 2)
    facing = np.maximum((z + 1 - slope_x * x - slope_y * y) * upright / length, 0)
    power = cv2.pow(facing.astype(np.float32), 14)
    sheen = 0.75 * cv2.pow(power, 6) + 0.16 * power
    ground = np.float32(0.16 * ((z + 1) / length) ** 14)  # level ground keeps its colour
    shine: Plane = np.maximum(sheen - ground, 0)
    return shine


class Canvas:
    """The picture being composed, (3, height, width) floats; positions are pixels."""

    def __init__(self, pixels: Plane, light: Light) -> None:
        self.pixels = pixels
        self.light = light

    def lay(self, layer: Layer, left: int, top: int, lift: float) -> None:
        """Put an object on top of the picture; `lift` is how far its shadow reaches, in half patch sides."""
        self._shadow(layer.alpha, left, top, lift)
        lit = shade(layer, self.light)
        here, there = window(self.pixels.shape[1:], layer.alpha.shape[0], left, top)
        cover = layer.alpha[there]
        for plane, paint in zip(self.pixels, lit, strict=True):
            plane[here] += (paint[there] - plane[here]) * cover

    def _shadow(self, alpha: Plane, left: int, top: int, lift: float) -> None:
        side = alpha.shape[0]
        reach = lift * side / 2
        margin = int(side * 0.25 + reach) // 4 * 4
        small = cv2.resize(alpha, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        small = np.pad(small, margin // 4)
        x, y, z = self.light.direction
        contact = _blurred(small, 0, 0, side * 0.02 / 4 + 0.6)
        flat = reach / 4 / max(z, 0.4)
        cast = _blurred(small, -x * flat, -y * flat, reach * 0.3 / 4 + 0.8)
        dark = np.maximum(contact * 0.42, cast * (0.78 * (1 - self.light.sky) + 0.08))
        dark = cv2.resize(dark, (small.shape[1] * 4, small.shape[0] * 4), interpolation=cv2.INTER_LINEAR)
        here, there = window(self.pixels.shape[1:], dark.shape[0], left - margin, top - margin)
        for plane, strength in zip(self.pixels, _SHADOW, strict=True):
            plane[here] *= 1 - dark[there] * np.float32(strength)


def _blurred(mask: Plane, dx: float, dy: float, sigma: float) -> Plane:
    move = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    moved = cv2.warpAffine(mask, move, (mask.shape[1], mask.shape[0])) if dx or dy else mask
    return cv2.GaussianBlur(moved, (0, 0), sigma)


def window(size_hw: tuple[int, ...], side: int, left: int, top: int) -> tuple[Window, Window]:
    """The part of a square at (left, top) that lies on a picture: as slices of the picture and of the square."""
    y0, y1 = (min(max(y, 0), size_hw[0]) for y in (top, top + side))
    x0, x1 = (min(max(x, 0), size_hw[1]) for x in (left, left + side))
    return (slice(y0, y1), slice(x0, x1)), (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
