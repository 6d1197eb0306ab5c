"""Ours against other detectors: the same photos, size, machine and minutes, all from random weights.

    python bench/equal_budget.py OUT --train TRAIN.json --val VAL.json --images DIR --minutes 20 --seeds 0 1 2 \\
        --peer-python PEER_ENV/bin/python --peer yolo11n "yolo11n-2: model=yolo11n threads=2"

A contestant is a name, or `name: key=value ...`. Ours (`--ours`) takes settings as `--set` does. A peer (`--peer`) is named
after its architecture unless `model` says which; `threads` are its CPU threads and every other key goes to its own training
call. What is not named is each library's own default, threads too, which may leave a core idle: the table says how many.

Each training is a process of its own in OUT/NAME-SEED, one after the other; one that is finished is not done again. Peers run
in an environment of their own, through a script in bench/peers, with JSON between the two:

    job.json      model, data, minutes, imgsz, seed, marks (seconds), train_images (how many), images (id, path), settings
    result.json   parameters, threads, steps, images, seconds, kept (step, seconds, detections), best (detections)

where detections are boxes_xyxy in pixels of the upright image, labels and scores, at most 100 per image, of the running mean of
the weights at the last epoch before each mark and at the end. The AP of all comes from `foodet_core.evaluate.metrics.measure`.
Seconds are those at which the weights were made. Validations in between count for all. Ours counts reading the images and the
validation at the end too; peers count from their first step to their last.

Writes OUT/table.md and OUT/curves.json. The main figure is the AP of the last weights. That of the best is what each tool would
hand out, but all choose them by AP on these same images. AP between two measurements is interpolated. Keep the machine quiet.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import torch
from runs import Curve, Point, build_parser, plan, read, table, train

from foodet_core.config import Source
from foodet_core.evaluate.metrics import Metrics, measure
from foodet_core.train.loop import Data, open_data
from foodet_core.types import Detections, LabelledSet

PEERS = Path(__file__).parent / "peers"
LIBREYOLO = ("dfine-n", "deimv2-pico", "yolox-n")
SHARES = (0.25, 0.5, 0.75)

Curves = dict[str, dict[int, Curve]]


def main() -> None:
    """Train what is not trained yet; the table grows with each training."""
    arguments = parse()
    data = open_data(Source(arguments.train, arguments.images), Source(arguments.val, arguments.images), 0)
    arguments.out.mkdir(parents=True, exist_ok=True)
    curves: Curves = {}
    threads: dict[str, int] = {}
    for name, settings in map(plan, arguments.ours):
        threads[name] = pairs(settings).get("threads") or torch.get_num_threads()
        for seed in arguments.seeds:
            run = arguments.out / f"{name}-{seed}"
            train(arguments, run, settings, seed)
            curves.setdefault(name, {})[seed] = read(run)
            write(arguments, curves, threads)
    for name, settings in map(plan, arguments.peer):
        for seed in arguments.seeds if arguments.peer_seeds is None else arguments.peer_seeds:
            result = train_peer(arguments, arguments.out / f"{name}-{seed}", {"model": name, **pairs(settings)}, seed, data)
            threads[name] = result["threads"]
            curves.setdefault(name, {})[seed] = peer_curve(result, data.val)
            write(arguments, curves, threads)
    print((arguments.out / "table.md").read_text(encoding="utf-8"), end="")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = build_parser(__doc__, imgsz=320)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--ours", nargs="*", default=["foodet"])
    parser.add_argument("--peer", nargs="*", default=["yolo11n"])
    parser.add_argument("--peer-python", required=True, help="interpreter of the peers' environment")
    parser.add_argument("--peer-seeds", type=int, nargs="+", help="default: those of --seeds")
    return parser.parse_args()


def pairs(settings: Sequence[str]) -> dict[str, Any]:
    """`key=value` texts as an object; a value is JSON where it can be, else a text."""
    values: dict[str, Any] = {}
    for setting in settings:
        key, _, text = setting.partition("=")
        try:
            values[key] = json.loads(text)
        except ValueError:
            values[key] = text
    return values


def train_peer(arguments: argparse.Namespace, run: Path, settings: dict[str, Any], seed: int, data: Data) -> dict[str, Any]:
    """What one training of a peer came to; one that was cut off starts over."""
    if not (run / "result.json").exists():
        shutil.rmtree(run, ignore_errors=True)
        run.mkdir()
        job = {
            "model": settings.pop("model"),
            "data": str(write_yolo(data, arguments.out.resolve() / "yolo")),
            "minutes": arguments.minutes,
            "imgsz": arguments.imgsz,
            "seed": seed,
            "marks": [60 * arguments.minutes * share for share in (*SHARES, 1.0)],
            "train_images": len(data.train.images),
            "images": [{"id": image.id, "path": str(data.val.path(image).resolve())} for image in data.val.images],
            "settings": settings,
        }
        (run / "job.json").write_text(json.dumps(job, indent=1), encoding="utf-8")
        script = "libreyolo_peer.py" if job["model"] in LIBREYOLO else "ultralytics_yolo.py"
        subprocess.run([arguments.peer_python, PEERS / script, run.resolve()], check=True)
    result: dict[str, Any] = json.loads((run / "result.json").read_text(encoding="utf-8"))
    return result


def write_yolo(data: Data, folder: Path) -> Path:
    """Both sets in YOLO's layout: images/SPLIT/ID.EXT, labels/SPLIT/ID.txt and data.yaml, whose path is returned.

    A line of a label file is `label cx cy w h`, shares of the upright image; labels count the classes of the training set.
    Images are copied, not linked: some libraries repair what they read in place.
    """
    names = data.classes.names
    if data.val.classes.names != names:
        raise SystemExit("The validation set has classes that the training set lacks.")
    for split, labelled in (("train", data.train), ("val", data.val)):
        images, labels = folder / "images" / split, folder / "labels" / split
        images.mkdir(parents=True, exist_ok=True)
        labels.mkdir(parents=True, exist_ok=True)
        for image in labelled.images:
            target = images / f"{image.id}{Path(image.path).suffix}"
            if not target.exists():
                shutil.copyfile(labelled.path(image), target)
            rows = yolo_rows(*labelled.boxes(image), image.size_hw)
            (labels / f"{image.id}.txt").write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    description = {"path": str(folder), "train": "images/train", "val": "images/val", "nc": len(names), "names": names}
    (folder / "data.yaml").write_text(json.dumps(description, indent=1), encoding="utf-8")  # JSON is YAML
    return folder / "data.yaml"


def yolo_rows(boxes_xyxy: np.ndarray, labels: np.ndarray, size_hw: tuple[int, int]) -> list[str]:
    """Boxes (N, 4) xyxy in pixels and labels (N,) as lines `label cx cy w h`, in shares of the image."""
    corners = boxes_xyxy.astype(float).reshape(-1, 2, 2) / [size_hw[1], size_hw[0]]
    shares = np.concatenate([corners.mean(1), corners[:, 1] - corners[:, 0]], 1)
    return [f"{label} " + " ".join(f"{value:.6f}" for value in row) for label, row in zip(labels, shares, strict=True)]


def peer_curve(result: Mapping[str, Any], val: LabelledSet) -> Curve:
    """The curve of a peer's training, measured by us."""
    points = []
    for kept in sorted(result["kept"], key=lambda k: k["seconds"]):
        metrics = measured(val, kept["detections"])
        points.append(Point(kept["step"], kept["seconds"], metrics.AP, metrics.AP50))
    speed = result["images"] / result["seconds"]
    best = measured(val, result["best"]).AP
    return Curve(tuple(points), best, result["steps"], result["images"], speed, result["parameters"])


