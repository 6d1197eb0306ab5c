"""Frozen values that every layer shares: classes, images, annotations, detections.

Plain Python and numpy, which is loaded when there are numbers: whoever only names images and boxes does without. Boxes are
xyxy in pixels of the *upright* image (EXIF orientation applied), floats, never rounded. A class's `label` is its position in
the `ClassList`; it never changes once given, whatever order the window shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from .errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

FloatArray: TypeAlias = "npt.NDArray[np.float32]"
IntArray: TypeAlias = "npt.NDArray[np.int64]"
ByteArray: TypeAlias = "npt.NDArray[np.uint8]"
Extra = Mapping[str, Any]
BoxXyxy = tuple[float, float, float, float]

EMPTY: Extra = MappingProxyType({})
PERSON = "person"
NOT_MEASURED = (0, 0)
"""The size of an image that is known by its name alone."""
_JOINING = str.maketrans("_-", "  ")
PRIVATE = "foodet_"
"""How keys of an `extra` begin that belong to a project alone: they neither leave it in a file nor enter it by one."""


class Split(StrEnum):
    """The part of a data set that an image belongs to."""

    NONE = ""
    TRAIN = "train"
    VAL = "val"
    TEST = "test"


class ImageState(StrEnum):
    """How far the labelling of an image has come; `EMPTY` is a person's statement that nothing is on it."""

    UNLABELLED = "unlabelled"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    EMPTY = "empty"


class AnnotationState(StrEnum):
    """Whether a box counts: a person made or accepted it, or a detector only suggests it."""

    ACCEPTED = "accepted"
    SUGGESTED = "suggested"


@dataclass(frozen=True, slots=True)
class FoodClass:
    """One class. `extra` keeps what a file said about it (a COCO id, a supercategory)."""

    name: str
    name_zh: str = ""
    color: str = ""
    aliases: tuple[str, ...] = ()
    extra: Extra = field(default_factory=lambda: EMPTY)

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise InputError("class name", "is empty", "Give the class a name.")

    @property
    def all_names(self) -> tuple[str, ...]:
        """The name, the Chinese name and the aliases, as far as there are any."""
        return tuple(name for name in (self.name, self.name_zh, *self.aliases) if name.strip())


@dataclass(frozen=True)
class ClassList:
    """The classes of a project or a model; the label of a class is its index here. Names are unique."""

    classes: tuple[FoodClass, ...] = ()

    def __post_init__(self) -> None:
        names = [c.name for c in self.classes]
        if len(set(names)) != len(names):
            twice = sorted({n for n in names if names.count(n) > 1})
            raise InputError("class list", f"names {', '.join(twice)} stand more than once", "Make the class names unique.")

    @classmethod
    def of(cls, names: Iterable[str]) -> ClassList:
        """A list of classes that have nothing but a name."""
        return cls(tuple(FoodClass(name) for name in names))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.classes)

    def label(self, name: str) -> int | None:
        """The label of the class called `name`, or None."""
        return self._labels.get(name)

    def find(self, name: str) -> int | None:
        """The label of the class that is meant by `name`: its name, or else its Chinese name or an alias.

        Case does not matter beyond the name itself, nor whether words are joined by spaces, underscores or hyphens.
        """
        label = self.label(name)
        return self._meant.get(plain(name)) if label is None else label

    def find_like(self, other: FoodClass) -> int | None:
        """The label of the class that shares a name with a class of another list: its name first, then its other names."""
        return next((label for name in other.all_names if (label := self.find(name)) is not None), None)

    @cached_property
    def _labels(self) -> dict[str, int]:
        return {c.name: n for n, c in enumerate(self.classes)}

    @cached_property
    def _meant(self) -> dict[str, int]:
        """The first label of each name, alias and Chinese name."""
        called = [(plain(name), n) for n, c in enumerate(self.classes) for name in c.all_names]
        return dict(reversed(called))

    def __len__(self) -> int:
        return len(self.classes)

    def __iter__(self) -> Iterator[FoodClass]:
        return iter(self.classes)

    def __getitem__(self, label: int) -> FoodClass:
        return self.classes[label]


