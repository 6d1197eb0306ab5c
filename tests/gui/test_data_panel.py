"""Labels in and out through the real window and the real child process."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from foodet_core.config import ExportJob, ImportJob, Source, TrainJob
from foodet_core.events import Failed
from foodet_core.formats import FORMATS
from foodet_core.project.scan import new_project
from foodet_core.project.store import Project
from foodet_core.types import ImageState, LabelledSet, Split
from foodet_core.worker import run
from foodet_gui.app import App
from foodet_gui.canvas.overlay import TransferPill
from foodet_gui.labelling import HIDDEN, PLACE
from foodet_gui.transfers import Outcome

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

WAIT_MS = 60_000
CTRL = Qt.KeyboardModifier.ControlModifier
PLATE, FRUIT = (20.0, 20.0, 220.0, 200.0), (60.0, 60.0, 110.0, 100.0)


@pytest.fixture
def told(app: App) -> list[tuple[str, str]]:
    """All notices, as they come."""
    found: list[tuple[str, str]] = []
    app.session.notice.connect(lambda text, level: found.append((text, level)))
    return found


def ended(app: App, qtbot: QtBot, begin: Callable[[], object]) -> Outcome:
    """What came of the job that `begin` starts."""
    with qtbot.waitSignal(app.transfers.ended, timeout=WAIT_MS) as signal:
        begin()
    outcome = signal.args[0]
    assert isinstance(outcome, Outcome)
    return outcome


def choose(app: App, qtbot: QtBot, source: Path) -> None:
    """Hand a path to the import and wait until it has been looked at."""
    with qtbot.waitSignal(app.transfers.recognised, timeout=WAIT_MS):
        app.window.data_panel.importing.set_source(source)


def press_import(app: App, qtbot: QtBot) -> Outcome:
    button = app.window.data_panel.importing.button
    assert button.isEnabled()
    return ended(app, qtbot, button.click)


def press_export(app: App, qtbot: QtBot) -> Outcome:
    button = app.window.data_panel.exporting.button
    assert button.isEnabled()
    return ended(app, qtbot, button.click)


def take_format(app: App, name: str) -> None:
    combo = app.window.data_panel.exporting.format
    combo.setCurrentIndex(combo.findData(name))


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def stored(folder: Path) -> LabelledSet:
    with Project.open(folder) as project:
        return project.labelled_set()


def said(labelled: LabelledSet) -> dict[str, tuple[ImageState, set[tuple[str, tuple[int, ...]]]]]:
    """What a set says of each image: its state, and boxes by class name, to a hundredth of a pixel."""
    names = labelled.classes.names
    return {
        image.path: (
            image.state,
            {(names[a.label], tuple(round(100 * v) for v in a.box_xyxy)) for a in labelled.annotations[image.id]},
        )
        for image in labelled.images
    }


@pytest.fixture
def coco(tmp_path: Path, folder: Path) -> Path:
    """A COCO file about the project's images: a box of a new class on image 2, nothing on image 3."""
    images = [{"id": n, "file_name": f"tray_{n}.png", "width": 320, "height": 240} for n in (2, 3)]
    boxes = [{"id": 1, "image_id": 2, "category_id": 5, "bbox": [10, 20, 30, 40], "area": 1200, "iscrowd": 0}]
    content = {"images": images, "annotations": boxes, "categories": [{"id": 5, "name": "鸡蛋"}]}
    path = tmp_path / "标注.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def test_a_file_is_imported_by_keys_alone_beside_the_labels_that_are_there(
    app: App, qtbot: QtBot, coco: Path, told: list[tuple[str, str]]
) -> None:
    session, part = app.session, app.window.data_panel.importing
    QTest.keyClick(app.window.canvas, Qt.Key.Key_I, CTRL)
    assert focused() is part.source
    assert not part.button.isEnabled()
    with qtbot.waitSignal(app.transfers.recognised, timeout=WAIT_MS):
        QApplication.clipboard().setText(str(coco))
        QTest.keyClick(focused(), Qt.Key.Key_V, CTRL)
    assert part.hint.text() == "Recognised as COCO JSON."
    for _ in range(12):
        if focused() is part.button:
            break
        QTest.keyClick(focused(), Qt.Key.Key_Tab)
    assert focused() is part.button
    ended(app, qtbot, lambda: QTest.keyClick(focused(), Qt.Key.Key_Space))
    assert session.classes.names == ("plate", "fruit", "bread", "鸡蛋")
    assert [a.box_xyxy for a in session.annotations] == [PLATE, FRUIT]
    assert session.project is not None
    assert [(a.label, a.box_xyxy) for a in session.project.annotations(2)] == [(3, (10.0, 20.0, 40.0, 60.0))]
    assert [i.state for i in session.images.values()][1:3] == [ImageState.DONE, ImageState.EMPTY]
    text = "Imported 1 boxes on 2 images; 0 images and 1 classes are new. Ctrl+Z takes it back."
    assert told == [(text, "info")]
    QTest.keyClick(focused(), Qt.Key.Key_Escape)
    assert app.window.canvas.hasFocus()
    QTest.keyClick(app.window.canvas, Qt.Key.Key_Z, CTRL)
    assert session.classes.names == ("plate", "fruit", "bread")
    assert session.project.annotations(2) == ()


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_goes_out_of_the_window_and_into_another_project(
    name: str, app: App, qtbot: QtBot, tmp_path: Path, folder: Path
) -> None:
    app.session.set_state(ImageState.DONE)
    app.session.open_image(2)
    app.session.set_state(ImageState.EMPTY)
    part = app.window.data_panel.exporting
    take_format(app, name)
    part.target.setText(str(tmp_path / f"出 {name}{FORMATS[name].suffix}"))
    assert press_export(app, qtbot).ok
    before, written = stored(folder), Path(app.window.data_panel.told.texts[0].split(" to ")[1].removesuffix("."))
    (tmp_path / "other").mkdir()
    for photo in tmp_path.glob("tray_*.png"):
        shutil.copy(photo, tmp_path / "other")
    list(new_project(tmp_path / "other.foodet", tmp_path / "other"))
    app.opening.open_path(tmp_path / "other.foodet")
    assert len(app.session.images) == 4
    choose(app, qtbot, written)
    assert press_import(app, qtbot).ok
    assert said(stored(tmp_path / "other.foodet")) == said(before)


