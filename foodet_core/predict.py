"""From image files to detections in their own pixels: on one image, on a folder, with overlays and a result file."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from . import overlay
from .boxes import clip, to_xyxy
from .config import PredictJob
from .data.transforms import letterbox
from .errors import InputError
from .events import Event, Finished, ImageDetections, Progress, Started
from .models.detector import Detector
from .models.postprocess import postprocess
from .models.weights import WeightsInfo, load_weights
from .pixels import is_image, read_rgb, write_jpeg
from .types import ByteArray, Detections

LOWEST_SCORE = 0.05


@torch.inference_mode()
def detect(
    detector: Detector, images: Sequence[ByteArray], sizes_hw: Sequence[tuple[int, int]], imgsz: int
) -> list[Detections]:
    """Detections of images (H, W, 3) uint8 in one forward pass; boxes are in pixels of `sizes_hw`, cut to the image.

    `sizes_hw` are the upright images' true sizes: what is handed in may have been shrunk.
    """
    device = next(detector.parameters()).device
    squares = np.stack([letterbox(image, imgsz)[0] for image in images])
    batch = torch.from_numpy(squares).to(device).permute(0, 3, 1, 2).float().div_(255)
    scores, labels, boxes = (x.cpu().numpy() for x in postprocess(detector(batch)))
    found = []
    for i, size_hw in enumerate(sizes_hw):
        # The long side fills the square, so the square stands for (side, side) pixels of the image.
        side = max(size_hw)
        found.append(Detections(clip(to_xyxy(boxes[i], (side, side)), size_hw), labels[i], scores[i]))
    return found


class Predictor:
    """A detector with what it needs to know to be used."""

    def __init__(self, detector: Detector, info: WeightsInfo) -> None:
        self.detector, self.info = detector, info

    @classmethod
    def load(cls, path: Path) -> Predictor:
        """From a weights file or a run folder. Raises InputError for anything else."""
        return cls(*load_weights(path))

    def detect(self, path: Path) -> tuple[Detections, ByteArray]:
        """Detections with score >= LOWEST_SCORE of an image file, and its upright pixels (H, W, 3)."""
        pixels = read_rgb(path)
        found = detect(self.detector, [pixels], [(pixels.shape[0], pixels.shape[1])], self.info.imgsz)[0]
        return found.above(LOWEST_SCORE), pixels

    def event(self, path: Path, found: Detections, size_hw: tuple[int, int], weights: str) -> ImageDetections:
        """The detections of one image as an event."""
        boxes = tuple((x0, y0, x1, y1) for x0, y0, x1, y1 in found.boxes_xyxy.astype(float).round(2).tolist())
        scores = tuple(found.scores.astype(float).round(4).tolist())
        labels = tuple(found.labels.tolist())
        return ImageDetections(str(path), boxes, labels, scores, self.info.classes.names, size_hw, weights)


def predict(job: PredictJob) -> Iterator[Event]:
    """Detect on `job.images` (files, or folders with all below them); result file and overlays appear when all is done.

    Raises InputError naming the weights or the image that cannot be used; then nothing is written.
    """
    began = time.monotonic()
    paths = list(find(job.images))
    predictor = Predictor.load(Path(job.weights))
    yield Started("predict", job.overlay or "", {"images": len(paths)})
    found = []
    with _staged(job.overlay) as folder:
        for index, path in enumerate(paths):
            detections, pixels = predictor.detect(path)
            found.append(predictor.event(path, detections, (pixels.shape[0], pixels.shape[1]), job.weights))
            if folder is not None:
                drawn = overlay.draw(pixels, detections, predictor.info.classes.names, job.score)
                write_jpeg(folder / f"{index + 1:05d}-{path.stem}.jpg", drawn)
            yield found[-1]
            left = (time.monotonic() - began) / (index + 1) * (len(paths) - index - 1)
            yield Progress(index + 1, len(paths), "detecting", left)
        if job.out is not None:
            _write(Path(job.out), found)
    boxes = sum(score >= job.score for f in found for score in f.scores)
    text = f"{boxes} detections with score {job.score:g} or more on {len(found)} images."
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
        below = sorted(p for p in path.rglob("*") if is_image(p))
        if not below:
            raise InputError(path, "holds no images", "Give image files or folders with images.")
        yield from below


@contextmanager
def _staged(folder: str | None) -> Iterator[Path | None]:
    """A scratch folder whose files move to `folder` if all goes well, and vanish if not."""
    if folder is None:
        yield None
        return
    target = Path(folder)
    parent = next(p for p in target.absolute().parents if p.is_dir())
    with tempfile.TemporaryDirectory(prefix=".foodet-", dir=parent) as scratch:
        yield Path(scratch)
        target.mkdir(parents=True, exist_ok=True)
        for file in sorted(Path(scratch).iterdir()):
            shutil.move(file, target / file.name)


def _write(path: Path, found: Sequence[ImageDetections]) -> None:
    rows = [
        {
            "file_name": image.image,
            "width": image.size_hw[1],
            "height": image.size_hw[0],
            "detections": [
                {"category": image.classes[label], "bbox": [x0, y0, round(x1 - x0, 2), round(y1 - y0, 2)], "score": score}
                for (x0, y0, x1, y1), label, score in zip(image.boxes_xyxy, image.labels, image.scores, strict=True)
            ],
        }
        for image in found
    ]
    scratch = path.with_name(path.name + ".part")
    try:
        scratch.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
        scratch.replace(path)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise InputError(path, f"cannot be written ({error})", "Free some space or choose another file.") from error
