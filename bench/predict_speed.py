"""Images a second of `foodet predict` over a folder, beside the model's own ceiling, in torch and in ONNX Runtime.

    python bench/predict_speed.py RUN_OR_WEIGHTS PHOTOS [--rounds 3] [--overlay]

The ceiling is the same images as squares that lie ready in memory, in the same batches, by the same engine, as many at a time
as predict has: what is missing to it is reading and writing. All take turns. Loading, and making the file for ONNX Runtime, is
not counted. Prints one JSON object: medians over the rounds, and the share of its ceiling that predict reaches. Run it on a
quiet machine.
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

import torch

from foodet_core.config import PredictJob
from foodet_core.data.transforms import letterbox
from foodet_core.engines import BATCH, choose, compute, side_by_side
from foodet_core.events import Event, Started
from foodet_core.models.detector import Detector
from foodet_core.pixels import read_rgb
from foodet_core.predict import find, predict
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
        squares = letterbox([read_rgb(path, imgsz) for path in paths], imgsz)
        steps[f"{engine} ceiling"] = partial(forward_all, detector, squares)
        steps[engine] = partial(predict_all, arguments.weights, arguments.photos, engine, arguments.overlay)
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(arguments.rounds + 1):
        for name, step in steps.items():
            taken = step()
            if turn:  # the first turn warms up
                seconds[name].append(taken)
    rows = {engine: row(len(paths), seconds[engine], seconds[f"{engine} ceiling"]) for engine in ENGINES}
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
    with side_by_side() as (pool, _):
        batches = [squares[start : start + BATCH] for start in range(0, len(squares), BATCH)]
        list(pool.map(partial(compute, detector), batches))
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


def row(images: int, predict: list[float], ceiling: list[float]) -> dict[str, float]:
    """Images a second and their ratio. All are medians; the ratio is taken in each round, since a machine's speed varies."""
    share = statistics.median(alone / whole for whole, alone in zip(predict, ceiling, strict=True))
    speeds = {"predict": images / statistics.median(predict), "ceiling": images / statistics.median(ceiling)}
    return {**{name: round(speed, 1) for name, speed in speeds.items()}, "share": round(share, 2)}


if __name__ == "__main__":
    main()
