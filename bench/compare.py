"""Train several configurations one after the other under one budget, and compare what they learn.

    python bench/compare.py OUT --train TRAIN.json --val VAL.json --images DIR --minutes 4 --imgsz 192 --seeds 0 1 \\
        base "no-moe: moe=none" "top2: moe=top2" "b16: batch=16 lr=0.002"

Each configuration is a name, or `name: key=value key=value ...` as `--set` takes them. Every training is a process of its
own, in OUT/NAME-SEED; one that is finished is not done again, so a search can be stopped and gone on with, or widened. Writes
OUT/table.md: AP over the run, steps, images a second. Budgets are of time: keep the machine quiet, or compare by `--steps`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from foodet_core.events import Finished, Step, Validated, from_line

MARKS = (0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True)
class Curve:
    """What one training told: (share of its steps, AP) at each validation, its steps and its speed."""

    points: tuple[tuple[float, float], ...]
    steps: int
    images_per_second: float

    def at(self, share: float) -> float:
        """The AP of the last validation up to a share of the run; 0 before the first."""
        return next((ap for where, ap in reversed(self.points) if where <= share + 0.02), 0.0)


def main() -> None:
    """Train what is not trained yet, then write the table."""
    arguments = parse()
    plans = [plan(text) for text in arguments.configurations]
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, settings in plans:
        for seed in arguments.seeds:
            train(arguments, arguments.out / f"{name}-{seed}", settings, seed)
            table = make_table(arguments.out, [name for name, _ in plans], arguments.seeds)
            (arguments.out / "table.md").write_text(table, encoding="utf-8")
    print(table, end="")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("configurations", nargs="+")
    parser.add_argument("--train", required=True)
    parser.add_argument("--val", required=True)
    parser.add_argument("--images", required=True)
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--minutes", type=float)
    length.add_argument("--steps", type=int)
    parser.add_argument("--imgsz", type=int, default=192)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    return parser.parse_args()


def plan(text: str) -> tuple[str, list[str]]:
    """Name and settings of one configuration."""
    name, _, settings = text.partition(":")
    return name.strip(), settings.split()


def train(arguments: argparse.Namespace, run: Path, settings: list[str], seed: int) -> None:
    """One training, begun or gone on with, unless it is done."""
    if (run / "events.jsonl").exists():
        if isinstance(from_line((run / "events.jsonl").read_text(encoding="utf-8").splitlines()[-1]), Finished):
            return
        command: list[object] = ["resume", run]
    else:
        budget = ["--minutes", arguments.minutes] if arguments.minutes else ["--steps", arguments.steps]
        command = ["train", arguments.train, "--images", arguments.images, "--val", arguments.val, "--imgsz", arguments.imgsz]
        command += [*budget, "--seed", seed, "--out", run, *(part for setting in settings for part in ("--set", setting))]
    code = "from foodet_core.cli import main; main()"
    subprocess.run([sys.executable, "-c", code, *map(str, command)], check=True)


def make_table(out: Path, names: list[str], seeds: list[int]) -> str:
    """One row per configuration that has a finished training, means over its seeds."""
    head = ["configuration", "seeds", *(f"AP at {mark:.0%}" for mark in MARKS), "best", "steps", "img/s"]
    rows = [head, ["---"] * len(head)]
    for name in names:
        curves = [read(path) for seed in seeds if (path := out / f"{name}-{seed}" / "events.jsonl").exists()]
        if curves:
            aps = [f"{mean(c.at(mark) for c in curves):.3f}" for mark in MARKS]
            best = f"{mean(max(ap for _, ap in c.points) for c in curves):.3f}"
            speed = f"{mean(c.images_per_second for c in curves):.1f}"
            rows.append([name, str(len(curves)), *aps, best, f"{mean(c.steps for c in curves):.0f}", speed])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def read(path: Path) -> Curve:
    """The curve in a run's log."""
    events = [from_line(line) for line in path.read_text(encoding="utf-8").splitlines()]
    steps = [e for e in events if isinstance(e, Step)]
    measured = [e for e in events if isinstance(e, Validated)]
    speeds = [e.images_per_second for e in steps if e.images_per_second]
    points = tuple((e.step / steps[-1].step, e.metrics["AP"]) for e in measured)
    return Curve(points, steps[-1].step, mean(speeds) if speeds else 0.0)


if __name__ == "__main__":
    main()
