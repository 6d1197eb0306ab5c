"""Latency of the nano detector, one image at a time, beside another detector's ONNX file in the same run.

    python bench/latency.py [--sizes 320 640] [--threads 2] [--rounds 20] [--peer PEER-320.onnx PEER-640.onnx]

Ours runs in ONNX Runtime and in torch, the peer in ONNX Runtime. A peer is one file per size, each with its size in its input's
shape. To make one of YOLO11n with random weights, in an environment of its own that holds `ultralytics` and `onnx`:

    yolo export model=yolo11n.yaml format=onnx imgsz=320

They take turns, each with a few runs in a row: the first one of a turn, with what the others left in the caches, is not
counted. Ours goes from the image's bytes to the detections, the peer from floats to where its file ends (YOLO's before the
NMS). Prints one JSON object: median and 90th percentile in milliseconds by size, our median in ONNX Runtime as a multiple of
the peer's, and the parameters: in both files those of convolutions and matrix products. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("GOMP_SPINCOUNT", "3000")

import numpy as np
import onnx
import onnxruntime
import torch

from foodet_core.config import ModelConfig
from foodet_core.export import export_onnx
from foodet_core.models.detector import Detector, build_detector
from foodet_core.models.postprocess import postprocess
from foodet_core.models.weights import WeightsInfo
from foodet_core.types import ClassList

CLASSES = 80
RUNS_PER_TURN = 5
PRODUCTS = ("Conv", "Gemm", "MatMul")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[320, 640])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--peer", type=Path, nargs="+", default=[])
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    peers = {input_size(path): path for path in arguments.peer}
    absent = [size for size in arguments.sizes if peers and size not in peers]
    if absent:
        parser.error(f"no --peer file takes images of {absent[0]} pixels, only of {sorted(peers)}")
    rows = {str(size): measure(size, arguments.threads, arguments.rounds, peers.get(size)) for size in arguments.sizes}
    versions = {"torch": torch.__version__, "onnxruntime": onnxruntime.__version__}
    print(json.dumps({"threads": arguments.threads, **versions, "milliseconds": rows}))


def measure(size: int, threads: int, rounds: int, peer: Path | None) -> dict[str, Any]:
    """Latencies of all at one size, turn by turn."""
    torch.manual_seed(0)
    image = torch.rand(1, 3, size, size)
    inputs = {"foodet": (image * 255).byte().permute(0, 2, 3, 1).numpy(), "peer": image.numpy()}
    detector = build_detector(ModelConfig(), CLASSES).eval()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "foodet.onnx"
        info = WeightsInfo(detector.config, ClassList.of(map(str, range(CLASSES))), size)
        export_onnx(detector, info, path)
        files = {"foodet": path} if peer is None else {"foodet": path, "peer": peer}
        parameters = {name: count_parameters(file) for name, file in files.items()}
        steps = {name: in_onnxruntime(file, inputs[name], threads) for name, file in files.items()}
    steps["foodet_torch"] = in_torch(detector, image)
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(rounds + 1):
        for name, step in steps.items():
            times = take_turn(step)
            if turn:  # the first turn warms up
                seconds[name].extend(times)
    row: dict[str, Any] = {name: summary(values) for name, values in seconds.items()}
    if peer is not None:
        row["ratio"] = round(row["foodet"]["median"] / row["peer"]["median"], 2)
    return {**row, "parameters": parameters}


def take_turn(step: Callable[[], object]) -> list[float]:
    """Seconds of some runs in a row, after one that is not counted."""
    step()
    times = []
    for _ in range(RUNS_PER_TURN):
        began = time.perf_counter()
        step()
        times.append(time.perf_counter() - began)
    return times


def summary(seconds: list[float]) -> dict[str, float]:
    """Median and 90th percentile in milliseconds."""
    median, p90 = np.percentile(seconds, [50, 90]) * 1000
    return {"median": round(float(median), 2), "p90": round(float(p90), 2)}


def in_onnxruntime(path: Path, image: np.ndarray, threads: int) -> Callable[[], object]:
    """One image through an ONNX file."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: image}
    return lambda: session.run(None, feed)


def in_torch(detector: Detector, image: torch.Tensor) -> Callable[[], object]:
    """One image through the detector as `foodet predict` runs it."""

    @torch.inference_mode()
    def step() -> object:
        return postprocess(detector(image))

    return step


def input_size(path: Path) -> int:
    """The side of the squares that an ONNX file takes."""
    height: int = onnx.load(path).graph.input[0].type.tensor_type.shape.dim[2].dim_value
    return height


def count_parameters(path: Path) -> int:
    """Values in the weights of convolutions and matrix products, biases with them."""
    graph = onnx.load(path).graph
    used = {name for node in graph.node if node.op_type in PRODUCTS for name in node.input}
    return sum(int(np.prod(tensor.dims)) for tensor in graph.initializer if tensor.name in used)


if __name__ == "__main__":
    main()
