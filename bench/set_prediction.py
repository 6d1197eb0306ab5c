"""Does set prediction earn its place: the decoder beside the dense head with NMS, of one trained detector, on the same images.

    python bench/set_prediction.py RUN --labels VAL.json --images DIR [--apart]

RUN is a run folder or a weights file with a decoder; `--labels` is a COCO file or a project. Prints one JSON object: AP and
AP50 of both, and `twice`, the share of labelled objects on which two or more detections of score 0.3 or more lie (IoU above
0.5). With `--apart` only images count on which no two labelled boxes overlap.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from runs import detections

from foodet_core.boxes import iou
from foodet_core.config import Source
from foodet_core.evaluate.metrics import measure
from foodet_core.evaluate.run import in_classes
from foodet_core.formats.source import open_source
from foodet_core.models.weights import load_weights
from foodet_core.types import Detections, LabelledSet

SCORE, IOU = 0.3, 0.5


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--labels", required=True)
    parser.add_argument("--images")
    parser.add_argument("--apart", action="store_true")
    arguments = parser.parse_args()
    detector, info = load_weights(arguments.run)
    labelled = in_classes(open_source(Source(arguments.labels, arguments.images)), info.classes, str(arguments.run))
    if arguments.apart:
        labelled = replace(labelled, images=tuple(i for i in labelled.images if stand_apart(labelled.boxes(i)[0])))
    rows = {"decoder": figures(labelled, detections(detector, labelled, info.imgsz))}
    detector.decoder = None
    rows["dense head with NMS"] = figures(labelled, detections(detector, labelled, info.imgsz))
    print(json.dumps({"images": len(labelled.images), **rows}, indent=1))


def stand_apart(boxes_xyxy: np.ndarray) -> bool:
    """Whether no two of the boxes (N, 4) overlap."""
    return bool(iou(boxes_xyxy, boxes_xyxy)[~np.eye(len(boxes_xyxy), dtype=bool)].sum() == 0)


def figures(labelled: LabelledSet, found: Mapping[int, Detections]) -> dict[str, float]:
    """AP, AP50 and the share of objects found twice."""
    metrics = measure(labelled, found)
    hits = np.concatenate([hits_per_object(labelled.boxes(i)[0], found[i.id]) for i in labelled.images])
    return {"AP": round(metrics.AP, 4), "AP50": round(metrics.AP50, 4), "twice": round(float((hits > 1).mean()), 4)}


def hits_per_object(boxes_xyxy: np.ndarray, found: Detections) -> np.ndarray:
    """How many sure detections lie on each of the boxes (N, 4): (N,)."""
    sure = found.boxes_xyxy[found.scores >= SCORE]
    return (iou(boxes_xyxy, sure) > IOU).sum(1)


if __name__ == "__main__":
    main()
