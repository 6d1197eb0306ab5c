"""A folder opens at its first image; the others are measured behind it, and nothing depends on how far that is."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from foodet_core.config import AddJob
from foodet_core.project import measure
from foodet_core.project.scan import add_images, new_project
from foodet_core.project.store import Project
from foodet_core.types import Detections, ImageRecord
from foodet_gui.app import App
from foodet_gui.session import Session

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

WAIT_MS = 60_000
SIZE_HW = (30, 40)

OPENING = """
import sys, time
from pathlib import Path
from PySide6.QtWidgets import QApplication
from foodet_core.project import measure
from foodet_gui import measuring
from foodet_gui.app import App

look = measure.measured
def slowly(image, path):
    time.sleep(0.05)
    return look(image, path)

measure.measured, measuring.WAIT_MS, measuring._BATCH_SECONDS = slowly, 0, 0.1
qt = QApplication([])
app = App(Path(sys.argv[1]))
while True:
    qt.processEvents()
    if (done := sum(image.is_measured for image in app.session.images.values())) > 3:
        print(done, flush=True)
"""


def photo(path: Path, value: int, size_hw: tuple[int, int] = SIZE_HW) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((*size_hw, 3), value, np.uint8)).save(path)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Six photos, no two alike."""
    for number in range(1, 7):
        photo(tmp_path / "photos" / f"{number}.png", number * 30)
    return tmp_path / "photos"


@pytest.fixture
def project(photos: Path) -> Path:
    """Their project, of which only the first image is measured."""
    list(new_project(photos / "photos.foodet", photos, measure_all=False))
    return photos / "photos.foodet"


@pytest.fixture
def session(qapp: object, project: Path) -> Iterator[Session]:
    """Nobody measures behind it."""
    made = Session()
    assert made.open_project(project)
    yield made
    made.close_project()


def stored(project: Path) -> list[ImageRecord]:
    with Project.open(project) as opened:
        return opened.images()


def paths(images: list[ImageRecord]) -> list[str]:
    return [image.path for image in images]