def test_what_an_import_converted_and_left_out_stands_in_the_panel(
    app: App, qtbot: QtBot, tmp_path: Path, told: list[tuple[str, str]]
) -> None:
    shapes = [
        {"label": "fruit", "shape_type": "polygon", "points": [[10, 10], [50, 12], [30, 60]]},
        {"label": "fruit", "shape_type": "point", "points": [[10, 10]]},
    ]
    content = {"shapes": shapes, "imagePath": "tray_2.png", "imageHeight": 240, "imageWidth": 320}
    (tmp_path / "labelme").mkdir()
    (tmp_path / "labelme" / "tray_2.json").write_text(json.dumps(content))
    choose(app, qtbot, tmp_path / "labelme")
    outcome = press_import(app, qtbot)
    assert len(outcome.remarks) == 2
    sentence, *remarks = app.window.data_panel.told.texts
    assert remarks == list(outcome.remarks)
    ((text, level),) = told
    assert (text.startswith(sentence), text.endswith("stands under Data."), level) == (True, True, "warning")


def test_what_cannot_be_told_is_asked_for(app: App, qtbot: QtBot, tmp_path: Path, coco: Path) -> None:
    part = app.window.data_panel.importing
    odd = tmp_path / "labels.txt2"
    shutil.copy(coco, odd)
    choose(app, qtbot, odd)
    assert part.format.currentIndex() == -1
    assert not part.button.isEnabled()
    assert "choose it" in part.hint.text()
    part.format.setCurrentIndex(part.format.findText("COCO JSON"))
    assert press_import(app, qtbot).ok
    assert "鸡蛋" in app.session.classes.names


