"""What people complain about most in labelling tools, each as a test on the real window: none of it can happen here."""

import hashlib
import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QPicture, QRegion, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QSlider, QWidget
from pytestqt.qtbot import QtBot

from foodet_core.config import ExportJob, ImportJob
from foodet_core.formats import FORMATS
from foodet_core.formats.transfer import export_annotations, import_annotations
from foodet_core.pixels import read_rgb
from foodet_core.project.edits import Change, Edit
from foodet_core.project.scan import new_project
from foodet_core.project.store import Project
from foodet_core.types import Annotation, ClassList, Detections, ImageRecord
from foodet_gui.app import App
from foodet_gui.canvas.levels import Levels, Loader
from foodet_gui.models.images import Role
from foodet_gui.session import Session

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

Key, LEFT = Qt.Key, Qt.MouseButton.LeftButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
WEIGHTS = "/runs/0001-train/weights.safetensors"
SIZE_HW = (240, 320)


def at(app: App, x: float, y: float) -> QPoint:
    """An image point on the canvas."""
    return QPointF(*app.window.canvas.view.to_canvas((x, y))).toPoint()


def press(app: App, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(app.window.canvas, key, modifiers)


def drag(app: App, *points: tuple[float, float], button: Qt.MouseButton = LEFT) -> None:
    """Press at the first image point, move through the others, release at the last."""
    canvas, places = app.window.canvas, [at(app, *point) for point in points]
    QTest.mousePress(canvas, button, NONE, places[0])
    for place in places[1:]:
        QTest.mouseMove(canvas, place)
    QTest.mouseRelease(canvas, button, NONE, places[-1])


def wheel(app: App, place: QPointF, turn: int) -> None:
    canvas, nothing = app.window.canvas, Qt.MouseButton.NoButton
    turned = QPoint(0, turn)
    event = QWheelEvent(place, canvas.mapToGlobal(place), QPoint(), turned, nothing, NONE, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(canvas, event)


@contextmanager
def opened(path: Path, qtbot: QtBot) -> Iterator[App]:
    """The application on another project or folder."""
    app = App(path)
    try:
        qtbot.waitUntil(lambda: app.session.project is not None and not app.opening.busy, timeout=20_000)
        app.window.canvas.setFocus()
        yield app
    finally:
        app.window.close()
        app.close()


def make_project(folder: Path, count: int, boxes: int = 0) -> Path:
    """A project of image records without files; `boxes` on the first one, in a grid of many classes."""
    images = [ImageRecord(n, f"{n:05}.jpg", SIZE_HW) for n in range(1, count + 1)]
    made = folder / "many.foodet"
    with Project.create(made, folder, ClassList.of([f"food {n}" for n in range(12)]), images) as project:
        places = [(4.0 + n % 30 * 10, 4.0 + n // 30 * 10) for n in range(boxes)]
        drawn = [Annotation(project.new_id(), 1, n % 12, (x, y, x + 8.3, y + 7.7)) for n, (x, y) in enumerate(places)]
        project.apply(Edit("start", tuple(Change(("annotation", a.id), None, a) for a in drawn)))
    return made


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder by its hash, those that SQLite keeps beside its database left out."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(("-wal", "-shm"))]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


# Work lost on switching, closing or a crash


def test_work_is_not_lost_by_going_on_or_closing(app: App, folder: Path) -> None:
    drag(app, (240, 30), (260, 50), (300, 90))
    press(app, Key.Key_D)
    drag(app, (40, 30), (60, 50), (100, 90))
    app.window.close()
    app.session.close_project()
    with Project.open(folder) as project:
        assert [len(project.annotations(id)) for id in (1, 2)] == [3, 1]


_KILLED = """
import os, signal, sys
from pathlib import Path
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from foodet_gui.app import App

qt = QApplication([])
app = App(Path(sys.argv[1]))
while app.session.project is None:
    QTest.qWait(10)
canvas = app.window.canvas
for x, y in ((240, 30), (240, 120)):
    places = [QPointF(*canvas.view.to_canvas(p)).toPoint() for p in ((x, y), (x + 20, y + 20), (x + 60, y + 60))]
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[0])
    QTest.mouseMove(canvas, places[1])
    QTest.mouseMove(canvas, places[2])
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[2])
    print(app.session.annotations[-1].box_xyxy, flush=True)
QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[0])  # a drag is under way
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
def test_work_is_not_lost_when_the_window_is_killed(folder: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(folder)], capture_output=True, text=True, timeout=120)
    drawn = killed.stdout.splitlines()
    assert killed.returncode == -9, killed.stderr
    with Project.open(folder) as project:
        assert [str(a.box_xyxy) for a in project.annotations(1)[2:]] == drawn
        project.undo()
        assert len(project.annotations(1)) == 3


# Boxes of image A written to image B, files changed by merely opening them


def test_boxes_of_one_image_never_land_on_another(app: App, found: Callable[..., Detections]) -> None:
    session, canvas = app.session, app.window.canvas
    fruit = session.annotations[1]
    for start in ((80, 80), (250, 30)):  # one moves a box, the other draws one
        session.open_image(1)
        QTest.mousePress(canvas, LEFT, NONE, at(app, *start))
        QTest.mouseMove(canvas, at(app, start[0] + 10, start[1] + 10))
        press(app, Key.Key_D)
        QTest.mouseMove(canvas, at(app, 150, 150))
        QTest.mouseRelease(canvas, LEFT, NONE, at(app, 150, 150))
        assert session.annotations == ()
    session.set_predictions(1, found(((200.0, 20.0, 240.0, 60.0), 0, 0.9)), WEIGHTS)  # an answer that comes late
    press(app, Key.Key_Return)
    press(app, Key.Key_Delete)
    drag(app, (40, 30), (60, 50), (100, 90))
    session.undo()
    assert session.annotations == ()
    press(app, Key.Key_A)
    assert session.annotations[1] == fruit
    assert len(session.annotations) == 2


def test_boxes_are_those_of_the_image_that_is_shown_however_fast_one_goes(app: App, qtbot: QtBot) -> None:
    for key in (Key.Key_D, Key.Key_D, Key.Key_A, Key.Key_D, Key.Key_D, Key.Key_A):
        press(app, key)
    qtbot.waitUntil(lambda: app.window.canvas.shows_image)
    drag(app, (40, 30), (60, 50), (100, 90))
    loader = app.window.canvas.findChild(Loader)
    late = next(path for path in loader.kept if path.endswith("tray_1.png"))
    loader.loaded.emit(late, loader.kept[late])  # what was asked for before comes late
    assert app.session.current is not None
    assert [a.image_id for a in app.session.annotations] == [app.session.current.id] == [3]
    middle = app.window.canvas.grab().toImage().pixelColor(at(app, 200, 200))
    assert middle.red() == 3 * 40


def test_looking_at_images_changes_no_file(app: App, folder: Path, qtbot: QtBot) -> None:
    session = app.session
    assert session.project is not None
    before, stand = contents(folder.parent), (session.project.undo_title, session.project.labelled_set())
    for _ in range(4):
        qtbot.waitUntil(lambda: app.window.canvas.shows_image)
        QTest.mouseClick(app.window.canvas, LEFT, NONE, at(app, 80, 80))
        QTest.mouseMove(app.window.canvas, at(app, 100, 100))
        wheel(app, QPointF(100, 100), 240)
        for key in (Key.Key_Tab, Key.Key_P, Key.Key_P, Key.Key_X, Key.Key_X, Key.Key_F, Key.Key_Escape, Key.Key_D):
            press(app, key)
    assert (session.project.undo_title, session.project.labelled_set()) == stand
    app.window.close()
    session.close_project()
    assert contents(folder.parent) == before


def test_making_a_project_leaves_the_photos_as_they_are(tmp_path: Path, qtbot: QtBot) -> None:
    Image.fromarray(np.full((30, 40, 3), 90, np.uint8)).save(tmp_path / "a.jpg")
    before = contents(tmp_path)
    with opened(tmp_path, qtbot) as app:
        drag(app, (4, 3), (10, 10), (30, 20))
    after = contents(tmp_path)
    assert {name: after[name] for name in before} == before
    assert {name.split("/")[0] for name in after} == {"a.jpg", f"{tmp_path.name}.foodet"}


# Class file reordered or overwritten, YOLO indices shift


def yolo_labels(folder: Path, out: Path) -> tuple[list[str], list[int]]:
    """The class names in order, and the labels of the boxes of image 1, as YOLO writes them."""
    list(export_annotations(ExportJob(str(folder), str(out), "yolo")))
    names = re.findall(r"^\s*\d+: (.+)$", (out / "data.yaml").read_text("utf-8"), re.MULTILINE)
    text = next(out.rglob("tray_1.txt")).read_text("utf-8")
    return names, [int(line.split()[0]) for line in text.splitlines()]


def test_class_indices_never_shift(app: App, folder: Path, tmp_path: Path) -> None:
    session = app.session
    session.select([])
    press(app, Key.Key_3)
    drag(app, (240, 30), (260, 50), (300, 90))
    assert yolo_labels(folder, tmp_path / "before") == (["plate", "fruit", "bread"], [0, 1, 2])
    session.move_class(2, -2)
    session.rename_class(0, "dish")
    session.add_class("a first in the alphabet")
    session.merge_class(1, 0)
    session.undo()
    session.merge_class(1, 0)
    press(app, Key.Key_1)  # the first of the list as it stands now
    assert session.annotations[-1].label == 2
    names, labels = yolo_labels(folder, tmp_path / "after")
    assert [names[0], names[2], names[3]] == ["dish", "bread", "a first in the alphabet"]
    assert labels == [0, 0, 2]


# Zoom resets on the next image, no hand-pan


def test_zoom_and_position_stay_on_the_next_image(app: App) -> None:
    wheel(app, QPointF(*app.window.canvas.view.to_canvas((80, 80))), 600)
    drag(app, (80, 80), (70, 70), (60, 60), button=Qt.MouseButton.MiddleButton)
    before = app.window.canvas.view
    for key in (Key.Key_D, Key.Key_D, Key.Key_A, Key.Key_S):
        press(app, key)
        assert app.window.canvas.view == before


@pytest.mark.parametrize("way", ["hand", "space", "middle"])
@pytest.mark.parametrize("scale", [0.5, 1.0, 8.0])
def test_the_hand_pans_freely(app: App, way: str, scale: float) -> None:
    canvas = app.window.canvas
    canvas.zoom_to(scale)
    if way == "hand":
        press(app, Key.Key_H)
    if way == "space":
        QTest.keyPress(canvas, Key.Key_Space)
    button = Qt.MouseButton.MiddleButton if way == "middle" else LEFT
    boxes = app.session.annotations
    for dx, dy in ((90, 70), (-130, 40), (20, -160)):
        before = canvas.view
        QTest.mousePress(canvas, button, NONE, QPoint(300, 300))
        QTest.mouseMove(canvas, QPoint(300 + dx // 2, 300 + dy // 2))
        QTest.mouseMove(canvas, QPoint(300 + dx, 300 + dy))
        QTest.mouseRelease(canvas, button, NONE, QPoint(300 + dx, 300 + dy))
        assert (canvas.view.x - before.x, canvas.view.y - before.y) == pytest.approx((dx, dy))
    assert app.session.annotations == boxes


# Undo missing or forgetting label edits


def stand(session: Session) -> tuple[Any, ...]:
    """All that a person can change, as it is stored."""
    assert session.project is not None
    images = session.project.images()
    boxes = [session.project.annotations(image.id) for image in images]
    return session.project.classes(), images, boxes


LABEL_EDITS: dict[str, Callable[[App], object]] = {
    "draw": lambda app: drag(app, (240, 30), (260, 50), (300, 90)),
    "move": lambda app: drag(app, (80, 80), (90, 90), (100, 100)),
    "resize": lambda app: drag(app, (110, 100), (120, 110), (150, 130)),
    "nudge": lambda app: press(app, Key.Key_Right),
    "delete": lambda app: press(app, Key.Key_Delete),
    "class": lambda app: press(app, Key.Key_3),
    "duplicate": lambda app: press(app, Key.Key_D, Qt.KeyboardModifier.ControlModifier),
    "lock": lambda app: press(app, Key.Key_L),
    "tighten": lambda app: press(app, Key.Key_T),
    "done": lambda app: press(app, Key.Key_S),
    "nothing here": lambda app: (press(app, Key.Key_D), press(app, Key.Key_E)),
    "remove image": lambda app: press(app, Key.Key_Delete, Qt.KeyboardModifier.ControlModifier),
    "accept all": lambda app: press(app, Key.Key_Return, SHIFT),
    "accept everywhere": lambda app: app.window.actions_by_name["accept_everywhere"].trigger(),
    "new class": lambda app: app.session.add_class("dal"),
    "rename": lambda app: app.session.rename_class(1, "berries"),
    "recolour": lambda app: app.session.recolour_class(1, "#123456"),
    "move class": lambda app: app.session.move_class(2, -1),
    "merge": lambda app: app.session.merge_class(1, 0),
}


@pytest.mark.parametrize("name", LABEL_EDITS)
def test_undo_covers_every_label_edit(app: App, folder: Path, found: Callable[..., Detections], name: str) -> None:
    session = app.session
    session.set_predictions(1, found(((62.0, 61.0, 108.0, 99.0), 1, 0.7), ((240.0, 90.0, 300.0, 160.0), 2, 0.8)), WEIGHTS)
    session.select([session.annotations[1].id])
    before = stand(session)
    if name == "new class":
        session.select([])  # a selected box would get it, in a step of its own
    LABEL_EDITS[name](app)
    after = stand(session)
    assert after != before
    session.open_project(folder)  # the history is kept with the project
    press(app, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert stand(session) == before
    press(app, Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert stand(session) == after


def test_undo_goes_back_over_a_whole_afternoon(app: App) -> None:
    before = stand(app.session)
    for n in range(60):
        press(app, Key.Key_D if n % 8 < 4 else Key.Key_A)
        drag(app, (40 + n, 30), (60, 50), (100 + n, 90 + n))
    for _ in range(60):
        press(app, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert stand(app.session) == before


# EXIF rotation applied on screen and not in training


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_exif_rotation_is_the_same_on_screen_and_in_training(tmp_path: Path, qtbot: QtBot, orientation: int) -> None:
    picture = np.full((120, 200, 3), 60, np.uint8)
    picture[10:50, 20:90] = 250, 20, 20
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(picture).save(tmp_path / "turned.jpg", quality=95, exif=exif, subsampling=0)
    red_y, red_x = np.nonzero(read_rgb(tmp_path / "turned.jpg")[..., 0] > 150)
    with opened(tmp_path, qtbot) as app:
        qtbot.waitUntil(lambda: app.window.canvas.shows_image)
        # Where the canvas shows the red, a person draws around it.
        seen = app.window.canvas.grab().toImage()
        assert seen.pixelColor(at(app, red_x.mean(), red_y.mean())).red() > 200
        drag(app, (red_x.min(), red_y.min()), (50, 50), (red_x.max() + 1, red_y.max() + 1))
        assert app.session.project is not None
        app.session.add_class("red")
        labelled = app.session.project.labelled_set()
    (image,) = labelled.images
    x0, y0, x1, y1 = labelled.boxes(image)[0][0].round().astype(int)
    in_training = read_rgb(labelled.path(image))
    assert (in_training.shape[:2], x1 - x0) == (image.size_hw, pytest.approx(np.ptp(red_x) + 1, abs=2))
    assert in_training[y0 + 3 : y1 - 3, x0 + 3 : x1 - 3, 0].min() > 150


# opencv-python shipping its own Qt and crashing at start


def test_only_one_qt_is_there() -> None:
    needed = {re.split(r"[^\w-]", line)[0].lower() for line in importlib.metadata.requires("foodet") or ()}
    assert "opencv-python-headless" in needed
    assert not needed & {"opencv-python", "opencv-contrib-python", "pyqt5", "pyqt6", "pyside2"}
    code = (
        "import PySide6.QtWidgets, cv2, sys; from pathlib import Path;"
        "print(*{line.split()[-1] for line in open('/proc/self/maps') if 'libQt' in line and 'Core' in line}, sep='\\n');"
        "print(*Path(cv2.__file__).parent.glob('qt'), sep='\\n')"
    )
    if sys.platform == "linux":
        loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
        assert len(loaded) == 1
        assert "PySide6" in loaded[0]


# float given to an int Qt call crashes while drawing


def test_fractional_coordinates_never_reach_an_int_call(app: App, found: Callable[..., Detections]) -> None:
    """An error in a paint event fails this test: pytest-qt hands it on."""
    session, canvas = app.session, app.window.canvas
    session.change_boxes([(session.annotations[1].id, (60.25, 60.123456, 110.7, 99.99))])
    session.set_predictions(1, found(((200.3, 20.7, 239.5, 60.1), 0, 0.9), ((5.5, 5.5, 7.75, 9.1), 2, 0.7)), WEIGHTS)
    app.window.resize(1233, 771)
    for n, tool in enumerate((Key.Key_V, Key.Key_W, Key.Key_H)):
        press(app, tool)
        wheel(app, QPointF(311.37 + n, 203.91), 77 - 111 * n)
        session.select([session.annotations[n % 2].id])
        for start in ((60.3, 60.7), (110.1, 99.4), (250.5, 30.5)):
            places = [at(app, start[0] + step * 7.31, start[1] + step * 5.77) for step in range(3)]
            QTest.mouseMove(canvas, places[0])
            canvas.grab()
            QTest.mousePress(canvas, LEFT, NONE, places[0])
            for place in places:
                QTest.mouseMove(canvas, place)
                canvas.grab()
            canvas.cancel()
            QTest.mouseRelease(canvas, LEFT, NONE, places[-1])
    app.window.grab()


# Big folders freeze, a wait between images, many boxes or 24-megapixel pictures crawl


def test_a_big_folder_decodes_what_is_in_sight_and_no_more(tmp_path: Path, qtbot: QtBot, monkeypatch: Any) -> None:
    read: list[Path] = []

    def counted(path: Path, _side: int | None = None) -> QImage:
        read.append(path)
        return QImage()

    monkeypatch.setattr("foodet_gui.models.images.read_image", counted)
    monkeypatch.setattr("foodet_gui.canvas.levels.read_image", counted)
    with opened(make_project(tmp_path, 20_000), qtbot) as app:
        qtbot.waitUntil(lambda: app.window.canvas.shows_image)
        app.window.grab()
        press(app, Key.Key_D)
        QTest.qWait(50)
        assert app.window.images.rowCount() == 20_000
        assert 0 < len(read) < 60


def test_the_next_image_is_there_before_it_is_asked_for(app: App, qtbot: QtBot) -> None:
    kept = app.window.canvas.findChild(Loader).kept
    for key in (Key.Key_D, Key.Key_D, Key.Key_A):
        near = [image for image in (app.session.neighbour(1), app.session.neighbour(-1)) if image is not None]
        qtbot.waitUntil(lambda near=near: {image.path for image in near} <= {Path(path).name for path in kept})
        press(app, key)
        assert app.window.canvas.shows_image  # with no event in between


def painted_bytes(app: App) -> int:
    """How much there is to paint: the length of the canvas's drawing commands."""
    picture = QPicture()
    app.window.canvas.render(picture, QPoint(), QRegion(), QWidget.RenderFlag.DrawWindowBackground)
    return int(picture.size())


def test_many_boxes_out_of_sight_cost_nothing(tmp_path: Path, qtbot: QtBot) -> None:
    with opened(make_project(tmp_path, 1, boxes=600), qtbot) as app:
        app.window.canvas.zoom_by(0.9)  # boxes that lie still are one picture
        everything = painted_bytes(app)
        wheel(app, QPointF(*app.window.canvas.view.to_canvas((310, 235))), 2400)  # to a corner without boxes
        out_of_sight = painted_bytes(app)
        press(app, Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        press(app, Key.Key_Delete)
        assert app.session.annotations == ()
        assert painted_bytes(app) == out_of_sight < everything / 5


def test_24_megapixels_are_painted_from_a_picture_of_about_the_windows_size(tmp_path: Path, qtbot: QtBot) -> None:
    photo = tmp_path / "large.jpg"
    Image.fromarray(np.full((4000, 6000, 3), 120, np.uint8)).save(photo, quality=60)
    with opened(tmp_path, qtbot) as app:
        canvas = app.window.canvas
        came: list[Levels] = []
        canvas.findChild(Loader).loaded.connect(lambda _path, levels: came.append(levels))
        qtbot.waitUntil(lambda: bool(came) and came[-1].images[0].width() == 6000, timeout=20_000)
        shown = 6000 * canvas.view.scale * canvas.devicePixelRatioF()
        assert shown <= came[-1].pick(shown).width() < 2 * shown
        assert [levels.images[0].width() for levels in came] in ([750, 6000], [1500, 6000], [6000])


# Cannot find the unlabelled ones


def test_the_unlabelled_are_found(app: App, folder: Path) -> None:
    press(app, Key.Key_S)
    press(app, Key.Key_E)
    assert app.session.current is not None
    app.session.open_project(folder)
    assert app.session.current.id == 3  # the first that is not finished
    app.window.strip.search.setText("todo")
    images = app.window.images
    assert [images.index(row).data(Role.ID) for row in range(images.rowCount())] == [3, 4]


# A dialog for every box


def test_no_dialog_for_a_box(app: App, tmp_path: Path, qtbot: QtBot) -> None:
    windows = {w for w in QApplication.topLevelWidgets() if w.isVisible()}
    drag(app, (240, 30), (260, 50), (300, 90))
    assert {w for w in QApplication.topLevelWidgets() if w.isVisible()} == windows
    assert app.session.annotations[-1].label == app.session.current_class
    (tmp_path / "new").mkdir()
    Image.fromarray(np.full((30, 40, 3), 90, np.uint8)).save(tmp_path / "new" / "a.png")
    with opened(tmp_path / "new", qtbot) as first:
        drag(first, (4, 3), (10, 10), (30, 20))  # before there is a class, its name is asked for in the list
        editor = QApplication.focusWidget()
        assert isinstance(editor, QLineEdit)
        assert QApplication.activeModalWidget() is None
        QTest.keyClicks(editor, "soup")
        QTest.keyClick(editor, Key.Key_Return)
        qtbot.waitUntil(lambda: [a.label for a in first.session.annotations] == [0])


# Cannot select the box inside the box


def test_the_box_inside_the_box_can_be_selected(app: App) -> None:
    plate, fruit = app.session.annotations
    QTest.mouseClick(app.window.canvas, LEFT, NONE, at(app, 80, 80))
    assert app.session.selected == {fruit.id}
    press(app, Key.Key_Tab)
    assert app.session.selected == {plate.id}
    QTest.mouseClick(app.window.canvas, LEFT, NONE, at(app, 80, 80))  # also while the outer one is selected
    assert app.session.selected == {fruit.id}


# No bulk re-class or rename


def test_a_class_is_changed_on_all_images_at_once(app: App, folder: Path) -> None:
    session = app.session
    press(app, Key.Key_D)
    session.copy_previous()
    session.rename_class(1, "berries")
    session.merge_class(1, 2)
    with Project.open(folder) as project:
        assert [[a.label for a in project.annotations(id)] for id in (1, 2)] == [[0, 2], [0, 2]]
    press(app, Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    press(app, Key.Key_2)  # the class of all boxes of an image, in one step
    assert [a.label for a in session.annotations] == [2, 2]
    press(app, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert [a.label for a in session.annotations] == [0, 2]


# Threshold only before running the model


def test_the_threshold_is_moved_after_the_model_ran(app: App, found: Callable[..., Detections]) -> None:
    session = app.session
    session.open_image(2)
    session.set_predictions(2, found(*(((60.0 * n, 20.0, 60.0 * n + 50, 60.0), 0, 0.9 - 0.2 * n) for n in range(4))), WEIGHTS)
    (slider,) = [s for s in app.window.canvas.findChildren(QSlider) if s.isVisible()]
    seen = []
    for value in (95, 80, 40, 25):
        slider.setValue(value)
        seen.append(len(session.shown_predictions().open))
    assert seen == [0, 1, 3, 4]


# Export drops images without boxes


@pytest.mark.parametrize("name", FORMATS)
def test_export_keeps_images_without_boxes(app: App, folder: Path, tmp_path: Path, name: str) -> None:
    press(app, Key.Key_S)
    press(app, Key.Key_E)
    press(app, Key.Key_D)
    press(app, Key.Key_S)
    out = tmp_path / "out"
    (said,) = [e for e in export_annotations(ExportJob(str(folder), str(out), name)) if hasattr(e, "detail")]
    assert said.detail["images"] == 3
    again = FORMATS[name].read(out, folder.parent)
    assert sorted(Path(image.path).name for image in again.images) == ["tray_1.png", "tray_2.png", "tray_3.png"]
    assert sorted(len(again.annotations[image.id]) for image in again.images) == [0, 0, 2]


# Non-ASCII paths and class names break


@pytest.mark.parametrize("name", FORMATS)
def test_non_ascii_paths_and_class_names_work(tmp_path: Path, qtbot: QtBot, name: str) -> None:
    photos = tmp_path / "早餐 é 🍳"
    photos.mkdir()
    Image.fromarray(np.full((60, 80, 3), 90, np.uint8)).save(photos / "盘子 ñ №1.png")
    with opened(photos, qtbot) as app:
        qtbot.waitUntil(lambda: app.window.canvas.shows_image)
        assert app.window.canvas.grab().toImage().pixelColor(at(app, 40, 30)).red() == 90
        app.session.add_class("煎蛋 🍳 crème")
        drag(app, (10, 10), (30, 30), (50, 40))
        assert app.session.project is not None
        project = app.session.project.folder
        (box,) = app.session.annotations
    out = tmp_path / "标注 out"
    list(export_annotations(ExportJob(str(project), str(out), name)))
    copy = tmp_path / "再来.foodet"
    list(new_project(copy, photos))
    list(import_annotations(ImportJob(str(copy), str(out), name, images=str(photos))))
    with Project.open(copy) as read:
        assert read.classes().names == ("煎蛋 🍳 crème",)
        assert read.annotations(1)[0].box_xyxy == pytest.approx(box.box_xyxy, abs=1)
