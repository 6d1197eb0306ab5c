"""How many objects lie under a detector's best proposals, whatever it calls them: what it is worth before any training.

    python bench/recall.py WEIGHTS --labels VAL.json --images DIR [--proposals 10]

`--labels` is a COCO file or a project; its classes need not be those of the detector. Of each image the best boxes count, every
place once: a box that lies on a surer one (IoU of 0.5 or more) is left out, as in the window. Prints one JSON object:
the share of objects with a proposal at an IoU of 0.5 or more, one proposal finding one object at most.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from runs import detections
from scipy.optimize import linear_sum_assignment

from foodet_core.boxes import iou
from foodet_core.config import Source
from foodet_core.formats.source import open_source
from foodet_core.models.weights import load_weights

IOU = 0.5


def main() -> None:
    """Detect, count and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--labels", required=True)
    parser.add_argument("--images")
    parser.add_argument("--proposals", type=int, default=10)
    arguments = parser.parse_args()
    detector, info = load_weights(arguments.weights)
    labelled = open_source(Source(arguments.labels, arguments.images))
    found = detections(detector, labelled, info.imgsz)
    hits = objects = 0
    for image in labelled.images:
        boxes_xyxy = labelled.boxes(image)[0]
        proposals = apart(found[image.id].boxes_xyxy, found[image.id].scores)[: arguments.proposals]
        hits += pairs(boxes_xyxy, proposals)
        objects += len(boxes_xyxy)
    print(json.dumps({"images": len(labelled.images), "objects": objects, "recall": round(hits / objects, 4)}))


def apart(boxes_xyxy: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """The boxes (N, 4), best first, without those that lie on a better one."""
    overlap = iou(boxes_xyxy, boxes_xyxy) >= IOU
    kept: list[int] = []
    for i in np.argsort(-scores, kind="stable").tolist():
        if not overlap[i, kept].any():
            kept.append(i)
    return boxes_xyxy[kept]


def pairs(boxes_xyxy: np.ndarray, proposals_xyxy: np.ndarray) -> int:
    """The most boxes that can each have a proposal of their own."""
    hit = iou(boxes_xyxy, proposals_xyxy) >= IOU
    rows, columns = linear_sum_assignment(hit, maximize=True)
    return int(hit[rows, columns].sum())


if __name__ == "__main__":
    main()