def test_a_path_that_is_typed_is_looked_at_when_it_is_there(
    app: App, qtbot: QtBot, coco: Path, told: list[tuple[str, str]]
) -> None:
    part = app.window.data_panel.importing
    with qtbot.waitSignal(app.transfers.recognised, timeout=WAIT_MS):
        QTest.keyClicks(part.source, "/no/such/file.json")
    assert [text.split(":")[0] for text, _level in told] == ["/no/such/file.json"]
    part.source.selectAll()
    with qtbot.waitSignal(app.transfers.recognised, timeout=WAIT_MS):
        part.source.insert(str(coco))
    assert part.hint.text() == "Recognised as COCO JSON."
    assert len(told) == 1


def test_of_several_sets_in_a_folder_one_is_chosen(app: App, qtbot: QtBot, tmp_path: Path, coco: Path) -> None:
    part = app.window.data_panel.importing
    sets = tmp_path / "sets"
    sets.mkdir()
    for name in ("train.json", "val.json"):
        shutil.copy(coco, sets / name)
    choose(app, qtbot, sets)
    assert not part.button.isEnabled()
    assert [part.format.itemText(i) for i in range(2)] == ["train.json · COCO JSON", "val.json · COCO JSON"]
    part.format.setCurrentIndex(1)
    part.split.setCurrentIndex(2)
    press_import(app, qtbot)
    assert {app.session.images[n].split for n in (2, 3)} == {Split.VAL}


def test_a_flaw_is_a_notice_with_the_file_and_changes_nothing(
    app: App, qtbot: QtBot, coco: Path, folder: Path, told: list[tuple[str, str]]
) -> None:
    content = json.loads(coco.read_text(encoding="utf-8"))
    content["images"][1]["file_name"] = "none.png"
    coco.write_text(json.dumps(content))
    before = stored(folder)
    choose(app, qtbot, coco)
    assert not press_import(app, qtbot).ok
    ((text, level),) = told
    assert level == "warning"
    assert "标注.json" in text
    assert "none.png" in text
    assert stored(folder) == before


def test_the_images_of_a_file_may_lie_elsewhere(app: App, qtbot: QtBot, coco: Path, tmp_path: Path) -> None:
    content = json.loads(coco.read_text(encoding="utf-8"))
    content["images"][1]["file_name"] = "新.png"
    coco.write_text(json.dumps(content))
    elsewhere = tmp_path / "别处"
    elsewhere.mkdir()
    shutil.copy(tmp_path / "tray_2.png", elsewhere)
    Image.fromarray(np.full((240, 320, 3), 7, np.uint8)).save(elsewhere / "新.png")
    choose(app, qtbot, coco)
    app.window.data_panel.importing.images.setText(str(elsewhere))
    assert press_import(app, qtbot).ok
    assert [Path(i.path).name for i in app.session.images.values()][-1] == "新.png"


def test_what_an_import_wrote_before_it_was_killed_is_shown(app: App, folder: Path, coco: Path) -> None:
    job = ImportJob(str(folder), str(coco))
    app.file_jobs.started.emit(job)
    list(run(job))
    app.file_jobs.finished.emit(Failed("The run broke off.", input_error=False))
    assert app.session.classes.names[-1] == "鸡蛋"
    assert app.session.images[2].state is ImageState.DONE


def test_a_training_does_not_keep_an_import_waiting(app: App, qtbot: QtBot, coco: Path) -> None:
    app.jobs.running = TrainJob(Source("p"), "out")
    choose(app, qtbot, coco)
    assert press_import(app, qtbot).ok
    app.jobs.running = None


def test_an_import_stops_when_its_project_is_closed(app: App, qtbot: QtBot, coco: Path) -> None:
    choose(app, qtbot, coco)
    app.window.data_panel.importing.button.click()
    QTest.keyClick(app.window.canvas, Qt.Key.Key_W, CTRL)
    qtbot.waitUntil(lambda: app.transfers.running is None, timeout=WAIT_MS)
    assert app.session.project is None


# Export


def exported(path: Path) -> set[str]:
    return {image["file_name"] for image in json.loads(path.read_text(encoding="utf-8"))["images"]}


