"""Whether an exported file finds on photos in full size what its weights find in torch.

    python bench/parity.py WEIGHTS FILE.onnx PHOTOS [--images 50] [--score 0.3]

FILE.onnx runs in plain ONNX Runtime, as other programs run it, on the pixels of one photo after the other. Boxes of the score
asked for are matched as sets, those of one class only. Prints one JSON object: how many boxes torch and the file have, how many
of torch's the file has not with an IoU of 0.99 and a score within 1e-3, and what differs most in a pair; a box
without a partner has an IoU of 0.
"""

from __future__ import annotations

import argparse
import json
from itertools import islice
from pathlib import Path

import numpy as np
import onnxruntime
from scipy.optimize import linear_sum_assignment

from foodet_core.boxes import iou
from foodet_core.models.weights import find_weights, load_weights
from foodet_core.pixels import read_rgb
from foodet_core.predict import detect, find
from foodet_core.runtime import INPUT, OUTPUTS, OnnxModel
from foodet_core.types import Detections

IOU, SCORE = 0.99, 1e-3


def main() -> None:
    """Detect twice, match and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("photos")
    parser.add_argument("--images", type=int, default=50)
    parser.add_argument("--score", type=float, default=0.3)
    arguments = parser.parse_args()
    detector, imgsz = load_weights(find_weights(arguments.weights))[0], OnnxModel.open(arguments.file).info.imgsz
    session = onnxruntime.InferenceSession(arguments.file, providers=["CPUExecutionProvider"])
    pairs, in_torch, in_file = [], 0, 0
    for path in islice(find([arguments.photos]), arguments.images):
        image = read_rgb(path)
        boxes, scores, labels = (values[0] for values in session.run(list(OUTPUTS), {INPUT: image[None]}))
        expected = detect(detector, [image], [image.shape[:2]], imgsz)[0].above(arguments.score)
        found = Detections(boxes, labels, scores).above(arguments.score)
        in_torch, in_file = in_torch + len(expected.scores), in_file + len(found.scores)
        pairs.append(matched(expected, found))
    overlaps, differences = np.concatenate(pairs).T
    alike = int(((overlaps >= IOU) & (differences <= SCORE)).sum())
    if not len(overlaps):
        raise SystemExit("Nothing was found with that score.")
    told = {"images": len(pairs), "imgsz": imgsz, "in_torch": in_torch, "in_file": in_file, "missed": in_torch - alike}
    print(json.dumps({**told, "least_iou": float(overlaps.min()), "most_score": float(differences.max())}))


def matched(expected: Detections, found: Detections) -> np.ndarray:
    """Of the best pairing of boxes (P, 2): IoU, 0 between classes, and the difference of the scores."""
    overlap = iou(expected.boxes_xyxy, found.boxes_xyxy) * (expected.labels[:, None] == found.labels)
    differences = np.abs(expected.scores[:, None] - found.scores)
    rows, columns = linear_sum_assignment(overlap - differences, maximize=True)
    return np.stack([overlap[rows, columns], differences[rows, columns]], axis=1)


if __name__ == "__main__":
    main()