def without_private(extra: Extra) -> dict[str, Any]:
    """What of an `extra` is for others too."""
    return {key: value for key, value in extra.items() if not key.startswith(PRIVATE)}


def plain(name: str) -> str:
    """A name without case, and with spaces for what else joins words: names that are the same to a person are equal."""
    return name.casefold().translate(_JOINING).strip()


@dataclass(frozen=True, slots=True)
class Annotation:
    """One box a person made or accepted, or a detector suggests.

    `origin` is `PERSON` or the name of the run that found the box; `score` is 0..1 for a run's box and None for a person's.
    """

    id: int
    image_id: int
    label: int
    box_xyxy: BoxXyxy
    origin: str = PERSON
    score: float | None = None
    state: AnnotationState = AnnotationState.ACCEPTED
    extra: Extra = field(default_factory=lambda: EMPTY)

    @property
    def is_crowd(self) -> bool:
        """A COCO crowd region: one box around many objects, ignored by training and by AP."""
        return bool(self.extra.get("iscrowd", 0))


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """One image as the project knows it. `path` is relative (POSIX) to the root folder, or absolute.

    `exhaustive` holds the labels of the classes that are labelled completely on this image, so that the absence of a box is
    evidence; None means all classes. A project begins with names: size, hash and date come once the file has been looked at,
    and before anything else is said of the image.
    """

    id: int
    path: str
    size_hw: tuple[int, int]
    content_hash: str = ""
    split: Split = Split.NONE
    state: ImageState = ImageState.UNLABELLED
    exhaustive: frozenset[int] | None = None
    extra: Extra = field(default_factory=lambda: EMPTY)

    @property
    def is_measured(self) -> bool:
        """Whether its file has been looked at."""
        return self.size_hw != NOT_MEASURED


@dataclass(frozen=True)
class LabelledSet:
    """Images with their accepted annotations: what formats read and write, and what training and evaluation take.

    `annotations` maps an image id to its boxes; an image without boxes has an empty tuple. `extra` keeps what a file said
    beside images, boxes and classes; `remarks` are sentences on what reading it had to convert or leave out.
    """

    root: Path
    classes: ClassList
    images: tuple[ImageRecord, ...]
    annotations: Mapping[int, tuple[Annotation, ...]]
    extra: Extra = field(default_factory=lambda: EMPTY)
    remarks: tuple[str, ...] = ()

    def path(self, image: ImageRecord) -> Path:
        """Where the pixels of `image` lie."""
        return self.root / image.path

    def boxes(self, image: ImageRecord) -> tuple[FloatArray, IntArray]:
        """Boxes (N, 4) xyxy in pixels and labels (N,) of an image, crowd regions left out."""
        import numpy as np

        found = [a for a in self.annotations.get(image.id, ()) if not a.is_crowd]
        boxes_xyxy = np.array([a.box_xyxy for a in found], np.float32).reshape(-1, 4)
        return boxes_xyxy, np.array([a.label for a in found], np.int64)


def _nothing(*shape: int, kind: str = "float32") -> Any:
    import numpy as np

    return np.zeros(shape, kind)


@dataclass(frozen=True)
class Detections:
    """What the detector found on one image, best first.

    boxes_xyxy (N, 4) float32 in pixels of the upright image; labels (N,) int64; scores (N,) float32 in 0..1.
    """

    boxes_xyxy: FloatArray = field(default_factory=lambda: _nothing(0, 4))
    labels: IntArray = field(default_factory=lambda: _nothing(0, kind="int64"))
    scores: FloatArray = field(default_factory=lambda: _nothing(0))

    def __post_init__(self) -> None:
        n = len(self.scores)
        if self.boxes_xyxy.shape != (n, 4) or self.labels.shape != (n,) or self.scores.shape != (n,):
            shapes = self.boxes_xyxy.shape, self.labels.shape, self.scores.shape
            raise ValueError(f"Detections of shapes {shapes}: expected (N, 4), (N,), (N,)")

    def __len__(self) -> int:
        return len(self.scores)

    def above(self, score: float) -> Detections:
        """The detections whose score is at least `score`."""
        keep = self.scores >= score
        return Detections(self.boxes_xyxy[keep], self.labels[keep], self.scores[keep])
