"""Labelled images as training batches.

Which image stands where in which batch, and how it is varied, follows from (seed, step, position) alone: a resumed training
sees exactly what an uninterrupted one would have seen, with no state to save. Targets per image: labels_N int64,
boxes_cxcywh_N4 float32 in 0..1 of the square, exhaustive_K bool.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..boxes import to_cxcywh
from ..config import AugmentConfig
from ..events import Progress
from ..types import ClassList, ImageRecord, LabelledSet
from .cache import PixelCache
from .transforms import Sample, augment, plain

Targets = list[dict[str, Tensor]]
# Crops want more pixels than the network's input; more than this does not pay for its memory.
_SPARE = 1.5
_FEW_IMAGES = 200


@dataclass(frozen=True)
class Batch:
    """images_BCHW uint8 RGB, and one targets dict per image."""

    images_BCHW: Tensor
    targets: Targets


class TrainSet:
    """A labelled set that deals out varied batches; `prepare` must have run to its end before the first."""

    def __init__(self, labelled: LabelledSet, imgsz: int, config: AugmentConfig, seed: int) -> None:
        self._labelled, self._imgsz, self._seed = labelled, imgsz, seed
        # Copied boxes help where examples are few, and are one more untruth where they are many.
        self._config = config if len(labelled.images) < _FEW_IMAGES else replace(config, copy_blend=0.0)
        self._cache = PixelCache([labelled.path(image) for image in labelled.images], round(imgsz * _SPARE))

    def __len__(self) -> int:
        return len(self._labelled.images)

    def prepare(self) -> Iterator[Progress]:
        """Decode every image once. Raises InputError naming the file that cannot be read."""
        yield from self._cache.fill("reading images")

    def batch(self, step: int, count: int, varied: bool) -> Batch:
        """Batch number `step` of `count` images; not `varied` leaves flips and light only."""
        samples = [self._sample(step * count + i, varied) for i in range(count)]
        images = torch.from_numpy(np.stack([s.image for s in samples])).permute(0, 3, 1, 2)
        return Batch(images, [self._targets(s) for s in samples])

    def _sample(self, position: int, varied: bool) -> Sample:
        rng = np.random.default_rng((self._seed, position))
        sample = self._load(self._dealt(position))
        if not varied:
            return plain(sample, self._imgsz, self._config, rng)
        others = [self._load(int(i)) for i in rng.integers(0, len(self), 3)]
        return augment(sample, others, self._imgsz, self._config, rng)

    def _dealt(self, position: int) -> int:
        """Every image once an epoch, in an order of that epoch."""
        epoch, place = divmod(position, len(self))
        order = np.random.default_rng((self._seed, epoch, 1)).permutation(len(self))
        return int(order[place])

    def _load(self, index: int) -> Sample:
        record = self._labelled.images[index]
        pixels = self._cache[index]
        boxes, labels = self._labelled.boxes(record)
        scale = np.array([pixels.shape[1] / record.size_hw[1], pixels.shape[0] / record.size_hw[0]], np.float32)
        return Sample(pixels, boxes * np.tile(scale, 2), labels, exhaustive(record, self._labelled.classes))

    def _targets(self, sample: Sample) -> dict[str, Tensor]:
        boxes = to_cxcywh(sample.boxes_xyxy, (self._imgsz, self._imgsz))
        return {
            "labels_N": torch.from_numpy(sample.labels),
            "boxes_cxcywh_N4": torch.from_numpy(boxes),
            "exhaustive_K": torch.from_numpy(sample.exhaustive),
        }


def exhaustive(image: ImageRecord, classes: ClassList) -> npt.NDArray[np.bool_]:
    """Which classes (K,) bool are labelled completely on an image."""
    if image.exhaustive is None:
        return np.ones(len(classes), bool)
    return np.isin(np.arange(len(classes)), list(image.exhaustive))


def batches(make: Callable[[int], Batch], start: int) -> Iterator[Batch]:
    """`make(start)`, `make(start + 1)`, ... without end, the next one being made while this one is used."""
    with ThreadPoolExecutor(1) as pool:
        ahead = pool.submit(make, start)
        while True:
            start += 1
            batch = ahead.result()
            ahead = pool.submit(make, start)
            yield batch
