"""The sample food set: drawn, so that the first project needs no download.

Everything follows from (seed, index): the same pair gives the same picture and boxes in every run. A box covers the whole
object as far as it lies in the picture, also where something hides a part of it, as a person would label it.
"""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ..config import SampleJob
from ..errors import InputError
from ..events import Event, Finished, Progress, Started
from ..palette import class_color
from ..pixels import write_jpeg
from ..project.measure import content_hash
from ..project.scan import with_progress
from ..project.store import Project, check_new
from ..types import Annotation, ByteArray, ClassList, FloatArray, FoodClass, ImageRecord, ImageState, IntArray, Split
from .drawing.foods import FOODS
from .drawing.scene import compose

SAMPLE_CLASSES = ClassList(tuple(FoodClass(food.name, food.name_zh, class_color(i)) for i, food in enumerate(FOODS)))
PROJECT_NAME = "sample.foodet"
_IMAGES = "images"
_UNFINISHED = ".sample.part"
_Boxes = tuple[FloatArray, IntArray]


def draw_image(index: int, seed: int, size: int) -> tuple[ByteArray, FloatArray, IntArray]:
    """Picture `index` of the set `seed`: (H, W, 3) uint8 RGB with long side `size`, boxes (N, 4) xyxy, labels (N,)."""
    picture, boxes_xyxy, labels = compose(np.random.default_rng([seed, index]), size)
    image_hw3 = (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
    return image_hw3, boxes_xyxy, np.array(labels, np.int64)


def sample(job: SampleJob) -> Iterator[Event]:
    """Draw the set into `job.folder`: images/0001.jpg ... and the project sample.foodet. Yields Started, Progress, Finished.

    All of it appears at the end; a run that is stopped leaves nothing. Raises InputError where the folder already holds a
    sample project or images, or cannot be written.
    """
    started, folder = time.monotonic(), Path(job.folder)
    _check(job, folder)
    yield Started("sample")
    with _unfinished(folder) as part:
        drawn = yield from _draw_all(job, part / _IMAGES)
        _make_project(part, drawn)
        (part / _IMAGES).rename(folder / _IMAGES)
        (part / PROJECT_NAME).rename(folder / PROJECT_NAME)
    boxes = sum(len(labels) for _, (_, labels) in drawn)
    text = f"Drew {job.images} images with {boxes} boxes of {len(SAMPLE_CLASSES)} classes."
    project = str(folder / PROJECT_NAME)
    yield Finished("sample", "done", text, time.monotonic() - started, {"project": project, "images": job.images})


def split_sizes(images: int) -> dict[Split, int]:
    """How many of 4 or more images go to each split; those without a split stay unlabelled, for a person to try."""
    spare = max(round(images * 0.05), min(4, images // 4))
    val, test = max(round(images * 0.15), 1), max(round(images * 0.1), 1)
    return {Split.TRAIN: images - val - test - spare, Split.VAL: val, Split.TEST: test, Split.NONE: spare}


def _check(job: SampleJob, folder: Path) -> None:
    check_new(folder / PROJECT_NAME)
    if (folder / _IMAGES).exists():
        raise InputError(folder / _IMAGES, "exists already", "Choose an empty folder, so that no picture is overwritten.")
    if job.seed < 0:
        raise InputError("seed", f"{job.seed} is below 0", "Give 0 or more.")


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """A place inside `folder` that is gone afterwards, whatever happens."""
    part = folder / _UNFINISHED
    try:
        shutil.rmtree(part, ignore_errors=True)  # of a run that was killed
        part.mkdir(parents=True)
        yield part
    except OSError as error:
        raise InputError(folder, f"cannot be written ({error.strerror})", "Choose a folder with room to write to.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _draw_all(job: SampleJob, images: Path) -> Generator[Progress, None, list[tuple[ImageRecord, _Boxes]]]:
    splits = [split for split, count in split_sizes(job.images).items() for _ in range(count)]

    def draw_one(index: int) -> tuple[ImageRecord, _Boxes]:
        image_hw3, boxes_xyxy, labels = draw_image(index, job.seed, job.size)
        path = images / f"{index + 1:04}.jpg"
        write_jpeg(path, image_hw3)
        split = splits[index]
        state = ImageState.DONE if split else ImageState.UNLABELLED
        return ImageRecord(index + 1, path.name, image_hw3.shape[:2], content_hash(path), split, state), (boxes_xyxy, labels)

    return (yield from with_progress(range(job.images), "Drawing images", draw_one))


def _make_project(part: Path, drawn: Sequence[tuple[ImageRecord, _Boxes]]) -> None:
    ids = itertools.count(1)
    annotations = [
        Annotation(next(ids), record.id, label, (x0, y0, x1, y1))
        for record, (boxes_xyxy, labels) in drawn
        if record.split
        for (x0, y0, x1, y1), label in zip(boxes_xyxy.tolist(), labels.tolist(), strict=True)
    ]
    records = [record for record, _ in drawn]
    Project.create(part / PROJECT_NAME, part / _IMAGES, SAMPLE_CLASSES, records, annotations).close()
