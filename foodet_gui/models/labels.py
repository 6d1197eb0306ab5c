"""Two lists of the label panel as models: the classes, and the boxes on the current image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from foodet_core.types import Annotation

from .. import labelling, theme
from ..session import Session

Index = QModelIndex | QPersistentModelIndex
_KEYS = "1234567890"


class Role(IntEnum):
    """What a row shows beside its text."""

    COLOR = Qt.ItemDataRole.UserRole + 1
    ASIDE = Qt.ItemDataRole.UserRole + 2
    KEY = Qt.ItemDataRole.UserRole + 3
    MARKED = Qt.ItemDataRole.UserRole + 4
    SUGGESTED = Qt.ItemDataRole.UserRole + 5


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is painted; no colour means the row that adds one."""

    text: str
    color: str = ""
    aside: str = ""
    key: str = ""
    marked: bool = False
    suggested: bool = False


class RowModel(QAbstractListModel):
    """Rows made anew when what they show changed; only what differs is repainted."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.rows: list[Row] = []
        session.project_changed.connect(self.count)
        session.changed.connect(self.count)
        session.current_changed.connect(self.mark)
        session.selection_changed.connect(self.mark)

    def refresh(self) -> None:
        """Make the rows again and tell what is different."""
        before, rows = self.rows, self.make_rows()
        if len(before) != len(rows):
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return
        self.rows = rows
        different = [place for place, (old, new) in enumerate(zip(before, rows, strict=True)) if old != new]
        if different:
            self.dataChanged.emit(self.index(different[0]), self.index(different[-1]))

    def count(self) -> None:
        """Something was changed on the disk."""
        self.refresh()

    def mark(self) -> None:
        """Something else is selected, or another image is open."""
        self.refresh()

    def make_rows(self) -> list[Row]:
        """The rows as they are to be now."""
        raise NotImplementedError

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        shown = {
            int(Qt.ItemDataRole.DisplayRole): row.text,
            int(Role.COLOR): row.color,
            int(Role.ASIDE): row.aside,
            int(Role.KEY): row.key,
            int(Role.MARKED): row.marked,
            int(Role.SUGGESTED): row.suggested,
        }
        return shown.get(role)


class ClassModel(RowModel):
    """The classes with the number of their boxes and their key; the last row adds a class."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        self._counts: Mapping[int, int] = {}
        super().__init__(session, parent)
        self.count()

    def count(self) -> None:
        """Count the boxes; they change less often than what is selected."""
        project = self.session.project
        self._counts = project.class_counts() if project else {}
        self.refresh()

    def mark(self) -> None:
        # Two rows at the most are different: there may be a thousand, and this happens at every key.
        order, current = self.session.class_order, self.session.current_class
        if self.session.project is None or len(self.rows) != len(order) + 1:
            self.refresh()
            return
        for place, (row, label) in enumerate(zip(self.rows[:-1], order, strict=True)):
            marked, aside = label == current, self._aside(label)
            if row.marked != marked or row.aside != aside:
                self.rows[place] = replace(row, marked=marked, aside=aside)
                self.dataChanged.emit(self.index(place), self.index(place))

    def make_rows(self) -> list[Row]:
        if self.session.project is None:
            return []
        rows = [self._row(place, label) for place, label in enumerate(self.session.class_order)]
        return [*rows, Row(self.tr("+ new class"))]

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.EditRole:
            return self.rows[index.row()].text if self.is_class(index) else ""
        return super().data(index, role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if self.is_class(index):
            self.session.rename_class(self.label_of(index), value)
        else:
            self.session.add_class(value)
        return True

    def is_class(self, index: Index) -> bool:
        """Whether the row is a class, not the one that adds one."""
        return index.row() < len(self.session.class_order)

    def label_of(self, index: Index) -> int:
        """The label of the class in a row."""
        return self.session.class_order[index.row()]

    def _row(self, place: int, label: int) -> Row:
        name, color = theme.class_look(self.session.classes, label)
        key = _KEYS[place] if place < len(_KEYS) else ""
        return Row(name, color, self._aside(label), key, marked=label == self.session.current_class)

    def _aside(self, label: int) -> str:
        return self.tr("hidden") if label in self.session.hidden.labels else str(self._counts.get(label, 0))


class BoxModel(RowModel):
    """The boxes on the current image, then the suggestions."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        self._marked: object = None
        super().__init__(session, parent)
        session.predictions_changed.connect(self.refresh)

    def mark(self) -> None:
        # Another image comes with another selection, which are two signals for the same rows.
        session = self.session
        image_id = session.current.id if session.current else None
        shown = image_id, session.annotations, session.selected, session.suggestion, session.hidden
        if shown != self._marked:
            self._marked = shown
            self.refresh()

    def make_rows(self) -> list[Row]:
        rows = [self._box(a) for a in self.session.annotations]
        return rows + [self._suggestion(i) for i in self.session.shown_predictions().open]

    def choose(self, row: int) -> None:
        """Select the box of a row, or put its suggestion in focus."""
        boxes = self.session.annotations
        if row < len(boxes):
            self.session.select([boxes[row].id])
        else:
            self.session.focus_suggestion(self.session.shown_predictions().open[row - len(boxes)])

    def toggle(self, row: int) -> None:
        """Select the box of a row too, or no longer; a suggestion is put in focus."""
        boxes = self.session.annotations
        if row < len(boxes):
            self.session.select(self.session.selected ^ {boxes[row].id})
        else:
            self.choose(row)

    def _box(self, a: Annotation) -> Row:
        x0, y0, x1, y1 = a.box_xyxy
        size = f"{round(x1 - x0)} × {round(y1 - y0)}"
        name, color = theme.class_look(self.session.classes, a.label)
        state = self.tr("locked") if labelling.is_locked(a) else ""
        if self.session.hidden.hides(a):
            state = self.tr("hidden")
        return Row(name, color, state or size, marked=a.id in self.session.selected)

    def _suggestion(self, index: int) -> Row:
        found = self.session.current_predictions()
        name, color = theme.class_look(self.session.classes, int(found.labels[index]))
        return Row(name, color, self.tr("suggested"), marked=index == self.session.suggestion, suggested=True)
