"""What of a detector's answer is worth a person's look: values in, positions out.

A detection that tells what a box on the image says already is no suggestion. This is worked out from the boxes that stand,
so an undone acceptance brings its suggestion back with no state of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from foodet_core.types import Annotation, Detections

SAME_BOX = 0.5
"""From this IoU on, a detection and a box of the same class are one thing."""
SAME_PLACE = 0.85
"""From this IoU on they are one thing whatever the class: a person has decided there."""
NO_CLASS = -1
"""The label of a proposal: a box that gets its class when it is accepted, and is one thing with any box it lies on."""
TIGHTEN_FROM = 0.3
"""From this IoU on, a detection may be the thing that a loose box means."""


@dataclass(frozen=True)
class Shown:
    """Positions in the detections, best score first: those to decide on, and those that agree with a box."""

    open: tuple[int, ...] = ()
    agreeing: tuple[int, ...] = ()


@dataclass
class Answer:
    """What weights found on one image, and the positions that a person rejected."""

    detections: Detections
    weights: str
    rejected: set[int] = field(default_factory=set)

    def shown(self, boxes: Sequence[Annotation], threshold: float, hidden: frozenset[int] = frozenset()) -> Shown:
        """Sort the detections with a score of at least `threshold` that are not rejected nor of a `hidden` label."""
        sure: list[bool] = (self.detections.scores >= threshold).tolist()
        asked = [i for i, is_sure in enumerate(sure) if is_sure]
        kept = [i for i in asked if i not in self.rejected and int(self.detections.labels[i]) not in hidden]
        known = _known(self.detections, boxes)
        return Shown(tuple(i for i in kept if not known[i]), tuple(i for i in kept if known[i]))


def tightest(box: Annotation, detections: Detections) -> int | None:
    """Position of the detection whose edges fit what `box` means; None where none overlaps it by `TIGHTEN_FROM`.

    Those of its class, or of none, come first; among them score times IoU decides, since IoU alone would favour the
    detection that is as loose as the box.
    """
    if not len(detections):
        return None
    import numpy as np  # as in `_known`

    from foodet_core.boxes import iou

    overlap = iou(detections.boxes_xyxy, np.array([box.box_xyxy], np.float32))[:, 0]
    own = np.isin(detections.labels, (box.label, NO_CLASS))
    worth = np.where(overlap >= TIGHTEN_FROM, overlap * detections.scores + own, -1.0)
    best = int(worth.argmax())
    return best if worth[best] >= 0 else None


def _known(detections: Detections, boxes: Sequence[Annotation]) -> list[bool]:
    if not boxes or not len(detections):
        return [False] * len(detections)
    import numpy as np  # not before there are suggestions: the window stands sooner, and labelling alone takes less memory

    from foodet_core.boxes import iou

    overlap = iou(detections.boxes_xyxy, np.array([b.box_xyxy for b in boxes], np.float32))
    labels = detections.labels[:, None]
    same_class = (labels == np.array([b.label for b in boxes])[None, :]) | (labels == NO_CLASS)
    known: list[bool] = np.any(overlap >= np.where(same_class, SAME_BOX, SAME_PLACE), axis=1).tolist()
    return known
