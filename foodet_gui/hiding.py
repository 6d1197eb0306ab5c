"""What of the current image is kept out of sight: everything, some boxes, some classes. A value; nothing is stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from foodet_core.types import Annotation


@dataclass(frozen=True)
class Hidden:
    """What is hidden: all boxes and suggestions, boxes by id, boxes and suggestions by label."""

    everything: bool = False
    boxes: frozenset[int] = frozenset()
    labels: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.everything or bool(self.boxes or self.labels)

    def hides(self, box: Annotation) -> bool:
        """Whether a box is out of sight while it is not selected."""
        return self.everything or box.id in self.boxes or box.label in self.labels

    def seen_of(self, boxes: Iterable[Annotation], selected: Collection[int]) -> list[Annotation]:
        """The boxes in sight; those whose id is `selected` are, unless everything is hidden."""
        if not self:
            return list(boxes)
        return [box for box in boxes if not self.hides(box) or (box.id in selected and not self.everything)]

    def with_boxes(self, ids: Collection[int]) -> Hidden:
        """These boxes hidden too."""
        return replace(self, boxes=self.boxes | frozenset(ids))

    def with_class_turned(self, label: int) -> Hidden:
        """A class hidden, or in sight again if it was."""
        return replace(self, labels=self.labels ^ {label})

    def toggled(self) -> Hidden:
        """Everything in sight if anything is hidden; else everything hidden."""
        return Hidden() if self else Hidden(everything=True)
