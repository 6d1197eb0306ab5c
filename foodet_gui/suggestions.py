"""What of a detector's answer is worth a person's look: values in, positions out.

A detection that tells what a box on the image says already is no suggestion. This is worked out from the boxes that stand,
so an undone acceptance brings its suggestion back with no state of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from foodet_core.types import Annotation, ClassList, Detections

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
    """What weights found on one image, and what a person rejected of it.

    The detector has classes of its own, `theirs`: which of the project's `classes` they are is worked out when it is asked
    for, so that a class that comes later names what was found before. Positions are those in `detections`.
    """

    found: Detections
    """In the detector's labels."""
    theirs: ClassList
    weights: str
    classes: ClassList
    _rejected: set[int] = field(default_factory=set)
    """Positions in `found`."""

    @property
    def detections(self) -> Detections:
        """What was found, in the labels of the project's classes."""
        return self._named[0]

    @property
    def rejected(self) -> set[int]:
        """The positions that a person rejected."""
        return {i for i, place in enumerate(self.places()) if place in self._rejected}

    def reject(self, index: int) -> None:
        """Have a detection out of sight for good."""
        self._rejected.add(self.places()[index])

    def rename(self, classes: ClassList) -> None:
        """Follow the project's classes."""
        self.classes = classes
        self.__dict__.pop("_named", None)

    def places(self) -> list[int]:
        """The positions in `found` of the detections."""
        return self._named[1]

    @cached_property
    def _named(self) -> tuple[Detections, list[int]]:
        return in_classes(self.found, self.theirs, self.classes)

    def shown(self, boxes: Sequence[Annotation], threshold: float, hidden: frozenset[int] = frozenset()) -> Shown:
        """Sort the detections with a score of at least `threshold` that are not rejected nor of a `hidden` label."""
        sure: list[bool] = (self.detections.scores >= threshold).tolist()
        rejected = self.rejected
        asked = [i for i, is_sure in enumerate(sure) if is_sure and i not in rejected]
        kept = [i for i in asked if int(self.detections.labels[i]) not in hidden]
        known = _known(self.detections, boxes)
        return Shown(tuple(i for i in kept if not known[i]), tuple(i for i in kept if known[i]))


def rename(answers: Mapping[int, Answer], classes: ClassList, image_id: int, index: int | None) -> int | None:
    """Have all answers follow the project's classes; where the detection at `index` of an image stands then, if it does."""
    focused = answers[image_id].places()[index] if index is not None and image_id in answers else None
    for answer in answers.values():
        answer.rename(classes)
    left = [] if focused is None else answers[image_id].places()
    return left.index(focused) if focused in left else None


def open_everywhere(
    answers: Mapping[int, Answer],
    boxes: Mapping[int, Sequence[Annotation]],
    threshold: float,
    hidden: frozenset[int],
    with_class: bool,
) -> dict[int, tuple[int, ...]]:
    """What is open and has a class, or has none, for each image that has any; `boxes` stand on the images."""
    found = {}
    for image_id, answer in answers.items():
        seen = answer.shown(boxes.get(image_id, ()), threshold, hidden).open
        if positions := tuple(i for i in seen if (answer.detections.labels[i] != NO_CLASS) == with_class):
            found[image_id] = positions
    return found


def in_classes(found: Detections, theirs: ClassList, classes: ClassList) -> tuple[Detections, list[int]]:
    """What was found in the labels of `theirs`, in those of `classes`, best first; and the positions it had.

    Classes are matched by all that either side calls them. What only the detector has a class for is a proposal: a box of
    `NO_CLASS`, kept where nothing surer lies.
    """
    import numpy as np  # as in `_known`

    from foodet_core.boxes import iou

    meant = {label: classes.find_like(theirs[label]) for label in set(found.labels.tolist()) if 0 <= label < len(theirs)}
    known = [meant.get(label) for label in found.labels.tolist()]
    labels = np.array([NO_CLASS if label is None else label for label in known], np.int64)
    order: list[int] = np.argsort(-found.scores, kind="stable").tolist()
    if None in known:
        overlap = iou(found.boxes_xyxy, found.boxes_xyxy) >= SAME_BOX
        kept: list[int] = []
        for i in order:
            if known[i] is not None or not overlap[i, kept].any():
                kept.append(i)
        order = kept
    if order == list(range(len(found))):  # arrays that are shared: of very many images they take room
        return Detections(found.boxes_xyxy, labels, found.scores), order
    return Detections(found.boxes_xyxy[order], labels[order], found.scores[order]), order


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
