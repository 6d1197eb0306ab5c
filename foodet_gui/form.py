"""A form made from a config's field metadata: title, unit, range, help and choices are written once, in `foodet_core.config`.

The settings named first stand open; the others wait behind "Advanced" and are built when somebody looks. A form knows
nothing of any particular config.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from foodet_core.config import Config, options

from . import language

ConfigT = TypeVar("ConfigT", bound=Config)
Path = tuple[str, ...]

LARGEST = 2**31 - 1
LABEL_WIDTH = 78


class NumberBox(QLineEdit):
    """A number with its unit; the arrow keys and the wheel step it by its leading digit.

    Not a spin box: those take a fixed count of decimals and no 1e-4. What is no number in the range is not taken: the
    last good one comes back. An `optional` one is also "automatic", which is None: the empty text, or a step below `low`.
    """

    changed = Signal()

    def __init__(self, low: float | None, high: float | None, unit: str, *, whole: bool, optional: bool) -> None:
        super().__init__()
        self._low, self._high = -LARGEST if low is None else low, LARGEST if high is None else high
        self._unit, self._whole, self._optional = unit, whole, optional
        self._number: float | None = None
        language.watch(self._write)
        self.textEdited.connect(lambda _text: self.changed.emit())
        self.editingFinished.connect(lambda: self.set_number(self.number()))

    def number(self) -> float | int | None:
        """What stands there: None for automatic, an int for a whole number; the last good one while it is neither."""
        with contextlib.suppress(ValueError, OverflowError):  # a whole number of 1e999
            return self._read(self.text())
        return self._number

    def set_number(self, number: float | None) -> None:
        """Show a number; None is automatic."""
        self._number = number
        self._write()
        self.changed.emit()

    def _write(self) -> None:
        self.setText(self.tr("automatic") if self._number is None else f"{self._number:.10g} {_unit(self._unit)}".rstrip())

    def step(self, up: bool) -> None:
        """One step up or down, within the range; from the lowest down to automatic if that is allowed."""
        number = self.number()
        if number is None:
            self.set_number(self._low if up else None)
            return
        stepped = round(number + math.copysign(self._size(number, up), 1 if up else -1), 10)
        lowest = None if self._optional else self._low
        self.set_number(lowest if stepped < self._low else min(stepped, self._high))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.step(event.key() == Qt.Key.Key_Up)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if turned := event.angleDelta().y():
            self.step(turned > 0)

    def _read(self, text: str) -> float | int | None:
        word = text.removesuffix(_unit(self._unit)).strip().replace(",", ".")
        if self._optional and word in ("", self.tr("automatic")):
            return None
        number = round(float(word)) if self._whole else float(word)
        if not self._low <= number <= self._high:
            raise ValueError(text)
        return number

    def _size(self, number: float, up: bool) -> float:
        """One of the leading digit of a decimal, a tenth of that of a whole number; going down, of what lies below."""
        size = abs(number) * (1 if up else 0.999)
        if size == 0:
            return 1 if self._whole else 0.1
        digit = 10.0 ** math.floor(math.log10(size))
        return int(max(1, digit / 10)) if self._whole else digit


@dataclass(frozen=True)
class Editor:
    """The widget for one setting, how to read and fill it, and its signal of a change."""

    widget: QWidget
    value: Callable[[], Any]
    fill: Callable[[Any], None]
    changed: Any


def editor_for(field: dataclasses.Field[Any], hint: Any) -> Editor:
    """The editor that fits a setting: choices a combo box, bool a check box, numbers a number box, else a text line."""
    kinds = [kind for kind in _alternatives(hint) if kind is not type(None)]
    if field.metadata.get("choices"):
        return _choice_editor(field.metadata["choices"], bool(field.metadata.get("prefix")))
    if kinds[0] is bool:
        check = QCheckBox()
        return Editor(check, check.isChecked, check.setChecked, check.toggled)
    if kinds[0] in (int, float):
        return _number_editor(field.metadata, whole=kinds[0] is int, optional=len(_alternatives(hint)) > 1)
    line = QLineEdit()
    if typing.get_origin(kinds[0]) is tuple:
        return Editor(line, lambda: _words(line.text()), lambda words: line.setText(", ".join(words)), line.textChanged)
    return Editor(line, line.text, line.setText, line.textChanged)


class Disclosure(QWidget):
    """A part that opens and closes under its title; `fill` builds it when it is opened for the first time."""

    def __init__(self, fill: Callable[[QWidget], None]) -> None:
        super().__init__()
        self._title, self._fill = "", fill
        self._part: QWidget | None = None
        self.button = QPushButton()
        self.button.setCheckable(True)
        self.button.setProperty("role", "quiet")
        self.button.toggled.connect(self._on_toggled)
        self._column = _column(self)
        self._column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)

    def set_title(self, title: str) -> None:
        """What stands on the button."""
        self._title = title
        self.button.setText(f"{'▾' if self.button.isChecked() else '▸'} {title}")

    def _on_toggled(self, opened: bool) -> None:
        if self._part is None:
            self._part = QWidget()
            self._fill(self._part)
            self._column.addWidget(self._part)
        self._part.setVisible(opened)
        self.set_title(self._title)


class ConfigForm(QWidget, Generic[ConfigT]):
    """Edits one config value.

    `start` gives the type and the first values; `shown` are the dotted names of the settings that stand open, in this
    order. All others wait in `advanced`, which stands below unless it is put elsewhere; without `rest` there is none.
    """

    changed = Signal()

    def __init__(self, start: ConfigT, shown: Sequence[str], *, rest: bool = True) -> None:
        super().__init__()
        self._start = start
        self._settings = {path: (f, hint) for path, f, hint in options(type(start)) if "title" in f.metadata}
        self._editors: dict[Path, Editor] = {}
        paths = [tuple(name.split(".")) for name in shown]
        others = [path for path in self._settings if path not in paths] if rest else []
        self._texts: list[Callable[[], None]] = []
        self.advanced = Disclosure(lambda part: self._fill(part, others))
        column = _column(self)
        column.addLayout(self._rows(paths))
        column.addWidget(self.advanced)
        self.advanced.setVisible(bool(others))
        language.watch(self._write)

    def _write(self) -> None:
        self.advanced.set_title(self.tr("Advanced"))
        for write in self._texts:
            write()

    def editor(self, name: str) -> QWidget:
        """The widget that edits the setting of this dotted name. Raises KeyError while it is not built."""
        return self._editors[tuple(name.split("."))].widget

    def values(self) -> dict[str, Any]:
        """The settings that differ from the start, by dotted name."""
        edited = {path: editor.value() for path, editor in self._editors.items()}
        return {".".join(path): value for path, value in edited.items() if value != _get(self._start, path)}

    def config(self) -> ConfigT:
        """The edited config. Raises InputError if its settings contradict each other."""
        data = self._start.to_json()
        for name, value in self.values().items():
            *groups, last = name.split(".")
            _get(data, groups)[last] = value
        return type(self._start).from_json(data)

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Fill in values by dotted name. Raises KeyError for a setting that is not built."""
        for name, value in values.items():
            self._editors[tuple(name.split("."))].fill(value)

    def _rows(self, paths: Iterable[Path]) -> QFormLayout:
        rows = QFormLayout()
        rows.setVerticalSpacing(8)
        rows.setHorizontalSpacing(12)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        for path in paths:
            rows.addRow(*self._row(path))
        return rows

    def _row(self, path: Path) -> tuple[QLabel, QWidget]:
        field, hint = self._settings[path]
        editor = editor_for(field, hint)
        editor.fill(_get(self._start, path))
        editor.changed.connect(self.changed)
        pass_wheel(editor.widget)
        label = QLabel()
        label.setMinimumWidth(LABEL_WIDTH)
        label.setBuddy(editor.widget)
        self._editors[path] = editor

        def write() -> None:
            label.setText(_translated(field.metadata["title"]))
            for widget in (label, editor.widget):
                widget.setToolTip(_tip(field.metadata))

        self._add_text(write)
        return label, editor.widget

    def _add_text(self, write: Callable[[], None]) -> None:
        """Write a text now, and again in another language."""
        write()
        self._texts.append(write)

    def _fill(self, part: QWidget, paths: Sequence[Path]) -> None:
        column = _column(part)
        for group, members in groupby(paths, lambda path: path[:-1]):
            if group:
                heading = QLabel()
                heading.setProperty("role", "head")
                self._add_text(partial(_write_heading, heading, group[-1]))
                column.addWidget(heading)
            column.addLayout(self._rows(members))


