"""The backbone as a classifier, what it minimises, and what it is measured by."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..config import ModelConfig
from ..data.cache import PixelCache
from ..data.dataset import Targets, TrainSet, exhaustive
from ..data.plan import Plan, flip, light, paste
from ..data.transforms import letterbox
from ..events import Event, Progress
from ..models.backbone import build_backbone
from ..models.presets import PRESETS
from ..train.engine import Loss
from ..types import LabelledSet

# A part of the image of this share of its area and this ratio of sides, as usual for ImageNet but for its smallest.
_AREA, _RATIO = (0.25, 1.0), (3 / 4, 4 / 3)
# One image in four is seen whole, as all are when they are measured.
_WHOLE = 0.25
_BATCH = 64


class Classifier(nn.Module):
    """Images (B, 3, H, W) in 0..1 -> logits (B, K): the backbone, its deepest map averaged, one linear layer."""

    def __init__(self, config: ModelConfig, num_classes: int) -> None:
        super().__init__()
        self.backbone = build_backbone(config.backbone, PRESETS[config.preset])
        self.head = nn.Linear(self.backbone.widths[-1], num_classes)

    def forward(self, images_BCHW: Tensor) -> Tensor:
        logits: Tensor = self.head(self.backbone(images_BCHW)[-1].mean((2, 3)))
        return logits


@dataclass(frozen=True)
class Classifying:
    """Cross-entropy among the classes that an image's source knows."""

    classifier: Classifier

    def __call__(self, images_BCHW: Tensor, targets: Targets, step: int, progress: float) -> Loss:
        labels = torch.cat([target["labels_N"] for target in targets])
        known = torch.stack([target["exhaustive_K"] for target in targets])
        loss = functional.cross_entropy(among(self.classifier(images_BCHW), known), labels)
        return Loss(loss, {"classes": loss.detach()})


def among(logits_BK: Tensor, known_BK: Tensor) -> Tensor:
    """The logits with those of unknown classes at minus infinity, so that a softmax leaves them out."""
    return logits_BK.masked_fill(~known_BK, -math.inf)


class WholeSet(TrainSet):
    """Images whose one box is the whole image, dealt out as random parts, stretched to the square."""

    def plan(self, position: int, progress: float = 0.0) -> Plan:
        """What stands at a position, from the first step to the last."""
        rng = np.random.default_rng((self._seed, position))
        frame = self.frame(self.dealt(position))
        height, width = frame.size_hw
        whole = rng.random() < _WHOLE
        window = (0.0, 0.0, float(width), float(height)) if whole else _part(width, height, rng)
        pastes, _, _ = paste(frame, window, (0, 0, self._imgsz, self._imgsz))
        # Whatever part is seen, the image keeps its label.
        plan = Plan(self._imgsz, pastes, frame.boxes_xyxy, frame.labels, frame.exhaustive)
        return light(flip(plan, rng, self._config.flip), rng, self._config.photometric)


def _part(width: int, height: int, rng: np.random.Generator) -> tuple[float, float, float, float]:
    area = rng.uniform(*_AREA) * width * height
    ratio = math.exp(rng.uniform(math.log(_RATIO[0]), math.log(_RATIO[1])))
    # Whole pixels, so that the part fills the square to its last one.
    w, h = min(round(math.sqrt(area * ratio)), width), min(round(math.sqrt(area / ratio)), height)
    x, y = int(rng.integers(0, width - w + 1)), int(rng.integers(0, height - h + 1))
    return x, y, x + w, y + h


@dataclass(frozen=True)
class Accuracy:
    """Shares in 0..1 of images whose class is the best, and among the best five, of those their source knows.

    `per_class` has the former by source.
    """

    top1: float
    top5: float
    per_class: Mapping[str, float | None]

    def summary(self) -> dict[str, float]:
        """Both by name."""
        return {"top1": self.top1, "top5": self.top5}


class HeldOut:
    """Images that a classifier is measured on; `prepare` must have run to its end before the first time."""

    figure = "top1"

    def __init__(self, labelled: LabelledSet, imgsz: int) -> None:
        self._labelled, self._imgsz = labelled, imgsz
        self._cache = PixelCache([labelled.path(image) for image in labelled.images], imgsz)

    def __len__(self) -> int:
        return len(self._labelled.images)

    def prepare(self) -> Iterator[Progress]:
        """Decode every image once. Raises InputError naming the file that cannot be read."""
        yield from self._cache.fill("reading validation images")

    def measure(self, model: Classifier) -> Generator[Event, None, Accuracy]:
        """Yields Progress, returns what share was right; the model is left in eval mode."""
        model.eval()
        began, ranks = time.monotonic(), []
        for start in range(0, len(self), _BATCH):
            ranks.append(self._ranks(model, range(start, min(start + _BATCH, len(self)))))
            done = min(start + _BATCH, len(self))
            yield Progress(done, len(self), "validating", (time.monotonic() - began) / done * (len(self) - done))
        return self._accuracy(np.concatenate(ranks))

    @torch.inference_mode()
    def _ranks(self, model: Classifier, indices: range) -> np.ndarray:
        """How many known classes score higher than the right one, for each image."""
        device = next(model.parameters()).device
        squares = letterbox([self._cache[i] for i in indices], self._imgsz)
        known = np.stack([exhaustive(self._labelled.images[i], self._labelled.classes) for i in indices])
        labels = torch.from_numpy(np.array([self._label(i) for i in indices])).to(device)
        images = torch.from_numpy(squares).to(device).permute(0, 3, 1, 2).float().div_(255)
        logits = among(model(images), torch.from_numpy(known).to(device))
        ranks: np.ndarray = (logits > logits.gather(1, labels[:, None])).sum(1).cpu().numpy()
        return ranks

    def _label(self, index: int) -> int:
        return self._labelled.annotations[self._labelled.images[index].id][0].label

    def _accuracy(self, ranks: np.ndarray) -> Accuracy:
        names = self._labelled.classes.names
        sources = np.array([names[self._label(i)].split("/")[0] for i in range(len(self))])
        by_source = {str(source): float((ranks[sources == source] == 0).mean()) for source in np.unique(sources)}
        return Accuracy(float((ranks == 0).mean()), float((ranks < 5).mean()), by_source)
