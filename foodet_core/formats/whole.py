"""Images that are labelled as a whole, for pre-training: read as sets whose one box an image is the image.

Such a folder holds either `labels.csv` with the columns path (from the folder), label and, if there are several, source; or a
folder for each class, with its images anywhere below.
"""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from ..errors import InputError
from ..events import Progress
from ..pixels import read_size_hw
from ..project.scan import find_images, with_progress
from ..types import Annotation, ClassList, ImageRecord, LabelledSet

LABELS_NAME = "labels.csv"
_REMEDY = f"Give a folder with {LABELS_NAME} (path,label,source), or with a folder of images for each class."

Labelled = tuple[Path, str, str]
"""Path of an image, its source and its label there."""


def read_whole(folders: Iterable[Path]) -> Generator[Progress, None, LabelledSet]:
    """All images of the folders in one set; classes are called `source/label`, and a source knows its own classes only.

    The same word may mean different things to two sources, and what one has no class for may lie on its images all the same.
    Without a column for it the source is the folder's name. Yields Progress; raises InputError naming the folder that is not
    as described, or the image that is missing or unreadable.
    """
    found = list(chain.from_iterable(map(_listed, folders)))
    sizes = yield from with_progress(found, "looking at images", lambda image: read_size_hw(image[0]))
    names = sorted({_name(source, label) for _, source, label in found})
    labels = {name: label for label, name in enumerate(names)}
    known = _known(found, labels)
    images, annotations = [], {}
    for number, ((path, source, label), size_hw) in enumerate(zip(found, sizes, strict=True), start=1):
        images.append(ImageRecord(number, path.as_posix(), size_hw, exhaustive=known[source]))
        box = 0.0, 0.0, float(size_hw[1]), float(size_hw[0])
        annotations[number] = (Annotation(number, number, labels[_name(source, label)], box),)
    return LabelledSet(Path(), ClassList.of(names), tuple(images), annotations)


def _listed(folder: Path) -> Iterator[Labelled]:
    folder = folder.absolute()
    if not folder.is_dir():
        raise InputError(folder, "is not a folder", _REMEDY)
    listed = _of_table(folder / LABELS_NAME) if (folder / LABELS_NAME).exists() else _of_folders(folder)
    first = next(listed, None)
    if first is None:
        raise InputError(folder, "holds no labelled image", _REMEDY)
    return chain([first], listed)


def _of_table(table: Path) -> Iterator[Labelled]:
    with table.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        missing = {"path", "label"} - set(rows.fieldnames or ())
        if missing:
            raise InputError(table, f"has no column '{min(missing)}'", _REMEDY)
        for row in rows:
            if not row["path"] or not row["label"]:
                raise InputError(table, f"has no path or label in line {rows.line_num}", "Correct the line, or remove it.")
            yield table.parent / row["path"], row.get("source") or table.parent.name, row["label"]


def _of_folders(folder: Path) -> Iterator[Labelled]:
    for path in find_images(folder):
        label, *below = path.relative_to(folder).parts
        if below:
            yield path, folder.name, label


def _known(found: Iterable[Labelled], labels: Mapping[str, int]) -> dict[str, frozenset[int]]:
    by_source: dict[str, set[int]] = {}
    for _, source, label in found:
        by_source.setdefault(source, set()).add(labels[_name(source, label)])
    return {source: frozenset(known) for source, known in by_source.items()}


def _name(source: str, label: str) -> str:
    return f"{source}/{label}"
