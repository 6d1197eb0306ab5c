"""Annotation files into a project and out of it.

An import is one edit: it happens as a whole, is taken back by one undo, and writes nothing where the file has a flaw.
Images are matched by their path under the project's root, copies by their content, classes by name.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path

from ..config import AUTO, ExportJob, ImportJob
from ..errors import InputError
from ..events import Event, Finished, Notice, Progress
from ..pixels import read_size_hw
from ..project.edits import Change, ConflictError, Edit
from ..project.measure import content_hash
from ..project.scan import complete, with_progress
from ..project.store import Project
from ..types import Annotation, ImageRecord, ImageState, LabelledSet, Split
from . import FORMATS
from .format import Format, Found, Tick, check_size, new_file, new_folder, told
from .recognise import recognise
from .source import into_splits, only, split_of

# Boxes that lie within this many pixels of one another are the same box, rounded.
_SAME_PIXELS = 0.01
_TICK_SECONDS = 0.1
_NAMED = 5


def import_annotations(job: ImportJob) -> Iterator[Event]:
    """Read an annotation file into a project, as one step that can be undone.

    Images that the project lacks are added where they lie, missing classes are appended, boxes that are there already are not
    doubled. Images take the split of the job, or else the one that the file says. Yields Progress, a Notice of everything that
    was converted, left out or is not as the file says, Finished. Raises InputError, with nothing written, for every flaw of
    the file and for an image of another size than the file says.
    """
    started = time.monotonic()
    (format, file), split = _reading(job), None if job.split is None else split_of(job.split)
    with Project.open(Path(job.project)) as project:
        images = project.root if job.images is None else Path(job.images)
        labelled = yield from _ticking(f"Reading {file.name}", lambda tick: format.read(file, images, tick))
        yield from complete(project)
        incoming = _Incoming(project, labelled, split)
        by_image = yield from with_progress(labelled.images, "Importing images", incoming.of_image)
        changes = (*incoming.of_classes(), *chain.from_iterable(by_image), *incoming.of_other_images())
        # Told before it is written: after that there is nothing left to stop.
        yield from (Notice(remark, "warning") for remark in (*labelled.remarks, *told(incoming.found)))
        if labelled.extra:
            yield Notice(f"Not kept of {file.name}, because it describes the file: {', '.join(labelled.extra)}.")
        try:
            project.apply(Edit(f"import {file.name}", tuple(c for c in changes if c.before != c.after)))
        except ConflictError as error:
            raise InputError(job.project, "was changed by another window meanwhile", "Import again.") from error
    counts = _counts(changes, labelled)
    yield Finished("import", "done", _import_text(counts), time.monotonic() - started, counts)


def export_annotations(job: ExportJob) -> Iterator[Event]:
    """Write the accepted boxes of a project to an annotation file, image paths relative to the project's root.

    Shares for val and test divide the images of no split; a format that cannot tell splits then becomes a folder with a file
    or folder for each. Yields Progress, a Notice of everything that the format has no place for, Finished. Raises InputError
    where no image is labelled or the file cannot be written.
    """
    started = time.monotonic()
    format, split = _format(job.format), None if job.split is None else split_of(job.split)
    with Project.open(Path(job.project)) as project:
        labelled = project.labelled_set(split)
    wanted = None if job.images is None else frozenset(job.images)
    labelled = only(labelled, (i for i in labelled.images if (wanted is None or i.id in wanted) and _is_asked(i, job)))
    if not labelled.images:
        raise InputError(job.project, "has no labelled image to export", "Draw boxes and mark images as done.")
    apart = job.val is not None or job.test is not None
    if apart:
        labelled = into_splits(labelled, job.val or 0.0, job.test or 0.0)
    in_parts = apart and not format.splits
    write = partial(_write_apart, format) if in_parts else format.write
    place = new_file if format.suffix and not in_parts else new_folder
    name = Path(job.file).name
    with place(Path(job.file)) as unfinished:
        written = yield from _ticking(f"Writing {name}", lambda tick: write(labelled, unfinished, tick))
        # Told before the file stands: after that there is nothing left to stop.
        yield from (Notice(remark, "warning") for remark in written.remarks)
    counts = {"images": len(written.images), "boxes": sum(map(len, written.annotations.values()))}
    text = f"Exported {counts['boxes']} boxes on {counts['images']} images to {name}."
    yield Finished("export", "done", text, time.monotonic() - started, counts)


class _Incoming:
    """What a labelled set brings to a project, as changes; `found` is what a person should know of it."""

    def __init__(self, project: Project, labelled: LabelledSet, split: Split | None) -> None:
        self._project = project
        self._labelled = labelled
        self._folder = labelled.root.resolve()
        self._split = split
        self._stored = {image.path: image for image in project.images()}
        self._known = project.classes()
        self._known_labels = frozenset(range(len(self._known)))
        self._new = [c for c in labelled.classes if self._known.label(c.name) is None]
        names = [*self._known.names, *(c.name for c in self._new)]
        self._labels = [names.index(name) for name in labelled.classes.names]
        self._class_count = len(names)
        self._seen: set[int] = set()
        self._originals = self._by_content()
        self.found = Found(list)

    def of_classes(self) -> list[Change]:
        """The classes that the project lacks."""
        return [Change(("class", label), None, c) for label, c in enumerate(self._new, start=len(self._known))]

    def of_image(self, image: ImageRecord) -> list[Change]:
        """One image with its boxes."""
        path = self._path(image)
        stored, record = self._find(image, path)
        self._seen.add(record.id)
        check_size(self._project.root / path, image.size_hw, record.size_hw)
        present = () if stored is None else self._project.annotations(stored.id)
        boxes = self._boxes(image, record, present)
        after = replace(
            record,
            split=self._new_split(image, record),
            state=ImageState.DONE if boxes or present else ImageState.EMPTY,
            exhaustive=self._exhaustive(stored),
            extra={**record.extra, **image.extra},
        )
        return [Change(("image", record.id), stored, after), *(Change(("annotation", box.id), None, box) for box in boxes)]

    def of_other_images(self) -> list[Change]:
        """Finished images that `of_image` was not asked for: nobody looked for the new classes on them."""
        if not self._new:
            return []
        others = [image for image in self._stored.values() if image.id not in self._seen and _is_finished(image)]
        return [
            Change(("image", image.id), image, replace(image, exhaustive=self._known_labels))
            for image in others
            if image.exhaustive is None
        ]

    def _path(self, image: ImageRecord) -> Path:
        path = Path(os.path.normpath(self._folder / image.path))
        return path.relative_to(self._project.root) if path.is_relative_to(self._project.root) else path

    def _find(self, image: ImageRecord, path: Path) -> tuple[ImageRecord | None, ImageRecord]:
        """The project's record of an image, None if it has none yet, and the record to go on with."""
        stored = self._stored.get(path.as_posix())
        if stored is not None:
            return stored, stored
        record = self._new_record(image, path)
        # A set that brings copies of the project's images (a YOLO export) is about those, not about others like them.
        original = self._originals.pop(record.content_hash, None)
        if original is None:
            return None, record
        self.found["Copies of the project's images, whose boxes went to the originals"].append(image.path)
        return original, original

    def _by_content(self) -> dict[str, ImageRecord]:
        """The images that the set does not name itself, by content; none where two are alike."""
        hashes = Counter(image.content_hash for image in self._stored.values())
        named = {self._path(image).as_posix() for image in self._labelled.images}
        return {
            image.content_hash: image
            for path, image in self._stored.items()
            if image.content_hash and hashes[image.content_hash] == 1 and path not in named
        }

    def _new_split(self, image: ImageRecord, record: ImageRecord) -> Split:
        if self._split is not None:
            return self._split
        if record.split not in (Split.NONE, image.split) and image.split:
            self.found["Images moved to the split that the file says"].append(record.path)
        return image.split or record.split

    def _new_record(self, image: ImageRecord, path: Path) -> ImageRecord:
        file = self._project.root / path
        image = replace(image, size_hw=read_size_hw(file), content_hash=content_hash(file))
        return replace(image, id=self._project.new_id(), path=path.as_posix())

    def _boxes(self, image: ImageRecord, record: ImageRecord, present: tuple[Annotation, ...]) -> list[Annotation]:
        boxes = (replace(a, label=self._labels[a.label]) for a in self._labelled.annotations[image.id])
        new = [box for box in boxes if not any(_is_same(box, other) for other in present)]
        return [replace(box, id=self._project.new_id(), image_id=record.id) for box in new]

    def _exhaustive(self, stored: ImageRecord | None) -> frozenset[int] | None:
        """The labels that somebody looked for: those of the file, and those that the image was finished for before."""
        labels = frozenset(self._labels)
        if stored is not None and _is_finished(stored):
            labels |= self._known_labels if stored.exhaustive is None else stored.exhaustive
        return None if len(labels) == self._class_count else labels


