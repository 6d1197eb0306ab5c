"""Several COCO sets as one, each in a folder of its own: FOLDER/SOURCE/instances.json and FOLDER/SOURCE/images.

`FOLDER/classes.csv`, if it is there, says what the classes of the sources are called together: source,name,class,name_zh, a row
for each of them. Those that are called the same are one class.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path

from ..errors import InputError
from ..types import Annotation, ClassList, FoodClass, ImageRecord, LabelledSet, plain
from .coco import COCO

FILE, IMAGES, CLASSES = "instances.json", "images", "classes.csv"

Called = Mapping[tuple[str, str], FoodClass]
"""The class that is meant, by source and by its name there."""


def read_corpus(folder: Path) -> LabelledSet:
    """The sets below a folder, put together. Raises InputError where there is none, or for what is wrong with one."""
    files = sorted(folder.glob(f"*/{FILE}"))
    if not files:
        problem = f"is no project and has no folder with {FILE} in it"
        raise InputError(folder, problem, "Give a project (NAME.foodet), a COCO file, or a folder of COCO sets.")
    sets = {file.parent.name: COCO.read(file, file.parent / IMAGES) for file in files}
    return together(sets, _called(folder / CLASSES) if (folder / CLASSES).exists() else {})


def together(sets: Mapping[str, LabelledSet], called: Called | None = None) -> LabelledSet:
    """Sets by source as one. What `called` does not name is a class `source/name` of its own.

    The same word may mean different things to two sources, and what one has no class for may lie on its images all the same: an
    image is exhaustive for the classes of its source alone.
    """
    called = called or {}
    classes: dict[str, FoodClass] = {}
    labels: dict[str, list[int]] = {}
    """By source: the label here of each of its own."""
    for source, labelled in sets.items():
        meant = [called.get((source, name), FoodClass(f"{source}/{name}")) for name in labelled.classes.names]
        classes.update({c.name: c for c in meant if c.name not in classes})
        places = {name: label for label, name in enumerate(classes)}
        labels[source] = [places[c.name] for c in meant]
    images: list[ImageRecord] = []
    annotations: dict[int, tuple[Annotation, ...]] = {}
    numbers, ids = count(1), count(1)
    for source, labelled in sets.items():
        here = labels[source]
        for image in labelled.images:
            known = frozenset(here if image.exhaustive is None else _whole(here, image.exhaustive))
            number = next(numbers)
            images.append(replace(image, id=number, path=labelled.path(image).absolute().as_posix(), exhaustive=known))
            annotations[number] = tuple(
                replace(a, id=next(ids), image_id=number, label=here[a.label]) for a in labelled.annotations.get(image.id, ())
            )
    return LabelledSet(Path(), ClassList(tuple(classes.values())), tuple(images), annotations)


def _whole(here: list[int], exhaustive: frozenset[int]) -> set[int]:
    """The classes that are labelled exhaustively: of those that were several in the source, all of them have to be."""
    return {here[label] for label in exhaustive} - {label for n, label in enumerate(here) if n not in exhaustive}


def _called(table: Path) -> Called:
    try:
        with table.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        aliases = _aliases({(row["class"], row["name"]) for row in rows})
        return {
            (row["source"], row["name"]): FoodClass(row["class"], row["name_zh"], aliases=aliases[row["class"]]) for row in rows
        }
    except (KeyError, ValueError, AttributeError, InputError, csv.Error, OSError) as error:
        raise InputError(table, f"is no table of classes ({error})", "Its columns are source,name,class,name_zh.") from error


def _aliases(called: set[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    """By class: what sources call it, where no source means another class by that and no class has it for a name."""
    meant = {(c, plain(name)) for c, name in called}
    meanings = Counter(name for _, name in meant)
    classes = {c for c, _ in called}
    taken = set(map(plain, classes))
    return {c: tuple(sorted(n for of, n in meant if of == c and n not in taken and meanings[n] == 1)) for c in classes}
