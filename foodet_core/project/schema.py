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

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

from ..types import EMPTY, Annotation, AnnotationState, Extra, FoodClass, ImageRecord, ImageState, Split
from .edits import Change, Edit, Kind, Value

Row = tuple[Any, ...]

METADATA = MetaData()


def _column(name: str, kind: type[TypeEngine[Any]], *more: Any, optional: bool = False, unique: bool = False) -> Column[Any]:
    return Column(name, kind, *more, nullable=optional, unique=unique)


def _key(name: str) -> Column[Any]:
    return Column(name, Integer, primary_key=True)


def _points_to(column: str) -> ForeignKey:
    # Checked at the commit, so that the changes of an edit may come in any order.
    return ForeignKey(column, deferrable=True, initially="DEFERRED")


PROJECT = Table("project", METADATA, _key("id"), _column("root", Text), _column("next_id", Integer))
SETTING = Table("setting", METADATA, Column("key", Text, primary_key=True), _column("value", Text))
CLASS = Table(
    "class",
    METADATA,
    _key("label"),
    _column("name", Text),
    _column("name_zh", Text),
    _column("color", Text),
    _column("aliases", Text),
    _column("extra", Text),
)
IMAGE = Table(
    "image",
    METADATA,
    _key("id"),
    _column("path", Text, unique=True),
    _column("height", Integer),
    _column("width", Integer),
    _column("content_hash", Text),
    _column("split", Text),
    _column("state", Text),
    _column("exhaustive", Text, optional=True),
    _column("extra", Text),
)
ANNOTATION = Table(
    "annotation",
    METADATA,
    _key("id"),
    _column("image_id", Integer, _points_to("image.id")),
    _column("label", Integer, _points_to("class.label")),
    _column("x0", Float),
    _column("y0", Float),
    _column("x1", Float),
    _column("y1", Float),
    _column("origin", Text),
    _column("score", Float, optional=True),
    _column("state", Text),
    _column("extra", Text),
)
HISTORY = Table(
    "history",
    METADATA,
    _key("id"),
    _column("title", Text),
    _column("merge", Text),
    _column("changes", Text),
    _column("undone", Boolean),
    sqlite_autoincrement=True,
)
Index("annotation_of_image", ANNOTATION.c.image_id)
Index("annotation_of_class", ANNOTATION.c.label)


@dataclass(frozen=True)
class KindTable:
    """Where values of one kind lie: their table, and the two ways between value and row."""

    table: Table
    encode: Callable[[int, Any], Row]
    decode: Callable[[Row], Value]

    @property
    def columns(self) -> list[str]:
        return list(self.table.c.keys())


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


TABLES: Mapping[Kind, KindTable] = {
    "class": KindTable(CLASS, _class_row, decode_class),
    "image": KindTable(IMAGE, _image_row, decode_image),
    "annotation": KindTable(ANNOTATION, _annotation_row, decode_annotation),
}


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
