"""A window under a hail of random keys, clicks, drags, edits and predictions; then its project against a replay of the edits.

    QT_QPA_PLATFORM=offscreen python bench/monkey.py --events 100000 --seed 0

Prints one JSON object and ends with 1 if anything was raised, Qt said anything, or the store holds something else than what the
edits, undos and redos make when they are applied to a plain dictionary.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from foodet_core.project.edits import Edit, Key, Value
from foodet_core.project.store import Project
from foodet_core.types import ClassList, Detections, ImageRecord
from foodet_gui import theme
from foodet_gui.app import App
from foodet_gui.dialogs.sheet import Sheet
from foodet_gui.suggestions import NO_CLASS

IMAGES, SIZE_HW = 6, (240, 320)
MANY = 400
"""Copies of copies double the boxes of an image: from so many on they are deleted, or nothing but painting would be tested."""
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
# What no test can answer (a file dialog) or survive (quit), and what starts processes, is left out.
LETTERS = "WVHDASEFPC+-12340?"
NAMED = ("Delete", "Return", "Tab", "Escape", "Left", "Right", "Up", "Down", "Space")
COMBINED = [
    *((key, CTRL) for key in "ZZZYACVDF01BP"),
    *((key, CTRL | SHIFT) for key in "ZVEL"),
    *((key, SHIFT) for key in ("F", "Return", "Left", "Up")),
    ("Return", CTRL),
    ("Return", CTRL | SHIFT),
]


@dataclass
class Step:
    """What one step of the history changed: values by key before and after."""

    merge: str
    old: dict[Key, Value | None]
    new: dict[Key, Value | None]


class Replay:
    """The edits of a project applied to a dictionary, with a history of its own."""

    def __init__(self, project: Project) -> None:
        self.values = stored(project)
        self.edits = 0
        self._steps: list[Step] = []
        self._place = 0
        self._wrap(project)

    def _wrap(self, project: Project) -> None:
        def told(way: Callable[..., Any], note: Callable[..., None]) -> Callable[..., Any]:
            def call(*arguments: Any) -> Any:
                changes = way(*arguments)
                if changes is not None:
                    note(*arguments)
                return changes

            return call

        for name, note in (("apply", self._apply), ("undo", self._undo), ("redo", self._redo)):
            setattr(project, name, told(getattr(project, name), note))

    def _apply(self, edit: Edit) -> None:
        new = {c.key: c.after for c in edit.changes}
        old = {key: self.values.get(key) for key in new}
        if old == new:
            return
        self.edits += 1
        self.values.update(new)
        del self._steps[self._place :]
        if edit.merge and self._steps and self._steps[-1].merge == edit.merge:
            before = self._steps.pop()
            old, new = {**old, **before.old}, {**before.new, **new}
        if old != new:
            self._steps.append(Step(edit.merge, old, new))
        self._place = len(self._steps)

    def _undo(self) -> None:
        self._place -= 1
        self.values.update(self._steps[self._place].old)

    def _redo(self) -> None:
        self.values.update(self._steps[self._place].new)
        self._place += 1

    def differences(self, project: Project) -> list[str]:
        """What a project holds that the replay does not, and the other way round."""
        ours = {key: value for key, value in self.values.items() if value is not None}
        theirs = stored(project)
        keys = sorted(ours.keys() | theirs.keys())
        return [
            f"{key}: replayed {ours.get(key)}, stored {theirs.get(key)}" for key in keys if ours.get(key) != theirs.get(key)
        ]


def stored(project: Project) -> dict[Key, Value | None]:
    """All that a project holds, by key."""
    images = project.images()
    values: dict[Key, Value | None] = {("class", label): c for label, c in enumerate(project.classes())}
    values |= {("image", image.id): image for image in images}
    return values | {("annotation", a.id): a for image in images for a in project.annotations(image.id)}


class Monkey:
    """Does one random thing after the other to a window."""

    def __init__(self, app: App, seed: int) -> None:
        self.app, self.random = app, random.Random(seed)
        self.done: Counter[str] = Counter()
        self._things: dict[Callable[[], None], int] = {
            self._key: 40,
            self._drag: 30,
            self._click: 10,
            self._wheel: 5,
            self._predict: 5,
            self._class: 4,
            self._go: 4,
            self._search: 1,
            self._remove: 1,
            self._resize: 1,
        }

    def act(self) -> None:
        """One thing, and what Qt has to do after it."""
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        if len(self.app.session.annotations) > MANY:
            self.app.session.select([a.id for a in self.app.session.annotations])
            self.app.session.delete_selected()
        for sheet in self.app.window.findChildren(Sheet):
            sheet.close_sheet()  # it would cover what the mouse goes to
        thing = self.random.choices(list(self._things), list(self._things.values()))[0]
        self.done[thing.__name__.strip("_")] += 1
        thing()
        QApplication.processEvents()

    def _focused(self) -> QWidget:
        return QApplication.focusWidget() or self.app.window.canvas

    def _key(self) -> None:
        draw = self.random.random()
        if draw < 0.5:
            QTest.keyClick(self._focused(), self.random.choice(LETTERS))
        elif draw < 0.75:
            QTest.keyClick(self._focused(), getattr(Qt.Key, f"Key_{self.random.choice(NAMED)}"))
        else:
            key, modifiers = self.random.choice(COMBINED)
            QTest.keyClick(self._focused(), getattr(Qt.Key, f"Key_{key}"), modifiers)

    def _place(self) -> QPoint:
        canvas = self.app.window.canvas
        return QPoint(self.random.randrange(canvas.width()), self.random.randrange(canvas.height()))

    def _drag(self) -> None:
        canvas = self.app.window.canvas
        button = MIDDLE if self.random.random() < 0.1 else LEFT
        modifier = SHIFT if self.random.random() < 0.2 else NONE
        QTest.mousePress(canvas, button, modifier, self._place())
        for _ in range(self.random.randrange(1, 4)):
            QTest.mouseMove(canvas, self._place())
        if self.random.random() < 0.05:
            self._key()  # in the middle of it
        QTest.mouseRelease(canvas, button, modifier, self._place())

    def _click(self) -> None:
        click = QTest.mouseDClick if self.random.random() < 0.3 else QTest.mouseClick
        click(self.app.window.canvas, LEFT, SHIFT if self.random.random() < 0.2 else NONE, self._place())

    def _wheel(self) -> None:
        canvas = self.app.window.canvas
        at, turn = QPointF(self._place()), QPoint(0, self.random.choice((-240, -120, 120, 240)))
        phase = Qt.ScrollPhase.NoScrollPhase
        everywhere = canvas.mapToGlobal(at)
        QApplication.sendEvent(canvas, QWheelEvent(at, everywhere, QPoint(), turn, Qt.MouseButton.NoButton, NONE, phase, False))

    def _predict(self) -> None:
        count = self.random.randrange(6)
        drawn = np.random.default_rng(self.random.randrange(2**32)).random((count, 2, 2))
        boxes = (np.sort(drawn, 1) * [SIZE_HW[1], SIZE_HW[0]]).reshape(-1, 4).astype(np.float32)
        labels = [self.random.randrange(NO_CLASS, max(len(self.app.session.classes), 1)) for _ in range(count)]
        scores = sorted((self.random.random() for _ in range(count)), reverse=True)
        found = Detections(boxes, np.array(labels, np.int64), np.array(scores, np.float32))
        self.app.session.set_predictions(self.random.randrange(1, IMAGES + 1), found, "/runs/0001-train/weights.safetensors")

    def _class(self) -> None:
        session = self.app.session
        order = session.class_order
        name = f"class {self.random.randrange(40)}"
        what = self.random.randrange(6)
        if what == 0 or not order:
            session.add_class(name)
            return
        label = self.random.choice(order)
        if what == 1:
            session.rename_class(label, name)
        elif what == 2:
            session.move_class(label, self.random.randrange(-3, 4))
        elif what == 3:
            session.recolour_class(label, f"#{self.random.randrange(0x1000000):06x}")
        elif what == 4:
            session.merge_class(label, self.random.choice(order))
        else:
            session.choose_class(label)

    def _go(self) -> None:
        self.app.session.open_image(self.random.randrange(1, IMAGES + 1))

    def _search(self) -> None:
        self.app.window.strip.search.setText(self.random.choice(("", "", "", "todo", "class:1 boxes>0", "-done", '"3')))

    def _remove(self) -> None:
        # Mostly brought back at once, or soon nothing would be left to work on.
        QTest.keyClick(self.app.window.canvas, Qt.Key.Key_Delete, CTRL)
        if len(self.app.session.images) < IMAGES or self.random.random() < 0.7:
            self.app.session.undo()

    def _resize(self) -> None:
        self.app.window.resize(self.random.randrange(700, 1700), self.random.randrange(500, 1100))


def make_project(folder: Path) -> Path:
    """A project of a few plain pictures without classes."""
    records = []
    for number in range(1, IMAGES + 1):
        Image.fromarray(np.full((*SIZE_HW, 3), number * 30, np.uint8)).save(folder / f"{number}.png")
        records.append(ImageRecord(number, f"{number}.png", SIZE_HW))
    Project.create(folder / "monkey.foodet", folder, ClassList(), records).close()
    return folder / "monkey.foodet"


def torment(app: App, events: int, seed: int, tell: Callable[[int], None] = lambda done: None) -> tuple[Replay, Monkey]:
    """Do so many things to a window with an open project; returns what should have come of it."""
    assert app.session.project is not None
    replay, monkey = Replay(app.session.project), Monkey(app, seed)
    for done in range(events):
        monkey.act()
        tell(done + 1)
    return replay, monkey


@contextmanager
def complaints() -> Iterator[list[str]]:
    """Collects what is raised inside Qt's calls, and what Qt says."""
    said: list[str] = []

    def raised(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        said.append("".join(traceback.format_exception(kind, error, trace)))

    def message(kind: QtMsgType, context: object, text: str) -> None:
        if "This plugin does not support" not in text:  # the offscreen platform has no window manager to ask for anything
            said.append(text)

    before, sys.excepthook = sys.excepthook, raised
    handler = qInstallMessageHandler(message)
    try:
        yield said
    finally:
        sys.excepthook = before
        qInstallMessageHandler(handler)


def main() -> int:
    """Torment a window and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    began = time.monotonic()

    def tell(done: int) -> None:
        if done % 1000 == 0:
            left = (time.monotonic() - began) / done * (arguments.events - done)
            print(f"\r{done:,} of {arguments.events:,}, {left / 60:.0f} min left ", end="", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as folder, complaints() as said:
        os.environ["FOODET_HOME"] = folder
        qt = QApplication.instance() or QApplication([])
        assert isinstance(qt, QApplication)
        theme.apply(qt)
        app = App(make_project(Path(folder)))
        while app.session.project is None:
            qt.processEvents()
        path = app.session.project.folder
        replay, monkey = torment(app, arguments.events, arguments.seed, tell)
        app.window.close()
        app.close()
        with Project.open(path) as project:
            differences = replay.differences(project)
    result = {"events": arguments.events, "seed": arguments.seed, "edits": replay.edits, "done": dict(monkey.done)}
    result |= {"minutes": round((time.monotonic() - began) / 60, 1), "said": said[:5], "differences": differences[:5]}
    print(json.dumps(result, indent=1))
    return 1 if said or differences else 0


if __name__ == "__main__":
    sys.exit(main())
