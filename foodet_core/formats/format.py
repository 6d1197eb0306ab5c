"""What an annotation format is, and what every format needs: checks of boxes and files, and writing as a whole or not at all.

A format turns a file, or a folder of files, into a `LabelledSet` and back. A new one is a module beside this with its
`Format`, named in `FORMATS`. What a format keeps for itself lies in the `extra` of images and boxes under the format's name
(COCO's keys lie there bare).
"""

from __future__ import annotations

import math
import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Protocol, TypeVar

from ..errors import InputError
from ..pixels import read_size_hw
from ..types import BoxXyxy, ImageRecord, LabelledSet

# A box may leave its image by this much, in pixels: tools round. It is cut to the image.
OVERSHOOT = 0.5
_NAMED = 5
_WRITABLE = "Check the folder and the space on its disk."

T = TypeVar("T")
Found = defaultdict[str, list[str]]
"""What had to be converted or left out, and every place of it; `told` makes remarks of it."""


Tick = Callable[[int, int], None]
"""Told how many images are through, of how many. What it raises ends the work, as any error does."""


def unheard(_done: int, _total: int) -> None:
    """The tick of those whom nobody watches."""


class Read(Protocol):
    """`images` is the folder that image names are relative to; None: the folder of the file."""

    def __call__(self, path: Path, images: Path | None = None, tick: Tick = unheard) -> LabelledSet: ...


class Write(Protocol):
    """Writes all of a set or nothing, and returns what was written."""

    def __call__(self, labelled: LabelledSet, path: Path, tick: Tick = unheard) -> LabelledSet: ...


@dataclass(frozen=True)
class Format:
    """How to read and write one kind of annotation file, or folder of such files.

    `read` raises InputError for everything wrong with the file; what it has to convert or leave out stands in the set's
    `remarks`, and for `write` what the format has no place for. `suffix` is that of the file that is written, "" where it is a
    folder; `splits` says whether one file holds the images of all splits apart.
    """

    name: str
    title: str
    read: Read
    write: Write
    suffix: str
    splits: bool


def ticking(items: Sequence[T], tick: Tick) -> Iterator[T]:
    """The items one by one, each told to `tick` when it is through."""
    for done, item in enumerate(items, start=1):
        yield item
        tick(done, len(items))


def told(found: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """A sentence for each kind of thing found, with how often and the first places."""
    return tuple(f"{what} ({len(places)}): {_first(places)}." for what, places in found.items() if places)


def cut_to_image(box_xyxy: Sequence[float], size_hw: tuple[int, int], where: str) -> BoxXyxy:
    """The box in pixels, cut to its image where it leaves it by a rounding error.

    Raises InputError, naming `where`, for a box that is inverted, empty, not finite, or outside its image.
    """
    x0, y0, x1, y1 = box_xyxy
    height, width = size_hw
    if not all(map(math.isfinite, box_xyxy)):
        raise InputError(where, "has a box that is not of finite numbers", "Correct the box, or remove the annotation.")
    if x1 <= x0 or y1 <= y0:
        problem = f"has a box of width {x1 - x0:g} and height {y1 - y0:g}"
        raise InputError(where, problem, "Give it a positive width and height, or remove the annotation.")
    cut = (max(x0, 0.0), max(y0, 0.0), min(x1, float(width)), min(y1, float(height)))
    overshoot = max(abs(a - b) for a, b in zip(box_xyxy, cut, strict=True))
    if overshoot > OVERSHOOT or cut[2] <= cut[0] or cut[3] <= cut[1]:
        problem = f"has a box from ({x0:g}, {y0:g}) to ({x1:g}, {y1:g}), outside its image of {width} x {height} pixels"
        raise InputError(where, problem, "Correct the box or the size of the image, or remove the annotation.")
    return cut


def check_size(path: Path, said_hw: tuple[int, int], found_hw: tuple[int, int]) -> None:
    """Raise InputError where an annotation file tells another size of an image than the upright image has."""
    if said_hw != found_hw:
        (said_height, said_width), (height, width) = said_hw, found_hw
        problem = f"is {width} x {height} pixels, but the annotation file says {said_width} x {said_height}"
        remedy = "Its boxes would be misplaced: export them for the image as it is shown, with its EXIF orientation applied."
        raise InputError(path, problem, remedy)


def check_images(labelled: LabelledSet) -> None:
    """Raise InputError for the first image that is missing, unreadable or of another size than its record says."""
    for image in labelled.images:
        path = labelled.path(image)
        check_size(path, image.size_hw, read_size_hw(path))


def check_unique(names: Iterable[str], where: str | Path) -> None:
    """Raise InputError for the first name that stands twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(where, f"has '{name}' more than once", "Name every class and every image once.")
        seen.add(name)


def check_name(name: str, where: str) -> str:
    """The name of a class, which must be a text. Raises InputError otherwise."""
    if not name.strip():
        raise InputError(where, "has an empty class name", "Give the class a name.")
    try:
        name.encode()  # half a character, which no file or database takes
    except UnicodeEncodeError:
        raise InputError(where, "has a class name that is not a text", "Correct the name.") from None
    return name


def root_of(path: Path, images: Path | None) -> Path:
    """The folder that image names are relative to: `images`, or the folder of the file. Raises InputError if it is none."""
    root = images or (path if path.is_dir() else path.parent)
    if not root.is_dir():
        raise InputError(root, "is not a folder", f"Give the folder that the file names in {path.name} are relative to.")
    return root


def is_file(path: Path) -> bool:
    """Whether the file exists; no name makes this raise."""
    try:
        return path.is_file()
    except OSError:  # a name longer than the system takes
        return False


def find_image(candidates: Iterable[Path], name: str, root: Path, where: str) -> Path:
    """The first candidate that exists. Raises InputError, naming `where`, if there is none."""
    for path in candidates:
        if is_file(path):
            return path
    raise InputError(where, f"names {name}, which is not in {root}", "Check the folder given for the images.")


def name_under(root: Path, path: Path) -> str:
    """How a record names an image: relative to the root where it lies below, absolute elsewhere."""
    root, path = (Path(os.path.normpath(p.absolute())) for p in (root, path))
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def read_text(path: Path) -> str:
    """A file in UTF-8, with or without a byte order mark, its line ends as they are. Raises InputError for anything else."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})", "Check the path of the annotation file.") from error
    except UnicodeDecodeError as error:
        raise InputError(path, f"is not text in UTF-8 ({error.reason})", "Save or export it in UTF-8.") from error


