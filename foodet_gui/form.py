"""A form made from a config's field metadata: title, unit, range, help and choices are written once, in `foodet_core.config`.

The settings named first stand open; the others wait behind "Advanced" and are built when somebody looks. A form knows
nothing of any particular config.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from foodet_core.config import Config, options

ConfigT = TypeVar("ConfigT", bound=Config)
Path = tuple[str, ...]

LARGEST = 2**31 - 1
DECIMALS = 10


class NumberBox(QDoubleSpinBox):
    """A number of any magnitude: shows 0.0001 as such, takes 1e-4, steps by its leading digit.

    An `optional` one has the state "automatic", which is None: one step below `low`, or the empty text.
    """

    def __init__(self, low: float | None, high: float | None, *, whole: bool, optional: bool) -> None:
        super().__init__()
        self._whole = whole
        self._low = -LARGEST if low is None else low
        self.setKeyboardTracking(False)  # half a number is no value yet
        self.setDecimals(0 if whole else DECIMALS)
        self.setRange(self._low - 1 if optional else self._low, LARGEST if high is None else high)
        if optional:
            self.setSpecialValueText(self.tr("automatic"))

    def number(self) -> float | int | None:
        """The value: None for automatic, an int for a whole number."""
        if self.value() < self._low:
            return None
        return round(self.value()) if self._whole else self.value()

    def set_number(self, number: float | None) -> None:
        """Show `number`; None is automatic."""
        self.setValue(self.minimum() if number is None else number)

    def textFromValue(self, value: float) -> str:
        return f"{value:.{DECIMALS}g}"

    def valueFromText(self, text: str) -> float:
        number = text.removesuffix(self.suffix()).strip().replace(",", ".")
        return self.minimum() if self._is_automatic(number) else float(number)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        try:
            value = self.valueFromText(text)
        except ValueError:
            return QValidator.State.Intermediate, text, position  # on the way to a number, like "1e-"
        fits = self._low <= value <= self.maximum() or self._is_automatic(text.removesuffix(self.suffix()).strip())
        state = QValidator.State.Acceptable if fits else QValidator.State.Intermediate
        return state, text, position

    def stepBy(self, steps: int) -> None:
        value = self.value() + math.copysign(self._step(steps), steps)
        self.set_number(None if value < self._low else round(value, DECIMALS))

    def _step(self, steps: int) -> float:
        """One of the leading digit of a decimal, a tenth of that of a whole number; less at its lower end."""
        size = abs(self.value()) * (1 if steps > 0 else 0.999)
        if self.value() < self._low:
            return self._low - self.value()
        if size == 0:
            return 1 if self._whole else 0.1
        digit = 10.0 ** math.floor(math.log10(size))
        return max(1, digit / 10) if self._whole else digit

    def _is_automatic(self, text: str) -> bool:
        return self.specialValueText() != "" and text in ("", self.specialValueText())


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
        return _choice_editor(field.metadata["choices"])
    if kinds[0] is bool:
        check = QCheckBox()
        return Editor(check, check.isChecked, check.setChecked, check.toggled)
    if kinds[0] in (int, float):
        return _number_editor(field.metadata, whole=kinds[0] is int, optional=len(_alternatives(hint)) > 1)
    line = QLineEdit()
    if typing.get_origin(kinds[0]) is tuple:
        return Editor(line, lambda: _words(line.text()), lambda words: line.setText(", ".join(words)), line.textChanged)
    return Editor(line, line.text, line.setText, line.textChanged)


class ConfigForm(QWidget, Generic[ConfigT]):
    """Edits one config value.

    `start` gives the type and the first values; `shown` are the dotted names of the settings that stand open, in this
    order. With `advanced` all other settings wait behind a disclosure.
    """

    changed = Signal()

    def __init__(self, start: ConfigT, shown: Sequence[str], *, advanced: bool = True) -> None:
        super().__init__()
        self._start = start
        self._settings = {path: (f, hint) for path, f, hint in options(type(start)) if "title" in f.metadata}
        self._editors: dict[Path, Editor] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        paths = [tuple(name.split(".")) for name in shown]
        self._column.addLayout(self._rows(paths))
        if advanced:
            self._column.addWidget(self._disclosure([path for path in self._settings if path not in paths]))

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
        editor.widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        editor.widget.installEventFilter(self)
        label = QLabel(_translated(field.metadata["title"]))
        label.setBuddy(editor.widget)
        for widget in (label, editor.widget):
            widget.setToolTip(_tip(field.metadata))
        self._editors[path] = editor
        return label, editor.widget

    def _disclosure(self, paths: Sequence[Path]) -> QToolButton:
        button = QToolButton()
        button.setObjectName("disclosure")
        button.setText(self.tr("Advanced"))
        button.setCheckable(True)
        button.setAutoRaise(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setArrowType(Qt.ArrowType.RightArrow)
        part = QWidget()
        self._column.addWidget(part)

        def open_or_close(opened: bool) -> None:
            if part.layout() is None:
                self._fill_advanced(part, paths)
            self._column.addWidget(part)  # below the button
            part.setVisible(opened)
            button.setArrowType(Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow)

        button.toggled.connect(open_or_close)
        return button

    def _fill_advanced(self, part: QWidget, paths: Sequence[Path]) -> None:
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for group, members in groupby(paths, lambda path: path[:-1]):
            if group:
                heading = QLabel(_translated(group[-1]).upper())
                heading.setProperty("role", "head")
                column.addWidget(heading)
            column.addLayout(self._rows(members))

    def eventFilter(self, widget: QObject, event: QEvent) -> bool:
        """Let the wheel scroll the panel unless the setting under it is being edited."""
        if event.type() == QEvent.Type.Wheel and isinstance(widget, QWidget) and not widget.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(widget, event)


def _choice_editor(choices: Sequence[str]) -> Editor:
    combo = QComboBox()
    combo.addItems(list(choices))
    return Editor(combo, combo.currentText, combo.setCurrentText, combo.currentTextChanged)


def _number_editor(metadata: Mapping[str, Any], *, whole: bool, optional: bool) -> Editor:
    box = NumberBox(metadata.get("low"), metadata.get("high"), whole=whole, optional=optional)
    if metadata.get("unit"):
        box.setSuffix(f" {metadata['unit']}")
    return Editor(box, box.number, box.set_number, box.valueChanged)


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


def _tip(metadata: Mapping[str, Any]) -> str:
    low, high, unit = metadata.get("low"), metadata.get("high"), metadata.get("unit", "")
    if low is None or high is None:
        return _translated(metadata["help"])
    return f"{_translated(metadata['help'])}\n{low:,} – {high:,} {unit}".rstrip()


def _translated(text: str) -> str:
    return QCoreApplication.translate("settings", text)
