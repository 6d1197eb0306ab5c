"""From image files to detections in their own pixels: on one image, on a folder, with overlays and a result file.

On a folder, threads read and compute a batch each, side by side, and one draws behind them: cores that share a batch wait for
one another at every layer, cores that have their own do not.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from . import overlay
from .boxes import clip
from .config import PredictJob
from .data.cache import in_order
from .data.transforms import letterbox
from .engines import BATCH, choose, compute, digest, load
from .errors import InputError
from .events import Event, Finished, ImageDetections, Notice, Progress, Started
from .models.detector import Detector
from .models.weights import WeightsInfo
from .pixels import is_image, read_rgb, read_size_hw, write_jpeg
from .results import Results
from .runtime import SIDE_BY_SIDE, OnnxModel
from .types import ByteArray, Detections

LOWEST_SCORE = 0.05
_BEHIND = 8


def detect(
    detector: Detector | OnnxModel, images: Sequence[ByteArray], sizes_hw: Sequence[tuple[int, int]], imgsz: int
) -> list[Detections]:
    """Detections of images (H, W, 3) uint8 in one forward pass; boxes are in pixels of `sizes_hw`, cut to the image.

    `sizes_hw` are the upright images' true sizes: what is handed in may have been shrunk.
    """
    return _detect(detector, np.stack([letterbox(image, imgsz)[0] for image in images]), sizes_hw)


def _detect(detector: Detector | OnnxModel, squares_BSS3: ByteArray, sizes_hw: Sequence[tuple[int, int]]) -> list[Detections]:
    scores, labels, boxes = compute(detector, squares_BSS3)
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

    def detect(self, path: Path) -> tuple[Detections, tuple[int, int]]:
        """Detections with score >= LOWEST_SCORE of an image file, and the size of the upright image."""
        square, size_hw = self._read(path)
        return _detect(self.detector, square[None], [size_hw])[0].above(LOWEST_SCORE), size_hw

    def detect_all(self, paths: Iterable[Path]) -> Generator[tuple[Detections, tuple[int, int]], None, None]:
        """The same for many files, in their order; some are read ahead. Close it to stop the reading."""
        coming = iter(paths)
        batches = iter(lambda: tuple(islice(coming, BATCH)), ())
        with side_by_side() as (pool, workers):
            for batch in in_order(pool, self._detect_batch, batches, 2 * workers):
                yield from batch

    def _detect_batch(self, paths: Sequence[Path]) -> list[tuple[Detections, tuple[int, int]]]:
        squares, sizes_hw = zip(*(self._read(path) for path in paths), strict=True)
        found = _detect(self.detector, np.stack(squares), sizes_hw)
        return [(each.above(LOWEST_SCORE), size_hw) for each, size_hw in zip(found, sizes_hw, strict=True)]

    def _read(self, path: Path) -> tuple[ByteArray, tuple[int, int]]:
        # As in validation: a JPEG is decoded at the fraction of its size that the network needs.
        return letterbox(read_rgb(path, self.info.imgsz), self.info.imgsz)[0], read_size_hw(path)

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
    working, found = time.monotonic(), predictor.detect_all([path for _, path in left])
    with closing(results), closing(found), _behind() as later:
        for done, ((number, path), (detections, size_hw)) in enumerate(zip(left, found, strict=True), start=1):
            event = predictor.event(path, detections, size_hw, job.weights)
            later(partial(_keep, results, event, detections, number, job))
            yield event
            seconds_left = (time.monotonic() - working) / done * (len(left) - done)
            yield Progress(before + done, len(paths), "detecting", seconds_left)
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


@contextmanager
def side_by_side() -> Iterator[tuple[ThreadPoolExecutor, int]]:
    """Threads for a batch each, and how many; they share torch's threads, and begin nothing more once the block is left."""
    cores = torch.get_num_threads()
    workers = min(cores, SIDE_BY_SIDE)
    pool = ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(cores // workers,))
    try:
        yield pool, workers
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _behind() -> Iterator[Callable[[Callable[[], None]], None]]:
    """Does in another thread what it is handed, in that order, also if the block breaks off; a few are on the way at a time."""
    tasks: deque[Future[None]] = deque()
    with ThreadPoolExecutor(1) as pool:

        def later(task: Callable[[], None]) -> None:
            tasks.append(pool.submit(task))
            if len(tasks) > _BEHIND:
                tasks.popleft().result()

        yield later
        for task in tasks:
            task.result()


def _keep(results: Results, event: ImageDetections, found: Detections, number: int, job: PredictJob) -> None:
    """Draw the image's picture, if asked, and only then count it as done."""
    if job.overlay is not None:
        path = Path(event.image)
        picture = Path(job.overlay) / f"{number:05d}-{path.stem}.jpg"
        scratch = picture.with_name(f".{picture.name}")
        drawn = overlay.draw(read_rgb(path), found, event.classes, job.score)
        try:
            write_jpeg(scratch, drawn)
            scratch.replace(picture)
        except OSError as error:
            raise InputError(picture, f"cannot be written ({error})", "Free some space or choose another folder.") from error
    results.add(event)