def read_lines(path: Path) -> list[str]:
    """The lines of a text file that are not blank, spaces as they are; only line feeds end a line."""
    return [line for line in read_text(path).replace("\r\n", "\n").split("\n") if line.strip()]


def named_by(place: PurePosixPath, image: ImageRecord, root: Path) -> str:
    """How a file at `place` of `places_of` names its image: by its name alone where it lies in the same folder of the root."""
    path = PurePosixPath(image.path)
    return path.name if place.parent == path.parent else (root / image.path).absolute().as_posix()


def places_of(images: Iterable[ImageRecord]) -> dict[int, PurePosixPath]:
    """A relative path for each image, by id, under which files about it are written; no two differ in the suffix alone.

    It is the image's own path. An image outside the root comes to `outside/ID-NAME`; where `a.jpg` and `a.png` lie side by
    side, the one added later becomes `a-ID.png`. So the path of an image does not change when others are added.
    """
    taken: set[str] = set()
    places = {}
    for image in sorted(images, key=lambda image: image.id):
        place = PurePosixPath(image.path)
        if Path(image.path).is_absolute() or ".." in place.parts:
            place = PurePosixPath("outside", f"{image.id}-{place.name}")
        while (key := place.with_suffix("").as_posix().casefold()) in taken:
            place = place.with_stem(f"{place.stem}-{image.id}")
        taken.add(key)
        places[image.id] = place
    return places


def without_crowds(labelled: LabelledSet, found: Found) -> LabelledSet:
    """The set without crowd regions, which only COCO can tell from boxes.

    An image with nothing else on it is left out, since it would seem to be empty.
    """
    boxes = {id: tuple(a for a in all_boxes if not a.is_crowd) for id, all_boxes in labelled.annotations.items()}
    crowded = {i.id for i in labelled.images if len(boxes.get(i.id, ())) < len(labelled.annotations.get(i.id, ()))}
    found["Images whose crowd regions are left out"] += [i.path for i in labelled.images if i.id in crowded]
    images = tuple(i for i in labelled.images if boxes.get(i.id) or i.id not in crowded)
    return replace(labelled, images=images, annotations={i.id: boxes.get(i.id, ()) for i in images})


def copy_image(source: Path, target: Path) -> None:
    """Copy an image byte for byte; the parent folder is made. Raises InputError where that cannot be done."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise InputError(
            source, f"cannot be copied ({error.strerror})", "Check the image and the space on the disk."
        ) from error


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """An unfinished folder to write into; it becomes `path` as a whole when the block ends, or is removed when it raises.

    Raises InputError where `path` exists and is not an empty folder, or cannot be written.
    """
    with _unfinished(path.resolve()) as (path, unfinished):
        if path.exists() and not (path.is_dir() and not any(path.iterdir())):
            raise InputError(path, "exists already", "Give a new or empty folder: nothing is written over.")
        shutil.rmtree(unfinished, ignore_errors=True)  # of an export that was killed
        unfinished.mkdir()
        try:
            yield unfinished
            if path.exists():
                path.rmdir()  # Windows renames onto nothing, not even onto an empty folder
            unfinished.rename(path)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A place to write a file to; it becomes `path`, or takes its place, when the block ends, or is removed when it raises.

    Raises InputError where it cannot be written.
    """
    with _unfinished(path) as (path, unfinished):
        try:
            yield unfinished
            os.replace(unfinished, path)  # noqa: PTH105
        finally:
            unfinished.unlink(missing_ok=True)


@contextmanager
def _unfinished(path: Path) -> Iterator[tuple[Path, Path]]:
    """A path and what to write beside it first; what goes wrong there is told of the path."""
    unfinished = path.with_name(f".{path.name}.part")
    try:
        yield path, unfinished
    except OSError as error:
        raise InputError(path, f"cannot be written ({error.strerror})", _WRITABLE) from error
    except InputError as error:
        if error.where != str(unfinished):
            raise
        raise InputError(path, error.problem, error.remedy) from error


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8 with line ends as they are, into a folder of `new_folder`; the parent folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that it is there as a whole or not at all. Raises InputError where that cannot be done."""
    with new_file(path) as unfinished:
        unfinished.write_bytes(text.encode())


def _first(places: Sequence[str]) -> str:
    shown = ", ".join(places[:_NAMED])
    return f"{shown} and {len(places) - _NAMED} more" if len(places) > _NAMED else shown
