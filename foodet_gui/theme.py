"""Colours and type of the window: one table of tokens for dark and one for light, following the system.

Nothing else in the window names a colour. Widgets that paint ask `color`, all others are dressed by the one style sheet
made here. What is asked for a hundred times a paint is kept until the scheme changes. Class colours are not a matter of the
theme: they come from `foodet_core.palette`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from foodet_core.palette import class_color
from foodet_core.resources import resource
from foodet_core.types import ClassList

from .language import class_name

DARK: Mapping[str, str] = {
    "window": "#17181B",
    "panel": "#1E2024",
    "raised": "#292C32",
    "canvas": "#101113",
    "line": "#33373E",
    "text": "#E8EAED",
    "dim": "#9AA1AB",
    "accent": "#FF9F45",
    "accent_hover": "#FFB068",
    "on_accent": "#1B1206",
    "good": "#46C08A",
    "warning": "#FFC46B",
    "halo": "#17181B",
    "scrim": "#B8101113",
    "shade": "#66000000",
    "on_scrim": "#F2F3F5",
}
LIGHT: Mapping[str, str] = {
    "window": "#F4F3F1",
    "panel": "#FBFAF8",
    "raised": "#FFFFFF",
    "canvas": "#E7E5E1",
    "line": "#DEDBD5",
    "text": "#25262A",
    "dim": "#6B6F76",
    "accent": "#B45309",
    "accent_hover": "#9A4507",
    "on_accent": "#FFFFFF",
    "good": "#1A7F52",
    "warning": "#9A5B00",
    "halo": "#17181B",
    "scrim": "#B8101113",
    "shade": "#3825262A",
    "on_scrim": "#F2F3F5",
}
_FAMILIES = ("Inter", "Segoe UI", "SF Pro Text", "Helvetica Neue", "Noto Sans", "Noto Sans CJK SC", "DejaVu Sans")
_BODY_PX = 13
_CHOICE = "foodetScheme"
Scheme = Literal["system", "dark", "light"]

_SHEET = """
QMainWindow, QDialog { background: @window; }
QWidget { color: @text; }
QToolTip { background: @raised; color: @text; border: 1px solid @line; padding: 4px 6px; }
#topBar, #statusLine, #imageStrip, #sidePanel { background: @panel; }
#topBar { border-bottom: 1px solid @line; }
#statusLine { border-top: 1px solid @line; }
#imageStrip { border-right: 1px solid @line; }
#sidePanel { border-left: 1px solid @line; }
#statusLine QLabel, [role="dim"] { color: @dim; }
#statusLine QLabel { font-size: 12px; }
[role="brand"] { color: @accent; font-size: 16px; font-weight: 700; }
[role="title"] { font-size: 14px; font-weight: 600; }
[role="head"] { color: @dim; font-size: 11px; font-weight: 600; }
[role="hero"] { font-size: 26px; font-weight: 700; }
[role="figure"] { font-size: 34px; font-weight: 700; }
[role="good"] { color: @good; }
[role="warning"] { color: @warning; }
[role="pill"] { background: @panel; border: 1px solid @line; border-radius: 14px; }
[role="pill"] QLabel, [role="pill"] QPushButton { font-size: 12px; }
[role="sheet"] { background: @panel; border: 1px solid @line; border-radius: 12px; }
[role="card"] { background: @panel; border: 1px solid @line; border-radius: 12px; }
QPushButton, QToolButton { background: @raised; border: 1px solid @line; border-radius: 8px; padding: 6px 14px;
    font-weight: 500; }
