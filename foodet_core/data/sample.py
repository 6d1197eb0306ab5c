"""The sample food set: drawn, so that the first project needs no download.

Everything follows from (seed, index): the same pair gives the same picture and boxes in every run. A box covers the whole
object as far as it lies in the picture, also where something hides a part of it, as a person would label it.
"""

from __future__ import annotations

import numpy as np

from ..palette import class_color
from ..types import ByteArray, ClassList, FloatArray, FoodClass, IntArray
from .drawing.foods import FOODS
from .drawing.scene import compose

SAMPLE_CLASSES = ClassList(tuple(FoodClass(food.name, food.name_zh, class_color(i)) for i, food in enumerate(FOODS)))


def draw_image(index: int, seed: int, size: int) -> tuple[ByteArray, FloatArray, IntArray]:
    """Picture `index` of the set `seed`: (H, W, 3) uint8 RGB with long side `size`, boxes (N, 4) xyxy, labels (N,)."""
    picture, boxes_xyxy, labels = compose(np.random.default_rng([seed, index]), size)
    image_hw3 = (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
    return image_hw3, boxes_xyxy, np.array(labels, np.int64)
