"""Every action and its keys, in one table; the window gives each a function.

Actions of scope "canvas" work while the canvas has the keyboard, so that Enter, Tab and the arrows mean in a text field what
they always mean. Letters and digits can belong to the whole window: a text field takes them first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class Command:
    """One thing a key can do. Commands without a title stand in no list; their group's first one speaks for them."""

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
        Command("select", translate("actions", "Select and move"), ("V",), group=boxes),
        Command("hand", translate("actions", "Hand"), ("H",), group=boxes),
        Command("delete", translate("actions", "Delete box, reject suggestion"), ("Del", "Backspace"), "canvas", boxes),
        Command("accept", translate("actions", "Accept suggestion, or all"), ("Return", "Enter"), "canvas", boxes),
        Command("accept_all", translate("actions", "Accept all suggestions"), ("Shift+Return",), "canvas", boxes),
        Command("accept_everywhere", translate("actions", "Accept on all images"), ("Ctrl+Shift+Return",), group=boxes),
        Command("next_box", translate("actions", "Next suggestion or buried box"), ("Tab",), "canvas", boxes),
        Command("select_all", translate("actions", "Select all boxes"), ("Ctrl+A",), "canvas", boxes),
        Command("copy", translate("actions", "Copy selected boxes, or all"), ("Ctrl+C",), "canvas", boxes),
        Command("paste", translate("actions", "Paste boxes"), ("Ctrl+V",), "canvas", boxes),
        Command("copy_previous", translate("actions", "Copy boxes of previous image"), ("Ctrl+Shift+V",), "canvas", boxes),
        Command("duplicate", translate("actions", "Duplicate selected boxes"), ("Ctrl+D",), "canvas", boxes),
        Command("cancel", translate("actions", "Cancel, unselect"), ("Esc",), "canvas", boxes),
        Command("undo", translate("actions", "Undo"), ("Ctrl+Z",), group=boxes),
        Command("redo", translate("actions", "Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), group=boxes),
        Command("next", translate("actions", "Next image"), ("D", "PgDown"), group=images),
        Command("previous", translate("actions", "Previous image"), ("A", "PgUp"), group=images),
        Command("done_next", translate("actions", "Done, and next image"), ("S",), group=images),
        Command("done", translate("actions", "Done, or not yet"), ("Ctrl+Return",), group=images),
        Command("empty", translate("actions", "Nothing on this image"), ("E",), group=images),
        Command("remove_image", translate("actions", "Remove image from project"), ("Ctrl+Del",), "canvas", images),
        Command("search", translate("actions", "Search images"), ("Ctrl+F",), group=images),
        Command("add_images", translate("actions", "Add images"), ("Ctrl+Shift+O",), group=images),
        Command("add_new", translate("actions", "Add new images of the folder"), ("Ctrl+Shift+N",), group=images),
        Command("import", translate("actions", "Import annotations"), ("Ctrl+I",), group=images),
        Command("export", translate("actions", "Export annotations"), ("Ctrl+E",), group=images),
        Command("fit", translate("actions", "Fit image"), ("F", "Ctrl+0"), group=view),
        Command("fit_selected", translate("actions", "Fit selected boxes"), ("Shift+F",), group=view),
        Command("actual_size", translate("actions", "100 %"), ("Ctrl+1",), group=view),
        Command("zoom_in", translate("actions", "Zoom in"), ("+", "="), group=view),
        Command("zoom_out", translate("actions", "Zoom out"), ("-",), group=view),
        Command("predictions", translate("actions", "Show or hide predictions"), ("P",), group=view),
        Command("prelabel", translate("actions", "Pre-label all images"), ("Ctrl+P",), group=view),
        Command("fold", translate("actions", "Fold both sides away"), ("Ctrl+B",), group=view),
        Command("train", translate("actions", "Train"), ("Ctrl+T",), group=view),
        Command("finetune", translate("actions", "Fine-tune (GRPO)"), ("Ctrl+G",), group=view),
        Command("open", translate("actions", "Open folder or project"), ("Ctrl+O",), group=view),
        Command("close", translate("actions", "Close project"), ("Ctrl+W",), group=view),
        Command("quit", translate("actions", "Quit"), ("Ctrl+Q",), group=view),
        Command("scheme", translate("actions", "Dark or light"), ("Ctrl+Shift+L",), group=view),
        Command("language", "English / 中文", ("Ctrl+Shift+E",), group=view),
        Command("keys", translate("actions", "All keys"), ("?", "F1"), group=view),
        *(Command(f"class_{i}", "", (str((i + 1) % 10),)) for i in range(10)),
        *(Command(name.lower(), "", (name,), "canvas") for name in ("Left", "Right", "Up", "Down")),
        *(Command(f"far_{name.lower()}", "", (f"Shift+{name}",), "canvas") for name in ("Left", "Right", "Up", "Down")),
    )


def install(window: QWidget, canvas: QWidget, runs: Mapping[str, Callable[[], object]]) -> dict[str, QAction]:
    """Make the actions, `runs[name]` being what each does; every command needs one. `retitle` gives them titles."""
    made = {}
    for command in commands():
        action = QAction(window)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.triggered.connect(_without_checked(runs[command.name]))
        owner = window
        if command.scope == "canvas":
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            owner = canvas
        owner.addAction(action)
        made[command.name] = action
    return made


def retitle(made: Mapping[str, QAction]) -> None:
    """Give the actions their titles in the language that is spoken now."""
    for command in commands():
        made[command.name].setText(command.title)


def key_lists() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """For the page of all keys: each group's title, with its commands' titles and keys as the system writes them."""
    titled = [command for command in commands() if command.title]
    for group, members in groupby(titled, lambda command: command.group):
        yield group, [(c.title, "  ".join(_native(key) for key in c.keys)) for c in members]


def _native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def _without_checked(run: Callable[[], object]) -> Callable[[], None]:
    def call() -> None:
        run()

    return call
