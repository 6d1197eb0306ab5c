"""Training speed of the nano detector, beside torchvision's SSDLite in the same run, on made-up images.

    python bench/training_speed.py [--sizes 160 320] [--batch 8] [--rounds 5]

Both do forward, loss and backward on the same batch, taking turns; the optimizer is left out of both. Prints one JSON object:
images a second by size (the median over rounds), and ours as a multiple of the peer's. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("GOMP_SPINCOUNT", "3000")

import torch
from torch import Tensor
from torchvision.models.detection import ssdlite320_mobilenet_v3_large

from foodet_core.config import ModelConfig
from foodet_core.losses.criterion import Criterion
from foodet_core.models.detector import build_detector

CLASSES = 8


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[160, 320])
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    rows = {str(size): measure(size, arguments.batch, arguments.rounds) for size in arguments.sizes}
    print(json.dumps({"threads": torch.get_num_threads(), "torch": torch.__version__, "images_per_second": rows}))


def measure(size: int, batch: int, rounds: int) -> dict[str, float]:
    """Images a second of both at one size, turn by turn."""
    torch.manual_seed(0)
    images = torch.rand(batch, 3, size, size)
    boxes = torch.rand(batch, 4, 4) * 0.3 + 0.2
    labels = torch.randint(0, CLASSES, (batch, 4))
    steps = {"foodet": ours(images, boxes, labels), "ssdlite": peer(images, boxes, labels, size)}
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(rounds + 1):
        for name, step in steps.items():
            began = time.perf_counter()
            step()
            if turn:  # the first turn warms up
                seconds[name].append(time.perf_counter() - began)
    speeds = {name: round(batch / statistics.median(values), 2) for name, values in seconds.items()}
    return {**speeds, "ratio": round(speeds["foodet"] / speeds["ssdlite"], 2)}


def ours(images: Tensor, boxes: Tensor, labels: Tensor) -> Callable[[], None]:
    """One training step of nano."""
    detector = build_detector(ModelConfig(), CLASSES).to(memory_format=torch.channels_last).train()
    criterion, exhaustive = Criterion(), torch.ones(CLASSES, dtype=torch.bool)
    targets = [{"boxes_cxcywh_N4": b, "labels_N": n, "exhaustive_K": exhaustive} for b, n in zip(boxes, labels, strict=True)]
    placed = images.to(memory_format=torch.channels_last)

    def step() -> None:
        total, _ = criterion(detector(placed), targets)
        total.backward()

    return step


def peer(images: Tensor, boxes: Tensor, labels: Tensor, size: int) -> Callable[[], None]:
    """One training step of SSDLite with a MobileNetV3-Large backbone, untrained, made for this size."""
    model = ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=CLASSES + 1)
    model.transform.min_size, model.transform.max_size, model.transform.fixed_size = (size,), size, (size, size)
    model.train()
    corners = torch.cat([boxes[..., :2] - boxes[..., 2:] / 2, boxes[..., :2] + boxes[..., 2:] / 2], -1).clamp(0, 1) * size
    targets = [{"boxes": b, "labels": n + 1} for b, n in zip(corners, labels, strict=True)]

    def step() -> None:
        losses = model(list(images), targets)
        torch.stack(list(losses.values())).sum().backward()

    return step


if __name__ == "__main__":
    main()
