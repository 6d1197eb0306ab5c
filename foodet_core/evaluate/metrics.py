"""COCO's average precision, through pycocotools."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from ..types import Detections, ImageRecord, LabelledSet


@dataclass(frozen=True)
class Metrics:
    """AP (mean over IoU .5:.05:.95), AP50, AP75 and AR (100 detections), all in 0..1, and AP by class name.

    A class of which the labels hold no box has None; with no box at all every number is 0.
    """

    AP: float
    AP50: float
    AP75: float
    AR: float
    per_class: Mapping[str, float | None]

    def summary(self) -> dict[str, float]:
        """The four numbers by name."""
        return {"AP": self.AP, "AP50": self.AP50, "AP75": self.AP75, "AR": self.AR}


def measure(labelled: LabelledSet, detections: Mapping[int, Detections]) -> Metrics:
    """Detections by image id against the labels of the same images; labels mean the same class on both sides.

    Detections of classes that an image does not label exhaustively are left out of the count there: nobody knows.
    """
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = _truth(labelled)
        truth.createIndex()
        results = [row for image in labelled.images for row in _rows(image, detections.get(image.id, Detections()))]
        if not truth.dataset["annotations"] or not results:
            return Metrics(0.0, 0.0, 0.0, 0.0, _none_found(labelled))
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    stats = evaluation.stats
    return Metrics(float(stats[0]), float(stats[1]), float(stats[2]), float(stats[8]), _per_class(labelled, evaluation))


def _truth(labelled: LabelledSet) -> dict[str, Any]:
    images = [{"id": i.id, "height": i.size_hw[0], "width": i.size_hw[1]} for i in labelled.images]
    categories = [{"id": label, "name": c.name} for label, c in enumerate(labelled.classes)]
    annotations: list[dict[str, Any]] = []
    for image in labelled.images:
        for found in labelled.annotations.get(image.id, ()):
            x0, y0, x1, y1 = found.box_xyxy
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image.id,
                    "category_id": found.label,
                    "bbox": [x0, y0, x1 - x0, y1 - y0],
                    "area": (x1 - x0) * (y1 - y0),
                    "iscrowd": int(found.is_crowd),
                }
            )
    return {"info": {}, "images": images, "categories": categories, "annotations": annotations}


def _rows(image: ImageRecord, found: Detections) -> list[dict[str, Any]]:
    if image.exhaustive is not None:
        keep = np.isin(found.labels, list(image.exhaustive))
        found = Detections(found.boxes_xyxy[keep], found.labels[keep], found.scores[keep])
    sides = np.concatenate([found.boxes_xyxy[:, :2], found.boxes_xyxy[:, 2:] - found.boxes_xyxy[:, :2]], 1)
    rows = zip(found.labels.tolist(), sides.astype(float).tolist(), found.scores.astype(float).tolist(), strict=True)
    return [{"image_id": image.id, "category_id": label, "bbox": box, "score": score} for label, box, score in rows]


def _per_class(labelled: LabelledSet, evaluation: COCOeval) -> dict[str, float | None]:
    # precision: (IoU thresholds, recalls, classes, areas, detections per image); -1 where a class has no box.
    precision = evaluation.eval["precision"][:, :, :, 0, -1]
    values = {}
    for index, label in enumerate(evaluation.params.catIds):
        own = precision[:, :, index]
        values[labelled.classes[label].name] = float(own.mean()) if (own > -1).all() else None
    return values


def _none_found(labelled: LabelledSet) -> dict[str, float | None]:
    present = {a.label for boxes in labelled.annotations.values() for a in boxes}
    return {c.name: 0.0 if label in present else None for label, c in enumerate(labelled.classes)}
