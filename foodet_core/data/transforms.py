"""How an image and its boxes become the network's square, varied in training.

Everything is one primitive, `place`: a window of an image is resized into a rectangle of a grey canvas, boxes with it. Zoom,
crop, stretch and mosaic are choices of windows and rectangles. Every random draw comes from the generator handed in, so a
sample is a function of its seed alone. Boxes are xyxy in pixels of whatever image they stand beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from ..boxes import area, iou
from ..config import AugmentConfig
from ..types import ByteArray, FloatArray, IntArray

GREY = 114
_MIN_VISIBLE = 0.35
_MIN_SIDE = 2.0
_CROP_TRIES = 8

Window = tuple[float, float, float, float]


@dataclass(frozen=True)
class Sample:
    """An image (H, W, 3) uint8, its boxes_xyxy (N, 4) in its pixels, labels (N,), and exhaustive (K,) bool."""

    image: ByteArray
    boxes_xyxy: FloatArray
    labels: IntArray
    exhaustive: npt.NDArray[np.bool_]


def letterbox(image_hw3: ByteArray, imgsz: int) -> tuple[ByteArray, float]:
    """The image in the top left of a grey (imgsz, imgsz, 3) square, and the scale: square pixel = scale · image pixel."""
    height, width = image_hw3.shape[:2]
    scale = imgsz / max(height, width)
    canvas = _canvas(imgsz)
    right, bottom = max(round(width * scale), 1), max(round(height * scale), 1)
    canvas[:bottom, :right] = _resize(image_hw3, (right, bottom))
    return canvas, scale


def augment(sample: Sample, others: Sequence[Sample], imgsz: int, config: AugmentConfig, rng: np.random.Generator) -> Sample:
    """A varied (imgsz, imgsz) sample; `others` are three images for a mosaic, the first of them lends boxes to copy."""
    if rng.random() < config.copy_blend:
        sample = copy_boxes(sample, others[0], rng)
    if rng.random() < config.mosaic:
        sample = mosaic([sample, *others], imgsz, rng)
    else:
        sample = place(sample, random_window(sample, config, rng), imgsz)
    return light(flip(sample, rng, config.flip), rng, config.photometric)


def plain(sample: Sample, imgsz: int, config: AugmentConfig, rng: np.random.Generator) -> Sample:
    """The end of a training: the whole image as it will be at prediction, with flips and light only."""
    height, width = sample.image.shape[:2]
    side = max(height, width)
    sample = place(sample, (0, 0, side, side), imgsz)
    return light(flip(sample, rng, config.flip), rng, config.photometric)


def place(sample: Sample, window: Window, imgsz: int) -> Sample:
    """The window (x0, y0, x1, y1) of the image, which may reach beyond it, as a square of `imgsz`."""
    canvas = _canvas(imgsz)
    boxes, labels = paste(canvas, sample, window, (0, 0, imgsz, imgsz))
    return replace(sample, image=canvas, boxes_xyxy=boxes, labels=labels)


def paste(
    canvas: ByteArray, sample: Sample, window: Window, rectangle: tuple[int, int, int, int]
) -> tuple[FloatArray, IntArray]:
    """Draw a window of a sample into a rectangle of the canvas; returns the boxes that stay visible there, and labels."""
    height, width = sample.image.shape[:2]
    x0, y0, x1, y1 = window
    left, top, right, bottom = rectangle
    scale = np.array([(right - left) / (x1 - x0), (bottom - top) / (y1 - y0)], np.float32)
    # Whole source pixels only, so that the boxes move by exactly what the pixels move by.
    cut = np.array([max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)]).round().astype(int)
    if (cut[2:] <= cut[:2]).any():
        return np.zeros((0, 4), np.float32), np.zeros(0, np.int64)
    shift = np.array([left - x0 * scale[0], top - y0 * scale[1]], np.float32)
    low = np.clip((cut[:2] * scale + shift).round().astype(int), (left, top), (right - 1, bottom - 1))
    high = np.clip((cut[2:] * scale + shift).round().astype(int), low + 1, (right, bottom))
    pixels = sample.image[cut[1] : cut[3], cut[0] : cut[2]]
    canvas[low[1] : high[1], low[0] : high[0]] = _resize(pixels, (int(high[0] - low[0]), int(high[1] - low[1])))
    boxes = sample.boxes_xyxy * np.tile(scale, 2) + np.tile(shift, 2)
    seen = np.clip(boxes, np.tile(low, 2), np.tile(high, 2)).astype(np.float32)
    keep = _visible(boxes, seen)
    return seen[keep], sample.labels[keep]


def random_window(sample: Sample, config: AugmentConfig, rng: np.random.Generator) -> Window:
    """A square-ish window: larger than the image (zoom out), a part that keeps boxes (crop), or the image itself."""
    side = float(max(sample.image.shape[:2]))
    draw = rng.random()
    if draw < config.zoom_out:
        return _window(sample, side * rng.uniform(1.0, 2.0), rng)
    if draw < config.zoom_out + (1 - config.zoom_out) * config.crop:
        for _ in range(_CROP_TRIES):
            window = _window(sample, side * rng.uniform(0.4, 1.0), rng)
            if not len(sample.boxes_xyxy) or _centres_inside(sample.boxes_xyxy, window).any():
                return window
    return 0.0, 0.0, side, side


def mosaic(samples: Sequence[Sample], imgsz: int, rng: np.random.Generator) -> Sample:
    """Four images around a random centre, each cut to its quadrant; a class is exhaustive where it is on all four."""
    canvas = _canvas(imgsz)
    cx, cy = (int(v) for v in rng.uniform(0.3, 0.7, 2) * imgsz)
    quadrants = [(0, 0, cx, cy), (cx, 0, imgsz, cy), (0, cy, cx, imgsz), (cx, cy, imgsz, imgsz)]
    boxes, labels = [], []
    for sample, rectangle in zip(samples, quadrants, strict=True):
        found = paste(canvas, sample, _quadrant_window(sample, rectangle, rng), rectangle)
        boxes.append(found[0])
        labels.append(found[1])
    exhaustive = np.all([s.exhaustive for s in samples], 0)
    return Sample(canvas, np.concatenate(boxes), np.concatenate(labels), exhaustive)


def copy_boxes(sample: Sample, other: Sample, rng: np.random.Generator) -> Sample:
    """Boxes of another image, feathered at their rim, laid where they hide little of what is here already."""
    image = sample.image.copy()
    boxes, labels = list(sample.boxes_xyxy), list(sample.labels)
    height, width = image.shape[:2]
    for box, label in zip(other.boxes_xyxy, other.labels, strict=True):
        x0, y0, x1, y1 = box.round().astype(int).clip(0)
        cut = other.image[y0:y1, x0:x1]
        h, w = cut.shape[:2]
        if min(h, w) < 8 or h >= height or w >= width:
            continue
        x, y = int(rng.integers(0, width - w)), int(rng.integers(0, height - h))
        placed = np.array([x, y, x + w, y + h], np.float32)
        if boxes and iou(placed[None], np.array(boxes, np.float32)).max() > 0.05:
            continue
        _blend(image[y : y + h, x : x + w], cut)
        boxes.append(placed)
        labels.append(label)
    arrays = np.array(boxes, np.float32).reshape(-1, 4), np.array(labels, np.int64)
    return replace(sample, image=image, boxes_xyxy=arrays[0], labels=arrays[1], exhaustive=sample.exhaustive & other.exhaustive)


def flip(sample: Sample, rng: np.random.Generator, probability: float) -> Sample:
    """Mirrored left and right, with the given probability."""
    if rng.random() >= probability:
        return sample
    boxes = sample.boxes_xyxy.copy()
    boxes[:, [0, 2]] = sample.image.shape[1] - boxes[:, [2, 0]]
    return replace(sample, image=np.ascontiguousarray(sample.image[:, ::-1]), boxes_xyxy=boxes)


def light(sample: Sample, rng: np.random.Generator, probability: float) -> Sample:
    """Brightness, contrast and saturation varied, each channel hardly: colour tells one food from another."""
    if rng.random() >= probability:
        return sample
    brightness, contrast = rng.uniform(0.7, 1.3, 2)
    saturation = rng.uniform(0.6, 1.4)
    tint = rng.uniform(0.96, 1.04, 3)
    luma = np.array([0.299, 0.587, 0.114])
    matrix = (saturation * np.eye(3) + (1 - saturation) * luma) * brightness * contrast * tint[:, None]
    middle = float(sample.image.mean()) * brightness * (1 - contrast)
    affine = np.concatenate([matrix, np.full((3, 1), middle)], 1).astype(np.float32)
    return replace(sample, image=cv2.transform(sample.image, affine).astype(np.uint8, copy=False))


def _canvas(imgsz: int) -> ByteArray:
    return np.full((imgsz, imgsz, 3), GREY, np.uint8)


def _resize(image: ByteArray, size_wh: tuple[int, int]) -> ByteArray:
    height, width = image.shape[:2]
    if (width, height) == size_wh:
        return image
    shrinks = size_wh[0] * size_wh[1] < width * height
    resized = cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return resized.astype(np.uint8, copy=False)


def _visible(boxes: FloatArray, seen: FloatArray) -> npt.NDArray[np.bool_]:
    sides = seen[:, 2:] - seen[:, :2]
    share = area(seen) / np.maximum(area(boxes), 1e-6)
    return np.asarray((share >= _MIN_VISIBLE) & (sides >= _MIN_SIDE).all(1))


def _window(sample: Sample, side: float, rng: np.random.Generator) -> Window:
    """A window of about `side`, stretched a little, somewhere over the image."""
    height, width = sample.image.shape[:2]
    stretch = np.exp(rng.uniform(-0.25, 0.25))
    w, h = side * stretch, side / stretch
    x0, y0 = rng.uniform(min(0, width - w), max(0, width - w)), rng.uniform(min(0, height - h), max(0, height - h))
    return x0, y0, x0 + w, y0 + h


def _quadrant_window(sample: Sample, rectangle: tuple[int, int, int, int], rng: np.random.Generator) -> Window:
    """The largest window of the rectangle's shape inside the image, or a part of it."""
    height, width = sample.image.shape[:2]
    left, top, right, bottom = rectangle
    scale = min(width / (right - left), height / (bottom - top)) * rng.uniform(0.6, 1.0)
    w, h = (right - left) * scale, (bottom - top) * scale
    x0, y0 = rng.uniform(0, width - w), rng.uniform(0, height - h)
    return x0, y0, x0 + w, y0 + h


def _centres_inside(boxes: FloatArray, window: Window) -> npt.NDArray[np.bool_]:
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    return np.asarray(((centres > window[:2]) & (centres < window[2:])).all(1))


def _blend(ground: ByteArray, cut: ByteArray) -> None:
    """Lay `cut` over `ground` in place, fading over a tenth of its sides."""
    height, width = cut.shape[:2]
    rise = [np.minimum(np.arange(n) + 1, np.arange(n)[::-1] + 1) / max(n / 10, 1) for n in (height, width)]
    alpha = np.minimum(np.minimum(rise[0][:, None], rise[1][None]), 1)[..., None]
    ground[:] = (alpha * cut + (1 - alpha) * ground).astype(np.uint8)
