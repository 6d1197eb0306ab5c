"""Labelled images for training and evaluation, from a project or annotation files, and a part of them held out."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from pathlib import Path

from ..config import Source
from ..errors import InputError
from ..project.store import SUFFIX, Project
from ..types import ImageRecord, LabelledSet, Split
from .coco import COCO
from .corpus import read_corpus
from .format import check_images


def open_source(source: Source) -> LabelledSet:
    """The labelled images of a project folder, of a COCO file with the folder of its images, or of a folder of COCO sets.

    Every image is there and has the size its record says. Raises InputError otherwise, and where no image is labelled.
    """
    path = Path(source.path)
    if path.suffix == SUFFIX:
        labelled = _of_project(path, source.split)
    else:
        labelled = _of_folder(path, source) if path.is_dir() else _of_file(path, source)
    if not labelled.images:
        what = f"has no labelled image in the split '{source.split}'" if source.split else "has no labelled image"
        raise InputError(path, what, "Draw boxes and mark images as done, or import annotations.")
    check_images(labelled)
    return labelled


def only(labelled: LabelledSet, images: Iterable[ImageRecord]) -> LabelledSet:
    """The set of some of its images."""
    chosen = tuple(images)
    return replace(labelled, images=chosen, annotations={i.id: labelled.annotations.get(i.id, ()) for i in chosen})


def hold_out(labelled: LabelledSet, share: float, seed: int) -> tuple[LabelledSet, LabelledSet]:
    """Part a set in two: what remains, and about `share` of the images held out; at least one image on either side.

    Which images those are depends on their paths and `seed` alone, not on their order. Every class gives near its share.
    Raises InputError below two images.
    """
    count = len(labelled.images)
    if count < 2:
        raise InputError(labelled.root, f"has {count} labelled images", "Label at least 2: one is held out to measure on.")
    wanted = min(max(round(share * count), 1), count - 1)
    ordered = _by_rarest_class(labelled, seed)
    held = {ordered[(2 * n + 1) * count // (2 * wanted)].id for n in range(wanted)}
    return (
        only(labelled, (image for image in labelled.images if image.id not in held)),
        only(labelled, (image for image in labelled.images if image.id in held)),
    )


def into_splits(labelled: LabelledSet, val: float, test: float) -> LabelledSet:
    """Put the images of no split into val and test, about such shares of them, and the others into train.

    They are chosen as by `hold_out`; images that have a split keep it. Raises InputError where the shares leave nothing for
    train, or there are fewer images of no split than parts.
    """
    if not 0 <= val + test < 1 or min(val, test) < 0:
        raise InputError("splits", f"val {val:g} and test {test:g} leave no image to train on", "Give shares below 1 together.")
    rest = only(labelled, (image for image in labelled.images if not image.split))
    given: dict[int, Split] = {}
    for split, share in ((Split.TEST, test), (Split.VAL, val / (1 - test))):
        if share and rest.images:
            rest, held = hold_out(rest, share, 0)
            given |= {image.id: split for image in held.images}
    given |= {image.id: Split.TRAIN for image in rest.images}
    return replace(labelled, images=tuple(replace(i, split=given.get(i.id, i.split)) for i in labelled.images))


def split_of(name: str) -> Split:
    """The split called `name`. Raises InputError for any other text."""
    try:
        return Split(name)
    except ValueError:
        known = ", ".join(split for split in Split if split)
        raise InputError("split", f"'{name}' is not a split", f"Splits are: {known}.") from None


def _of_project(folder: Path, split: str | None) -> LabelledSet:
    with Project.open(folder) as project:
        return project.labelled_set(None if split is None else split_of(split))


def _of_folder(folder: Path, source: Source) -> LabelledSet:
    _check_no_split(folder, source)
    return read_corpus(folder)


def _check_no_split(path: Path, source: Source) -> None:
    if source.split is not None:
        problem = "has no splits: it is no project"
        raise InputError(path, problem, "Leave the split away, or import the annotations into a project.")


def _of_file(file: Path, source: Source) -> LabelledSet:
    _check_no_split(file, source)
    return COCO.read(file, None if source.images is None else Path(source.images))


def _by_rarest_class(labelled: LabelledSet, seed: int) -> list[ImageRecord]:
    """Images side by side that share their rarest class, in an order drawn by `seed` within: every n-th is a fair sample."""
    labels = {image.id: {a.label for a in labelled.annotations.get(image.id, ())} for image in labelled.images}
    images_with = Counter(chain.from_iterable(labels.values()))

    def place(image: ImageRecord) -> tuple[int, int, bytes]:
        rarest = min(((images_with[label], label) for label in labels[image.id]), default=(0, -1))
        return *rarest, hashlib.blake2b(f"{seed} {image.path}".encode()).digest()

    return sorted(labelled.images, key=place)
