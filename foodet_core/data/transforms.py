"""Pixels of the network's square, on the processor: an image at prediction, a plan of `plan.py` in training."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from ..types import ByteArray
from .plan import Copy, Light, Plan

GREY = 114


def letterbox(images: Sequence[ByteArray], imgsz: int) -> ByteArray:
    """Images (H, W, 3), each in the top left of a grey square that its long side fills: (B, imgsz, imgsz, 3)."""
    squares = _grey(len(images), imgsz, imgsz, 3)
    for square, image in zip(squares, images, strict=True):
        height, width = image.shape[:2]
        scale = imgsz / max(height, width)
        right, bottom = max(round(width * scale), 1), max(round(height * scale), 1)
        square[:bottom, :right] = resize(image, (right, bottom))
    return squares


def draw(plan: Plan, pixels: Callable[[int], ByteArray]) -> ByteArray:
    """The square (imgsz, imgsz, 3) uint8 that a plan describes; `pixels` gives the images by their number, (H, W, 3)."""
    canvas = _grey(plan.imgsz, plan.imgsz, 3)
    for paste in plan.pastes:
        image = _with_copies(pixels(paste.index), paste.copies, pixels)
        x0, y0, x1, y1 = paste.cut
        left, top, right, bottom = paste.into
        canvas[top:bottom, left:right] = resize(image[y0:y1, x0:x1], (right - left, bottom - top))
    if plan.mirrored:
        canvas = canvas[:, ::-1]
    canvas = np.ascontiguousarray(np.rot90(canvas, plan.turns))
    return canvas if plan.light is None else _lit(canvas, plan.light)


def resize(image: ByteArray, size_wh: tuple[int, int]) -> ByteArray:
    """The image (H, W, 3) at another size."""
    height, width = image.shape[:2]
    if (width, height) == size_wh:
        return image
    # Down to a half, interpolation leaves no pixel out, in half the time that areas take; detections are as good. The exact one
    # has a result that is defined, so that `export` can say the same.
    step = max(width / size_wh[0], height / size_wh[1])
    resized = cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA if step > 2 else cv2.INTER_LINEAR_EXACT)
    return resized.astype(np.uint8, copy=False)


def _grey(*shape: int) -> ByteArray:
    return np.full(shape, GREY, np.uint8)


def _with_copies(image: ByteArray, copies: Sequence[Copy], pixels: Callable[[int], ByteArray]) -> ByteArray:
    if not copies:
        return image
    image = image.copy()
    for copied in copies:
        x0, y0, x1, y1 = copied.cut
        cut = pixels(copied.index)[y0:y1, x0:x1]
        x, y = copied.at
        ground = image[y : y + len(cut), x : x + cut.shape[1]]
        alpha = fade(y1 - y0, x1 - x0)[..., None]
        ground[:] = (alpha * cut + (1 - alpha) * ground).astype(np.uint8)
    return image


def fade(height: int, width: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """How much of a copy is seen (height, width), 0..1: rising over a tenth of its sides."""
    rise = [np.minimum(np.arange(n) + 1, np.arange(n)[::-1] + 1) / max(n / 10, 1) for n in (height, width)]
    return np.minimum(np.minimum(rise[0][:, None], rise[1][None]), 1)


def _lit(image: ByteArray, light: Light) -> ByteArray:
    offset = np.full((3, 1), float(image.mean()) * light.shift)
    affine = np.concatenate([light.matrix_33, offset], 1).astype(np.float32)
    return cv2.transform(image, affine).astype(np.uint8, copy=False)
