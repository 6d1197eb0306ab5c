"""What computes a prediction: torch, or ONNX Runtime with a file that is made of the weights.

ONNX Runtime takes two thirds of the time, but making the file takes as long as thousands of images do in torch. So `auto` makes
one for many images only, keeps it for the next time, tries both and takes the faster one.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import platformdirs
import torch

from . import __version__
from .boxes import to_xyxy
from .errors import InputError
from .events import Event, Notice
from .export import PACKAGES, export_onnx
from .models.detector import Detector
from .models.postprocess import postprocess
from .models.weights import WeightsInfo, find_weights, load_weights
from .runtime import SIDE_BY_SIDE, SUFFIX, OnnxModel
from .types import ByteArray, FloatArray, IntArray

PAYS_FROM = 7000
"""So many images make up for the making of a file: it took 38 s, and saves 5.4 ms an image, on two cores with AVX-512."""
BATCH = 4
_KEPT_FILES = 8
_TRIES = 3
_ONNX, _TORCH = "ONNX Runtime", "torch"


@torch.inference_mode()
def compute(detector: Detector | OnnxModel, squares_BSS3: ByteArray) -> tuple[FloatArray, IntArray, FloatArray]:
    """Letterboxed images (B, S, S, 3) -> scores (B, N), labels (B, N), boxes (B, N, 4) xyxy in 0..1, best first."""
    if isinstance(detector, OnnxModel):
        return detector.run(squares_BSS3)
    device = next(detector.parameters()).device
    batch = torch.from_numpy(squares_BSS3).to(device).permute(0, 3, 1, 2).float().div_(255)
    scores, labels, boxes = (x.cpu().numpy() for x in postprocess(detector(batch)))
    return scores, labels, to_xyxy(boxes, (1, 1))


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


def load(path: Path) -> tuple[Detector | OnnxModel, WeightsInfo]:
    """What a weights file, a run folder or an exported .onnx holds. Raises InputError for anything else."""
    if path.suffix == SUFFIX:
        model = OnnxModel.open(path)
        return model, model.info
    return load_weights(path)


def choose(path: Path, engine: str, images: int) -> Generator[Event, None, tuple[Detector | OnnxModel, WeightsInfo, str]]:
    """`load` for `images` images with the engine asked for (auto, torch, onnx); also says which one it is and why.

    Raises InputError where `path` cannot be used, or not with that engine.
    """
    detector, info = load(path)
    if isinstance(detector, OnnxModel):
        if engine == "torch":
            raise InputError(path, "runs in ONNX Runtime only", "Give the weights that it was made of, or another --engine.")
        return detector, info, _ONNX
    if engine == "torch":
        return detector, info, _TORCH
    file = _file_for(path)
    against = _against_onnx(detector, images, file) if engine == "auto" else ""
    if against:
        return detector, info, f"{_TORCH} ({against})"
    try:
        model = _opened(file)
        if model is None:
            yield Notice("Making a file for ONNX Runtime, once for these weights.")
            export_onnx(detector, info, file)
            _forget_oldest(file.parent)
            model = OnnxModel.open(file)
    except InputError as error:
        if engine == "onnx":
            raise
        return detector, info, f"{_TORCH} ({error.problem})"
    if engine == "onnx":
        return model, info, _ONNX
    in_onnx, in_torch = _milliseconds(model, info.imgsz), _milliseconds(detector, info.imgsz)
    if in_onnx < in_torch:
        return model, info, f"{_ONNX} ({in_onnx:.1f} ms an image, {_TORCH} {in_torch:.1f} ms)"
    return detector, info, f"{_TORCH} ({in_torch:.1f} ms an image, {_ONNX} {in_onnx:.1f} ms)"


def digest(path: Path) -> str:
    """A name for the content of a weights file, of a run's weights or of an exported file."""
    return hashlib.blake2b(find_weights(path).read_bytes(), digest_size=16).hexdigest()


def _against_onnx(detector: Detector, images: int, file: Path) -> str:
    if any(find_spec(name) is None for name in ("onnxruntime", *PACKAGES)):
        return f"{_ONNX} is not installed"
    if detector.decoder is None:
        return f"{_ONNX} has no NMS for decoder=none"
    if images < PAYS_FROM and not file.is_file():
        return f"a file for {_ONNX} pays from {PAYS_FROM} images on"
    return ""


def _file_for(path: Path) -> Path:
    """Where the file made of these weights by this code lies; a run's own folder may be read-only or shared."""
    code = [*sorted(Path(__file__).parent.glob("models/*.py")), Path(__file__).with_name("export.py")]
    made_by = hashlib.blake2b(b"".join(file.read_bytes() for file in code), digest_size=8).hexdigest()
    home = os.environ.get("FOODET_HOME")
    folder = Path(home) if home else platformdirs.user_cache_path("foodet")
    return folder / "models" / f"{digest(path)}-{__version__}-{made_by}{SUFFIX}"


def _opened(file: Path) -> OnnxModel | None:
    """The file as it was made before; one that has been damaged since is made again."""
    try:
        return OnnxModel.open(file) if file.is_file() else None
    except InputError:
        return None


def _forget_oldest(folder: Path) -> None:
    by_age = sorted(folder.glob(f"*{SUFFIX}"), key=lambda file: file.stat().st_mtime)
    for file in by_age[:-_KEPT_FILES]:
        file.unlink(missing_ok=True)


def _milliseconds(detector: Detector | OnnxModel, imgsz: int) -> float:
    """The best time an image of a few batches side by side, after a round that is not counted."""
    squares = np.zeros((BATCH, imgsz, imgsz, 3), np.uint8)
    seconds = []
    with side_by_side() as (pool, workers):
        for _ in range(1 + _TRIES):
            began = time.perf_counter()
            list(pool.map(partial(compute, detector), [squares] * workers))
            seconds.append(time.perf_counter() - began)
    return 1000 * min(seconds[1:]) / (BATCH * workers)