def _reading(job: ImportJob) -> tuple[Format, Path]:
    """The format to read with, and what of the job's file or folder."""
    file = Path(job.file)
    if job.format != AUTO:
        return _format(job.format), file
    found = recognise(file)
    if len(found) == 1:
        return FORMATS[found[0].format], found[0].path
    known = ", ".join(FORMATS)
    if not found:
        raise InputError(file, "is in no format that can be told", f"Give its format: {known}.")
    names = ", ".join(f"{one.path} ({one.format})" for one in found[:_NAMED])
    raise InputError(file, f"can be read in {len(found)} ways: {names}", "Give one of them, and its format.")


def _ticking(stage: str, work: Callable[[Tick], LabelledSet]) -> Generator[Progress, None, LabelledSet]:
    """Do `work` in a thread, telling how far it is; closing this makes its next tick raise, and waits for its end."""
    stopped = threading.Event()
    standing = 0, 0

    def tick(done: int, total: int) -> None:
        nonlocal standing
        if stopped.is_set():
            raise _StoppedError
        standing = done, total

    with ThreadPoolExecutor(1) as thread:
        result = thread.submit(work, tick)
        try:
            while not wait([result], _TICK_SECONDS).done:
                done, total = standing
                yield Progress(done, total, stage)
            return result.result()
        finally:
            stopped.set()


