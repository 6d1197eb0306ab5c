"""Several COCO sets as one, each in a folder of its own: FOLDER/SOURCE/instances.json and FOLDER/SOURCE/images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path

from ..errors import InputError
from ..types import Annotation, ClassList, ImageRecord, LabelledSet
from .coco import COCO

FILE, IMAGES = "instances.json", "images"


def read_corpus(folder: Path) -> LabelledSet:
    """The sets below a folder, put together. Raises InputError where there is none, or for what is wrong with one."""
    files = sorted(folder.glob(f"*/{FILE}"))
    if not files:
        problem = f"is no project and has no folder with {FILE} in it"
        raise InputError(folder, problem, "Give a project (NAME.foodet), a COCO file, or a folder of COCO sets.")
    return together({file.parent.name: COCO.read(file, file.parent / IMAGES) for file in files})


def together(sets: Mapping[str, LabelledSet]) -> LabelledSet:
    """Sets by source as one. A class is called `source/name`, and an image is exhaustive for the classes of its source alone.

    The same word may mean different things to two sources, and what one has no class for may lie on its images all the same.
    """
    names = [f"{source}/{name}" for source, labelled in sets.items() for name in labelled.classes.names]
    images: list[ImageRecord] = []
    annotations: dict[int, tuple[Annotation, ...]] = {}
    numbers, ids, first = count(1), count(1), 0
    for labelled in sets.values():
        labels = range(first, first + len(labelled.classes))
        first = labels.stop
        for image in labelled.images:
            known = frozenset(labels if image.exhaustive is None else (labels[label] for label in image.exhaustive))
            number = next(numbers)
            images.append(replace(image, id=number, path=labelled.path(image).absolute().as_posix(), exhaustive=known))
            annotations[number] = tuple(
                replace(a, id=next(ids), image_id=number, label=labels[a.label]) for a in labelled.annotations.get(image.id, ())
            )
    return LabelledSet(Path(), ClassList.of(names), tuple(images), annotations)
