"""Every action and its keys, in one table; the window gives each a function, a person may give it other keys.

Actions of scope "canvas" work while the canvas has the keyboard, so that Enter, Tab and the arrows mean in a text field what
they always mean. Letters and digits can belong to the whole window: a text field takes them first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from . import language

_ONCE = ("hide",)
"""Commands that a held key is not to give again and again."""
Keys = Mapping[str, Sequence[str]]
"""Keys by the name of a command, in Qt's portable writing ("Ctrl+Shift+Z")."""
_own: dict[str, tuple[str, ...]] = {}
"""The keys that are other than in the table: a person's own."""


@dataclass(frozen=True)
class Command:
    """One thing a key can do, and the keys it has at first. Commands without a title stand in no list and keep their keys."""

    name: str
    title: str
    keys: tuple[str, ...]
    scope: Literal["window", "canvas"] = "window"
    group: str = ""


def commands() -> tuple[Command, ...]:
    """The table, in the language of the window."""
    translate = QCoreApplication.translate
    boxes, images = translate("actions", "Boxes"), translate("actions", "Images")
    view = translate("actions", "View and project")
    return (
        Command("draw", translate("actions", "Draw a box anywhere"), ("W", "R"), group=boxes),
        Command("new_box", translate("actions", "New box in the middle"), ("Ins", "N"), "canvas", boxes),
        *_arrows("pull", "Ctrl", translate("actions", "Size boxes, with all arrows"), boxes),
        Command("select", translate("actions", "Select and move"), ("V",), group=boxes),
        Command("hand", translate("actions", "Hand"), ("H",), group=boxes),
        Command("delete", translate("actions", "Delete box, reject suggestion"), ("Del", "Backspace"), "canvas", boxes),
        Command("accept", translate("actions", "Accept suggestion, or all"), ("Return", "Enter"), "canvas", boxes),
        Command("accept_all", translate("actions", "Accept all suggestions"), ("Shift+Return",), "canvas", boxes),
        Command("accept_everywhere", translate("actions", "Accept on all images"), ("Ctrl+Shift+Return",), group=boxes),
        Command("next_box", translate("actions", "Next suggestion or buried box"), ("Tab",), "canvas", boxes),
        Command("select_all", translate("actions", "Select all boxes"), ("Ctrl+A",), "canvas", boxes),
        Command("tighten", translate("actions", "Tighten to the prediction"), ("T",), group=boxes),
        Command("lock", translate("actions", "Lock or unlock boxes"), ("L",), group=boxes),
        Command("hide", translate("actions", "Hide all boxes, or while held"), ("X",), group=boxes),
        Command("hide_selected", translate("actions", "Hide selected boxes"), ("Shift+X",), group=boxes),
        Command("hide_class", translate("actions", "Hide or show the class"), ("Alt+X",), group=boxes),
        Command("copy", translate("actions", "Copy selected boxes, or all"), ("Ctrl+C",), "canvas", boxes),
        Command("paste", translate("actions", "Paste boxes"), ("Ctrl+V",), "canvas", boxes),
        Command("copy_previous", translate("actions", "Copy boxes of previous image"), ("Ctrl+Shift+V",), "canvas", boxes),
        Command("duplicate", translate("actions", "Duplicate selected boxes"), ("Ctrl+D",), "canvas", boxes),
        Command("cancel", translate("actions", "Cancel, unselect"), ("Esc",), "canvas", boxes),
        Command("find_class", translate("actions", "Find or add a class"), ("C", "Ctrl+K"), group=boxes),
        Command("undo", translate("actions", "Undo"), ("Ctrl+Z",), group=boxes),
        Command("redo", translate("actions", "Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), group=boxes),
        Command("next", translate("actions", "Next image"), ("D", "PgDown"), group=images),
        Command("previous", translate("actions", "Previous image"), ("A", "PgUp"), group=images),
        Command("done_next", translate("actions", "Done, and next image"), ("S",), group=images),
        Command("done", translate("actions", "Done, or not yet"), ("Ctrl+Return",), group=images),
        Command("empty", translate("actions", "Nothing on this image"), ("E",), group=images),
        Command("remove_image", translate("actions", "Remove image from project"), ("Ctrl+Del",), "canvas", images),
        Command("search", translate("actions", "Search images"), ("Ctrl+F",), group=images),
        Command("sort", translate("actions", "Sort images"), ("Ctrl+Shift+F",), group=images),
        Command("fit", translate("actions", "Fit image"), ("F", "Ctrl+0"), group=view),
        Command("fit_selected", translate("actions", "Fit selected boxes"), ("Shift+F",), group=view),
        Command("actual_size", translate("actions", "100 %"), ("Ctrl+1",), group=view),
        Command("zoom_in", translate("actions", "Zoom in"), ("+", "="), group=view),
        Command("zoom_out", translate("actions", "Zoom out"), ("-",), group=view),
        *_arrows("pan", "Alt", translate("actions", "Move the view, with all arrows"), view),
        Command("fewer", translate("actions", "Fewer predictions"), ("]",), group=view),
        Command("more", translate("actions", "More predictions"), ("[",), group=view),
        Command("next_part", translate("actions", "Next part of the window"), ("F6",), group=view),
        Command("previous_part", "", ("Shift+F6",)),
        Command("loupe", translate("actions", "Loupe while drawing, on or off"), ("M",), group=view),
        Command("predictions", translate("actions", "Show or hide predictions"), ("P",), group=view),
        Command("prelabel", translate("actions", "Pre-label all images"), ("Ctrl+P",), group=view),
        Command("fold", translate("actions", "Fold both sides away"), ("Ctrl+B",), group=view),
        Command("train", translate("actions", "Train"), ("Ctrl+T",), group=view),
        Command("finetune", translate("actions", "Fine-tune (GRPO)"), ("Ctrl+G",), group=view),
        Command("open", translate("actions", "Open folder or project"), ("Ctrl+O",), group=view),
        Command("add_images", translate("actions", "Add images"), ("Ctrl+Shift+O",), group=view),
        Command("add_new", translate("actions", "Add new images of the folder"), ("Ctrl+Shift+N",), group=view),
        Command("import", translate("actions", "Import annotations"), ("Ctrl+I",), group=view),
        Command("export", translate("actions", "Export annotations"), ("Ctrl+E",), group=view),
        Command("close", translate("actions", "Close project"), ("Ctrl+W",), group=view),
        Command("quit", translate("actions", "Quit"), ("Ctrl+Q",), group=view),
        Command("scheme", translate("actions", "Dark or light"), ("Ctrl+Shift+L",), group=view),
        Command("language", "English / 中文", ("Ctrl+Shift+E",), group=view),
        Command("keys", translate("actions", "All keys"), ("?", "F1"), group=view),
        *(Command(f"class_{i}", "", (str((i + 1) % 10),)) for i in range(10)),
        *(Command(name.lower(), "", (name,), "canvas") for name in ("Left", "Right", "Up", "Down")),
        *(Command(f"far_{name.lower()}", "", (f"Shift+{name}",), "canvas") for name in ("Left", "Right", "Up", "Down")),
    )


def _arrows(name: str, modifier: str, title: str, group: str) -> Iterator[Command]:
    """A command for each arrow; the first one speaks for all."""
    for n, arrow in enumerate(("Right", "Left", "Up", "Down")):
        yield Command(f"{name}_{arrow.lower()}", "" if n else title, (f"{modifier}+{arrow}",), "canvas", group)


def use_keys(own: Keys) -> None:
    """Have these keys in place of those of the table, from now on and wherever a text names one; unknown names say nothing."""
    _own.clear()
    _own.update({name: tuple(keys) for name, keys in own.items() if name in _defaults()})
    language.write_again()


def keys_of(name: str) -> tuple[str, ...]:
    """The keys of a command as they are now."""
    return _own.get(name, _defaults()[name])


def key_text(name: str) -> str:
    """The first key of a command as the system writes it; "" if it has none."""
    return next((native(key) for key in keys_of(name)), "")


def native(key: str) -> str:
    """A key as the system writes it, Return as its sign."""
    written = QKeySequence.SequenceFormat.NativeText
    return QKeySequence(key).toString(written).replace(QKeySequence("Return").toString(written), "⏎")


def holder(key: str, but: str = "") -> Command | None:
    """The command that a key belongs to now, other than the one called `but`."""
    return next((command for command in commands() if command.name != but and key in keys_of(command.name)), None)


def with_keys(own: Keys, name: str, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """A person's own keys when a command gets these; whoever has one of them loses it. What is as in the table is left out."""
    defaults = _defaults()
    new = {**defaults, **{other: tuple(others) for other, others in own.items()}, name: tuple(dict.fromkeys(keys))}
    kept = {other: tuple(k for k in others if other == name or k not in new[name]) for other, others in new.items()}
    return {other: others for other, others in kept.items() if others != defaults[other]}


@cache
def _defaults() -> Mapping[str, tuple[str, ...]]:
    return {command.name: command.keys for command in commands()}


def install(window: QWidget, canvas: QWidget, runs: Mapping[str, Callable[[], object]]) -> dict[str, QAction]:
    """Make the actions, `runs[name]` being what each does; every command needs one. `dress` gives them titles and keys."""
    made = {}
    for command in commands():
        action = QAction(window)
        action.setAutoRepeat(command.name not in _ONCE)
        action.triggered.connect(_without_checked(runs[command.name]))
        owner = window
        if command.scope == "canvas":
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            owner = canvas
        owner.addAction(action)
        made[command.name] = action
    return made


def dress(made: Mapping[str, QAction]) -> None:
    """Give the actions their titles in the language that is spoken now, and the keys they have now."""
    for command in commands():
        made[command.name].setText(command.title)
        made[command.name].setShortcuts([QKeySequence(key) for key in keys_of(command.name)])


def _without_checked(run: Callable[[], object]) -> Callable[[], None]:
    def call() -> None:
        run()

    return call
