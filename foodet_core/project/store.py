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
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, update

from ..config import WEIGHTS_NAME
from ..errors import InputError
from ..types import NOT_MEASURED, Annotation, AnnotationState, ClassList, ImageRecord, ImageState, LabelledSet, Split
from . import history
from .counts import Counts
from .database import Database
from .edits import Change, Changes, ConflictError, Edit
from .schema import (
    ANNOTATION,
    CLASS,
    HISTORY,
    IMAGE,
    PROJECT,
    SETTING,
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
_ASKED = 500
"""Images in one query."""
_ACCEPTED = ANNOTATION.c.state == AnnotationState.ACCEPTED.value
_OF_IMAGE = select(ANNOTATION).where(ANNOTATION.c.image_id == bindparam("of")).order_by(ANNOTATION.c.id)
"""Made once: it is asked at every step to another image."""


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
        changes = [Change(("class", label), None, c) for label, c in enumerate(classes)]
        changes += [Change(("image", image.id), None, image) for image in images]
        changes += [Change(("annotation", annotation.id), None, annotation) for annotation in annotations]
        unfinished = folder.with_name(f".{folder.name}.part")
        try:
            shutil.rmtree(unfinished, ignore_errors=True)  # of a creation that was killed
            unfinished.mkdir(parents=True)
            _fill(unfinished, _relative(root.resolve(), folder.resolve()), changes)
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
                root = connection.execute(select(PROJECT.c.root)).scalar_one()
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
            row = connection.execute(select(IMAGE).where(IMAGE.c.id == id)).first()
        if row is None:
            raise KeyError(id)
        return decode_image(tuple(row))

    def some_images(self, ids: Collection[int]) -> dict[int, ImageRecord]:
        """Images by id, those that there are."""
        asked, found = list(ids), dict[int, ImageRecord]()
        with self._database.read() as connection:
            for start in range(0, len(asked), _ASKED):
                rows = connection.execute(select(IMAGE).where(IMAGE.c.id.in_(asked[start : start + _ASKED])))
                found.update((row[0], decode_image(tuple(row))) for row in rows)
        return found

    def annotations(self, image_id: int) -> tuple[Annotation, ...]:
        """All boxes of an image, accepted and suggested, in the order they were added."""
        with self._database.read() as connection:
            return tuple(decode_annotation(tuple(row)) for row in connection.execute(_OF_IMAGE, {"of": image_id}))

    def some_annotations(self, image_ids: Collection[int]) -> dict[int, tuple[Annotation, ...]]:
        """All boxes of some images by image id, as `annotations` gives them; none for an image without any."""
        asked, found = list(image_ids), defaultdict[int, list[Annotation]](list)
        with self._database.read() as connection:
            for start in range(0, len(asked), _ASKED):
                some = ANNOTATION.c.image_id.in_(asked[start : start + _ASKED])
                for row in connection.execute(select(ANNOTATION).where(some).order_by(ANNOTATION.c.id)):
                    annotation = decode_annotation(tuple(row))
                    found[annotation.image_id].append(annotation)
        return {image_id: tuple(boxes) for image_id, boxes in found.items()}

    def annotations_of(self, label: int) -> list[Annotation]:
        """All boxes of a class, accepted and suggested."""
        found = select(ANNOTATION).where(ANNOTATION.c.label == label).order_by(ANNOTATION.c.id)
        with self._database.read() as connection:
            return [decode_annotation(tuple(row)) for row in connection.execute(found)]

    def boxes(self, image_ids: Sequence[int]) -> tuple[IntArray, IntArray, FloatArray]:
        """Accepted boxes of some images, crowd regions left out: image ids (N,), labels (N,), boxes_xyxy (N, 4).

        They stand image by image, in the order of the ids.
        """
        import numpy as np  # a window that only labels does without it

        columns = ANNOTATION.c.image_id, ANNOTATION.c.label, ANNOTATION.c.x0, ANNOTATION.c.y0, ANNOTATION.c.x1, ANNOTATION.c.y1
        rows: list[Any] = []
        ids = sorted(image_ids)
        with self._database.read() as connection:
            for start in range(0, len(ids), _ASKED):
                asked = ANNOTATION.c.image_id.in_(ids[start : start + _ASKED])
                plain = ANNOTATION.c.extra.not_like('%"iscrowd":1%')
                found = select(*columns).where(asked, plain, _ACCEPTED).order_by(ANNOTATION.c.image_id, ANNOTATION.c.id)
                rows += connection.execute(found).fetchall()
        table = np.array([tuple(row) for row in rows], np.float64).reshape(-1, 6)
        return table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2:].astype(np.float32)

    def path(self, image: ImageRecord) -> Path:
        """Where the pixels of `image` lie."""
        return self.root / image.path

    def class_counts(self) -> Counter[int]:
        """Accepted boxes by label."""
        return +self._counted().boxes

    def box_counts(self) -> Counter[int]:
        """Accepted boxes by image."""
        counted = select(ANNOTATION.c.image_id, func.count()).where(_ACCEPTED).group_by(ANNOTATION.c.image_id)
        with self._database.read() as connection:
            return Counter(dict(tuple(row) for row in connection.execute(counted)))

    def boxes_by_image(self) -> dict[int, dict[int, int]]:
        """Accepted boxes by label, for each image that has any."""
        columns = ANNOTATION.c.image_id, ANNOTATION.c.label
        counted = select(*columns, func.count()).where(_ACCEPTED).group_by(*columns)
        with self._database.read() as connection, _no_collection():
            counts: dict[int, dict[int, int]] = {}
            for image_id, label, number in connection.execute(counted).fetchall():
                counts.setdefault(image_id, {})[label] = number
        return counts

    def state_counts(self) -> Counter[ImageState]:
        """Images by state."""
        return +self._counted().states

    def labelled_set(self, split: Split | None = None) -> LabelledSet:
        """The accepted boxes of the images that are done or empty, or in progress with at least one accepted box.

        `split` leaves only the images of that split.
        """
        accepted = select(ANNOTATION).where(_ACCEPTED).order_by(ANNOTATION.c.id)
        boxes: defaultdict[int, list[Annotation]] = defaultdict(list)
        with self._database.read() as connection:
            classes, images = _classes(connection), _images(connection)
            for row in connection.execute(accepted):
                annotation = decode_annotation(tuple(row))
                boxes[annotation.image_id].append(annotation)
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
                id = connection.execute(select(PROJECT.c.next_id)).scalar_one()
                connection.execute(update(PROJECT).values(next_id=id + _ID_BLOCK))
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
        return self._title(history.to_undo())

    @property
    def redo_title(self) -> str | None:
        """The title of the step that redo does again."""
        return self._title(history.to_redo())

    def _travel(self, *, back: bool) -> Changes | None:
        with self._database.write() as connection:
            edit = history.travel(connection, back=back)
        if edit is None:
            return None
        self._counts.take(edit)
        return Changes.of(edit)

    def _title(self, step: Select[Any]) -> str | None:
        with self._database.read() as connection:
            return connection.execute(step.with_only_columns(HISTORY.c.title)).scalar()

    # Beside the history

    def keep_measured(self, images: Iterable[ImageRecord], unreadable: Iterable[ImageRecord] = ()) -> int:
        """Keep what the files of images that had not been measured say, and leave out those that cannot be read.

        Returns how many images it was given; what somebody else has measured meanwhile stays as it is. Raises InputError where
        `root` is out of reach: then nothing is known of a file that cannot be read.
        """
        gone = [{"of": image.id} for image in unreadable]
        if gone and not self.root.is_dir():
            raise InputError(self.root, "is out of reach", "Connect the disk that it lies on, and open the project again.")
        said = "height", "width", "content_hash", "extra"
        rows = [{"of": i.id, **dict(zip(said, (*i.size_hw, i.content_hash, dump_extra(i.extra)), strict=True))} for i in images]
        waits = (IMAGE.c.id == bindparam("of")) & (IMAGE.c.height == NOT_MEASURED[0])
        with self._database.write() as connection:
            if rows:
                connection.execute(update(IMAGE).where(waits), rows)
            if gone:
                self._counts = Counts()
                connection.execute(delete(IMAGE).where(waits), gone)
        return len(rows) + len(gone)

    def get_setting(self, key: str, default: Any = None) -> Any:
        """A JSON value kept with the project, `default` where there is none."""
        with self._database.read() as connection:
            text = connection.execute(select(SETTING.c.value).where(SETTING.c.key == key)).scalar()
        return default if text is None else json.loads(text)

    def set_setting(self, key: str, value: Any) -> None:
        """Keep a JSON value with the project, outside the history."""
        with self._database.write() as connection:
            connection.execute(delete(SETTING).where(SETTING.c.key == key))
            connection.execute(insert(SETTING).values(key=key, value=dumps(value)))

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


def _fill(folder: Path, root: str, changes: Sequence[Change]) -> None:
    next_id = 1 + max((id for (kind, id) in (c.key for c in changes) if kind != "class"), default=0)
    with closing(Database(folder / _FILE)) as database:
        database.create()
        with database.write() as connection:
            connection.execute(insert(PROJECT).values(id=1, root=root, next_id=next_id))
            history.fill(connection, changes)


def _classes(connection: Connection) -> ClassList:
    rows = connection.execute(select(CLASS).order_by(CLASS.c.label)).fetchall()
    if [row[0] for row in rows] != list(range(len(rows))):
        raise ConflictError(
            f"labels {[row[0] for row in rows]} are not 0 to {len(rows) - 1}: a class goes to the end of the list"
        )
    return ClassList(tuple(decode_class(tuple(row)) for row in rows))


def _images(connection: Connection) -> list[ImageRecord]:
    with _no_collection():
        return [decode_image(tuple(row)) for row in connection.execute(select(IMAGE).order_by(IMAGE.c.id)).all()]


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