def measured(val: LabelledSet, found: Sequence[Mapping[str, Any]]) -> Metrics:
    """The metrics of detections as result.json holds them."""
    detections = {
        row["id"]: Detections(
            np.array(row["boxes_xyxy"], np.float32).reshape(-1, 4),
            np.array(row["labels"], np.int64),
            np.array(row["scores"], np.float32),
        )
        for row in found
    }
    return measure(val, detections)


def write(arguments: argparse.Namespace, curves: Curves, threads: Mapping[str, int]) -> None:
    """Write table and curves of the trainings done so far."""
    rival = next((plan(text)[0] for text in arguments.peer), None)
    text = make_table(curves, threads, arguments.minutes, rival)
    (arguments.out / "table.md").write_text(text, encoding="utf-8")
    data = {name: {seed: dataclasses.asdict(c) for seed, c in by_seed.items()} for name, by_seed in curves.items()}
    (arguments.out / "curves.json").write_text(json.dumps(data, indent=1), encoding="utf-8")


def make_table(curves: Curves, threads: Mapping[str, int], minutes: float, rival: str | None) -> str:
    """One row per contestant: means over seeds, lowest and highest in brackets; ratios are to `rival`'s last AP."""
    marks = [f"AP at {minutes * share:g} min" for share in SHARES]
    head = ["contestant", "seeds", *marks, f"AP at {minutes:g} min, last weights", "AP50", "AP of best weights"]
    head += ["steps", "images seen", "img/s", "parameters", "threads", f"ratio to {rival}"]
    last = {name: mean(c.points[-1].AP for c in by_seed.values()) for name, by_seed in curves.items()}
    rows = []
    for name, by_seed in curves.items():
        found = list(by_seed.values())
        aps = [spread([ap_at(c, 60 * minutes * share) for c in found]) for share in SHARES]
        finals = [spread([c.points[-1].AP for c in found]), spread([c.points[-1].AP50 for c in found])]
        counts = [f"{mean(values):.0f}" for values in ([c.steps for c in found], [c.images for c in found])]
        speed = f"{mean(c.images_per_second for c in found):.1f}"
        ratio = f"{last[name] / last[rival]:.2f}" if last.get(rival or "") else ""
        row = [name, ", ".join(map(str, by_seed)), *aps, *finals, spread([c.best for c in found]), *counts, speed]
        rows.append([*row, f"{found[0].parameters:,}", str(threads[name]), ratio])
    return table(head, rows)


def ap_at(curve: Curve, seconds: float) -> float:
    """AP after `seconds`, on the line between the measurements around it; it begins at 0."""
    return float(np.interp(seconds, [0.0, *(p.seconds for p in curve.points)], [0.0, *(p.AP for p in curve.points)]))


def spread(values: Sequence[float]) -> str:
    """Mean with lowest and highest."""
    middle = f"{mean(values):.3f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):.3f}–{max(values):.3f})"


if __name__ == "__main__":
    main()
