"""The history of a project inside its database: applying edits to the tables, and stepping back and forth.

Every function works within the transaction of the caller, so that values and history never part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from sqlite3 import Connection

from .edits import Change, ConflictError, Edit, Key, Kind, Value
from .schema import AMONG, TABLES, dump_changes, dumps, load_edit

_TO_UNDO = "FROM history WHERE NOT undone ORDER BY id DESC LIMIT 1"
_TO_REDO = "FROM history WHERE undone ORDER BY id LIMIT 1"


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
        fill(connection, kind, [(c.key[1], c.after) for c in edit.changes if c.key[0] == kind and c.after is not None])


def fill(connection: Connection, kind: Kind, values: Iterable[tuple[int, Value]]) -> None:
    """Write new values of a kind by their label or id."""
    kept = TABLES[kind]
    connection.executemany(kept.insert, (kept.encode(key, value) for key, value in values))


def record(connection: Connection, edit: Edit) -> None:
    """Add a step, or widen the newest one if the edit merges with it; steps that were undone are forgotten."""
    connection.execute("DELETE FROM history WHERE undone")
    newest = _step(connection, _TO_UNDO) if edit.merge else None
    if newest is not None and newest[1].merge == edit.merge:
        connection.execute("DELETE FROM history WHERE id = ?", (newest[0],))
        edit = newest[1].then(edit)
    if edit.changes:  # a drag that came back to its start is no step
        row = edit.title, edit.merge, dump_changes(edit.changes)
        connection.execute("INSERT INTO history (title, merge, changes, undone) VALUES (?, ?, ?, 0)", row)


def title(connection: Connection, *, back: bool) -> str | None:
    """The title of the step that `travel` takes, None if there is none."""
    row = connection.execute(f"SELECT title {_TO_UNDO if back else _TO_REDO}").fetchone()
    return None if row is None else row[0]


def travel(connection: Connection, *, back: bool) -> Edit | None:
    """Undo the newest step, or redo the oldest undone one; the edit that was made by it, None if there is no such step."""
    step = _step(connection, _TO_UNDO if back else _TO_REDO)
    if step is None:
        return None
    id, edit = step
    edit = edit.inverse() if back else edit
    write(connection, edit)
    connection.execute("UPDATE history SET undone = ? WHERE id = ?", (back, id))
    return edit


def _step(connection: Connection, which: str) -> tuple[int, Edit] | None:
    row = connection.execute(f"SELECT id, title, merge, changes {which}").fetchone()
    return None if row is None else (row[0], load_edit(*row[1:]))


def _stored(connection: Connection, keys: Sequence[Key]) -> Iterator[tuple[Key, Value]]:
    for kind, kept in TABLES.items():
        ids = [id for of_kind, id in keys if of_kind == kind]
        for row in connection.execute(f"{kept.select} WHERE {kept.key} {AMONG}", (dumps(ids),)):
            yield (kind, row[0]), kept.decode(row)


def _delete(connection: Connection, kind: Kind, changes: Sequence[Change]) -> None:
    connection.executemany(f"DELETE FROM {kind} WHERE {TABLES[kind].key} = ?", [(c.key[1],) for c in changes])
