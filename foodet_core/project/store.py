"""A project: the folder `NAME.foodet` with the labels in one database and the runs beside it.

Images are referenced, never copied or rewritten. Every change is on the disk when the call returns, together with the step
that takes it back; nothing is cached but counts (counts.py), so what another process (an import, a training) wrote is seen by
the next call.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ..config import WEIGHTS_NAME
from ..errors import InputError
from ..types import NOT_MEASURED, Annotation, ClassList, ImageRecord, ImageState, LabelledSet, Split
from . import history
from .counts import Counts
from .database import Database
from .edits import Changes, ConflictError, Edit
from .schema import (
    ACCEPTED,
    AMONG,
    ANNOTATION,
    CLASS,
    IMAGE,
    Row,
    decode_annotation,
    decode_class,
    decode_image,
    dump_extra,
    dumps,
)

if TYPE_CHECKING:
    from ..types import FloatArray, IntArray

SUFFIX = ".foodet"
_FILE = "project.db"
_ID_BLOCK = 1000
_WAITS = f"id = ? AND height = {NOT_MEASURED[0]}"


class Project:
    """Classes, images and annotations of one project, with unlimited undo. Close it, or use it in a `with` block."""

    def __init__(self, folder: Path, root: Path, database: Database) -> None:
        self.folder = folder
        self.root = root
        self._database = database
        self._ids: Iterator[int] = iter(())
        self._counts = Counts()

    @classmethod
    def create(
        cls,
        folder: Path,
        root: Path,
        classes: ClassList = ClassList(),  # noqa: B008
        images: Sequence[ImageRecord] = (),
        annotations: Sequence[Annotation] = (),
    ) -> Self:
        """Make the project `folder` for images under `root` and open it; all of it is there or nothing.

        This is the start of the history: there is nothing to undo. Raises InputError where `folder` exists already.
        """
        check_new(folder)
        unfinished = folder.with_name(f".{folder.name}.part")
        try:
            shutil.rmtree(unfinished, ignore_errors=True)  # of a creation that was killed
            unfinished.mkdir(parents=True)
            with closing(Database(unfinished / _FILE)) as database, database.create() as connection:
                _fill(connection, _relative(root.resolve(), folder.resolve()), classes, images, annotations)
            unfinished.rename(folder)
        except OSError as error:
            raise InputError(folder, f"cannot be made ({error.strerror})", "Choose a folder that can be written to.") from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open an existing project. Raises InputError if `folder` is not one, or is of a newer foodet."""
        if problem := _why_none(folder):
            raise InputError(folder, problem, f"Give a folder NAME{SUFFIX}, or make a new project.")
        folder = folder.resolve()
        database = Database(folder / _FILE)
        try:
            database.upgrade()
            with database.read() as connection:
                (root,) = connection.execute("SELECT root FROM project").fetchone()
        except BaseException:
            database.close()
            raise
        return cls(folder, (folder / root).resolve(), database)

    def close(self) -> None:
        """Let go of the database; the project cannot be used any more."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def name(self) -> str:
        """The folder's name without the suffix."""
        return self.folder.stem

    @property
    def runs(self) -> Path:
        """The folder of the runs."""
        return self.folder / "runs"

    # What is stored

    def classes(self) -> ClassList:
        """The classes by label."""
        with self._database.read() as connection:
            return _classes(connection)

    def images(self) -> list[ImageRecord]:
        """All images in the order they were added."""
        with self._database.read() as connection:
            return _images(connection)

    def image(self, id: int) -> ImageRecord:
        """One image. Raises KeyError where there is none with this id."""
        with self._database.read() as connection:
            row = connection.execute(f"{IMAGE.select} WHERE id = ?", (id,)).fetchone()
        if row is None:
            raise KeyError(id)
        return decode_image(row)

    def some_images(self, ids: Collection[int]) -> dict[int, ImageRecord]:
        """Images by id, those that there are."""
        with self._database.read() as connection:
            rows = connection.execute(f"{IMAGE.select} WHERE id {AMONG}", (dumps(list(ids)),))
            return {row[0]: decode_image(row) for row in rows}

    def annotations(self, image_id: int) -> tuple[Annotation, ...]:
        """All boxes of an image, accepted and suggested, in the order they were added."""
        with self._database.read() as connection:
            found = connection.execute(f"{ANNOTATION.select} WHERE image_id = ? ORDER BY id", (image_id,))
            return tuple(map(decode_annotation, found))

    def some_annotations(self, image_ids: Collection[int]) -> dict[int, tuple[Annotation, ...]]:
        """All boxes of some images by image id, as `annotations` gives them; none for an image without any."""
        asked = f"{ANNOTATION.select} WHERE image_id {AMONG} ORDER BY id"
        with self._database.read() as connection:
            found = _by_image(connection.execute(asked, (dumps(list(image_ids)),)))
        return {image_id: tuple(boxes) for image_id, boxes in found.items()}

    def annotations_of(self, label: int) -> list[Annotation]:
        """All boxes of a class, accepted and suggested."""
        with self._database.read() as connection:
            found = connection.execute(f"{ANNOTATION.select} WHERE label = ? ORDER BY id", (label,))
            return list(map(decode_annotation, found))

    def boxes(self, image_ids: Sequence[int]) -> tuple[IntArray, IntArray, FloatArray]:
        """Accepted boxes of some images, crowd regions left out: image ids (N,), labels (N,), boxes_xyxy (N, 4).

        They stand image by image, in the order of the ids.
        """
        import numpy as np  # a window that only labels does without it

        asked = f"""SELECT image_id, label, x0, y0, x1, y1 FROM annotation
            WHERE image_id {AMONG} AND extra NOT LIKE '%"iscrowd":1%' AND {ACCEPTED} ORDER BY image_id, id"""
        with self._database.read() as connection:
            rows = connection.execute(asked, (dumps(list(image_ids)),)).fetchall()
        table = np.array(rows, np.float64).reshape(-1, 6)
        return table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2:].astype(np.float32)

    def path(self, image: ImageRecord) -> Path:
        """Where the pixels of `image` lie."""
        return self.root / image.path

    def class_counts(self) -> Counter[int]:
        """Accepted boxes by label."""
        return +self._counted().boxes

    def box_counts(self) -> Counter[int]:
        """Accepted boxes by image."""
        with self._database.read() as connection:
            counted = connection.execute(f"SELECT image_id, count(*) FROM annotation WHERE {ACCEPTED} GROUP BY image_id")
            return Counter(dict(counted))

    def boxes_by_image(self) -> dict[int, dict[int, int]]:
        """Accepted boxes by label, for each image that has any."""
        counted = f"SELECT image_id, label, count(*) FROM annotation WHERE {ACCEPTED} GROUP BY image_id, label"
        with self._database.read() as connection, _no_collection():
            counts: dict[int, dict[int, int]] = {}
            for image_id, label, number in connection.execute(counted):
                counts.setdefault(image_id, {})[label] = number
        return counts

    def state_counts(self) -> Counter[ImageState]:
        """Images by state."""
        return +self._counted().states

    def labelled_set(self, split: Split | None = None) -> LabelledSet:
        """The accepted boxes of the images that are done or empty, or in progress with at least one accepted box.

        `split` leaves only the images of that split.
        """
        with self._database.read() as connection:
            classes, images = _classes(connection), _images(connection)
            boxes = _by_image(connection.execute(f"{ANNOTATION.select} WHERE {ACCEPTED} ORDER BY id"))
        chosen = tuple(i for i in images if split in (None, i.split) and _is_labelled(i, i.id in boxes))
        return LabelledSet(self.root, classes, chosen, {i.id: tuple(boxes.get(i.id, ())) for i in chosen})

    def _counted(self) -> Counts:
        with self._database.read() as connection:
            self._counts.refresh(connection)
        return self._counts

    # Changing it

    def new_id(self) -> int:
        """A number for a new image or annotation; it is never given again, also not after a deletion or an undo."""
        id = next(self._ids, None)
        if id is None:
            # Whole blocks, so that a second process never gives the same numbers and most calls touch no disk.
            with self._database.write() as connection:
                (id,) = connection.execute("SELECT next_id FROM project").fetchone()
                connection.execute("UPDATE project SET next_id = ?", (id + _ID_BLOCK,))
            self._ids = iter(range(id + 1, id + _ID_BLOCK))
        return id

    def apply(self, edit: Edit) -> Changes:
        """Make an edit, durably and as one step of the history; steps undone before can no longer be redone.

        Nothing of it is kept when it raises: ConflictError where a change's `before` is not what is stored or what it needs is
        gone, ValueError for a number that is not finite, InputError where class names would not be unique or the database
        cannot be written.
        """
        if all(c.before == c.after for c in edit.changes):
            return Changes()  # a drag that went nowhere is no step
        with self._database.write() as connection:
            history.write(connection, edit)
            _classes(connection)  # names unique, labels without a gap
            history.record(connection, edit)
        self._counts.take(edit)
        return Changes.of(edit)

    def undo(self) -> Changes | None:
        """Take back the newest step; None if there is none."""
        return self._travel(back=True)

    def redo(self) -> Changes | None:
        """Do the step again that was undone last; None if there is none."""
        return self._travel(back=False)

    @property
    def undo_title(self) -> str | None:
        """The title of the step that undo takes back."""
        return self._title(back=True)

    @property
    def redo_title(self) -> str | None:
        """The title of the step that redo does again."""
        return self._title(back=False)

    def _travel(self, *, back: bool) -> Changes | None:
        with self._database.write() as connection:
            edit = history.travel(connection, back=back)
        if edit is None:
            return None
        self._counts.take(edit)
        return Changes.of(edit)

    def _title(self, *, back: bool) -> str | None:
        with self._database.read() as connection:
            return history.title(connection, back=back)

    # Beside the history

    def keep_measured(self, images: Iterable[ImageRecord], unreadable: Iterable[ImageRecord] = ()) -> int:
        """Keep what the files of images that had not been measured say, and leave out those that cannot be read.

        Returns how many images it was given; what somebody else has measured meanwhile stays as it is. Raises InputError where
        `root` is out of reach: then nothing is known of a file that cannot be read.
        """
        gone = [(image.id,) for image in unreadable]
        if gone and not self.root.is_dir():
            raise InputError(self.root, "is out of reach", "Connect the disk that it lies on, and open the project again.")
        rows = [(*i.size_hw, i.content_hash, dump_extra(i.extra), i.id) for i in images]
        with self._database.write() as connection:
            said = f"UPDATE image SET height = ?, width = ?, content_hash = ?, extra = ? WHERE {_WAITS}"
            connection.executemany(said, rows)
            if gone:
                self._counts = Counts()
                connection.executemany(f"DELETE FROM image WHERE {_WAITS}", gone)
        return len(rows) + len(gone)

    def get_setting(self, key: str, default: Any = None) -> Any:
        """A JSON value kept with the project, `default` where there is none."""
        with self._database.read() as connection:
            row = connection.execute("SELECT value FROM setting WHERE key = ?", (key,)).fetchone()
        return default if row is None else json.loads(row[0])

    def set_setting(self, key: str, value: Any) -> None:
        """Keep a JSON value with the project, outside the history."""
        with self._database.write() as connection:
            connection.execute("INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)", (key, dumps(value)))

    def new_run(self, kind: str) -> Path:
        """Make the folder of a new run: `runs/0001-train`, `runs/0002-finetune`, ..."""
        number = 1 + max((int(folder.name.split("-")[0]) for folder in self.run_folders()), default=0)
        folder = self.runs / f"{number:04}-{kind}"
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise InputError(
                folder, f"cannot be made ({error.strerror})", "Check that the project can be written to."
            ) from error
        return folder

    def run_folders(self) -> list[Path]:
        """The folders of all runs, oldest first."""
        found = [folder for folder in self.runs.glob("*-*") if folder.name.split("-")[0].isdecimal()]
        return sorted(found, key=lambda folder: int(folder.name.split("-")[0]))

    def newest_weights(self) -> Path | None:
        """The best weights of the newest run that has any."""
        weights = (folder / WEIGHTS_NAME for folder in reversed(self.run_folders()))
        return next((path for path in weights if path.is_file()), None)


