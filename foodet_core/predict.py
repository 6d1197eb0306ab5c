"""From image files to detections in their own pixels: on one image, on a folder, with overlays and a result file.

On a folder, threads read, compute and draw a batch each, side by side: cores that share a batch wait for one another at every
layer, cores that have their own do not.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path

from . import overlay
from .boxes import clip
from .config import PredictJob
from .data.cache import in_order
from .data.transforms import letterbox
from .engines import BATCH, choose, compute, digest, load, side_by_side
from .errors import InputError
from .events import Event, Finished, ImageDetections, Notice, Progress, Started
from .models.detector import Detector
from .models.weights import WeightsInfo
from .pixels import is_image, read_rgb, read_rgb_and_size, write_jpeg
from .results import Results, line_of
from .runtime import OnnxModel
from .types import ByteArray, Detections

LOWEST_SCORE = 0.05


def detect(
    detector: Detector | OnnxModel, images: Sequence[ByteArray], sizes_hw: Sequence[tuple[int, int]], imgsz: int
) -> list[Detections]:
    """Detections of images (H, W, 3) uint8 in one forward pass; boxes are in pixels of `sizes_hw`, cut to the image.

    `sizes_hw` are the upright images' true sizes: what is handed in may have been shrunk.
    """
    scores, labels, boxes = compute(detector, letterbox(images, imgsz))
    # The long side fills the square, so the square stands for (side, side) pixels of the image.
    return [Detections(clip(boxes[i] * max(size_hw), size_hw), labels[i], scores[i]) for i, size_hw in enumerate(sizes_hw)]


class Predictor:
    """A detector with what it needs to know to be used."""

    def __init__(self, detector: Detector | OnnxModel, info: WeightsInfo) -> None:
        self.detector, self.info = detector, info
        self._names, self._aliases = info.classes.names, tuple(c.all_names[1:] for c in info.classes)

    @classmethod
    def load(cls, path: Path) -> Predictor:
        """From a weights file, a run folder or an exported .onnx. Raises InputError for anything else."""
        return cls(*load(path))

    def detect(self, paths: Sequence[Path]) -> list[tuple[Detections, tuple[int, int]]]:
        """Of each image file the detections with score >= LOWEST_SCORE, and the size of the upright image: one forward pass."""
        # As in validation: a JPEG is decoded at the fraction of its size that the network needs.
        images, sizes_hw = zip(*(read_rgb_and_size(path, self.info.imgsz) for path in paths), strict=True)
        found = detect(self.detector, images, sizes_hw, self.info.imgsz)
        return [(each.above(LOWEST_SCORE), size_hw) for each, size_hw in zip(found, sizes_hw, strict=True)]

    def event(self, path: Path, found: Detections, size_hw: tuple[int, int], weights: str) -> ImageDetections:
        """The detections of one image as an event."""
        boxes = tuple((x0, y0, x1, y1) for x0, y0, x1, y1 in found.boxes_xyxy.astype(float).round(2).tolist())
        scores = tuple(found.scores.astype(float).round(4).tolist())
        labels = tuple(found.labels.tolist())
        return ImageDetections(str(path), boxes, labels, scores, self._names, size_hw, weights, self._aliases)


def predict(job: PredictJob) -> Iterator[Event]:
    """Detect on `job.images` (files, or folders with all below them).

    The result file appears when all is done; what is done before a stop or an error is kept, and the same job goes on there.
    Raises InputError naming the weights or the image that cannot be used.
    """
    began, paths = time.monotonic(), list(find(job.images))
    made_by = {"weights": digest(Path(job.weights)), "overlay": job.overlay}
    results = Results(None if job.out is None else Path(job.out), job.score, made_by)
    left = [(number, path) for number, path in enumerate(paths, start=1) if str(path) not in results.counts]
    detector, info, engine = yield from choose(Path(job.weights), job.engine, len(left))
    predictor = Predictor(detector, info)
    goes_on = "The same command goes on from there." if job.out is not None else ""
    yield Started("predict", job.overlay or "", {"images": len(paths), "engine": engine, "if_stopped": goes_on})
    before = len(paths) - len(left)
    if before:
        yield Notice(f"{before} of {len(paths)} images were done before.")
    working, done = time.monotonic(), before
    with closing(results), side_by_side() as (pool, workers):
        for batch in in_order(pool, partial(_detected, predictor, job), _batches(left), 2 * workers):
            for event, line in batch:
                results.add(event, line)
                yield event
                done += 1
                seconds_left = (time.monotonic() - working) / (done - before) * (len(paths) - done)
                yield Progress(done, len(paths), "detecting", seconds_left)
    results.finish([str(path) for path in paths])
    boxes = sum(results.counts[str(path)] for path in paths)
    text = f"{boxes} detections with score {job.score:g} or more on {len(paths)} images."
    yield Finished("predict", "done", text, time.monotonic() - began)


def find(images: Iterable[str]) -> Iterator[Path]:
    """Image files as given, and those below the folders given. Raises InputError where one is missing or a folder has none."""
    for name in images:
        path = Path(name)
        if not path.is_dir():
            if not path.is_file():
                raise InputError(path, "does not exist", "Give image files or folders.")
            yield path
            continue
        below = sorted(p for p in path.rglob("*") if is_image(p.name))
        if not below:
            raise InputError(path, "holds no images", "Give image files or folders with images.")
        yield from below


def _batches(images: Iterable[tuple[int, Path]]) -> Iterator[Sequence[tuple[int, Path]]]:
    coming = iter(images)
    return iter(lambda: tuple(islice(coming, BATCH)), ())


def _detected(predictor: Predictor, job: PredictJob, batch: Sequence[tuple[int, Path]]) -> list[tuple[ImageDetections, bytes]]:
    """What is found on images that come with their numbers, and its lines; the pictures asked for are on the disk by then."""
    rows = []
    for (number, path), (found, size_hw) in zip(batch, predictor.detect([path for _, path in batch]), strict=True):
        event = predictor.event(path, found, size_hw, job.weights)
        if job.overlay is not None:
            _draw(path, found, event.classes, job.score, Path(job.overlay) / f"{number:05d}-{path.stem}.jpg")
        rows.append((event, b"" if job.out is None else line_of(event)))
    return rows


def _draw(path: Path, found: Detections, classes: Sequence[str], score: float, picture: Path) -> None:
    scratch = picture.with_name(f".{picture.name}")
    drawn = overlay.draw(read_rgb(path), found, classes, score)
    try:
        write_jpeg(scratch, drawn)
        scratch.replace(picture)
    except OSError as error:
        raise InputError(picture, f"cannot be written ({error})", "Free some space or choose another folder.") from error
