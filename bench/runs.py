"""What the experiments share: their command line, one training as a process of its own, its curve, tables.

Every training lies in OUT/NAME-SEED. One that is finished is not done again, one that was cut off is gone on with, so that an
experiment can be stopped and started again, or widened.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from foodet_core.data.cache import PixelCache
from foodet_core.events import Event, Finished, Started, Step, Validated, from_line
from foodet_core.models.detector import Detector
from foodet_core.predict import detect
from foodet_core.types import Detections, LabelledSet

BATCH = 8


@dataclass(frozen=True)
class Point:
    """One measurement on the validation images: steps and seconds worked when the weights were made, AP and AP50 in 0..1."""

    step: int
    seconds: float
    AP: float
    AP50: float


@dataclass(frozen=True)
class Curve:
    """What one training told. `best` is the AP of the weights it calls its best, `images` how many it was shown in all."""

    points: tuple[Point, ...]
    best: float
    steps: int
    images: int
    images_per_second: float
    parameters: int


def build_parser(doc: str, imgsz: int) -> argparse.ArgumentParser:
    """The arguments that every experiment takes; `imgsz` is the default input size in pixels."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--train", required=True, help="COCO file")
    parser.add_argument("--val", required=True, help="COCO file")
    parser.add_argument("--images", required=True, help="folder of the images of both")
    parser.add_argument("--imgsz", type=int, default=imgsz)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    return parser


def plan(text: str) -> tuple[str, list[str]]:
    """Name and settings of one configuration, written as `name` or `name: key=value key=value`; `weights` is a key too."""
    name, _, settings = text.partition(":")
    return name.strip(), settings.split()


def train(arguments: argparse.Namespace, run: Path, settings: Sequence[str], seed: int) -> None:
    """One training of ours for `arguments.minutes` or `arguments.steps`, begun or gone on with, unless it is done."""
    if (run / "events.jsonl").exists():
        if isinstance(events(run)[-1], Finished):
            return
        command: list[object] = ["resume", run]
    else:
        budget = ["--minutes", arguments.minutes] if arguments.minutes else ["--steps", arguments.steps]
        command = ["train", arguments.train, "--images", arguments.images, "--val", arguments.val, "--imgsz", arguments.imgsz]
        options = [*chain.from_iterable(map(as_option, settings))]
        start = [] if "--weights" in options else ["--weights", "none"]
        command += [*budget, "--seed", seed, "--out", run, *start, *options]
    code = "from foodet_core.cli import main; main()"
    subprocess.run([sys.executable, "-c", code, *map(str, command)], check=True)


def as_option(setting: str) -> tuple[str, str]:
    """A `key=value` of a configuration as the command line takes it."""
    key, _, value = setting.partition("=")
    return ("--weights", value) if key == "weights" else ("--set", setting)


def events(run: Path) -> list[Event]:
    """All that a run told so far."""
    return [from_line(line) for line in (run / "events.jsonl").read_text(encoding="utf-8").splitlines()]


def read(run: Path) -> Curve:
    """The curve of a training of ours."""
    told = events(run)
    steps = [e for e in told if isinstance(e, Step)]
    speeds = [e.images_per_second for e in steps if e.images_per_second]
    points = _points(told)
    batch = json.loads((run / "job.json").read_text(encoding="utf-8"))["config"]["batch"]
    parameters = next(int(e.detail["parameters"]) for e in told if isinstance(e, Started))
    last, best = steps[-1].step, max((p.AP for p in points), default=0.0)
    return Curve(points, best, last, last * batch, sum(speeds) / len(speeds) if speeds else 0.0, parameters)


def _points(told: Sequence[Event]) -> tuple[Point, ...]:
    points: list[Point] = []
    seconds = 0.0
    for event in told:
        if isinstance(event, Started):
            # A run that was killed goes on from its checkpoint: what it measured beyond that is measured again.
            points = [p for p in points if p.step <= event.detail["step"]]
        elif isinstance(event, Step):
            seconds = event.seconds
        elif isinstance(event, Validated):
            points.append(Point(event.step, seconds, event.metrics["AP"], event.metrics["AP50"]))
    return tuple(points)


def detections(detector: Detector, labelled: LabelledSet, imgsz: int) -> dict[int, Detections]:
    """What the detector finds, by image id."""
    cache = PixelCache([labelled.path(image) for image in labelled.images], imgsz)
    list(cache.fill("reading images"))
    found: dict[int, Detections] = {}
    for start in range(0, len(labelled.images), BATCH):
        records = labelled.images[start : start + BATCH]
        pixels = [cache[start + i] for i in range(len(records))]
        batch = detect(detector, pixels, [r.size_hw for r in records], imgsz)
        found.update({r.id: d for r, d in zip(records, batch, strict=True)})
    return found


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    return "".join(f"| {' | '.join(row)} |\n" for row in [head, ["---"] * len(head), *rows])
