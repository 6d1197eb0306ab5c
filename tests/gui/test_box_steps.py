"""Locking, hiding and tightening: what each does to a session, and what the canvas and the keys make of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from foodet_core.types import Annotation, Detections, ImageState
from foodet_gui import box_steps
from foodet_gui.app import App
from foodet_gui.canvas import widget
from foodet_gui.hiding import Hidden
from foodet_gui.models.labels import Role
from foodet_gui.session import Session
from foodet_gui.suggestions import NO_CLASS, tightest

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
WEIGHTS = "/runs/0001-train/weights.safetensors"
LOOSE = Annotation(1, 1, 0, (0.0, 0.0, 100.0, 100.0))


def at(app: App, x: float, y: float) -> QPoint:
    return QPointF(*app.window.canvas.view.to_canvas((x, y))).toPoint()


def drag(app: App, *points: tuple[float, float]) -> None:
    places = [at(app, *point) for point in points]
    QTest.mousePress(app.window.canvas, LEFT, NONE, places[0])
    for place in places[1:]:
        QTest.mouseMove(app.window.canvas, place)
    QTest.mouseRelease(app.window.canvas, LEFT, NONE, places[-1])


def press(app: App, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(app.window.canvas, key, modifiers)


def boxes(session: Session) -> list[tuple[float, ...]]:
    return [a.box_xyxy for a in session.annotations]


def test_an_image_with_boxes_is_not_called_empty_and_it_is_said(app: App, qtbot: QtBot) -> None:
    with qtbot.waitSignal(app.session.notice) as told:
        press(app, Qt.Key.Key_E)
    assert told.args[0].startswith("tray_1.png: there are boxes on it.")
    assert app.session.images[1].state is not ImageState.EMPTY
    press(app, Qt.Key.Key_D)
    press(app, Qt.Key.Key_E)
    assert app.session.images[2].state is ImageState.EMPTY


# Lock


@pytest.fixture
def locked(app: App) -> App:
    """The plate is locked, nothing selected."""
    app.session.select([app.session.annotations[0].id])
    press(app, Qt.Key.Key_L)
    app.session.select([])
    return app


def test_a_drag_on_a_locked_box_draws_and_a_click_selects_it(locked: App) -> None:
    session, (plate, _) = locked.session, locked.session.annotations
    drag(locked, (130, 110), (150, 130), (180, 160))
    assert session.annotations[0] == plate
    assert session.annotations[-1].box_xyxy == pytest.approx((130, 110, 180, 160), abs=1)
    QTest.mouseClick(locked.window.canvas, LEFT, NONE, at(locked, 30, 180))
    assert session.selected == {plate.id}


def test_a_selected_locked_box_keeps_its_edges_under_the_pointer_and_the_keys(locked: App) -> None:
    session, (plate, _) = locked.session, locked.session.annotations
    session.select([plate.id])
    drag(locked, (220, 200), (230, 210), (260, 230))
    press(locked, Qt.Key.Key_Right)
    press(locked, Qt.Key.Key_Delete)
    press(locked, Qt.Key.Key_3)
    assert session.annotations[0] == plate


def test_of_several_selected_boxes_the_locked_one_stays(locked: App) -> None:
    session, (plate, fruit) = locked.session, locked.session.annotations
    session.select([plate.id, fruit.id])
    drag(locked, (80, 80), (90, 80), (100, 80))
    assert session.annotations[0] == plate
    assert session.annotations[1].box_xyxy == pytest.approx((80, 60, 130, 100), abs=1)
    press(locked, Qt.Key.Key_Delete)
    assert session.annotations == (plate,)


def test_shift_adds_a_locked_box_to_the_selection(locked: App) -> None:
    plate, fruit = locked.session.annotations
    locked.session.select([fruit.id])
    QTest.mouseClick(locked.window.canvas, LEFT, Qt.KeyboardModifier.ShiftModifier, at(locked, 30, 180))
    assert locked.session.selected == {plate.id, fruit.id}


def test_why_a_locked_box_stays_is_said(locked: App, qtbot: QtBot) -> None:
    locked.session.select([locked.session.annotations[0].id])
    with qtbot.waitSignal(locked.session.notice) as told:
        press(locked, Qt.Key.Key_Delete)
    assert "unlock" in told.args[0]


def test_a_lock_is_kept_with_the_project_and_is_one_undoable_step(locked: App, folder: Path) -> None:
    session = locked.session
    session.open_project(folder)
    session.select([session.annotations[0].id])
    press(locked, Qt.Key.Key_Delete)
    assert len(session.annotations) == 2
    press(locked, Qt.Key.Key_L)
    press(locked, Qt.Key.Key_Delete)
    assert len(session.annotations) == 1
    session.undo()
    session.undo()
    session.select([session.annotations[0].id])
    press(locked, Qt.Key.Key_Delete)
    assert len(session.annotations) == 2


def test_copies_of_a_locked_box_are_free(locked: App) -> None:
    session = locked.session
    session.select([session.annotations[0].id])
    session.duplicate_boxes()
    press(locked, Qt.Key.Key_Delete)
    assert len(session.annotations) == 2


def test_a_locked_box_says_so_in_the_list(locked: App) -> None:
    rows = locked.window.label_panel.box_list.model()
    assert [rows.index(row, 0).data(Role.ASIDE) for row in range(2)] == ["locked", "50 × 40"]


# Hide


def test_a_tapped_key_hides_all_until_it_is_tapped_again(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(widget, "_PEEK_MS", 10**6)
    press(app, Qt.Key.Key_X)
    assert app.session.visible_boxes() == []
    press(app, Qt.Key.Key_X)
    assert len(app.session.visible_boxes()) == 2


def test_a_held_key_hides_all_until_it_is_let_go(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(widget, "_PEEK_MS", 0)
    for before, held in ((Hidden(), Hidden(everything=True)), (Hidden(labels=frozenset([1])), Hidden())):
        app.session.set_hidden(before)
        QTest.keyPress(app.window.canvas, Qt.Key.Key_X)
        assert app.session.hidden == held
        QTest.keyRelease(app.window.canvas, Qt.Key.Key_X)
        assert app.session.hidden == before


def test_hiding_from_elsewhere_lasts_whatever_key_is_let_go_later(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(widget, "_PEEK_MS", 0)
    classes = app.window.label_panel.class_list
    classes.setFocus()
    QTest.keyClick(classes, Qt.Key.Key_X)
    app.window.canvas.setFocus()
    press(app, Qt.Key.Key_D)
    assert app.session.hidden.everything


def test_what_is_hidden_is_neither_painted_nor_hit_nor_deleted(app: App) -> None:
    session, (plate, fruit) = app.session, app.session.annotations
    session.select([fruit.id])
    press(app, Qt.Key.Key_X, Qt.KeyboardModifier.ShiftModifier)
    QTest.mouseClick(app.window.canvas, LEFT, NONE, at(app, 80, 80))
    assert session.selected == {plate.id}
    session.select([fruit.id])
    session.set_hidden(Hidden(everything=True))
    picture = app.window.canvas.grab().toImage()
    edge = at(app, 20, 150) * picture.devicePixelRatio()
    assert picture.pixelColor(edge).name() == "#282828"
    press(app, Qt.Key.Key_Delete)
    assert len(session.annotations) == 2


def test_a_hidden_class_is_hidden_on_every_image_with_its_suggestions(app: App, found: Callable[..., Detections]) -> None:
    session = app.session
    session.set_predictions(1, found(((240.0, 10.0, 300.0, 60.0), 0, 0.9), ((240.0, 90.0, 300.0, 160.0), 2, 0.8)), WEIGHTS)
    press(app, Qt.Key.Key_X, Qt.KeyboardModifier.AltModifier)
    assert [a.label for a in session.visible_boxes()] == [1]
    assert session.shown_predictions().open == (1,)
    session.accept_predictions(1)
    assert sorted(a.label for a in session.annotations) == [0, 1, 2]
    press(app, Qt.Key.Key_X)
    assert len(session.visible_boxes()) == 3


def test_a_new_box_is_seen_whatever_is_hidden(app: App) -> None:
    app.session.set_hidden(Hidden(everything=True))
    drag(app, (240, 30), (260, 50), (300, 90))
    drawn = app.session.annotations[-1]
    assert drawn in app.session.visible_boxes()
    box_steps.toggle_class(app.session, app.session.current_class)
    drag(app, (240, 130), (260, 150), (300, 190))
    assert app.session.annotations[-1] in app.session.visible_boxes()


def test_what_is_hidden_is_said_and_forgotten_with_the_project(app: App) -> None:
    app.session.set_hidden(Hidden(labels=frozenset([0])))
    assert app.window.label_panel.class_list.model().index(0, 0).data(Role.ASIDE) == "hidden"
    app.session.close_project()
    assert not app.session.hidden


# Tighten


def test_the_edges_come_from_the_detection_of_the_class_with_score_and_overlap(found: Callable[..., Detections]) -> None:
    tight, junk, other = (10.0, 10.0, 90.0, 90.0), (1.0, 1.0, 100.0, 100.0), (0.0, 0.0, 99.0, 99.0)
    assert tightest(LOOSE, found((other, 1, 0.95), (tight, 0, 0.9), (junk, 0, 0.1))) == 1
    assert tightest(LOOSE, found((other, 1, 0.95), (tight, NO_CLASS, 0.2))) == 1
    assert tightest(LOOSE, found((other, 1, 0.95))) == 0


def test_a_detection_elsewhere_tightens_nothing(found: Callable[..., Detections]) -> None:
    assert tightest(LOOSE, found(((60.0, 60.0, 160.0, 160.0), 0, 0.99))) is None
    assert tightest(LOOSE, Detections()) is None


def test_tightening_is_one_step_for_all_selected_boxes(app: App, found: Callable[..., Detections]) -> None:
    session = app.session
    before = boxes(session)
    session.set_predictions(1, found(((30.0, 30.0, 400.0, 195.0), 0, 0.9), ((65.0, 65.0, 105.0, 95.0), 1, 0.6)), WEIGHTS)
    session.select([a.id for a in session.annotations])
    press(app, Qt.Key.Key_T)
    assert boxes(session) == [pytest.approx((30, 30, 320, 195)), pytest.approx((65, 65, 105, 95))]
    session.undo()
    assert boxes(session) == before


@pytest.mark.parametrize(("place", "said"), [(None, "no detector"), ((200, 200, 240, 240), "No prediction overlaps")])
def test_where_nothing_can_tighten_the_reason_is_said(
    app: App, found: Callable[..., Detections], qtbot: QtBot, place: tuple[float, ...] | None, said: str
) -> None:
    session = app.session
    if place is not None:
        session.set_predictions(1, found((place, 1, 0.9)), WEIGHTS)
    session.select([session.annotations[1].id])
    before = boxes(session)
    with qtbot.waitSignal(session.notice) as told:
        press(app, Qt.Key.Key_T)
    assert said in told.args[0]
    assert boxes(session) == before


def test_a_locked_box_is_not_tightened(locked: App, found: Callable[..., Detections]) -> None:
    session = locked.session
    session.set_predictions(1, found(((30.0, 30.0, 210.0, 195.0), 0, 0.9)), WEIGHTS)
    session.select([session.annotations[0].id])
    before = boxes(session)
    press(locked, Qt.Key.Key_T)
    assert boxes(session) == before
