"""Where a detector is unsure, and where it and the labels contradict each other: values by image id to sort by. No window.

Both look at what of an answer is shown: the detections with a score of at least the threshold that no person has rejected.
Images without an answer have no value. A module of its own, so that numpy is not loaded before it is needed.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from foodet_core.boxes import area
from foodet_core.types import FloatArray, ImageRecord, ImageState, IntArray

from .suggestions import NO_CLASS, SAME_BOX, SAME_PLACE, Answer

BoolArray = npt.NDArray[np.bool_]
_FINISHED = (ImageState.DONE, ImageState.EMPTY)


def uncertainty(answers: Mapping[int, Answer], threshold: float) -> dict[int, float]:
    """How unsure the detector is of what it shows on each image, 0 (certain, or nothing is shown) to 1.

    The mean over the detections shown of the binary entropy of their scores s, in bits:
    -s log2 s - (1 - s) log2 (1 - s). It is 1 at a score of one half.
    """
    ids = list(answers)
    place, _, scores, _ = _shown([answers[id] for id in ids], threshold)
    s = np.clip(scores.astype(np.float64), 1e-9, 1 - 1e-9)
    entropy = -s * np.log2(s) - (1 - s) * np.log2(1 - s)
    total, count = np.bincount(place, entropy, len(ids)), np.bincount(place, minlength=len(ids))
    return dict(zip(ids, (total / np.maximum(count, 1)).tolist(), strict=True))


def disagreement(
    answers: Mapping[int, Answer],
    images: Mapping[int, ImageRecord],
    boxes: tuple[IntArray, IntArray, FloatArray],
    threshold: float,
) -> dict[int, float]:
    """How much the detector and the labels contradict each other on each image, from 0 on.

    The sum of the scores of the open suggestions that contradict the labels, plus the number of labels that nothing
    predicts. An open suggestion (see `Answer.shown`) contradicts where it lies on a box of another class (IoU from `SAME_BOX`
    on), and on an image that a person has finished also where nothing is labelled, for a class that is labelled completely
    there. A label is predicted by a detection of its class with an IoU from `SAME_BOX` on.

    `boxes`: image ids (N,) in rising order, labels (N,) and boxes_xyxy (N, 4) of the labels of these images.
    """
    ids = sorted(id for id in answers if id in images)
    known = np.isin(boxes[0], ids)
    labelled = np.searchsorted(ids, boxes[0][known]), boxes[1][known], boxes[2][known]
    shown = _shown([answers[id] for id in ids], threshold)
    return dict(zip(ids, _disagreement([images[id] for id in ids], shown, labelled).tolist(), strict=True))


def _disagreement(
    images: list[ImageRecord],
    shown: tuple[IntArray, IntArray, FloatArray, FloatArray],
    labelled: tuple[IntArray, IntArray, FloatArray],
) -> FloatArray:
    place, classes, scores, found_xyxy = shown
    box_place, box_classes, boxes_xyxy = labelled
    # Every detection with every label of the same image: pairs (P,) of positions.
    begin, end = np.searchsorted(box_place, place, "left"), np.searchsorted(box_place, place, "right")
    counts = end - begin
    found = np.repeat(np.arange(len(place)), counts)
    box = np.arange(len(found)) - np.repeat(np.cumsum(counts) - counts - begin, counts)
    overlap = _iou(found_xyxy[found], boxes_xyxy[box])
    same_class = classes[found] == box_classes[box]
    same = overlap >= SAME_BOX
    known = _marked(found, (same & same_class) | (overlap >= SAME_PLACE), len(place))
    contradicts = _marked(found, same & ~same_class, len(place)) | _missed(images, place, classes)
    against = np.where(contradicts & ~known & (classes != NO_CLASS), scores, 0.0)
    predicted = _marked(box, same & same_class, len(box_place))
    alone = np.bincount(box_place[~predicted], minlength=len(images))
    return (np.bincount(place, against, len(images)) + alone).astype(np.float32)


def _missed(images: list[ImageRecord], place: IntArray, classes: IntArray) -> BoolArray:
    """Which detections would be labelled if they were there: their image is finished, and their class completely labelled."""
    missed = np.array([image.state in _FINISHED for image in images], bool)[place]
    for n, image in enumerate(images):
        if image.exhaustive is not None:
            of_image = slice(*np.searchsorted(place, [n, n + 1]))
            missed[of_image] &= np.isin(classes[of_image], list(image.exhaustive))
    return missed


def _marked(at: IntArray, where: BoolArray, size: int) -> BoolArray:
    marked = np.zeros(size, bool)
    marked[at[where]] = True
    return marked


def _shown(answers: list[Answer], threshold: float) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Of all detections shown: the place of their answer in the list, in rising order, labels, scores, boxes_xyxy."""
    keep = [answer.detections.scores >= threshold for answer in answers]
    for answer, kept in zip(answers, keep, strict=True):
        if answer.rejected:
            kept[list(answer.rejected)] = False
    kept = np.concatenate([np.zeros(0, bool), *keep])
    place = np.repeat(np.arange(len(answers)), [len(k) for k in keep])
    found = [answer.detections for answer in answers]
    labels = np.concatenate([np.zeros(0, np.int64), *(d.labels for d in found)])
    scores = np.concatenate([np.zeros(0, np.float32), *(d.scores for d in found)])
    boxes_xyxy = np.concatenate([np.zeros((0, 4), np.float32), *(d.boxes_xyxy for d in found)])
    return place[kept], labels[kept], scores[kept], boxes_xyxy[kept]


def _iou(a_xyxy: FloatArray, b_xyxy: FloatArray) -> FloatArray:
    """Intersection over union (P,) of pairs of boxes (P, 4)."""
    sides = np.maximum(np.minimum(a_xyxy[:, 2:], b_xyxy[:, 2:]) - np.maximum(a_xyxy[:, :2], b_xyxy[:, :2]), 0)
    inter = sides[:, 0] * sides[:, 1]
    ratio: FloatArray = inter / np.maximum(area(a_xyxy) + area(b_xyxy) - inter, 1e-9)
    return ratio
