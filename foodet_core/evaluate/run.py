"""Measuring a detector on labelled images: the same code for validation in a training and for `foodet evaluate`."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path

from ..config import EvaluateJob
from ..data.cache import PixelCache
from ..errors import InputError
from ..events import Event, Finished, Progress, Started
from ..formats.source import open_source
from ..models.detector import Detector
from ..predict import Predictor, detect
from ..runtime import OnnxModel
from ..types import ClassList, LabelledSet
from .metrics import Metrics, measure

_BATCH = 8


class ValSet:
    """Labelled images that a detector is measured on again and again; `prepare` must have run to its end before the first."""

    figure = "AP"

    def __init__(self, labelled: LabelledSet, imgsz: int) -> None:
        self.labelled, self._imgsz = labelled, imgsz
        self._cache = PixelCache([labelled.path(image) for image in labelled.images], imgsz)

    def __len__(self) -> int:
        return len(self.labelled.images)

    def prepare(self) -> Iterator[Progress]:
        """Decode every image once. Raises InputError naming the file that cannot be read."""
        yield from self._cache.fill("reading validation images")

    def measure(self, detector: Detector | OnnxModel) -> Generator[Event, None, Metrics]:
        """Yields Progress, returns the metrics; a detector is left in eval mode."""
        if isinstance(detector, Detector):
            detector.eval()
        began, found = time.monotonic(), {}
        for start in range(0, len(self), _BATCH):
            records = self.labelled.images[start : start + _BATCH]
            pixels = [self._cache[start + i] for i in range(len(records))]
            detections = detect(detector, pixels, [r.size_hw for r in records], self._imgsz)
            found.update({r.id: d for r, d in zip(records, detections, strict=True)})
            done = start + len(records)
            yield Progress(done, len(self), "validating", (time.monotonic() - began) / done * (len(self) - done))
        return measure(self.labelled, found)


def evaluate(job: EvaluateJob) -> Iterator[Event]:
    """Measure a run, weights or an exported file on a labelled set; the last event's detail holds all that was measured.

    Classes are matched by name. Raises InputError for unusable weights or labels, or where no class is known to both.
    """
    began = time.monotonic()
    predictor = Predictor.load(Path(job.weights))
    info, imgsz = predictor.info, job.imgsz or predictor.info.imgsz
    if isinstance(predictor.detector, OnnxModel) and imgsz != info.imgsz:
        remedy = f"Leave --imgsz away, or export the weights with --imgsz {imgsz}."
        raise InputError(job.weights, f"was exported for {info.imgsz} px, not for {imgsz}", remedy)
    val = ValSet(in_classes(open_source(job.source), info.classes, job.weights), imgsz)
    yield Started("evaluate", "", {"images": len(val)})
    yield from val.prepare()
    metrics = yield from val.measure(predictor.detector)
    seconds = time.monotonic() - began
    text = f"AP {metrics.AP:.3f}, AP50 {metrics.AP50:.3f} on {len(val)} images."
    detail = {**metrics.summary(), "per_class": metrics.per_class, "images": len(val)}
    yield Finished("evaluate", "done", text, seconds, detail)


def in_classes(labelled: LabelledSet, classes: ClassList, where: str) -> LabelledSet:
    """The same labels counted by `classes`, matched by name; classes that these lack follow at the end.

    Where `classes` has names that the labelled set does not know, nobody looked for them: they are not exhaustive there.
    Raises InputError, naming `where`, if no class is known to both.
    """
    if all(classes.label(name) is None for name in labelled.classes.names):
        remedy = f"Known there are {', '.join(classes.names)}; in the labels {', '.join(labelled.classes.names)}."
        raise InputError(where, "has no class in common with the labels", remedy)
    joined = ClassList((*classes, *(c for c in labelled.classes if classes.label(c.name) is None)))
    to = [joined.names.index(name) for name in labelled.classes.names]
    annotations = {image: tuple(replace(a, label=to[a.label]) for a in found) for image, found in labelled.annotations.items()}
    images = tuple(
        replace(i, exhaustive=frozenset(to if i.exhaustive is None else (to[label] for label in i.exhaustive)))
        for i in labelled.images
    )
    return replace(labelled, classes=joined, annotations=annotations, images=images)