def check_new(folder: Path) -> None:
    """Raise InputError unless a project can be made as `folder`."""
    if folder.suffix != SUFFIX:
        raise InputError(folder, f"does not end in {SUFFIX}", f"Call it {folder.name}{SUFFIX}.")
    if folder.exists():
        raise InputError(folder, "exists already", "Open it, or choose another name for the new project.")


def _why_none(folder: Path) -> str:
    """What keeps a folder from being a project, "" if nothing does."""
    try:
        if (folder / _FILE).is_file():
            return ""
        return "is not a foodet project" if folder.exists() else "does not exist"
    except OSError as error:  # a drive that is gone, a name that is too long
        return f"cannot be read ({error.strerror})"


def _relative(root: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(root, folder)).as_posix()
    except ValueError:  # another drive
        return root.as_posix()


def _fill(
    connection: Connection, root: str, classes: ClassList, images: Sequence[ImageRecord], annotations: Sequence[Annotation]
) -> None:
    ids = [image.id for image in images] + [annotation.id for annotation in annotations]
    next_id = 1 + max(ids, default=0)
    connection.execute("INSERT INTO project (id, root, next_id) VALUES (1, ?, ?)", (root, next_id))
    history.fill(connection, "class", enumerate(classes))
    history.fill(connection, "image", ((image.id, image) for image in images))
    history.fill(connection, "annotation", ((annotation.id, annotation) for annotation in annotations))


def _classes(connection: Connection) -> ClassList:
    rows = connection.execute(f"{CLASS.select} ORDER BY label").fetchall()
    if [row[0] for row in rows] != list(range(len(rows))):
        raise ConflictError(
            f"labels {[row[0] for row in rows]} are not 0 to {len(rows) - 1}: a class goes to the end of the list"
        )
    return ClassList(tuple(map(decode_class, rows)))


def _images(connection: Connection) -> list[ImageRecord]:
    with _no_collection():
        return list(map(decode_image, connection.execute(f"{IMAGE.select} ORDER BY id")))


def _by_image(rows: Iterable[Row]) -> dict[int, list[Annotation]]:
    found = defaultdict[int, list[Annotation]](list)
    for annotation in map(decode_annotation, rows):
        found[annotation.image_id].append(annotation)
    return found


@contextmanager
def _no_collection() -> Iterator[None]:
    """While very many values are made that all stay: looking for garbage among them takes as long as making them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _is_labelled(image: ImageRecord, has_boxes: bool) -> bool:
    finished = image.state in (ImageState.DONE, ImageState.EMPTY)
    return finished or (image.state is ImageState.IN_PROGRESS and has_boxes)
