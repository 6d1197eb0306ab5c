"""One idea removed at a time: what it brings in AP, and what it costs.

    python bench/ablation.py OUT --train TRAIN.json --val VAL.json --images DIR --minutes 5 --imgsz 192 --seeds 0 1

Every row is trained under the same budget. Each training is a process of its own, in OUT/NAME-SEED; one that is finished is not
done again. Writes OUT/table.md once all are done:

- AP: of the last weights on the validation images, mean over seeds, and the same for the difference to the first row. ± is half
  of a 95 % interval by bootstrap over the validation images (all rows and seeds on the same draws). It says how far other
  photos would move the figure and nothing of how far other seeds would: for that there are lowest and highest.
- latency: milliseconds at 320 px and batch 1, from pixels to boxes, all rows taking turns in this process, the median.
- img/s: while training, as the runs told. Like latency it means something on a quiet machine only.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from runs import build_parser, detections, plan, read, table, train

from foodet_core.config import Source
from foodet_core.evaluate.metrics import measure
from foodet_core.models.weights import load_weights
from foodet_core.predict import detect
from foodet_core.train.loop import open_data
from foodet_core.types import Detections, LabelledSet

FULL = "full"
ROWS = (
    FULL,
    "ghost only: backbone=ghost",
    "shuffle only: backbone=shuffle",
    "plain convolutions: backbone=plain",
    "no experts: moe=none",
    "experts mixed as weights: moe=mix",
    "two experts of each image: moe=top2",
    "no snakes: snake=off",
    "no decoder but NMS: decoder=none",
    "with denoising: denoising=true",
    "no edge distributions: distribution_edges=false",
    "four query groups: query_groups=4",
    "GRPO joined: grpo=joint",
)
LATENCY_PX, LATENCY_ROUNDS = 320, 40

Found = dict[int, Detections]


def main() -> None:
    """Train what is not trained yet, then measure."""
    arguments = parse()
    arguments.out.mkdir(parents=True, exist_ok=True)
    runs: dict[str, list[Path]] = {}
    for name, settings in map(plan, arguments.rows):
        runs[name] = [arguments.out / f"{name.replace(' ', '-')}-{seed}" for seed in arguments.seeds]
        for run, seed in zip(runs[name], arguments.seeds, strict=True):
            train(arguments, run, settings, seed)
    val = open_data(Source(arguments.train, arguments.images), Source(arguments.val, arguments.images), 0).val
    text = make_table(runs, val, arguments.imgsz, arguments.draws)
    (arguments.out / "table.md").write_text(text, encoding="utf-8")
    print(text, end="")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = build_parser(__doc__, imgsz=192)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float)
    length.add_argument("--steps", type=int)
    parser.add_argument("--rows", nargs="+", default=ROWS, help="`name: key=value ...`; the first is what all are held against")
    parser.add_argument("--draws", type=int, default=100, help="of the bootstrap")
    parser.set_defaults(seeds=[0, 1])
    arguments = parser.parse_args()
    if arguments.steps is None and arguments.minutes is None:
        arguments.minutes = 5.0
    return arguments


def make_table(runs: Mapping[str, Sequence[Path]], val: LabelledSet, imgsz: int, draws: int) -> str:
    """One row per configuration."""
    found = {
        name: [detections(load_weights(run / "latest.safetensors")[0], val, imgsz) for run in paths]
        for name, paths in runs.items()
    }
    aps = {name: [measure(val, f).AP for f in by_seed] for name, by_seed in found.items()}
    drawn = bootstrap(val, found, draws)
    latencies = latency({name: paths[0] for name, paths in runs.items()})
    full = next(iter(runs))
    head = ["configuration", "AP", "lowest–highest", f"against {full}", "parameters", f"ms at {LATENCY_PX} px"]
    head += ["img/s", "steps"]
    rows = []
    for name, paths in runs.items():
        curves = [read(path) for path in paths]
        mean = statistics.mean(aps[name])
        gain = f"{mean - statistics.mean(aps[full]):+.3f} ± {half_width(drawn[name] - drawn[full]):.3f}"
        speed, steps = statistics.mean(c.images_per_second for c in curves), statistics.mean(c.steps for c in curves)
        row = [name, f"{mean:.3f} ± {half_width(drawn[name]):.3f}", f"{min(aps[name]):.3f}–{max(aps[name]):.3f}"]
        row += ["" if name == full else gain, f"{curves[0].parameters:,}", f"{latencies[name]:.1f}", f"{speed:.1f}"]
        rows.append([*row, f"{steps:.0f}"])
    return table(head, rows)


def bootstrap(val: LabelledSet, found: Mapping[str, Sequence[Found]], draws: int) -> dict[str, np.ndarray]:
    """AP (draws,) by row, mean over seeds, on images drawn with replacement, the same ones for all."""
    random = np.random.default_rng(0)
    drawn: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(draws):
        index = random.integers(0, len(val.images), len(val.images))
        images = [val.images[i] for i in index]
        again = resampled(val, index)
        for name, by_seed in found.items():
            aps = [measure(again, {n: f[image.id] for n, image in enumerate(images)}).AP for f in by_seed]
            drawn[name].append(statistics.mean(aps))
    return {name: np.array(aps) for name, aps in drawn.items()}


def resampled(val: LabelledSet, index: Sequence[int]) -> LabelledSet:
    """The images at `index`, each as an image of its own with its place there as id."""
    images = tuple(replace(val.images[i], id=n) for n, i in enumerate(index))
    return replace(val, images=images, annotations={n: val.annotations[val.images[i].id] for n, i in enumerate(index)})


def half_width(values: np.ndarray) -> float:
    """Half of the 95 % interval that the spread of bootstrap draws stands for, taken as normal."""
    return float(1.96 * values.std())


def latency(runs: Mapping[str, Path]) -> dict[str, float]:
    """Milliseconds per image by row, from pixels to boxes."""
    detectors = {name: load_weights(run / "latest.safetensors")[0] for name, run in runs.items()}
    image = np.random.default_rng(0).integers(0, 256, (LATENCY_PX, LATENCY_PX, 3), np.uint8)
    times: dict[str, list[float]] = {name: [] for name in detectors}
    for turn in range(LATENCY_ROUNDS + 3):
        for name, detector in detectors.items():
            began = time.perf_counter()
            detect(detector, [image], [(LATENCY_PX, LATENCY_PX)], LATENCY_PX)
            if turn >= 3:  # the first turns warm up
                times[name].append(time.perf_counter() - began)
    return {name: 1000 * statistics.median(values) for name, values in times.items()}


if __name__ == "__main__":
    main()
