"""Train several configurations one after the other under one budget, and compare what they learn.

    python bench/compare.py OUT --train TRAIN.json --val VAL.json --images DIR --seeds 0 1 --minutes 4 --imgsz 192 \\
        base "no-moe: moe=none" "top2: moe=top2" "b16: batch=16 lr=0.002"

Each configuration is a name, or `name: key=value key=value ...` as `--set` takes them; `weights=RUN` starts from weights. With
`--photos N` each seed draws N of the training images, the same ones for all configurations. Every training is a process of its
own, in OUT/NAME-SEED; one that is finished is not done again, so a search can be stopped and gone on with, or widened. Writes
OUT/table.md: AP over the run, steps, images a second. Budgets are of time: keep the machine quiet, or compare by `--steps`.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from statistics import mean

from runs import Curve, build_parser, plan, read, table, train

MARKS = (0.2, 0.4, 0.6, 0.8, 1.0)


def main() -> None:
    """Train what is not trained yet, then write the table."""
    arguments = parse()
    plans = [plan(text) for text in arguments.configurations]
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, settings in plans:
        for seed in arguments.seeds:
            train(drawn(arguments, seed), arguments.out / f"{name}-{seed}", settings, seed)
            text = make_table(arguments.out, [name for name, _ in plans], arguments.seeds)
            (arguments.out / "table.md").write_text(text, encoding="utf-8")
    print(text, end="")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = build_parser(__doc__, imgsz=192)
    parser.add_argument("configurations", nargs="+")
    parser.add_argument("--photos", type=int, help="how many of the training images; default: all")
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--minutes", type=float)
    length.add_argument("--steps", type=int)
    return parser.parse_args()


def drawn(arguments: argparse.Namespace, seed: int) -> argparse.Namespace:
    """The arguments with a training file of `arguments.photos` images in place of the whole one."""
    if arguments.photos is None:
        return arguments
    data = json.loads(Path(arguments.train).read_text(encoding="utf-8"))
    images = random.Random(seed).sample(data["images"], arguments.photos)
    kept = {image["id"] for image in images}
    annotations = [a for a in data["annotations"] if a["image_id"] in kept]
    path = arguments.out / f"train-{arguments.photos}-{seed}.json"
    path.write_text(json.dumps({**data, "images": images, "annotations": annotations}), encoding="utf-8")
    return argparse.Namespace(**{**vars(arguments), "train": str(path)})


def make_table(out: Path, names: list[str], seeds: list[int]) -> str:
    """One row per configuration that has a finished training, means over its seeds."""
    head = ["configuration", "seeds", *(f"AP at {mark:.0%}" for mark in MARKS), "best", "steps", "img/s"]
    rows = []
    for name in names:
        curves = [read(run) for seed in seeds if (run := out / f"{name}-{seed}").exists()]
        if curves:
            aps = [f"{mean(ap_at(c, mark) for c in curves):.3f}" for mark in MARKS]
            best = f"{mean(c.best for c in curves):.3f}"
            speed = f"{mean(c.images_per_second for c in curves):.1f}"
            rows.append([name, str(len(curves)), *aps, best, f"{mean(c.steps for c in curves):.0f}", speed])
    return table(head, rows)


def ap_at(curve: Curve, share: float) -> float:
    """The AP of the last validation up to a share of a training's steps; 0 before the first."""
    return next((p.AP for p in reversed(curve.points) if p.step <= (share + 0.02) * curve.steps), 0.0)


if __name__ == "__main__":
    main()