def test_a_file_is_replaced_only_when_asked_twice(app: App, qtbot: QtBot, tmp_path: Path) -> None:
    part = app.window.data_panel.exporting
    app.session.set_state(ImageState.DONE)
    target = tmp_path / "旧.json"
    target.write_text("dear diary")
    QTest.keyClick(app.window.canvas, Qt.Key.Key_E, CTRL)
    assert focused() is part.format
    part.target.setText(str(target))
    part.button.click()
    assert part.button.text() == "Replace the file"
    assert app.transfers.running is None
    assert target.read_text() == "dear diary"
    part.target.setText(str(tmp_path / "new.json"))
    part.target.setText(str(target))
    assert part.button.text() == "Export"
    part.button.click()
    outcome = press_export(app, qtbot)
    assert str(target) in outcome.text
    assert exported(target) == {"tray_1.png"}


def test_a_folder_that_holds_something_cannot_be_the_target_and_a_free_one_is_proposed(
    app: App, qtbot: QtBot, tmp_path: Path
) -> None:
    part = app.window.data_panel.exporting
    app.session.set_state(ImageState.DONE)
    full = tmp_path / "full"
    full.mkdir()
    (full / "diary.txt").write_text("dear diary")
    take_format(app, "yolo")
    first = Path(part.target.text())
    assert not first.exists()
    assert first.parent == tmp_path.parent
    part.target.setText(str(full))
    assert not part.button.isEnabled()
    assert "holds something" in part.hint.text()
    part.target.setText(str(tmp_path / "out"))
    press_export(app, qtbot)
    assert (tmp_path / "out" / "data.yaml").exists()
    assert Path(part.target.text()) == first
    shutil.rmtree(tmp_path / "out")


@pytest.mark.parametrize("name", ["coco", "yolo"])
def test_a_target_that_the_system_refuses_is_a_notice(
    name: str, app: App, qtbot: QtBot, tmp_path: Path, told: list[tuple[str, str]]
) -> None:
    part = app.window.data_panel.exporting
    app.session.set_state(ImageState.DONE)
    take_format(app, name)
    part.target.setText(str(tmp_path / ("x" * 300 + FORMATS[name].suffix)))
    if name == "yolo":
        assert not part.button.isEnabled()
    else:
        assert not press_export(app, qtbot).ok
        assert "cannot be written" in told[-1][0]


def test_only_what_is_asked_for_goes_out(app: App, qtbot: QtBot, tmp_path: Path) -> None:
    session, part = app.session, app.window.data_panel.exporting
    session.set_state(ImageState.IN_PROGRESS)
    session.open_image(2)
    session.draw_box((10.0, 10.0, 60.0, 60.0))
    session.open_image(3)
    session.set_state(ImageState.EMPTY)
    for which, images in enumerate(({"tray_1.png", "tray_2.png", "tray_3.png"}, {"tray_3.png"}, {"tray_2.png"})):
        app.window.strip.search.setText("tray_2" if which == 2 else "")
        part.which.setCurrentIndex(which)
        part.target.setText(str(tmp_path / f"{which}.json"))
        press_export(app, qtbot)
        assert exported(tmp_path / f"{which}.json") == images


def test_images_are_divided_into_splits_and_the_project_stays_as_it_was(
    app: App, qtbot: QtBot, tmp_path: Path, folder: Path
) -> None:
    part = app.window.data_panel.exporting
    for image_id in app.session.images:
        app.session.open_image(image_id)
        app.session.set_state(ImageState.EMPTY if image_id > 1 else ImageState.DONE)
    before = stored(folder)
    part.split.setChecked(True)
    part.val.set_number(25)
    part.test.set_number(25)
    part.target.setText(str(tmp_path / "parts"))
    press_export(app, qtbot)
    parts = {path.stem: exported(path) for path in (tmp_path / "parts").iterdir()}
    assert {name: len(images) for name, images in parts.items()} == {"train": 2, "val": 1, "test": 1}
    assert set.union(*parts.values()) == {f"tray_{n}.png" for n in range(1, 5)}
    assert stored(folder) == before


def test_the_last_choice_comes_back_with_the_project(app: App, qtbot: QtBot, tmp_path: Path, folder: Path) -> None:
    part = app.window.data_panel.exporting
    take_format(app, "csv")
    part.which.setCurrentIndex(1)
    app.session.set_state(ImageState.DONE)
    part.target.setText(str(tmp_path / "t.csv"))
    press_export(app, qtbot)
    chosen = part.choice()
    Project.create(tmp_path / "other.foodet", tmp_path).close()
    app.opening.open_path(tmp_path / "other.foodet")
    assert part.choice().format == "coco"
    app.opening.open_path(folder)
    assert part.choice() == chosen


