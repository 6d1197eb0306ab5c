"""Images a second of `foodet predict` over a folder, beside the model's own ceiling, in torch and in ONNX Runtime.

    python bench/predict_speed.py RUN_OR_WEIGHTS PHOTOS [--rounds 3] [--overlay]

The ceiling is the same images as squares that lie ready in memory, in the same batches, by the same engine, one batch after the
other on all cores; the second one computes batches side by side, as predict does: what is missing to it is reading and writing.
All take turns. Loading, and making the file for ONNX Runtime, is not counted. Prints one JSON
object: medians over the rounds, and the shares of its ceilings that predict reaches. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

os.environ.setdefault("GOMP_SPINCOUNT", "3000")

import numpy as np
import torch

from foodet_core.config import PredictJob
from foodet_core.data.transforms import letterbox
from foodet_core.engines import BATCH, choose, compute
from foodet_core.events import Event, Started
from foodet_core.models.detector import Detector
from foodet_core.pixels import read_rgb
from foodet_core.predict import find, predict, side_by_side
from foodet_core.runtime import OnnxModel
from foodet_core.types import ByteArray

ENGINES = ("torch", "onnx")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("photos")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--overlay", action="store_true", help="draw the pictures too")
    arguments = parser.parse_args()
    paths = list(find([arguments.photos]))
    steps: dict[str, Callable[[], float]] = {}
    for engine in ENGINES:
        detector, imgsz = load(arguments.weights, engine)
        squares = np.stack([letterbox(read_rgb(path, imgsz), imgsz)[0] for path in paths])
        steps[f"{engine} ceiling"] = partial(forward_all, detector, squares)
        steps[f"{engine} side by side"] = partial(forward_side_by_side, detector, squares)
        steps[engine] = partial(predict_all, arguments.weights, arguments.photos, engine, arguments.overlay)
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(arguments.rounds + 1):
        for name, step in steps.items():
            taken = step()
            if turn:  # the first turn warms up
                seconds[name].append(taken)
    ceilings = ("ceiling", "side by side")
    rows = {
        engine: row(len(paths), seconds[engine], {name: seconds[f"{engine} {name}"] for name in ceilings}) for engine in ENGINES
    }
    setting = {"threads": torch.get_num_threads(), "images": len(paths), "imgsz": imgsz, "overlay": arguments.overlay}
    print(json.dumps({**setting, "images_per_second": rows}))


def load(weights: Path, engine: str) -> tuple[Detector | OnnxModel, int]:
    """The detector in one engine, its file made if need be, and its input size."""
    choosing = choose(weights, engine, 1)
    while True:
        try:
            next(choosing)
        except StopIteration as end:
            detector, info, _ = end.value
            return detector, info.imgsz


def forward_all(detector: Detector | OnnxModel, squares: ByteArray) -> float:
    """Seconds for all squares (N, S, S, 3)."""
    began = time.perf_counter()
    for start in range(0, len(squares), BATCH):
        compute(detector, squares[start : start + BATCH])
    return time.perf_counter() - began


def forward_side_by_side(detector: Detector | OnnxModel, squares: ByteArray) -> float:
    """The same with as many batches at a time as predict has."""
    began = time.perf_counter()
    with side_by_side() as (pool, _):
        starts = range(0, len(squares), BATCH)
        for batch in [pool.submit(compute, detector, squares[start : start + BATCH]) for start in starts]:
            batch.result()
    return time.perf_counter() - began


def predict_all(weights: Path, photos: str, engine: str, overlay: bool) -> float:
    """Seconds of a whole prediction after its start, result file and pictures included."""
    with tempfile.TemporaryDirectory() as folder:
        drawn = str(Path(folder, "seen")) if overlay else None
        job = PredictJob(str(weights), (photos,), str(Path(folder, "found.json")), drawn, engine=engine)
        return after_start(predict(job))


def after_start(events: Iterator[Event]) -> float:
    """Seconds that a run takes once it has told that it starts."""
    began = 0.0
    for event in events:
        if isinstance(event, Started):
            began = time.perf_counter()
    return time.perf_counter() - began


def row(images: int, predict: list[float], ceilings: dict[str, list[float]]) -> dict[str, float]:
    """Images a second and their ratios. All are medians; a ratio is taken in each round, since a machine's speed varies."""
    told = {"predict": round(images / statistics.median(predict), 1)}
    for name, ceiling in ceilings.items():
        share = statistics.median(alone / whole for whole, alone in zip(predict, ceiling, strict=True))
        told |= {name: round(images / statistics.median(ceiling), 1), f"share of {name}": round(share, 2)}
    return told


if __name__ == "__main__":
    main()
