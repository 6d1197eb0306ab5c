"""Box arithmetic on numpy arrays. Last axis is always the box: xyxy in pixels, or cxcywh in 0..1 of the image.

The torch counterpart for training is `losses/box_ops.py`; the tests hold the two against each other.
"""

from __future__ import annotations

import numpy as np

from .types import FloatArray


def to_cxcywh(boxes_xyxy: FloatArray, size_hw: tuple[int, int]) -> FloatArray:
    """Pixels xyxy (..., 4) to cxcywh in 0..1 of an image of `size_hw`."""
    height, width = size_hw
    x0, y0, x1, y1 = np.moveaxis(boxes_xyxy, -1, 0)
    out = np.stack([(x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height], -1)
    return out.astype(np.float32)


def to_xyxy(boxes_cxcywh: FloatArray, size_hw: tuple[int, int]) -> FloatArray:
    """cxcywh in 0..1 (..., 4) to xyxy in pixels of an image of `size_hw`."""
    height, width = size_hw
    cx, cy, w, h = np.moveaxis(boxes_cxcywh, -1, 0)
    out = np.stack([(cx - w / 2) * width, (cy - h / 2) * height, (cx + w / 2) * width, (cy + h / 2) * height], -1)
    return out.astype(np.float32)


def area(boxes_xyxy: FloatArray) -> FloatArray:
    """Area (...,) of boxes (..., 4); an inverted box has area 0."""
    sides = np.maximum(boxes_xyxy[..., 2:] - boxes_xyxy[..., :2], 0)
    product: FloatArray = sides[..., 0] * sides[..., 1]
    return product


def clip(boxes_xyxy: FloatArray, size_hw: tuple[int, int]) -> FloatArray:
    """Boxes cut to the image."""
    height, width = size_hw
    return np.clip(boxes_xyxy, 0, np.array([width, height, width, height], np.float32)).astype(np.float32)


def iou(a_xyxy: FloatArray, b_xyxy: FloatArray) -> FloatArray:
    """Pairwise intersection over union (A, B) of boxes (A, 4) and (B, 4); two empty boxes have IoU 0."""
    top_left = np.maximum(a_xyxy[:, None, :2], b_xyxy[None, :, :2])
    bottom_right = np.minimum(a_xyxy[:, None, 2:], b_xyxy[None, :, 2:])
    sides = np.maximum(bottom_right - top_left, 0)
    inter = sides[..., 0] * sides[..., 1]
    union = area(a_xyxy)[:, None] + area(b_xyxy)[None, :] - inter
    ratio: FloatArray = np.divide(inter, union, out=np.zeros_like(inter), where=union > 0)
    return ratio