def test_scrolling_over_the_choices_changes_none(app: App) -> None:
    window, part = app.window, app.window.data_panel.exporting
    QTest.keyClick(window.canvas, Qt.Key.Key_E, CTRL)
    part.split.setChecked(True)
    window.canvas.setFocus()
    before, nothing = part.choice(), Qt.MouseButton.NoButton
    for field in (part.format, part.which, part.val, part.test, window.data_panel.importing.split):
        at = QPointF(field.rect().center())
        turn, phase = QPoint(0, -120), Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(at, field.mapToGlobal(at), QPoint(), turn, nothing, Qt.KeyboardModifier.NoModifier, phase, False)
        QApplication.sendEvent(field, event)
    assert part.choice() == before
    assert window.data_panel.importing.split.currentIndex() == 0


def test_an_export_of_nothing_is_a_notice(app: App, qtbot: QtBot, tmp_path: Path, told: list[tuple[str, str]]) -> None:
    part = app.window.data_panel.exporting
    part.which.setCurrentIndex(1)
    part.target.setText(str(tmp_path / "none.json"))
    assert not press_export(app, qtbot).ok
    assert "no labelled image" in told[-1][0]
    assert not (tmp_path / "none.json").exists()


def test_places_and_merged_classes_stay_in_the_project_and_out_of_the_file(
    app: App, qtbot: QtBot, tmp_path: Path, folder: Path
) -> None:
    session = app.session
    session.set_state(ImageState.DONE)
    session.merge_class(1, 2)
    session.move_class(2, -1)
    app.window.data_panel.exporting.target.setText(str(tmp_path / "out.json"))
    press_export(app, qtbot)
    text = (tmp_path / "out.json").read_text(encoding="utf-8")
    assert "foodet_" not in text
    assert [c["name"] for c in json.loads(text)["categories"]] == ["plate", "fruit → bread", "bread"]
    with Project.open(folder) as project:
        kept = [set(c.extra) for c in project.classes()]
    assert kept == [{PLACE}, {HIDDEN}, {PLACE}]
    order = session.class_order
    app.opening.open_path(folder)
    assert session.class_order == order == (2, 0)
    list(run(ImportJob(str(folder), str(tmp_path / "out.json"))))
    session.refresh()
    assert session.class_order == order
    assert list(run(ExportJob(str(folder), str(tmp_path / "again.json"))))
    assert (tmp_path / "again.json").read_text(encoding="utf-8") == text


def test_a_second_job_waits_for_the_first_to_be_asked_again(
    app: App, qtbot: QtBot, coco: Path, tmp_path: Path, told: list[tuple[str, str]]
) -> None:
    choose(app, qtbot, coco)

    def both() -> None:
        app.window.data_panel.importing.button.click()
        app.transfers.add_images([tmp_path])

    assert isinstance(ended(app, qtbot, both).job, ImportJob)
    assert told[0] == ("An import or export is going on. Wait for its end, or stop it.", "warning")


def test_a_job_is_stopped_where_it_was_started_and_changes_nothing(
    app: App, qtbot: QtBot, tmp_path: Path, told: list[tuple[str, str]]
) -> None:
    many = tmp_path.parent / f"{tmp_path.name} many"
    many.mkdir()
    for n in range(300):
        Image.fromarray(np.full((400, 600, 3), n % 250, np.uint8)).save(many / f"{n}.png")
    pill = app.window.canvas.findChild(TransferPill)
    assert isinstance(pill, TransferPill)
    with qtbot.waitSignal(app.transfers.progressed, timeout=WAIT_MS, check_params_cb=lambda done, total: total > 0):
        app.transfers.add_images([many])
    assert pill.isVisible()
    stop = pill.findChildren(QPushButton)[0]
    outcome = ended(app, qtbot, stop.click)
    assert not outcome.ok
    assert told == [("Stopped: nothing was changed.", "info")]
    assert len(app.session.images) == 4
    assert not pill.isVisible()