def pass_wheel(widget: QWidget) -> None:
    """Let the wheel scroll the panel that a field lies in, unless the field is being edited."""
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(_PassWheel(widget))


class _PassWheel(QObject):
    def eventFilter(self, widget: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(widget, QWidget) and not widget.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(widget, event)


def _column(widget: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    return column


def _choice_editor(choices: Sequence[str], others: bool) -> Editor:
    """`others`: something else may be typed; the config says whether it will do."""
    combo = QComboBox()
    combo.addItems(list(choices))
    combo.setEditable(others)
    combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    return Editor(combo, combo.currentText, combo.setCurrentText, combo.currentTextChanged)


def _number_editor(metadata: Mapping[str, Any], *, whole: bool, optional: bool) -> Editor:
    unit = metadata.get("unit", "")
    box = NumberBox(metadata.get("low"), metadata.get("high"), unit, whole=whole, optional=optional)
    return Editor(box, box.number, box.set_number, box.changed)


def _alternatives(hint: Any) -> tuple[Any, ...]:
    union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    return typing.get_args(hint) if union else (hint,)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _get(values: Any, path: Sequence[str]) -> Any:
    """What lies at `path` in nested configs or their JSON form."""
    for name in path:
        values = values[name] if isinstance(values, dict) else getattr(values, name)
    return values


def _write_heading(heading: QLabel, group: str) -> None:
    heading.setText(_translated(group).upper())


def _tip(metadata: Mapping[str, Any]) -> str:
    low, high, unit = metadata.get("low"), metadata.get("high"), _unit(metadata.get("unit", ""))
    if low is None or high is None:
        return _translated(metadata["help"])
    return f"{_translated(metadata['help'])}\n{low:,} – {high:,} {unit}".rstrip()


def _unit(unit: str) -> str:
    return _translated(unit) if unit else ""


def _translated(text: str) -> str:
    return QCoreApplication.translate("settings", text)
