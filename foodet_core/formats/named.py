"""Labelled sets of files that know a class by its name alone, and the list of names that is kept beside such files.

Without a list, classes have the order in which their names are met. `labels.txt`, one name a line, keeps the order also of
classes that no box has; labelme takes the same file (`--labels`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from ..errors import InputError
from ..types import EMPTY, Annotation, BoxXyxy, ClassList, Extra, ImageRecord, ImageState, LabelledSet, Split
from .format import Found, check_unique, is_file, read_lines, told, write_text

CLASSES_NAME = "labels.txt"


@dataclass(frozen=True)
class NamedBox:
    """One box in pixels and the name of its class."""

    name: str
    box_xyxy: BoxXyxy
    extra: Extra = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True)
class NamedImage:
    """What a file says about one image; `path` as in `ImageRecord`."""

    path: str
    size_hw: tuple[int, int]
    boxes: Sequence[NamedBox]
    split: Split = Split.NONE
    extra: Extra = field(default_factory=lambda: EMPTY)


def assemble(file: Path, root: Path, images: Sequence[NamedImage], names: Iterable[str], found: Found) -> LabelledSet:
    """The set of the images: `names` come first among the classes, others follow; ids count from 1.

    Raises InputError, naming `file`, where an image stands twice.
    """
    check_unique((image.path for image in images), file)
    classes = ClassList.of(dict.fromkeys([*names, *(box.name for image in images for box in image.boxes)]))
    labels = {name: label for label, name in enumerate(classes.names)}
    records, annotations, ids = [], {}, count(1)
    for id, image in enumerate(images, start=1):
        state = ImageState.DONE if image.boxes else ImageState.EMPTY
        records.append(ImageRecord(id, image.path, image.size_hw, split=image.split, state=state, extra=image.extra))
        annotations[id] = tuple(
            Annotation(next(ids), id, labels[box.name], box.box_xyxy, extra=box.extra) for box in image.boxes
        )
    return LabelledSet(root, classes, tuple(records), annotations, remarks=told(found))


def read_names(folder: Path) -> list[str]:
    """The names in the folder's `labels.txt`, none where there is no such file."""
    file = folder / CLASSES_NAME
    if not is_file(file):
        return []
    names = read_lines(file)
    check_unique(names, file)
    return names


def write_names(folder: Path, classes: ClassList) -> None:
    """Write `labels.txt`. Raises InputError for a name that is more than one line."""
    for name in classes.names:
        if "\n" in name or "\r" in name:
            raise InputError(f"class {name!r}", "has a line break in its name", "Rename the class.")
    write_text(folder / CLASSES_NAME, "".join(f"{name}\n" for name in classes.names))


def tell_unused(labelled: LabelledSet, found: Found) -> None:
    """Remark the classes that a file of names loses, since no box has them."""
    used = {a.label for boxes in labelled.annotations.values() for a in boxes}
    found["Classes that the file has no place for, since no box has them"] += [
        name for label, name in enumerate(labelled.classes.names) if label not in used
    ]
