"""From a folder of pictures to a project: find the images, measure them, write the project in one go at the end.

Until that last moment nothing is on the disk, so a creation that is stopped leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ..errors import InputError
from ..events import Event, Finished, Notice, Progress
from ..pixels import SUFFIXES as IMAGE_SUFFIXES
from ..pixels import is_image, read_size_hw, read_taken
from ..types import EMPTY, ClassList, ImageRecord
from .store import SUFFIX, Project, check_new

DATE = "date_captured"
"""When a photo was taken, in the `extra` of its record: the name that COCO files have for it."""
_TICK_SECONDS = 0.1
_NAMED = 10
_DIGITS = re.compile(r"\d+")
_LONGEST = 24

T = TypeVar("T")
R = TypeVar("R")


def find_images(folder: Path) -> Iterator[Path]:
    """All image files under `folder`, in the order a person counts: `2.jpg` before `10.jpg`, folder by folder.

    Hidden folders and projects are passed over. Raises InputError where `folder` is not one.
    """
    if not folder.is_dir():
        raise InputError(folder, "is not a folder", "Give the folder that holds the images.")
    found: list[Path] = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and not name.endswith(SUFFIX)]
        found += [path for path in (Path(parent, name) for name in files) if is_image(path)]
    yield from sorted(found, key=lambda path: natural(path.as_posix()))


def natural(path: str) -> tuple[str, str]:
    """What to sort POSIX paths by in the order a person counts: folder by folder, `2.jpg` before `10.jpg`."""
    stem, dot, suffix = path.rpartition(".")
    name = stem if dot and "/" not in suffix else path
    # A folder ends before anything else begins, and figures compare as numbers when they are equally long.
    return _DIGITS.sub(lambda digits: digits[0].zfill(_LONGEST), name.casefold().replace("/", "\0")), path


def new_project(folder: Path, images: Path, classes: ClassList = ClassList()) -> Iterator[Event]:  # noqa: B008
    """Make a project as `folder` of all images found under `images`.

    Yields Progress, a Notice naming the files that cannot be read (they are left out), Finished. Raises InputError where the
    project exists already or there is no image to read.
    """
    started = time.monotonic()
    check_new(folder)
    root = images.resolve()
    paths = list(find_images(root))
    found = yield from with_progress(paths, "Reading images", lambda path: _try_record(path, root))
    records = [replace(record, id=n) for n, record in enumerate((r for r in found if r is not None), start=1)]
    skipped = [path.relative_to(root).as_posix() for path, record in zip(paths, found, strict=True) if record is None]
    if skipped:
        yield Notice(_skipped_text(skipped), "warning")
    if not records:
        raise InputError(images, "holds no image that can be read", f"Images end in {', '.join(sorted(IMAGE_SUFFIXES))}.")
    with Project.create(folder, root, classes, records) as project:
        text = f"Made the project {project.name} of {len(records)} images."
    yield Finished("new", "done", text, time.monotonic() - started, {"images": len(records), "skipped": len(skipped)})


def measure(path: Path) -> tuple[tuple[int, int], str]:
    """Height and width of the upright image, and a hash of the file's content. Raises InputError if it cannot be read."""
    size_hw = read_size_hw(path)
    try:
        with path.open("rb") as file:
            return size_hw, hashlib.file_digest(file, _content_hash).hexdigest()
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})", "Check the file and its disk.") from error


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


def _content_hash() -> hashlib.blake2b:
    return hashlib.blake2b(digest_size=16)


def _try_record(path: Path, root: Path) -> ImageRecord | None:
    name = path.relative_to(root).as_posix()
    try:
        name.encode()  # a file name may be bytes that are no text
        size_hw, content_hash = measure(path)
    except (InputError, UnicodeEncodeError):
        return None
    taken = read_taken(path)
    return ImageRecord(0, name, size_hw, content_hash, extra={DATE: taken} if taken else EMPTY)


def _skipped_text(names: Sequence[str]) -> str:
    shown = ", ".join(name.encode(errors="replace").decode() for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"Left out {len(names)} of the files, which cannot be read as images: {shown}{more}."
