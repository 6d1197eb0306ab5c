"""A small project of real files and a session on it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from foodet_core.project.edits import Change, Edit
from foodet_core.project.store import Project
from foodet_core.types import Annotation, BoxXyxy, ClassList, Detections, ImageRecord
from foodet_gui.app import App
from foodet_gui.session import Session

SIZE_HW = (240, 320)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project folder with four images and three classes; image 1 has two boxes, one inside the other."""
    images = []
    for number in range(1, 5):
        name = f"tray_{number}.png"
        Image.fromarray(np.full((*SIZE_HW, 3), number * 40, np.uint8)).save(tmp_path / name)
        images.append(ImageRecord(number, name, SIZE_HW))
    made = tmp_path / "trays.foodet"
    with Project.create(made, tmp_path, ClassList.of(["plate", "fruit", "bread"]), images) as project:
        boxes = [(0, (20.0, 20.0, 220.0, 200.0)), (1, (60.0, 60.0, 110.0, 100.0))]
        made_boxes = [Annotation(project.new_id(), 1, label, box) for label, box in boxes]
        project.apply(Edit("start", tuple(Change(("annotation", a.id), None, a) for a in made_boxes)))
    return made


@pytest.fixture
def session(qapp: object, folder: Path) -> Iterator[Session]:
    made = Session()
    assert made.open_project(folder)
    yield made
    made.close_project()


@pytest.fixture
def found() -> Callable[..., Detections]:
    """Detections from (box, label, score) triples."""

    def make(*triples: tuple[BoxXyxy, int, float]) -> Detections:
        boxes = np.array([box for box, _, _ in triples], np.float32).reshape(-1, 4)
        labels = np.array([label for _, label, _ in triples], np.int64)
        return Detections(boxes, labels, np.array([score for _, _, score in triples], np.float32))

    return make


@pytest.fixture
def app(folder: Path, qtbot: QtBot) -> Iterator[App]:
    """The whole application with the small project open."""
    made = App(folder)
    qtbot.addWidget(made.window)
    qtbot.waitUntil(lambda: made.session.project is not None, timeout=20_000)
    QTest.qWaitForWindowActive(made.window)
    qtbot.waitUntil(made.window.canvas.hasFocus)
    qtbot.waitUntil(lambda: made.window.canvas.shows_image)
    yield made
    made.window.close()
    made.close()


@pytest.fixture
def empty(qtbot: QtBot) -> Iterator[App]:
    """The whole application without a project."""
    made = App()
    qtbot.addWidget(made.window)
    QTest.qWaitForWindowActive(made.window)
    yield made
    made.window.close()
    made.close()