class _StoppedError(Exception):
    """Ends the work of a thread that nobody waits for any more."""


def _write_apart(format: Format, labelled: LabelledSet, folder: Path, tick: Tick) -> LabelledSet:
    """A file or folder for each split in `folder`."""
    total, written = len(labelled.images), LabelledSet(labelled.root, labelled.classes, (), {})
    for split in (split for split in Split if any(image.split is split for image in labelled.images)):
        part = only(labelled, (image for image in labelled.images if image.split is split))
        later = partial(_tick_later, tick, len(written.images), total)
        part = format.write(part, folder / f"{split}{format.suffix}", later)
        written = replace(
            written,
            images=(*written.images, *part.images),
            annotations={**written.annotations, **part.annotations},
            remarks=(*written.remarks, *(f"{split}: {remark}" for remark in part.remarks)),
        )
    return written


def _tick_later(tick: Tick, before: int, total: int, done: int, _: int) -> None:
    tick(before + done, total)


def _is_asked(image: ImageRecord, job: ExportJob) -> bool:
    return _is_finished(image) or not job.done


def _format(name: str) -> Format:
    if name not in FORMATS:
        raise InputError("format", f"'{name}' is not known", f"Formats are: {', '.join(FORMATS)}.")
    return FORMATS[name]


def _is_finished(image: ImageRecord) -> bool:
    return image.state in (ImageState.DONE, ImageState.EMPTY)


def _is_same(a: Annotation, b: Annotation) -> bool:
    apart = max(abs(one - other) for one, other in zip(a.box_xyxy, b.box_xyxy, strict=True))
    return a.label == b.label and apart <= _SAME_PIXELS


def _counts(changes: tuple[Change, ...], labelled: LabelledSet) -> dict[str, int]:
    new = [c.key[0] for c in changes if c.before is None]
    boxes, in_file = new.count("annotation"), sum(map(len, labelled.annotations.values()))
    return {
        "images": len(labelled.images),
        "boxes": boxes,
        "new_images": new.count("image"),
        "new_classes": new.count("class"),
        "known_boxes": in_file - boxes,
    }


def _import_text(counts: dict[str, int]) -> str:
    new = f"{counts['new_images']} images and {counts['new_classes']} classes are new"
    known = f"; {counts['known_boxes']} boxes were there already" if counts["known_boxes"] else ""
    return f"Imported {counts['boxes']} boxes on {counts['images']} images: {new}{known}."
