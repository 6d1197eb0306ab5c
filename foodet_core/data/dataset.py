"""Labelled images as training batches.

Which image stands where in which batch, and how it is varied, follows from (seed, step, position) alone, but for mosaics, which
end by how far the training is: a resumed one sees what an uninterrupted one would have seen, with no state to save. Targets
per image: labels_N int64, boxes_cxcywh_N4 float32 in 0..1 of the square, exhaustive_K bool.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..boxes import to_cxcywh
from ..config import COPY_FEW, FEW_IMAGES, TURN_FEW, AugmentConfig
from ..events import Progress
from ..types import ClassList, ImageRecord, LabelledSet
from .cache import PixelCache
from .device import DevicePixels, draw_all
from .plan import Frame, Plan, augment
from .transforms import draw

Targets = list[dict[str, Tensor]]
# Crops want more pixels than the network's input; more than this does not pay for its memory.
_SPARE = 1.5
# A mosaic's seams cut what they cross. The last quarter of a training learns where things end of themselves.
_MOSAICS_UNTIL = 0.75


@dataclass(frozen=True)
class Batch:
    """images_BCHW uint8 RGB, and one targets dict per image."""

    images_BCHW: Tensor
    targets: Targets


class TrainSet:
    """A labelled set that deals out varied batches; `prepare` must have run to its end before the first.

    Where `device` is not the processor, it holds the pixels and draws.
    """

    def __init__(
        self,
        labelled: LabelledSet,
        imgsz: int,
        config: AugmentConfig,
        seed: int,
        device: torch.device = torch.device("cpu"),  # noqa: B008
    ) -> None:
        self._labelled, self._imgsz, self._seed = labelled, imgsz, seed
        self._config = _settled(config, len(labelled.images))
        self._last = replace(self._config, mosaic=0.0)
        self._cache = PixelCache([labelled.path(image) for image in labelled.images], round(imgsz * _SPARE))
        self._device = device
        self._pixels: DevicePixels | None = None
        self._mates = _by_exhaustive(labelled.images)

    def __len__(self) -> int:
        return len(self._labelled.images)

    def prepare(self) -> Iterator[Progress]:
        """Decode every image once. Raises InputError naming the file that cannot be read."""
        yield from self._cache.fill("reading images")
        if self._device.type != "cpu":
            self._pixels = DevicePixels(self._cache, self._device)

    def batch(self, step: int, count: int, progress: float = 0.0, share: slice = slice(None)) -> Batch:
        """Batch number `step` of `count` images, or a `share` of it; `progress` 0..1 is how far the training is."""
        plans = [self.plan(step * count + i, progress) for i in range(count)[share]]
        return Batch(self._draw(plans), [self._targets(plan) for plan in plans])

    def plan(self, position: int, progress: float = 0.0) -> Plan:
        """What stands at a position of the endless row of images, where the training has come so far."""
        rng = np.random.default_rng((self._seed, position))
        index = self.dealt(position)
        frame = self.frame(index)
        # Joined with an image that is labelled for other classes, nothing would be known to be absent from either.
        mates = self._mates[self._labelled.images[index].exhaustive]
        others = [self.frame(int(mates[i])) for i in rng.integers(0, len(mates), 3)]
        return augment(frame, others, self._imgsz, self._config if progress < _MOSAICS_UNTIL else self._last, rng)

    def _draw(self, plans: list[Plan]) -> Tensor:
        if self._pixels is not None:
            return draw_all(plans, self._pixels)
        squares = np.stack([draw(plan, self._cache.__getitem__) for plan in plans])
        return torch.from_numpy(squares).permute(0, 3, 1, 2)

    def dealt(self, position: int) -> int:
        """The image at a position: every one once an epoch, in an order of that epoch."""
        epoch, place = divmod(position, len(self))
        return int(_order(self._seed, epoch, len(self))[place])

    def frame(self, index: int) -> Frame:
        """Image number `index`, as a plan takes it."""
        record = self._labelled.images[index]
        height, width = self._cache[index].shape[:2]
        boxes, labels = self._labelled.boxes(record)
        scale = np.array([width / record.size_hw[1], height / record.size_hw[0]], np.float32)
        known = exhaustive(record, self._labelled.classes)
        return Frame(index, (height, width), boxes * np.tile(scale, 2), labels, known)

    def _targets(self, plan: Plan) -> dict[str, Tensor]:
        boxes = to_cxcywh(plan.boxes_xyxy, (self._imgsz, self._imgsz))
        return {
            "labels_N": torch.from_numpy(plan.labels),
            "boxes_cxcywh_N4": torch.from_numpy(boxes),
            "exhaustive_K": torch.from_numpy(plan.exhaustive),
        }


@lru_cache(maxsize=2)
def _order(seed: int, epoch: int, count: int) -> npt.NDArray[np.int64]:
    return np.random.default_rng((seed, epoch, 1)).permutation(count)


def _by_exhaustive(images: Sequence[ImageRecord]) -> dict[frozenset[int] | None, npt.NDArray[np.int64]]:
    """The numbers of the images that have the same classes labelled exhaustively."""
    numbers: dict[frozenset[int] | None, list[int]] = {}
    for index, image in enumerate(images):
        numbers.setdefault(image.exhaustive, []).append(index)
    return {known: np.array(indices) for known, indices in numbers.items()}


def _settled(config: AugmentConfig, images: int) -> AugmentConfig:
    """What was left open, by the number of images."""
    few = images < FEW_IMAGES
    turn = (TURN_FEW if few else 0.0) if config.turn is None else config.turn
    copy_blend = (COPY_FEW if few else 0.0) if config.copy_blend is None else config.copy_blend
    return replace(config, turn=turn, copy_blend=copy_blend)


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
