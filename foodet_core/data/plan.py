"""What becomes of an image in training, before a pixel is touched: a plan, and the boxes that follow from it.

Everything is one primitive: a window of an image goes into a rectangle of a grey square, boxes with it. Zoom, crop, stretch
and mosaic are choices of windows and rectangles. Every random draw comes from the generator handed in, so a plan is a function
of its seed and of the sizes and boxes of the images alone. `transforms.draw` carries it out on the processor,
`device.draw_all` on a device. Boxes are xyxy in pixels of whatever image they stand beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..boxes import area, iou
from ..config import AugmentConfig
from ..types import FloatArray, IntArray

_MIN_VISIBLE = 0.35
_MIN_SIDE = 2.0
_CROP_TRIES = 8
_LUMA = np.array([0.299, 0.587, 0.114])

Window = tuple[float, float, float, float]
Rectangle = tuple[int, int, int, int]
"""x0, y0, x1, y1 in whole pixels, the last two outside."""


@dataclass(frozen=True)
class Copy:
    """The rectangle `cut` of image `index` laid over another image with its top left at `at` (x, y), fading at its rim."""

    index: int
    cut: Rectangle
    at: tuple[int, int]


@dataclass(frozen=True)
class Frame:
    """An image of the set without its pixels: its number, size, boxes_xyxy (N, 4), labels (N,), exhaustive (K,) bool.

    `copies` are laid over it, in this order; their boxes are among its own.
    """

    index: int
    size_hw: tuple[int, int]
    boxes_xyxy: FloatArray
    labels: IntArray
    exhaustive: npt.NDArray[np.bool_]
    copies: tuple[Copy, ...] = ()


@dataclass(frozen=True)
class Paste:
    """The rectangle `cut` of image `index`, after its `copies`, resized into the rectangle `into` of the square."""

    index: int
    cut: Rectangle
    into: Rectangle
    copies: tuple[Copy, ...]


@dataclass(frozen=True)
class Light:
    """A pixel p (3,) becomes matrix_33 @ p + shift · mean, where the mean is that of all values of the square."""

    matrix_33: npt.NDArray[np.float64]
    shift: float


@dataclass(frozen=True)
class Plan:
    """A square of side `imgsz`: what is pasted, then mirrored, then turned, then lit.

    `turns` are quarters, against the clock. boxes_xyxy, labels and exhaustive are the square's, as in `Frame`.
    """

    imgsz: int
    pastes: tuple[Paste, ...]
    boxes_xyxy: FloatArray
    labels: IntArray
    exhaustive: npt.NDArray[np.bool_]
    mirrored: bool = False
    turns: int = 0
    light: Light | None = None


def augment(frame: Frame, others: Sequence[Frame], imgsz: int, config: AugmentConfig, rng: np.random.Generator) -> Plan:
    """A varied square; `others` are three images for a mosaic, the first of them lends boxes to copy. None is 0 here."""
    if rng.random() < (config.copy_blend or 0.0):
        frame = copy_boxes(frame, others[0], rng)
    if rng.random() < config.mosaic:
        plan = mosaic([frame, *others], imgsz, rng)
    else:
        plan = place(frame, random_window(frame, config, rng), imgsz)
    return light(turn(flip(plan, rng, config.flip), rng, config.turn or 0.0), rng, config.photometric)


def place(frame: Frame, window: Window, imgsz: int) -> Plan:
    """The window (x0, y0, x1, y1) of the image, which may reach beyond it, as a square of `imgsz`."""
    pastes, boxes, labels = paste(frame, window, (0, 0, imgsz, imgsz))
    return Plan(imgsz, pastes, boxes, labels, frame.exhaustive)


def paste(frame: Frame, window: Window, rectangle: Rectangle) -> tuple[tuple[Paste, ...], FloatArray, IntArray]:
    """A window of an image into a rectangle: the paste, or none, and the boxes that stay visible there, and their labels."""
    height, width = frame.size_hw
    x0, y0, x1, y1 = window
    left, top, right, bottom = rectangle
    scale = np.array([(right - left) / (x1 - x0), (bottom - top) / (y1 - y0)], np.float32)
    # Whole source pixels only, so that the boxes move by exactly what the pixels move by.
    cut = np.array([max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)]).round().astype(int)
    if (cut[2:] <= cut[:2]).any():
        return (), np.zeros((0, 4), np.float32), np.zeros(0, np.int64)
    shift = np.array([left - x0 * scale[0], top - y0 * scale[1]], np.float32)
    low = np.clip((cut[:2] * scale + shift).round().astype(int), (left, top), (right - 1, bottom - 1))
    high = np.clip((cut[2:] * scale + shift).round().astype(int), low + 1, (right, bottom))
    boxes = frame.boxes_xyxy * np.tile(scale, 2) + np.tile(shift, 2)
    seen = np.clip(boxes, np.tile(low, 2), np.tile(high, 2)).astype(np.float32)
    keep = _visible(boxes, seen)
    pasted = Paste(frame.index, _rectangle(cut), _rectangle(np.concatenate([low, high])), frame.copies)
    return (pasted,), seen[keep], frame.labels[keep]


def random_window(frame: Frame, config: AugmentConfig, rng: np.random.Generator) -> Window:
    """A square-ish window: larger than the image (zoom out), a part that keeps boxes (crop), or the image itself."""
    side = float(max(frame.size_hw))
    draw = rng.random()
    if draw < config.zoom_out:
        return _window(frame, side * rng.uniform(1.0, 2.0), rng)
    if draw < config.zoom_out + (1 - config.zoom_out) * config.crop:
        for _ in range(_CROP_TRIES):
            window = _window(frame, side * rng.uniform(0.4, 1.0), rng)
            if not len(frame.boxes_xyxy) or _centres_inside(frame.boxes_xyxy, window).any():
                return window
    return 0.0, 0.0, side, side


def mosaic(frames: Sequence[Frame], imgsz: int, rng: np.random.Generator) -> Plan:
    """Four images around a random centre, each cut to its quadrant; a class is exhaustive where it is on all four."""
    cx, cy = (int(v) for v in rng.uniform(0.3, 0.7, 2) * imgsz)
    quadrants = [(0, 0, cx, cy), (cx, 0, imgsz, cy), (0, cy, cx, imgsz), (cx, cy, imgsz, imgsz)]
    found = [paste(f, _quadrant_window(f, rectangle, rng), rectangle) for f, rectangle in zip(frames, quadrants, strict=True)]
    pastes = tuple(pasted for part, _, _ in found for pasted in part)
    boxes, labels = np.concatenate([part[1] for part in found]), np.concatenate([part[2] for part in found])
    return Plan(imgsz, pastes, boxes, labels, np.all([f.exhaustive for f in frames], 0))


def copy_boxes(frame: Frame, other: Frame, rng: np.random.Generator) -> Frame:
    """Boxes of another image laid where they hide little of what is here already."""
    boxes, labels, copies = list(frame.boxes_xyxy), list(frame.labels), []
    height, width = frame.size_hw
    for box, label in zip(other.boxes_xyxy, other.labels, strict=True):
        cut = _inside(box, other.size_hw)
        w, h = cut[2] - cut[0], cut[3] - cut[1]
        if min(h, w) < 8 or h >= height or w >= width:
            continue
        x, y = int(rng.integers(0, width - w)), int(rng.integers(0, height - h))
        placed = np.array([x, y, x + w, y + h], np.float32)
        if boxes and iou(placed[None], np.array(boxes, np.float32)).max() > 0.05:
            continue
        copies.append(Copy(other.index, cut, (x, y)))
        boxes.append(placed)
        labels.append(label)
    arrays = np.array(boxes, np.float32).reshape(-1, 4), np.array(labels, np.int64)
    both = frame.exhaustive & other.exhaustive
    return replace(frame, boxes_xyxy=arrays[0], labels=arrays[1], exhaustive=both, copies=tuple(copies))


def flip(plan: Plan, rng: np.random.Generator, probability: float) -> Plan:
    """Mirrored left and right, with the given probability."""
    if rng.random() >= probability:
        return plan
    boxes = plan.boxes_xyxy.copy()
    boxes[:, [0, 2]] = plan.imgsz - boxes[:, [2, 0]]
    return replace(plan, mirrored=not plan.mirrored, boxes_xyxy=boxes)


def turn(plan: Plan, rng: np.random.Generator, probability: float) -> Plan:
    """Turned by one to three quarters, with the given probability: food that is seen from above has no upper side."""
    if rng.random() >= probability:
        return plan
    turns, boxes = int(rng.integers(1, 4)), plan.boxes_xyxy
    for _ in range(turns):
        x0, y0, x1, y1 = boxes.T
        boxes = np.stack([y0, plan.imgsz - x1, y1, plan.imgsz - x0], 1)
    return replace(plan, turns=turns, boxes_xyxy=boxes)


def light(plan: Plan, rng: np.random.Generator, probability: float) -> Plan:
    """Brightness, contrast and saturation varied, each channel hardly: colour tells one food from another."""
    if rng.random() >= probability:
        return plan
    brightness, contrast = rng.uniform(0.7, 1.3, 2)
    saturation = rng.uniform(0.6, 1.4)
    tint = rng.uniform(0.96, 1.04, 3)
    matrix = (saturation * np.eye(3) + (1 - saturation) * _LUMA) * brightness * contrast * tint[:, None]
    return replace(plan, light=Light(matrix, brightness * (1 - contrast)))


def _rectangle(corners: npt.NDArray[np.int64]) -> Rectangle:
    x0, y0, x1, y1 = corners.tolist()
    return x0, y0, x1, y1


def _inside(box: FloatArray, size_hw: tuple[int, int]) -> Rectangle:
    """A box in whole pixels, as far as it lies in the image."""
    height, width = size_hw
    return _rectangle(box.round().astype(np.int64).clip(0, (width, height, width, height)))


def _visible(boxes: FloatArray, seen: FloatArray) -> npt.NDArray[np.bool_]:
    sides = seen[:, 2:] - seen[:, :2]
    share = area(seen) / np.maximum(area(boxes), 1e-6)
    return np.asarray((share >= _MIN_VISIBLE) & (sides >= _MIN_SIDE).all(1))


def _window(frame: Frame, side: float, rng: np.random.Generator) -> Window:
    """A window of about `side`, stretched a little, somewhere over the image."""
    height, width = frame.size_hw
    stretch = np.exp(rng.uniform(-0.25, 0.25))
    w, h = side * stretch, side / stretch
    x0, y0 = rng.uniform(min(0, width - w), max(0, width - w)), rng.uniform(min(0, height - h), max(0, height - h))
    return x0, y0, x0 + w, y0 + h


def _quadrant_window(frame: Frame, rectangle: Rectangle, rng: np.random.Generator) -> Window:
    """The largest window of the rectangle's shape inside the image, or a part of it."""
    height, width = frame.size_hw
    left, top, right, bottom = rectangle
    scale = min(width / (right - left), height / (bottom - top)) * rng.uniform(0.6, 1.0)
    w, h = (right - left) * scale, (bottom - top) * scale
    x0, y0 = rng.uniform(0, width - w), rng.uniform(0, height - h)
    return x0, y0, x0 + w, y0 + h


def _centres_inside(boxes: FloatArray, window: Window) -> npt.NDArray[np.bool_]:
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    return np.asarray(((centres > window[:2]) & (centres < window[2:])).all(1))
