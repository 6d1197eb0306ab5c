"""How many boxes each class has and how many images each state, counted once and then kept in step with the edits.

Every edit asks for both, and counting a million boxes takes longer than a key press may. Another process that writes the
database is noticed by SQLite's `data_version`, which changes for a connection when any other one has committed; then it is
counted anew.
"""

from __future__ import annotations

from collections import Counter
from sqlite3 import Connection
from typing import Any

from ..types import Annotation, AnnotationState, ImageRecord, ImageState
from .edits import Edit, Value
from .schema import ACCEPTED


class Counts:
    """Accepted boxes by label, and images by state."""

    def __init__(self) -> None:
        self.boxes: Counter[int] = Counter()
        self.states: Counter[ImageState] = Counter()
        self._version: int | None = None

    def refresh(self, connection: Connection) -> None:
        """Count if that was not done yet, or if somebody else wrote since."""
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self.boxes, self.states = _count_boxes(connection), _count_states(connection)
            self._version = version

    def take(self, edit: Edit) -> None:
        """Follow an edit that was written."""
        for change in edit.changes:
            self._add(change.before, -1)
            self._add(change.after, 1)

    def _add(self, value: Value | None, by: int) -> None:
        if isinstance(value, ImageRecord):
            self.states[value.state] += by
        elif isinstance(value, Annotation) and value.state is AnnotationState.ACCEPTED:
            self.boxes[value.label] += by


def _count_boxes(connection: Connection) -> Counter[int]:
    """All boxes come from the index of classes alone; those that do not count are few."""
    counts = _counter(connection, "SELECT label, count(*) FROM annotation GROUP BY label")
    counts.subtract(_counter(connection, f"SELECT label, count(*) FROM annotation WHERE NOT {ACCEPTED} GROUP BY label"))
    return counts


def _count_states(connection: Connection) -> Counter[ImageState]:
    found = _counter(connection, "SELECT state, count(*) FROM image GROUP BY state")
    return Counter({ImageState(state): n for state, n in found.items()})


def _counter(connection: Connection, counted: str) -> Counter[Any]:
    return Counter(dict(connection.execute(counted)))
