"""What is dropped onto the window goes where it belongs, and new files in the project's folder are noticed."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from foodet_core.types import ImageState
from foodet_gui import watching
from foodet_gui.app import App
from foodet_gui.canvas.overlay import NewImagesPill

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

WAIT_MS = 60_000


def photo(path: Path, value: int, side: int = 40) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((side, side, 3), value, np.uint8)).save(path)
    return path


def drop(app: App, on: QWidget, *paths: Path) -> None:
    """Drag files over a widget and let go, as the system tells it: to the window, which finds who takes it."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    window = app.window.windowHandle()
    at = on.mapTo(app.window, on.rect().center())
    buttons, no_keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(at), Qt.DropAction.CopyAction, mime, buttons, no_keys)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(at), Qt.DropAction.CopyAction, mime, buttons, no_keys))


def names(app: App) -> list[str]:
    return [image.path for image in app.session.images.values()]


@pytest.fixture
def told(app: App) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    app.session.notice.connect(lambda text, level: found.append((text, level)))
    return found


def test_images_and_folders_dropped_on_the_picture_are_added(
    app: App, qtbot: QtBot, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    inside = photo(tmp_path / "新 图.png", 200)
    outside = photo(tmp_path_factory.mktemp("别处") / "b.png", 210)
    with qtbot.waitSignal(app.transfers.ended, timeout=WAIT_MS):
        drop(app, app.window.canvas, inside, outside.parent)
    assert names(app)[4:] == ["新 图.png", outside.resolve().as_posix()]
    assert [a.label for a in app.session.annotations] == [0, 1]
    assert app.window.images.rowCount() == 6
    app.session.undo()
    assert len(names(app)) == 4


def test_a_drop_on_the_search_field_is_one_on_the_window(app: App, qtbot: QtBot, tmp_path: Path) -> None:
    new = photo(tmp_path / "new.png", 200)
    with qtbot.waitSignal(app.transfers.ended, timeout=WAIT_MS):
        drop(app, app.window.strip.search, new)
    assert app.window.strip.search.text() == ""
    assert names(app)[4:] == ["new.png"]


def test_an_annotation_file_offers_its_import_and_imports_nothing(app: App, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "标注.json"
    path.write_text(json.dumps({"images": [], "annotations": [], "categories": []}))
    part = app.window.data_panel.importing
    with qtbot.waitSignal(app.transfers.recognised, timeout=WAIT_MS):
        drop(app, app.window.canvas, path)
    assert part.isVisible()
    assert part.source.text() == str(path)
    assert part.hint.text() == "Recognised as COCO JSON."
    assert app.transfers.running is None


def test_a_folder_of_images_with_annotations_offers_these_too(app: App, qtbot: QtBot, tmp_path: Path) -> None:
    photo(tmp_path / "set" / "images" / "train" / "x.png", 200)
    (tmp_path / "set" / "data.yaml").write_text("names: [egg]\ntrain: images/train\n")
    with qtbot.waitSignals([app.transfers.ended, app.intake.import_offered], timeout=WAIT_MS):
        drop(app, app.window.canvas, tmp_path / "set")
    assert names(app)[4:] == ["set/images/train/x.png"]
    assert app.window.data_panel.importing.source.text() == str(tmp_path / "set")


def test_a_project_opens_in_place_of_the_one_that_is_open(app: App, tmp_path: Path, folder: Path) -> None:
    other = tmp_path / "另 一个.foodet"
    shutil.copytree(folder, other)
    drop(app, app.window.canvas, other)
    assert app.session.project is not None
    assert app.session.project.folder == other.resolve()


def test_what_nobody_can_use_is_named(app: App, tmp_path: Path, told: list[tuple[str, str]]) -> None:
    (tmp_path / "notes.pdf").write_text("dear diary")
    drop(app, app.window.canvas, tmp_path / "notes.pdf")
    assert told == [("Neither images nor annotations: notes.pdf.", "warning")]


@pytest.mark.parametrize("what", ["day 1 早", "day 1 早/b.png"])
def test_without_a_project_a_folder_or_a_file_in_it_makes_one(empty: App, qtbot: QtBot, tmp_path: Path, what: str) -> None:
    photo(tmp_path / "day 1 早" / "b.png", 200)
    drop(empty, empty.window.start_page, tmp_path / what)
    qtbot.waitUntil(lambda: not empty.opening.busy and empty.session.project is not None, timeout=WAIT_MS)
    assert names(empty) == ["b.png"]
    assert (tmp_path / "day 1 早" / "day 1 早.foodet").is_dir()


def test_without_a_project_annotations_ask_for_the_photos_first(empty: App, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    drop(empty, empty.window.start_page, tmp_path / "a.json")
    assert "Open the folder of the photos first" in empty.window.start_page.notice.text()
    assert empty.window.start_page.notice.isVisible()


# The folder is watched


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files settle soon."""
    monkeypatch.setattr(watching, "SETTLE_MS", 60)


@pytest.fixture
def watched(quick: None, app: App, qtbot: QtBot) -> App:
    """The window, once it has seen what lies in the folder."""
    qtbot.waitUntil(lambda: app.watch.is_watching, timeout=WAIT_MS)
    return app


def new(app: App) -> list[str]:
    return sorted(path.name for path in app.watch.new)


def pill(app: App) -> NewImagesPill:
    found = app.window.canvas.findChild(NewImagesPill)
    assert isinstance(found, NewImagesPill)
    return found


def test_a_new_image_is_offered_and_added_by_a_key(watched: App, qtbot: QtBot, tmp_path: Path) -> None:
    assert not pill(watched).isVisible()
    photo(tmp_path / "新 图.png", 200)
    (tmp_path / "notes.txt").write_text("no image")
    qtbot.waitUntil(lambda: new(watched) == ["新 图.png"], timeout=WAIT_MS)
    assert pill(watched).isVisible()
    assert pill(watched).findChildren(QLabel)[0].text() == "1 new image in the folder"
    assert len(names(watched)) == 4
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    with qtbot.waitSignal(watched.transfers.ended, timeout=WAIT_MS):
        QTest.keyClick(watched.window.canvas, Qt.Key.Key_N, keys)
    assert names(watched)[4:] == ["新 图.png"]
    assert not pill(watched).isVisible()


def test_new_images_whose_adding_is_stopped_are_offered_again(watched: App, qtbot: QtBot, tmp_path: Path) -> None:
    photo(tmp_path / "new.png", 200)
    qtbot.waitUntil(lambda: new(watched) == ["new.png"], timeout=WAIT_MS)
    with qtbot.waitSignal(watched.transfers.ended, timeout=WAIT_MS) as ended:
        watched.intake.add_new()
        assert not pill(watched).isVisible()
        watched.transfers.cancel()
    assert not ended.args[0].ok
    assert new(watched) == ["new.png"]
    assert pill(watched).isVisible()
    photo(tmp_path / "second.png", 210)
    qtbot.waitUntil(lambda: new(watched) == ["new.png", "second.png"], timeout=WAIT_MS)
    with qtbot.waitSignal(watched.transfers.ended, timeout=WAIT_MS):
        watched.intake.add_new()
    assert sorted(names(watched)[4:]) == ["new.png", "second.png"]
    assert not pill(watched).isVisible()


def test_what_the_project_has_by_now_is_not_offered_again(watched: App, qtbot: QtBot, tmp_path: Path) -> None:
    photo(tmp_path / "new.png", 200)
    qtbot.waitUntil(lambda: new(watched) == ["new.png"], timeout=WAIT_MS)
    with qtbot.waitSignal(watched.transfers.ended, timeout=WAIT_MS):
        watched.intake.add_new()
    watched.watch.offer([tmp_path / "new.png", tmp_path / "other.png"])
    assert new(watched) == ["other.png"]


def test_images_in_a_new_folder_are_noticed_and_can_be_left_alone(watched: App, qtbot: QtBot, tmp_path: Path) -> None:
    photo(tmp_path / "day 2" / "deep" / "a.png", 200)
    qtbot.waitUntil(lambda: new(watched) == ["a.png"], timeout=WAIT_MS)
    photo(tmp_path / "day 2" / "deep" / "b.png", 210)
    qtbot.waitUntil(lambda: new(watched) == ["a.png", "b.png"], timeout=WAIT_MS)
    leave = [button for button in pill(watched).findChildren(QPushButton) if button.text() == "Not now"]
    leave[0].click()
    assert new(watched) == []
    photo(tmp_path / "day 2" / "deep" / "c.png", 220)
    qtbot.waitUntil(lambda: new(watched) == ["c.png"], timeout=WAIT_MS)


def test_a_file_that_is_still_growing_waits(watched: App, qtbot: QtBot, tmp_path: Path) -> None:
    whole = photo(tmp_path.parent / f"{tmp_path.name} whole.png", 200, 600).read_bytes()
    looks = []
    watched.watch.looked.connect(lambda: looks.append(new(watched)))
    with (tmp_path / "slow.png").open("wb") as file:
        for part in range(4):
            before = len(looks)
            file.write(whole[part * len(whole) // 4 : (part + 1) * len(whole) // 4])
            file.flush()
            qtbot.waitUntil(lambda before=before: len(looks) > before, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: new(watched) == ["slow.png"], timeout=WAIT_MS)
    assert [] in looks
    with qtbot.waitSignal(watched.transfers.ended, timeout=WAIT_MS) as ended:
        watched.intake.add_new()
    assert ended.args[0].remarks == ()
    assert names(watched)[4:] == ["slow.png"]


def test_a_file_that_vanished_while_it_grew_is_not_looked_for_for_ever(watched: App, qtbot: QtBot, tmp_path: Path) -> None:
    looks: list[int] = []
    watched.watch.looked.connect(lambda: looks.append(1))
    (tmp_path / "part.png").write_bytes(b"half a picture")
    qtbot.waitUntil(lambda: bool(looks), timeout=WAIT_MS)
    (tmp_path / "part.png").unlink()
    before = -1
    while len(looks) != before:  # until nothing looks any more
        before = len(looks)
        assert before < 6
        qtbot.wait(3 * watching.SETTLE_MS)
    assert new(watched) == []


def test_half_a_file_that_was_taken_for_whole_is_left_out_and_offered_once_it_is(
    watched: App, qtbot: QtBot, tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path.parent / "noise.png")
    whole = (tmp_path.parent / "noise.png").read_bytes()
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 2])
    qtbot.waitUntil(lambda: new(watched) == ["half.png"], timeout=WAIT_MS)
    with qtbot.waitSignal(watched.transfers.ended, timeout=WAIT_MS) as ended:
        watched.intake.add_new()
    assert "half.png" in ended.args[0].remarks[0]
    assert len(names(watched)) == 4
    (tmp_path / "copy.part").write_bytes(whole)
    (tmp_path / "copy.part").rename(tmp_path / "half.png")
    qtbot.waitUntil(lambda: new(watched) == ["half.png"], timeout=WAIT_MS)


def test_what_lay_there_and_what_was_removed_is_not_new(quick: None, app: App, qtbot: QtBot, tmp_path: Path) -> None:
    app.session.close_project()
    photo(tmp_path / "left out.png", 200)
    app.opening.open_path(tmp_path / "trays.foodet")
    qtbot.waitUntil(lambda: app.watch.is_watching, timeout=WAIT_MS)
    app.session.remove_image()
    photo(tmp_path / "new.png", 210)
    qtbot.waitUntil(lambda: new(app) == ["new.png"], timeout=WAIT_MS)


def test_an_export_into_the_folder_brings_nothing_new(watched: App, qtbot: QtBot, tmp_path: Path) -> None:
    watched.session.set_state(ImageState.DONE)
    part = watched.window.data_panel.exporting
    part.format.setCurrentIndex(part.format.findData("yolo"))
    part.target.setText(str(tmp_path / "out"))
    with qtbot.waitSignal(watched.transfers.ended, timeout=WAIT_MS):
        part.button.click()
    assert (tmp_path / "out" / "images").is_dir()
    photo(tmp_path / "new.png", 210)
    qtbot.waitUntil(lambda: new(watched) == ["new.png"], timeout=WAIT_MS)