QPushButton:hover, QToolButton:hover { border-color: @dim; }
QPushButton:pressed, QToolButton:pressed { background: @line; }
QPushButton:disabled, QToolButton:disabled { color: @dim; border-color: @line; }
QPushButton:focus { border-color: @accent; }
QFileDialog QToolButton { padding: 4px; }
QPushButton[role="primary"] { background: @accent; border-color: @accent; color: @on_accent; font-weight: 600; }
QPushButton[role="primary"]:hover, QPushButton[role="primary"]:focus { background: @accent_hover; border-color: @accent_hover; }
QPushButton[role="primary"]:disabled { background: @raised; border-color: @line; color: @dim; }
QPushButton[role="quiet"] { background: transparent; border: none; padding: 2px 4px; font-weight: 400; }
QPushButton[role="quiet"]:hover { color: @accent; }
QPushButton[role="quiet"]:focus, QPushButton[role="project"]:focus { color: @accent; text-decoration: underline; }
QPushButton[role="row"]:focus { background: @raised; }
QPushButton[role="small"] { padding: 6px 0; }
#imageStrip [role="quiet"] { font-size: 12px; color: @dim; }
#imageStrip [role="quiet"]:hover { color: @accent; }
QPushButton[role="key"], QPushButton[role="nokey"] { padding: 2px 6px; border-radius: 6px; font-size: 12px; }
QPushButton[role="nokey"] { background: transparent; border-color: transparent; color: @dim; }
QPushButton[role="nokey"]:hover { border-color: @dim; }
QPushButton[role="nokey"]:focus { border-color: @accent; }
QKeySequenceEdit QLineEdit { border-radius: 6px; padding: 2px 6px; font-size: 12px; }
QPushButton[role="row"] { text-align: left; background: transparent; border: none; padding: 8px 10px; font-weight: 400; }
QPushButton[role="row"]:hover { background: @raised; }
QPushButton[role="project"] { background: transparent; border: none; padding: 4px 6px; font-size: 14px; font-weight: 600; }
QPushButton[role="project"]:hover { color: @accent; }
QPushButton::menu-indicator { image: none; width: 0; }
#tabHeads { border-bottom: 1px solid @line; }
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QPlainTextEdit {
    background: @raised; border: 1px solid @line; border-radius: 8px; padding: 5px 9px;
    selection-background-color: @accent; selection-color: @on_accent; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus { border-color: @accent; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("@icons/down.svg"); width: 12px; height: 12px; }
QComboBox QLineEdit { background: transparent; border: none; padding: 0; }
QComboBox QAbstractItemView { background: @raised; border: 1px solid @line; padding: 4px; outline: none;
    selection-background-color: @accent; selection-color: @on_accent; }
QCheckBox { spacing: 8px; }
QCheckBox::indicator { width: 16px; height: 16px; border: 1px solid @line; border-radius: 5px; background: @raised; }
QCheckBox::indicator:hover { border-color: @dim; }
QCheckBox::indicator:focus { border-color: @accent; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; image: url("@icons/tick.svg"); }
QListView { background: transparent; border: none; outline: none; }
QListView QLineEdit { border-radius: 6px; padding: 1px 6px; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: @dim; padding: 10px 2px 8px 2px; margin: 0 24px 0 0; border: none;
    border-bottom: 2px solid transparent; font-weight: 500; }
QTabBar::tab:selected { color: @text; border-bottom-color: @accent; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:focus { color: @accent; }
QProgressBar { background: @line; border: none; border-radius: 3px; max-height: 7px; min-height: 7px; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QProgressBar[role="good"]::chunk { background: @good; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: @line; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: @accent; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: @knob; }
QSlider::handle:horizontal:focus { background: @accent; }
QSlider::handle:horizontal:disabled { background: @dim; }
QScrollBar:vertical { background: transparent; width: 8px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 8px; margin: 0; }
QScrollBar::handle { background: @line; border-radius: 4px; min-height: 28px; min-width: 28px; }
QScrollBar::handle:hover { background: @dim; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QMenu { background: @raised; border: 1px solid @line; padding: 4px; }
QMenu::item { padding: 5px 18px; border-radius: 5px; }
QMenu::item:selected { background: @accent; color: @on_accent; }
QSplitter::handle { background: transparent; }
"""


@cache
def is_dark() -> bool:
    """Whether the window is dark: as the person chose, else as the system asks, else yes."""
    app = QApplication.instance()
    chosen = app.property(_CHOICE) if app is not None else None
    return chosen == "dark" or (chosen != "light" and QGuiApplication.styleHints().colorScheme() != Qt.ColorScheme.Light)


def tokens() -> Mapping[str, str]:
    """The table in force: token name to "#rrggbb" or "#aarrggbb"."""
    return DARK if is_dark() else LIGHT


@cache
def color(name: str) -> QColor:
    """The colour of a token, now; copy it to change it."""
    return QColor(tokens()[name])


def class_look(classes: ClassList, label: int) -> tuple[str, str]:
    """Name in the window's language and colour "#rrggbb" of a class; a label that is not in the list gets neutral ones."""
    if not 0 <= label < len(classes):
        return "?", color("dim").name()
    return class_name(classes[label]), classes[label].color or class_color(label)


@cache
def font(pixels: int = _BODY_PX, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The window's font in a size; figures all have one width, so that numbers do not jump."""
    made = QFont(QGuiApplication.font())
    made.setPixelSize(pixels)
    made.setWeight(weight)
    return made


def choose(scheme: Scheme) -> None:
    """Follow the system, or be dark or light whatever it says."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        app.setProperty(_CHOICE, scheme)
        _dress(app)


def apply(app: QApplication, scheme: Scheme = "system") -> None:
    """Dress the application, now and whenever the system changes between dark and light; `wear_sheet` has to follow."""
    app.setProperty(_CHOICE, scheme)
    base = QFont()
    base.setFamilies([*_FAMILIES, base.family()])
    base.setPixelSize(_BODY_PX)
    app.setFont(base)
    app.setStyle("Fusion")
    _colour(app)
    QGuiApplication.styleHints().colorSchemeChanged.connect(lambda _scheme: _dress(app))


def wear_sheet() -> None:
    """Put on the style sheet, once the window is made and before it is shown.

    With a sheet in force Qt looks through its rules each time that a widget is put into another: that took longer than all the
    rest of making the window.
    """
    app = QApplication.instance()
    if isinstance(app, QApplication) and app.property(_CHOICE) is not None:
        app.setStyleSheet(sheet())


def sheet() -> str:
    """The style sheet with the tokens in force filled in."""
    values = {**tokens(), "knob": DARK["text"] if is_dark() else LIGHT["text"], "icons": resource("icons").as_posix()}
    text = _SHEET
    for name in sorted(values, key=len, reverse=True):
        text = text.replace(f"@{name}", values[name])
    return text


def _dress(app: QApplication) -> None:
    _colour(app)
    app.setStyleSheet(sheet())


def _colour(app: QApplication) -> None:
    for kept in (is_dark, color, font):
        kept.cache_clear()
    role = QPalette.ColorRole
    palette = QPalette(color("raised"), color("window"))
    for where, token in (
        (role.Base, "raised"),
        (role.Text, "text"),
        (role.WindowText, "text"),
        (role.ButtonText, "text"),
        (role.PlaceholderText, "dim"),
        (role.Highlight, "accent"),
        (role.HighlightedText, "on_accent"),
        (role.Accent, "accent"),
    ):
        palette.setColor(where, color(token))
    app.setPalette(palette)


def set_role(widget: QWidget, role: str) -> None:
    """Dress a widget as one of the roles of the style sheet: dim, head, primary, pill, ...; "" for none."""
    widget.setProperty("role", role)
    widget.style().polish(widget)
