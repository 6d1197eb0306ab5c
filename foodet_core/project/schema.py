"""The tables of a project, and how each value becomes a row and back.

Rows are plain tuples in column order, the key first: 100,000 images must load in under a second. Enums, label sets and
`extra` are kept as text, so that the same row is also what the history stores.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..types import EMPTY, Annotation, AnnotationState, Extra, FoodClass, ImageRecord, ImageState, Split
from .edits import Change, Edit, Kind, Value

Row = tuple[Any, ...]

SCHEMA = """
CREATE TABLE project (
    id INTEGER NOT NULL PRIMARY KEY,
    root TEXT NOT NULL,
    next_id INTEGER NOT NULL
);
CREATE TABLE setting (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE class (
    label INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    color TEXT NOT NULL,
    aliases TEXT NOT NULL,
    extra TEXT NOT NULL
);
CREATE TABLE image (
    id INTEGER NOT NULL PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    height INTEGER NOT NULL,
    width INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    split TEXT NOT NULL,
    state TEXT NOT NULL,
    exhaustive TEXT,
    extra TEXT NOT NULL
);
CREATE TABLE annotation (
    id INTEGER NOT NULL PRIMARY KEY,
    image_id INTEGER NOT NULL REFERENCES image (id) DEFERRABLE INITIALLY DEFERRED,
    label INTEGER NOT NULL REFERENCES class (label) DEFERRABLE INITIALLY DEFERRED,
    x0 FLOAT NOT NULL,
    y0 FLOAT NOT NULL,
    x1 FLOAT NOT NULL,
    y1 FLOAT NOT NULL,
    origin TEXT NOT NULL,
    score FLOAT,
    state TEXT NOT NULL,
    extra TEXT NOT NULL
);
CREATE TABLE history (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    merge TEXT NOT NULL,
    changes TEXT NOT NULL,
    undone BOOLEAN NOT NULL
);
CREATE INDEX annotation_of_image ON annotation (image_id);
CREATE INDEX annotation_of_class ON annotation (label)
"""
"""Foreign keys are checked at the commit, so that the changes of an edit may come in any order."""

ACCEPTED = f"state = '{AnnotationState.ACCEPTED.value}'"
AMONG = "IN (SELECT value FROM json_each(?))"
"""Follows a column; its one parameter is a JSON list, which SQLite limits to no number of values."""


@dataclass(frozen=True)
class KindTable:
    """Where values of one kind lie: the columns of the table of that name, and the two ways between value and row."""

    kind: Kind
    columns: tuple[str, ...]
    encode: Callable[[int, Any], Row]
    decode: Callable[[Row], Value]

    @property
    def key(self) -> str:
        """The column of the label or id."""
        return self.columns[0]

    @property
    def select(self) -> str:
        """All rows, as `decode` takes them; a condition may follow."""
        return f"SELECT {', '.join(self.columns)} FROM {self.kind}"

    @property
    def insert(self) -> str:
        """One row, as `encode` gives it."""
        return f"INSERT INTO {self.kind} ({', '.join(self.columns)}) VALUES ({', '.join('?' * len(self.columns))})"


def dumps(value: Any) -> str:
    """Compact JSON; NaN raises ValueError."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def dump_extra(extra: Extra) -> str:
    """An `extra` as it is stored."""
    return dumps(dict(extra)) if extra else "{}"


def _load_extra(text: str) -> Extra:
    return EMPTY if text == "{}" else json.loads(text)


def _class_row(label: int, c: FoodClass) -> Row:
    return label, c.name, c.name_zh, c.color, dumps(c.aliases), dump_extra(c.extra)


def decode_class(row: Row) -> FoodClass:
    """A class from its row; the label is the row's key."""
    _, name, name_zh, color, aliases, extra = row
    return FoodClass(name, name_zh, color, tuple(json.loads(aliases)), _load_extra(extra))


def _image_row(_: int, i: ImageRecord) -> Row:
    exhaustive = None if i.exhaustive is None else dumps(sorted(i.exhaustive))
    return i.id, i.path, *i.size_hw, i.content_hash, i.split.value, i.state.value, exhaustive, dump_extra(i.extra)


_SPLITS = {split.value: split for split in Split}
_STATES = {state.value: state for state in ImageState}


def decode_image(row: Row) -> ImageRecord:
    """An image from its row."""
    id, path, height, width, content_hash, split, state, exhaustive, extra = row
    labels = None if exhaustive is None else frozenset(json.loads(exhaustive))
    return ImageRecord(id, path, (height, width), content_hash, _SPLITS[split], _STATES[state], labels, _load_extra(extra))


def _annotation_row(_: int, a: Annotation) -> Row:
    if not all(map(math.isfinite, (*a.box_xyxy, a.score or 0.0))):  # SQLite would store NaN as NULL
        raise ValueError(f"annotation {a.id} has a number that is not finite: box {a.box_xyxy}, score {a.score}")
    return a.id, a.image_id, a.label, *a.box_xyxy, a.origin, a.score, a.state.value, dump_extra(a.extra)


def decode_annotation(row: Row) -> Annotation:
    """An annotation from its row."""
    id, image_id, label, x0, y0, x1, y1, origin, score, state, extra = row
    return Annotation(id, image_id, label, (x0, y0, x1, y1), origin, score, AnnotationState(state), _load_extra(extra))


_CLASS = "label", "name", "name_zh", "color", "aliases", "extra"
_IMAGE = "id", "path", "height", "width", "content_hash", "split", "state", "exhaustive", "extra"
_ANNOTATION = "id", "image_id", "label", "x0", "y0", "x1", "y1", "origin", "score", "state", "extra"
CLASS = KindTable("class", _CLASS, _class_row, decode_class)
IMAGE = KindTable("image", _IMAGE, _image_row, decode_image)
ANNOTATION = KindTable("annotation", _ANNOTATION, _annotation_row, decode_annotation)
TABLES: Mapping[Kind, KindTable] = {"class": CLASS, "image": IMAGE, "annotation": ANNOTATION}


def dump_changes(changes: Sequence[Change]) -> str:
    """The changes of an edit as JSON: rows by column name, so that a later version with more columns can read them."""

    def side(change: Change, value: Value | None) -> dict[str, Any] | None:
        kind, key = change.key
        kept = TABLES[kind]
        return None if value is None else dict(zip(kept.columns, kept.encode(key, value), strict=True))

    return dumps([[*c.key, side(c, c.before), side(c, c.after)] for c in changes])


def load_edit(title: str, merge: str, changes: str) -> Edit:
    """The edit of a history row."""

    def side(kind: Kind, row: dict[str, Any] | None) -> Value | None:
        kept = TABLES[kind]
        return None if row is None else kept.decode(tuple(row[name] for name in kept.columns))

    loaded = [Change((kind, key), side(kind, before), side(kind, after)) for kind, key, before, after in json.loads(changes)]
    return Edit(title, tuple(loaded), merge)