def test_the_first_image_is_there_before_the_others_are_measured(
    empty: App, qtbot: QtBot, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, gate = measure.measured, threading.Event()

    def gated(image: ImageRecord, path: Path) -> ImageRecord:
        assert image.path == "1.png" or gate.wait(WAIT_MS / 1000)
        return look(image, path)

    monkeypatch.setattr(measure, "measured", gated)
    empty.opening.open_path(photos)
    qtbot.waitUntil(lambda: empty.window.canvas.shows_image and empty.measuring.busy, timeout=WAIT_MS)
    assert empty.session.current is not None
    assert (empty.session.current.path, empty.session.current.size_hw) == ("1.png", SIZE_HW)
    assert empty.window.images.rowCount() == 6
    assert [image.is_measured for image in empty.session.images.values()] == [True] + 5 * [False]
    gate.set()
    qtbot.waitUntil(lambda: not empty.measuring.busy, timeout=WAIT_MS)
    assert {image.size_hw for image in empty.session.images.values()} == {SIZE_HW}
    assert list(empty.session.images.values()) == stored(photos / "photos.foodet")
    assert empty.session.project is not None
    assert empty.session.project.undo_title is None


def test_a_window_killed_while_it_measures_goes_on_at_the_next_start(empty: App, qtbot: QtBot, project: Path) -> None:
    for number in range(7, 60):
        photo(project.parent / f"{number}.png", number * 4)
    with Project.open(project) as opened:
        opened.close()
    other = project.with_name("more.foodet")
    list(new_project(other, project.parent, measure_all=False))
    command = [sys.executable, "-c", OPENING, str(other)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    ) as child:
        assert child.stdout is not None
        done = int(child.stdout.readline())
        os.kill(child.pid, signal.SIGKILL)
    assert done <= sum(image.is_measured for image in stored(other)) < 59
    empty.opening.open_path(other)
    qtbot.waitUntil(lambda: not empty.measuring.busy, timeout=WAIT_MS)
    assert all(image.is_measured for image in stored(other))


def test_what_cannot_be_read_is_left_out_in_the_end_and_named(empty: App, qtbot: QtBot, photos: Path) -> None:
    (photos / "3 broken.png").write_bytes(b"no photo")
    told: list[str] = []
    empty.session.notice.connect(lambda text, _level: told.append(text))
    empty.opening.open_path(photos)
    qtbot.waitUntil(lambda: empty.session.project is not None and not empty.measuring.busy, timeout=WAIT_MS)
    assert told == ["Left out 1 of the files, which cannot be read as images: 3 broken.png."]
    assert paths(stored(photos / "photos.foodet")) == paths(list(empty.session.images.values()))
    assert "3 broken.png" not in paths(stored(photos / "photos.foodet"))
    assert empty.window.images.rowCount() == 6


def test_an_image_one_goes_to_is_measured_on_the_spot(session: Session, project: Path) -> None:
    photo(project.parent / "2.png", 200, size_hw=(50, 20))
    session.step(1)
    assert session.current is not None
    assert session.current.size_hw == (50, 20)
    assert [image.is_measured for image in stored(project)] == [True, True, False, False, False, False]
    assert session.project is not None
    assert session.project.undo_title is None


def test_going_on_leaves_out_what_is_no_image_and_comes_to_the_next_one(session: Session, project: Path) -> None:
    for name in ("2.png", "3.png"):
        (project.parent / name).write_bytes(b"no photo")
    told: list[str] = []
    session.notice.connect(lambda text, _level: told.append(text))
    session.step(1)
    assert session.current is not None
    assert session.current.path == "4.png"
    assert [text.split()[0] for text in told] == [f"{project.parent / name}:" for name in ("2.png", "3.png")]
    assert paths(stored(project)) == ["1.png", "4.png", "5.png", "6.png"]


def test_a_project_whose_first_unfinished_image_is_none_opens_at_the_next_one(qapp: object, project: Path) -> None:
    for name in ("1.png", "2.png"):
        (project.parent / name).write_bytes(b"no photo")
    with Project.open(project) as opened:
        first = opened.images()[0]
    session = Session()
    session.open_project(project)
    assert session.current is not None
    assert session.current.id == first.id  # it was an image when it was measured
    session.remove_image()
    assert session.current is not None
    assert session.current.path == "3.png"
    session.close_project()


def test_nothing_is_left_out_where_the_disk_is_out_of_reach(session: Session, project: Path, tmp_path: Path) -> None:
    assert session.project is not None
    session.project.root = tmp_path / "unplugged"
    told: list[str] = []
    session.notice.connect(lambda text, _level: told.append(text))
    session.step(1)
    assert session.current is not None
    assert session.current.path == "1.png"
    assert len(told) == 1
    assert "out of reach" in told[0]
    assert len(stored(project)) == 6


def test_a_photo_labelled_before_the_others_were_measured_keeps_its_boxes_when_it_is_moved(
    session: Session, project: Path
) -> None:
    session.step(1)
    session.add_class("egg")
    session.draw_box((2.0, 3.0, 20.0, 25.0))
    assert session.current is not None
    labelled = session.current.id
    session.close_project()
    (project.parent / "day 1").mkdir()
    (project.parent / "2.png").rename(project.parent / "day 1" / "renamed.png")
    list(add_images(AddJob(str(project), (str(project.parent),))))
    with Project.open(project) as opened:
        assert opened.image(labelled).path == "day 1/renamed.png"
        assert [a.box_xyxy for a in opened.annotations(labelled)] == [(2.0, 3.0, 20.0, 25.0)]
        assert len(opened.images()) == 6


def test_suggestions_on_an_image_that_was_never_looked_at_are_accepted_within_its_size(session: Session) -> None:
    session.add_class("egg")
    third = session.order[2]
    box = np.array([[5, 5, 500, 500]], np.float32)
    session.set_predictions(third, Detections(box, np.zeros(1, np.int64), np.full(1, 0.9, np.float32)), "runs/0001/best")
    session.accept_everywhere()
    assert session.project is not None
    assert [a.box_xyxy for a in session.project.annotations(third)] == [(5.0, 5.0, 40.0, 30.0)]
    assert session.images[third].size_hw == SIZE_HW
    session.undo()
    session.redo()
    assert len(session.project.annotations(third)) == 1
