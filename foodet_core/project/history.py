"""The history of a project inside its database: applying edits to the tables, and stepping back and forth.

Every function works within the transaction of the caller, so that values and history never part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, update

from .edits import Change, ConflictError, Edit, Key, Kind, Value
from .schema import HISTORY, TABLES, dump_changes, load_edit

# SQLite's oldest limit on the parameters of one statement is 999.
_CHUNK = 900


def write(connection: Connection, edit: Edit) -> None:
    """Bring the tables from each change's before to its after. Raises ConflictError where something else is stored."""
    stored = dict(_stored(connection, [c.key for c in edit.changes]))
    for c in edit.changes:
        if stored.get(c.key) != c.before:
            raise ConflictError(f"'{edit.title}' expects {c.key} to be {c.before}, but stored is {stored.get(c.key)}")
    # All deletions come first: a path that one image gives up may be taken by another.
    for kind in TABLES:
        _delete(connection, kind, [c for c in edit.changes if c.key[0] == kind and c.before is not None])
    for kind in TABLES:
        _insert(connection, kind, [c for c in edit.changes if c.key[0] == kind and c.after is not None])


def fill(connection: Connection, changes: Sequence[Change]) -> None:
    """Write what is new into tables that hold nothing yet."""
    for kind in TABLES:
        _insert(connection, kind, [c for c in changes if c.key[0] == kind])


def record(connection: Connection, edit: Edit) -> None:
    """Add a step, or widen the newest one if the edit merges with it; steps that were undone are forgotten."""
    connection.execute(delete(HISTORY).where(HISTORY.c.undone))
    newest = connection.execute(to_undo()).first() if edit.merge else None
    if newest is not None and newest.merge == edit.merge:
        connection.execute(delete(HISTORY).where(HISTORY.c.id == newest.id))
        edit = load_edit(newest.title, newest.merge, newest.changes).then(edit)
    if edit.changes:  # a drag that came back to its start is no step
        row = {"title": edit.title, "merge": edit.merge, "changes": dump_changes(edit.changes), "undone": False}
        connection.execute(insert(HISTORY), row)


def to_undo() -> Select[Any]:
    """The step that undo takes back."""
    return select(HISTORY).where(~HISTORY.c.undone).order_by(HISTORY.c.id.desc()).limit(1)


def to_redo() -> Select[Any]:
    """The step that redo does again."""
    return select(HISTORY).where(HISTORY.c.undone).order_by(HISTORY.c.id).limit(1)


def travel(connection: Connection, *, back: bool) -> Edit | None:
    """Undo the newest step, or redo the oldest undone one; the edit that was made by it, None if there is no such step."""
    step = connection.execute(to_undo() if back else to_redo()).first()
    if step is None:
        return None
    edit = load_edit(step.title, step.merge, step.changes)
    edit = edit.inverse() if back else edit
    write(connection, edit)
    connection.execute(update(HISTORY).where(HISTORY.c.id == step.id).values(undone=back))
    return edit


def _stored(connection: Connection, keys: Sequence[Key]) -> Iterator[tuple[Key, Value]]:
    for kind, kept in TABLES.items():
        ids = [id for of_kind, id in keys if of_kind == kind]
        column = kept.table.columns[kept.columns[0]]
        for start in range(0, len(ids), _CHUNK):
            for row in connection.execute(select(kept.table).where(column.in_(ids[start : start + _CHUNK]))):
                yield (kind, row[0]), kept.decode(tuple(row))


def _delete(connection: Connection, kind: Kind, changes: Sequence[Change]) -> None:
    table = TABLES[kind].table
    column = table.columns[TABLES[kind].columns[0]]
    if changes:
        connection.execute(delete(table).where(column == bindparam("of")), [{"of": c.key[1]} for c in changes])


def _insert(connection: Connection, kind: Kind, changes: Sequence[Change]) -> None:
    kept = TABLES[kind]
    rows = [kept.encode(c.key[1], c.after) for c in changes]
    if rows:
        # As the driver takes them: a dict for each of thousands of images takes longer than writing them.
        connection.exec_driver_sql(str(insert(kept.table).compile(connection)), rows)
