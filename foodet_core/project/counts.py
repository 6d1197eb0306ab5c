"""How many boxes each class has and how many images each state, counted once and then kept in step with the edits.

Every edit asks for both, and counting a million boxes takes longer than a key press may. Another process that writes the
database is noticed by SQLite's `data_version`, which changes for a connection when any other one has committed; then it is
counted anew.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Connection, Select, func, select

from ..types import Annotation, AnnotationState, ImageRecord, ImageState
from .edits import Edit, Value
from .schema import ANNOTATION, IMAGE


class Counts:
    """Accepted boxes by label, and images by state."""

    def __init__(self) -> None:
        self.boxes: Counter[int] = Counter()
        self.states: Counter[ImageState] = Counter()
        self._counted_on: object = None
        self._version = 0

    def refresh(self, connection: Connection) -> None:
        """Count if that was not done yet, or if somebody else wrote since."""
        version, on = connection.exec_driver_sql("PRAGMA data_version").scalar_one(), connection.connection.driver_connection
        # The number says something on one connection only.
        if on is not self._counted_on or version != self._version:
            self.boxes, self.states = _count_boxes(connection), _count_states(connection)
            self._counted_on, self._version = on, version

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
    number, label = func.count(), ANNOTATION.c.label
    suggested = ANNOTATION.c.state != AnnotationState.ACCEPTED.value
    counts = _counter(connection, select(label, number).group_by(label))
    counts.subtract(_counter(connection, select(label, number).where(suggested).group_by(label)))
    return counts


def _count_states(connection: Connection) -> Counter[ImageState]:
    found = _counter(connection, select(IMAGE.c.state, func.count()).group_by(IMAGE.c.state))
    return Counter({ImageState(state): n for state, n in found.items()})


def _counter(connection: Connection, counted: Select[Any]) -> Counter[Any]:
    return Counter({row[0]: row[1] for row in connection.execute(counted)})
