"""A person's steps of labelling as `Edit` values: pure functions from what stands to what shall stand.

`Session` applies them. Drawing or accepting the first box of an image makes it "in progress" in the same step, so that one
undo takes both back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from foodet_core.project.edits import Change, Edit
from foodet_core.types import PRIVATE, Annotation, BoxXyxy, ClassList, FoodClass, ImageRecord, ImageState

HIDDEN, PLACE = f"{PRIVATE}hidden", f"{PRIVATE}place"
"""What the window keeps of a class in its `extra`: that it was merged into another one, and where it stands in the list."""
LOCKED = "foodet_locked"
"""What the window keeps of a box in its `extra`: that it stays as it is until it is unlocked."""
NEW = 0
"""The id of a box that has none yet: it gets one when it is written."""
_LEAST_SIDE = 2.0
_BESIDE = 0.02
"""How far beside a box its duplicate lies, as a share of the image's long side."""
_NOT_BEGUN = (ImageState.UNLABELLED, ImageState.EMPTY)


def add_boxes(title: str, images: Mapping[int, ImageRecord], boxes: Sequence[Annotation]) -> Edit:
    """New boxes on `images`, by id, which are in progress from then on."""
    changes = [Change(("annotation", box.id), None, box) for box in boxes]
    begun = (images[id] for id in dict.fromkeys(box.image_id for box in boxes))
    changes += [_state(image, ImageState.IN_PROGRESS) for image in begun if image.state in _NOT_BEGUN]
    return Edit(title, tuple(changes))


def change_boxes(title: str, pairs: Iterable[tuple[Annotation, Annotation]], merge: str = "") -> Edit:
    """Boxes moved, resized or re-classed: pairs of before and after."""
    changes = [Change(("annotation", old.id), old, new) for old, new in pairs if old != new]
    return Edit(title, tuple(changes), merge)


def delete_boxes(title: str, boxes: Iterable[Annotation]) -> Edit:
    """Boxes gone; the image stays in the state it is in."""
    return Edit(title, tuple(Change(("annotation", box.id), box, None) for box in boxes))


def lock_boxes(title: str, boxes: Iterable[Annotation], lock: bool) -> Edit:
    """Boxes locked, or free again."""

    def locked(box: Annotation) -> Annotation:
        kept = {key: value for key, value in box.extra.items() if key != LOCKED}
        return replace(box, extra={**kept, LOCKED: True} if lock else kept)

    return change_boxes(title, [(box, locked(box)) for box in boxes])


def is_locked(box: Annotation) -> bool:
    """Whether a box is to stay as it is."""
    return bool(box.extra.get(LOCKED))


def unlocked(boxes: Iterable[Annotation]) -> list[Annotation]:
    """The boxes that may be changed."""
    return [box for box in boxes if not is_locked(box)]


def remove_image(title: str, image: ImageRecord, boxes: Iterable[Annotation]) -> Edit:
    """An image and its boxes gone from the project; its file stays where it is."""
    changes = [Change(("annotation", box.id), box, None) for box in boxes]
    return Edit(title, (*changes, Change(("image", image.id), image, None)))


def set_state(title: str, image: ImageRecord, state: ImageState) -> Edit:
    """An image in another state."""
    return Edit(title, () if state is image.state else (_state(image, state),))


def add_class(title: str, label: int, name: str) -> Edit:
    """A class at the end of the list; `label` is its place there."""
    return Edit(title, (Change(("class", label), None, FoodClass(name)),))


def rename_class(title: str, label: int, food: FoodClass, old: str, new: str) -> Edit:
    """A class with another name in place of `old`, which is its English or its Chinese one; its label and its boxes stay."""
    named = replace(food, name=new) if old == food.name else replace(food, name_zh=new)
    return Edit(title, (Change(("class", label), food, named),) if named != food else ())


def recolour_class(title: str, label: int, food: FoodClass, color: str) -> Edit:
    """A class in another colour "#rrggbb"."""
    return Edit(title, (Change(("class", label), food, replace(food, color=color)),))


def merge_classes(title: str, classes: ClassList, label: int, into: int, boxes: Iterable[Annotation]) -> Edit:
    """All `boxes` of one class given to another, which answers to its name too.

    The class itself stays where it is, out of sight and without boxes, so that no other class gets another label.
    """
    gone, kept = classes[label], classes[into]
    name = f"{gone.name} → {kept.name}"
    if classes.label(name) is not None:  # another class of that name went the same way before
        name = f"{name} ({label})"
    hidden = replace(gone, name=name, name_zh="", aliases=(), extra={**gone.extra, HIDDEN: True})
    aliases = dict.fromkeys((*kept.aliases, gone.name, *gone.aliases, *([gone.name_zh] if gone.name_zh else [])))
    changes = [Change(("annotation", box.id), box, replace(box, label=into)) for box in boxes]
    changes.append(Change(("class", label), gone, hidden))
    changes.append(Change(("class", into), kept, replace(kept, aliases=tuple(aliases))))
    return Edit(title, tuple(changes))


def class_order(classes: ClassList) -> tuple[int, ...]:
    """The labels as a person sees them: in the order of their places, those that were merged into others left out."""
    seen = [label for label, food in enumerate(classes) if not food.extra.get(HIDDEN)]
    return tuple(sorted(seen, key=lambda label: (classes[label].extra.get(PLACE, label), label)))


def in_classes(classes: ClassList, boxes: Iterable[tuple[Annotation, str]]) -> list[Annotation]:
    """Boxes of earlier, each with what its class was called then, in the classes as they are now.

    A class may be merged into another since, which answers to its name, or be renamed; boxes of one that is gone are left out.
    """
    order, placed = class_order(classes), []
    for box, name in boxes:
        label = classes.find(name)
        if label is not None or box.label in order:
            placed.append(replace(box, label=box.label if label is None else label))
    return placed


def order_classes(title: str, classes: ClassList, order: Sequence[int]) -> Edit:
    """Classes shown in another order; their labels stay."""
    placed = [(label, classes[label], place) for place, label in enumerate(order)]
    return Edit(
        title,
        tuple(
            Change(("class", label), food, replace(food, extra={**food.extra, PLACE: place}))
            for label, food, place in placed
            if food.extra.get(PLACE, label) != place
        ),
    )


def beside(box: BoxXyxy, size_hw: tuple[int, int]) -> BoxXyxy:
    """Where the duplicate of a box lies: right of it and below, or left and above where that would leave the image."""
    by = max(round(_BESIDE * max(size_hw)), 1)
    dx = by if box[2] + by <= size_hw[1] else -min(by, box[0])
    dy = by if box[3] + by <= size_hw[0] else -min(by, box[1])
    return box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy


def cut_to(box: Sequence[float], size_hw: tuple[int, int]) -> BoxXyxy | None:
    """The part of an xyxy box that lies on an image; None if hardly anything does."""
    height, width = size_hw
    x0, y0, x1, y1 = max(box[0], 0.0), max(box[1], 0.0), min(box[2], float(width)), min(box[3], float(height))
    return (x0, y0, x1, y1) if min(x1 - x0, y1 - y0) >= _LEAST_SIDE else None


def _state(image: ImageRecord, state: ImageState) -> Change:
    return Change(("image", image.id), image, replace(image, state=state))


def place_of(image_id: int, order: Sequence[int], near: int | None) -> int | None:
    """Where an image stands in a list that may be very long, looked for first around `near`; None if it is not in it."""
    if near is not None:
        for place in (near, near + 1, near - 1):
            if 0 <= place < len(order) and order[place] == image_id:
                return place
    return order.index(image_id) if image_id in order else None
