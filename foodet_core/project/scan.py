"""From a folder of pictures to a project, or into one: find the images, measure them, write all in one go at the end.

Until that last moment nothing is on the disk, so what is stopped leaves nothing behind. A project may also be made of names,
with the first image alone measured; `complete` does the rest, for whoever needs it and wherever it was left off.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ..config import AddJob
from ..errors import InputError
from ..events import Event, Finished, Notice, Progress, Started
from ..pixels import SUFFIXES as IMAGE_SUFFIXES
from ..pixels import is_image, read_rgb
from ..types import NOT_MEASURED, ClassList, ImageRecord
from .edits import Change, Edit
from .measure import measured
from .store import SUFFIX, Project, check_new

_TICK_SECONDS = 0.1
_NAMED = 10
_GLANCE = 64
_DIGITS = re.compile(r"\d+")
_LONGEST = 24

T = TypeVar("T")
R = TypeVar("R")


def find_images(folder: Path) -> Iterator[Path]:
    """All image files under `folder`, in the order a person counts: `2.jpg` before `10.jpg`, folder by folder.

    Hidden folders and projects are passed over. Raises InputError where `folder` is not one.
    """
    yield from (folder / name for name in _image_names(folder))


def _image_names(folder: Path) -> list[str]:
    """What `find_images` finds, as POSIX paths below the folder: of thousands of names no Path is made for nothing."""
    if not folder.is_dir():
        raise InputError(folder, "is not a folder", "Give the folder that holds the images.")
    names: list[str] = []
    for parent, folders, files in os.walk(folder):
        folders[:] = filter(is_searched, folders)
        below = Path(parent).relative_to(folder).as_posix()
        names += (name if below == "." else f"{below}/{name}" for name in files if is_image(name))
    return sorted(names, key=natural)


def is_searched(folder: str) -> bool:
    """Whether images are sought in a folder of this name: hidden ones and projects are passed over."""
    return not folder.startswith(".") and not folder.endswith(SUFFIX)


def natural(path: str) -> tuple[str, str]:
    """What to sort POSIX paths by in the order a person counts: folder by folder, `2.jpg` before `10.jpg`."""
    stem, dot, suffix = path.rpartition(".")
    name = stem if dot and "/" not in suffix else path
    # A folder ends before anything else begins, and figures compare as numbers when they are equally long.
    return _DIGITS.sub(lambda digits: digits[0].zfill(_LONGEST), name.casefold().replace("/", "\0")), path


def new_project(
    folder: Path,
    images: Path,
    classes: ClassList = ClassList(),  # noqa: B008
    *,
    measure_all: bool = True,
) -> Generator[Event, None, list[ImageRecord]]:
    """Make a project as `folder` of all images found under `images`, and return those as it has them.

    Without `measure_all` only the first one that can be read is measured, which takes no time; `complete` goes on from there.
    Yields Started with the number of files and the `first` of them, Progress, a Notice naming the files that cannot be read
    (they are left out), Finished. Raises InputError where the project exists already or there is no image to read.
    """
    started = time.monotonic()
    check_new(folder)
    root = images.resolve()
    names = _image_names(root)
    first = next((str(root / name) for name in names if _named(name) is not None), "")
    yield Started("new", detail={"images": len(names), "first": first})
    records: list[ImageRecord] = []

    def look(name: str) -> bool:
        image = _named(name, len(records) + 1)
        if image is not None and (measure_all or not records):
            image = _try_measured(image, root / name)
        records.extend([] if image is None else [image])
        return image is not None

    taken = yield from with_progress(names, "Reading images", look)
    skipped = [name for name, is_taken in zip(names, taken, strict=True) if not is_taken]
    if skipped:
        yield Notice(_skipped_text(skipped), "warning")
    if not records:
        raise InputError(images, "holds no image that can be read", f"Images end in {', '.join(sorted(IMAGE_SUFFIXES))}.")
    with Project.create(folder, root, classes, records) as project:
        text = f"Made the project {project.name} of {len(records)} images."
    yield Finished("new", "done", text, time.monotonic() - started, {"images": len(records), "skipped": len(skipped)})
    return records


def complete(project: Project) -> Iterator[Event]:
    """Measure the images of a project that have not been.

    Yields nothing where there are none, else Progress, and a Notice naming the files that cannot be read (they are left out).
    Raises InputError where the folder of the images is out of reach.
    """
    left = [image for image in project.images() if not image.is_measured]
    if not left:
        return
    found = yield from with_progress(left, "Reading images", lambda image: _try_measured(image, project.path(image)))
    unreadable = [image for image, record in zip(left, found, strict=True) if record is None]
    project.keep_measured([record for record in found if record is not None], unreadable)
    if unreadable:
        yield Notice(_skipped_text([image.path for image in unreadable]), "warning")


def add_images(job: AddJob) -> Iterator[Event]:
    """Add image files, and all images under folders, to a project, as one step that can be undone.

    Files are decoded, so that one that is still being copied is not taken. A file with the content of an image of the project
    is left out; where that image's own file is gone it was moved, and the image goes with it. Yields Progress, a Notice of
    each kind of thing left out, Finished. Raises InputError where a path does not exist.
    """
    started = time.monotonic()
    with Project.open(Path(job.project)) as project:
        yield from complete(project)
        coming = _Coming(project)
        paths = [path for path in dict.fromkeys(_listed(job.images)) if path not in coming.known]
        for_each = yield from with_progress(paths, "Reading images", coming.change)
        changes = [change for change in for_each if change is not None]
        new = sum(change.before is None for change in changes)
        # Told before it is written: after that there is nothing left to stop.
        yield from (Notice(text, "warning") for text in coming.told())
        project.apply(Edit(f"add {_images_text(new)}", tuple(changes)))
        name = project.name
    counts = {"images": new, "moved": len(changes) - new}
    moved = f" {_images_text(counts['moved'])} went with files that were moved." if counts["moved"] else ""
    text = f"Added {_images_text(new)} to {name}." if new or moved else f"Nothing to add: no image there is new to {name}."
    if not changes and coming.unreadable:
        text = "No image was added."
    yield Finished("add", "done", text + moved, time.monotonic() - started, counts)


def with_progress(items: Sequence[T], stage: str, work: Callable[[T], R]) -> Generator[Progress, None, list[R]]:
    """Do `work` on every item; yields Progress ten times a second, and once at either end, and returns the results."""
    total, results = len(items), []
    started = ticked = time.monotonic()
    yield Progress(0, total, stage)
    for done, item in enumerate(items, start=1):
        results.append(work(item))
        now = time.monotonic()
        if now - ticked >= _TICK_SECONDS and done < total:
            ticked = now
            yield Progress(done, total, stage, (now - started) / done * (total - done))
    yield Progress(total, total, stage, 0.0)
    return results


class _Coming:
    """Files on their way into a project, as changes; what cannot be taken is kept in mind."""

    def __init__(self, project: Project) -> None:
        self._project = project
        images = project.images()
        self.known = {Path(os.path.normpath(project.path(image))) for image in images}
        self._by_content = {image.content_hash: image for image in images if image.content_hash}
        self.unreadable: list[str] = []
        self._same: list[str] = []

    def change(self, path: Path) -> Change | None:
        """What adding a file changes; None if it cannot be taken."""
        record = None
        with contextlib.suppress(InputError):
            read_rgb(path, fit=_GLANCE)
            root = self._project.root
            named = _named((path.relative_to(root) if path.is_relative_to(root) else path).as_posix())
            record = None if named is None else measured(named, path)
        if record is None:
            self.unreadable.append(path.name)
            return None
        other = self._by_content.get(record.content_hash)
        if other is None:
            record = replace(record, id=self._project.new_id())
            self._by_content[record.content_hash] = record
            return Change(("image", record.id), None, record)
        if self._project.path(other).exists():
            self._same.append(path.name)
            return None
        self._by_content[record.content_hash] = moved = replace(other, path=record.path)
        return Change(("image", other.id), other, moved)

    def told(self) -> Iterator[str]:
        """Sentences on what was left out."""
        if self.unreadable:
            yield _skipped_text(self.unreadable)
        if self._same:
            yield f"Left out {_names_text(self._same)}: the project has the same picture already."


def _listed(paths: Iterable[str]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_dir():
            yield from find_images(path.resolve())
        elif path.is_file():
            yield path.parent.resolve() / path.name
        else:
            raise InputError(path, "does not exist", "Give image files, or folders of them.")


def _images_text(count: int) -> str:
    return "1 image" if count == 1 else f"{count} images"


def _named(name: str, id: int = 0) -> ImageRecord | None:
    """An image of which nothing but its name is known; None where that is no text: a file name may be bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return None
    return ImageRecord(id, name, NOT_MEASURED)


def _try_measured(image: ImageRecord, path: Path) -> ImageRecord | None:
    with contextlib.suppress(InputError):
        return measured(image, path)
    return None


def _skipped_text(names: Sequence[str]) -> str:
    return f"Left out {len(names)} of the files, which cannot be read as images: {_names_text(names)}."


def _names_text(names: Sequence[str]) -> str:
    shown = ", ".join(name.encode(errors="replace").decode() for name in names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown
