"""The window as a person drives it: keys, lists, the start page, what is remembered."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import shiboken6
from PIL import Image
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from foodet_core.project.edits import Change, Edit
from foodet_core.project.store import Project
from foodet_core.types import Annotation, BoxXyxy, ClassList, Detections, ImageRecord, ImageState
from foodet_gui import actions
from foodet_gui.app import App
from foodet_gui.canvas.overlay import NoticePill
from foodet_gui.dialogs.keys import KeysPage
from foodet_gui.models.images import FRAME, ImageModel, Role
from foodet_gui.reading import read_image
from foodet_gui.session import Session
from foodet_gui.settings import Settings

# The offscreen platform has no window manager to tell a least size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

KEY = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def press(app: App, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """A key where the keyboard is."""
    QTest.keyClick(focused(), key, modifiers)


def focused() -> QWidget:
    """The widget that has the keyboard."""
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def waiting_box(app: App) -> BoxXyxy | None:
    """The box that waits for a class."""
    return app.session.pending_box


def label_of(app: App, place: int) -> int:
    """The class of a box of the current image."""
    return app.session.annotations[place].label


def current_id(app: App) -> int:
    assert app.session.current is not None
    return app.session.current.id


def test_letters_and_arrows_go_through_the_images(app: App) -> None:
    press(app, KEY.Key_D)
    press(app, KEY.Key_Right)
    press(app, KEY.Key_PageDown)
    assert current_id(app) == 4
    press(app, KEY.Key_A)
    press(app, KEY.Key_Left)
    assert current_id(app) == 2


def test_arrows_nudge_what_is_selected(app: App) -> None:
    fruit = app.session.annotations[1]
    app.session.select([fruit.id])
    press(app, KEY.Key_Right)
    press(app, KEY.Key_Down, SHIFT)
    assert app.session.annotations[1].box_xyxy == pytest.approx((61, 70, 111, 110))
    assert current_id(app) == 1


def test_digits_set_the_class_and_undo_takes_it_back(app: App) -> None:
    app.session.select([app.session.annotations[1].id])
    press(app, KEY.Key_3)
    assert label_of(app, 1) == 2
    press(app, KEY.Key_Z, CTRL)
    assert label_of(app, 1) == 1
    press(app, KEY.Key_Z, CTRL | SHIFT)
    assert label_of(app, 1) == 2


def test_done_empty_and_done_next_set_the_state(app: App) -> None:
    press(app, KEY.Key_S)
    assert current_id(app) == 2
    press(app, KEY.Key_E)
    press(app, KEY.Key_D)
    press(app, KEY.Key_Return, CTRL)
    states = [image.state for image in app.session.images.values()]
    assert states == [ImageState.DONE, ImageState.EMPTY, ImageState.DONE, ImageState.UNLABELLED]
    press(app, KEY.Key_Return, CTRL)
    assert app.session.images[3].state is ImageState.IN_PROGRESS


def test_enter_tab_and_backspace_answer_suggestions(app: App, found: Callable[..., Detections]) -> None:
    session = app.session
    session.open_image(2)
    boxes = [((10.0 + 60 * i, 20.0, 60.0 + 60 * i, 80.0), i, 0.9 - i / 10) for i in range(3)]
    session.set_predictions(2, found(*boxes), "/runs/0001-train/weights.safetensors")
    press(app, KEY.Key_Tab)
    press(app, KEY.Key_Tab)
    assert session.suggestion == 1
    press(app, KEY.Key_Backspace)
    assert session.shown_predictions().open == (0, 2)
    press(app, KEY.Key_Return)
    assert [a.label for a in session.annotations] == [2]
    press(app, KEY.Key_Escape)
    press(app, KEY.Key_Return)
    assert [a.label for a in session.annotations] == [2, 0]


def test_typing_in_the_search_field_is_not_labelling(app: App) -> None:
    press(app, KEY.Key_F, CTRL)
    QTest.keyClicks(focused(), "tray_3")
    assert current_id(app) == 1
    assert app.window.images.rowCount() == 1
    press(app, KEY.Key_Return)
    assert current_id(app) == 3


def test_search_words_for_states_narrow_the_list_and_the_steps(app: App) -> None:
    press(app, KEY.Key_S)
    app.window.strip.search.setText("todo")
    assert [app.window.images.index(row).data(Role.ID) for row in range(3)] == [2, 3, 4]
    app.window.strip.search.setText("done")
    assert app.window.images.rowCount() == 1


def test_a_class_is_named_in_the_list_and_the_keyboard_comes_back(app: App, qtbot: QtBot) -> None:
    app.window.label_panel.ask_class()
    editor = focused()
    assert isinstance(editor, QLineEdit)
    QTest.keyClicks(editor, "dal 1")
    QTest.keyClick(editor, KEY.Key_Return)
    qtbot.waitUntil(lambda: app.session.classes.names[-1] == "dal 1")
    assert app.session.current_class == 3
    qtbot.waitUntil(app.window.canvas.hasFocus)


def test_the_name_is_asked_for_where_it_can_be_seen(app: App) -> None:
    app.window.tabs.setCurrentIndex(1)
    app.session.class_wanted.emit()
    assert app.window.label_panel.isVisible()
    assert isinstance(focused(), QLineEdit)


def test_a_given_up_name_forgets_the_box_that_waited(app: App, qtbot: QtBot) -> None:
    app.session.pending_box = (1, 2, 30, 40)
    app.window.label_panel.ask_class()
    QTest.keyClick(focused(), KEY.Key_Escape)
    qtbot.waitUntil(app.window.canvas.hasFocus)
    assert waiting_box(app) is None
    assert len(app.session.classes) == 3


def test_every_command_has_a_function_and_its_own_keys(app: App) -> None:
    assert set(app.window.actions_by_name) == {command.name for command in actions.commands()}
    keys = [key for command in actions.commands() for key in command.keys]
    assert len(keys) == len(set(keys))


def test_thumbnails_come_and_states_show(app: App, qtbot: QtBot) -> None:
    index = app.window.images.index(0)
    qtbot.waitUntil(lambda: index.data(Qt.ItemDataRole.DecorationRole) is not None)
    assert index.data(Qt.ItemDataRole.DecorationRole).size() == FRAME
    with qtbot.waitSignal(app.window.images.dataChanged):
        app.session.set_state(ImageState.DONE)
    assert ImageState(index.data(Role.STATE)) is ImageState.DONE


def test_a_thumbnail_of_a_project_that_was_left_is_not_shown_in_another(
    session: Session, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    Image.fromarray(np.full((240, 320, 3), 250, np.uint8)).save(other / "bright.png")
    Project.create(tmp_path / "other.foodet", other, images=[ImageRecord(1, "bright.png", (240, 320))]).close()
    began, go_on = Event(), Event()

    def slow(path: Path, long_side: int) -> QImage:
        began.set()
        assert path.name != "bright.png" or go_on.wait(10)
        return read_image(path, long_side)

    monkeypatch.setattr("foodet_gui.models.images.read_image", slow)
    model = ImageModel(session)
    assert model.index(0).data(Qt.ItemDataRole.DecorationRole) is None
    qtbot.waitUntil(began.is_set)
    session.open_project(tmp_path / "other.foodet")
    assert model.index(0).data(Qt.ItemDataRole.DecorationRole) is None
    QApplication.processEvents()  # what was on its way arrives
    assert model.index(0).data(Qt.ItemDataRole.DecorationRole) is None
    go_on.set()
    qtbot.waitUntil(lambda: model.index(0).data(Qt.ItemDataRole.DecorationRole) is not None)
    shown = model.index(0).data(Qt.ItemDataRole.DecorationRole).toImage()
    assert shown.pixelColor(shown.rect().center()).red() == 250
    model.close()


def test_the_window_opens_though_what_was_open_last_cannot_be_reached(tmp_path: Path, qtbot: QtBot) -> None:
    gone = tmp_path / ("x" * 300 + ".foodet")  # the system will not say whether it is there, as with a drive that is gone
    settings = Settings()
    settings.left_open = gone
    settings.add_recent(gone)
    app = App()
    qtbot.addWidget(app.window)
    assert app.window.start_page.isVisible()
    app.opening.open_path(gone)
    assert str(gone) in app.window.start_page.notice.text()
    app.window.close()
    app.close()


def test_before_any_training_suggestions_are_a_button_away(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(app.jobs, "predict", lambda _weights, paths, _total=0: asked.append(len(paths)))
    assert app.session.weights is None
    [button] = [b for b in app.window.findChildren(QPushButton) if b.text() == "Pre-label"]
    assert button.isVisible()
    assert "Ctrl+P" in button.toolTip()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked == [4]
    assert app.session.weights == Path("bundled")
    assert focused() is app.window.canvas
    press(app, KEY.Key_W, CTRL)
    assert not button.isVisible()


def test_both_sides_fold_away(app: App) -> None:
    press(app, KEY.Key_B, CTRL)
    assert not app.window.strip.isVisible()
    assert not app.window.side.isVisible()
    press(app, KEY.Key_B, CTRL)
    assert app.window.side.isVisible()


def test_a_closed_project_leads_back_to_the_start_page(app: App, folder: Path) -> None:
    press(app, KEY.Key_W, CTRL)
    assert app.session.project is None
    assert app.window.start_page.isVisible()
    assert Settings().recent() == [folder.resolve()]


def test_a_folder_of_photos_becomes_a_project_in_it(app: App, tmp_path: Path, qtbot: QtBot) -> None:
    photos = tmp_path / "my photos 2"
    photos.mkdir()
    Image.fromarray(np.zeros((30, 40, 3), np.uint8)).save(photos / "早餐.png")
    with qtbot.waitSignal(app.session.project_changed):
        app.opening.open_path(photos)
    qtbot.waitUntil(lambda: not app.opening.busy)
    assert app.session.project is not None
    assert app.session.project.folder == (photos / "my photos 2.foodet").resolve()
    assert [image.path for image in app.session.images.values()] == ["早餐.png"]
    app.opening.open_path(photos)
    assert not app.opening.busy


def test_a_folder_without_photos_is_a_notice(app: App, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "none").mkdir()
    with qtbot.waitSignal(app.session.notice) as told:
        app.opening.open_path(tmp_path / "none")
    assert "no image" in told.args[0]
    qtbot.waitUntil(lambda: not app.opening.busy)
    assert list((tmp_path / "none").iterdir()) == []


def reopened(app: App, qtbot: QtBot) -> App:
    """The application of a later start, after this one was closed."""
    app.window.close()
    app.close()
    again = App()
    qtbot.addWidget(again.window)
    return again


def test_the_window_comes_back_as_it_was_left(app: App, folder: Path, qtbot: QtBot) -> None:
    app.window.resize(798, 640)  # the offscreen platform's screen is 800 wide
    app.window.tabs.setCurrentIndex(1)
    press(app, KEY.Key_B, CTRL)
    again = reopened(app, qtbot)
    assert (again.window.width(), again.window.height()) == (798, 640)
    assert again.window.train_panel.isVisibleTo(again.window.side)
    assert again.window.strip.isHidden()
    assert again.window.side.isHidden()
    qtbot.waitUntil(lambda: again.session.project is not None)
    assert again.session.project is not None
    assert again.session.project.folder == folder.resolve()
    again.window.actions_by_name["fold"].trigger()
    assert again.window.strip.isVisible()
    again.window.close()
    again.close()


def test_a_project_that_was_closed_stays_closed(app: App, qtbot: QtBot) -> None:
    press(app, KEY.Key_W, CTRL)
    again = reopened(app, qtbot)
    qtbot.wait(50)
    assert again.session.project is None
    assert again.window.start_page.isVisible()
    again.window.close()
    again.close()


def test_a_project_that_is_gone_leads_to_the_start_page(app: App, folder: Path, tmp_path: Path, qtbot: QtBot) -> None:
    app.session.close_project()
    folder.rename(tmp_path / "elsewhere.foodet")
    again = reopened(app, qtbot)
    qtbot.wait(50)
    assert again.session.project is None
    assert again.window.start_page.isVisible()
    again.window.close()
    again.close()


def test_a_project_read_again_leaves_the_keyboard_where_it_is(app: App) -> None:
    app.window.strip.search.setFocus()
    app.session.refresh()
    assert focused() is app.window.strip.search


def test_a_search_for_a_class_means_the_class_of_that_name_in_another_project_too(app: App, tmp_path: Path) -> None:
    app.window.strip.search.setText("class:fruit")
    assert app.session.order == [1]
    images = [ImageRecord(n, f"tray_{n}.png", (240, 320)) for n in (1, 2)]
    with Project.create(tmp_path / "other.foodet", tmp_path, ClassList.of(["fruit", "plate"]), images) as other:
        box = Annotation(other.new_id(), 2, 0, (1.0, 1.0, 50.0, 50.0))
        other.apply(Edit("start", (Change(("annotation", box.id), None, box),)))
    app.session.open_project(tmp_path / "other.foodet")
    assert app.session.order == [2]


def test_a_sheet_closes_though_the_field_it_was_opened_from_is_gone(app: App) -> None:
    field = QLineEdit(app.window)
    field.show()
    field.setFocus()
    sheet = KeysPage(app.window, app.settings)
    sheet.show()
    shiboken6.delete(field)
    sheet.close_sheet()
    assert not sheet.isVisible()


def test_a_long_notice_stays_as_long_as_it_takes_to_read_it(session: Session, qtbot: QtBot) -> None:
    pill = NoticePill(session)
    qtbot.addWidget(pill)
    stays = []
    for text in ("Saved.", "x" * 200):
        session.notice.emit(text, "info")
        stays += [timer.interval() for timer in pill.findChildren(QTimer) if timer.isActive()]
    assert stays[0] == 3000
    assert stays[1] > 5000
