"""The canvas under a mouse and a keyboard."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from foodet_core.types import Detections
from foodet_gui import theme
from foodet_gui.canvas import widget
from foodet_gui.canvas.widget import Canvas
from foodet_gui.session import Session

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def canvas(session: Session, qtbot: QtBot) -> Iterator[Canvas]:
    made = Canvas(session)
    qtbot.addWidget(made)
    made.resize(800, 640)
    made.show()
    session.open_image(1)
    qtbot.waitUntil(lambda: made.shows_image)
    yield made
    made.close_images()


def at(canvas: Canvas, x: float, y: float) -> QPoint:
    """An image point on the canvas."""
    return QPointF(*canvas.view.to_canvas((x, y))).toPoint()


def drag(canvas: Canvas, *points: tuple[float, float], button: Qt.MouseButton = LEFT) -> None:
    """Press at the first image point, move through the others, release at the last; the view is that of the press."""
    places = [at(canvas, *point) for point in points]
    QTest.mousePress(canvas, button, NONE, places[0])
    for place in places[1:]:
        QTest.mouseMove(canvas, place)
    QTest.mouseRelease(canvas, button, NONE, places[-1])


class PaintCount(QObject):
    """How often a widget was painted."""

    def __init__(self, watched: Canvas) -> None:
        super().__init__(watched)
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def near(box: tuple[float, ...], expected: tuple[float, ...]) -> bool:
    return box == pytest.approx(expected, abs=1.0)


def test_a_drag_on_empty_space_draws_one_selected_box(canvas: Canvas, session: Session) -> None:
    drag(canvas, (240, 30), (260, 50), (300, 90))
    drawn = session.annotations[-1]
    assert near(drawn.box_xyxy, (240, 30, 300, 90))
    assert session.selected == {drawn.id}
    session.undo()
    assert len(session.annotations) == 2


def test_a_drag_out_of_the_image_ends_at_its_edge(canvas: Canvas, session: Session) -> None:
    drag(canvas, (240, 210), (260, 220), (900, 900))
    assert session.annotations[-1].box_xyxy[2:] == (320, 240)


def test_a_click_takes_the_box_inside_the_box(canvas: Canvas, session: Session) -> None:
    plate, fruit = session.annotations
    QTest.mouseClick(canvas, LEFT, NONE, at(canvas, 80, 80))
    assert session.selected == {fruit.id}
    QTest.mouseClick(canvas, LEFT, NONE, at(canvas, 160, 150))
    assert session.selected == {plate.id}
    QTest.mouseClick(canvas, LEFT, NONE, at(canvas, 280, 220))
    assert session.selected == frozenset()


def test_tab_digs_through_the_boxes_under_the_pointer(canvas: Canvas, session: Session) -> None:
    plate, fruit = session.annotations
    QTest.mouseMove(canvas, at(canvas, 80, 80))
    QTest.mouseClick(canvas, LEFT, NONE, at(canvas, 80, 80))
    canvas.select_next()
    assert session.selected == {plate.id}
    canvas.select_next()
    assert session.selected == {fruit.id}


def test_a_drag_moves_the_box_under_it(canvas: Canvas, session: Session) -> None:
    drag(canvas, (80, 80), (100, 100), (120, 110))
    assert near(session.annotations[1].box_xyxy, (100, 90, 150, 130))
    assert len(session.annotations) == 2


def test_the_selected_box_moves_even_over_a_smaller_one(canvas: Canvas, session: Session) -> None:
    plate, fruit = session.annotations
    session.select([plate.id])
    drag(canvas, (80, 80), (90, 80), (100, 80))
    assert near(session.annotations[0].box_xyxy, (40, 20, 240, 200))
    assert session.annotations[1] == fruit


def test_a_handle_resizes(canvas: Canvas, session: Session) -> None:
    session.select([session.annotations[1].id])
    drag(canvas, (110, 100), (120, 110), (150, 130))
    assert near(session.annotations[1].box_xyxy, (60, 60, 150, 130))


def test_the_draw_tool_draws_over_boxes(canvas: Canvas, session: Session) -> None:
    canvas.set_tool("draw")
    drag(canvas, (130, 110), (150, 130), (180, 160))
    assert near(session.annotations[-1].box_xyxy, (130, 110, 180, 160))


def test_a_shift_drag_from_where_nothing_is_selects_what_it_touches(canvas: Canvas, session: Session) -> None:
    outer, inner = (a.id for a in session.annotations)
    places = [at(canvas, *point) for point in ((230, 10), (150, 90), (105, 95))]
    QTest.mousePress(canvas, LEFT, Qt.KeyboardModifier.ShiftModifier, places[0])
    QTest.mouseMove(canvas, places[1])
    QTest.mouseMove(canvas, places[2])
    canvas.grab()
    QTest.mouseRelease(canvas, LEFT, Qt.KeyboardModifier.ShiftModifier, places[2])
    assert session.selected == {outer, inner}
    assert len(session.annotations) == 2


def test_the_selected_box_can_be_looked_at_from_near(canvas: Canvas, session: Session) -> None:
    canvas.fit_image()
    before = canvas.view.scale
    session.select([session.annotations[1].id])
    canvas.fit_selected()
    x0, y0, x1, y1 = canvas.view.box_to_canvas(session.annotations[1].box_xyxy)
    assert canvas.view.scale > 2 * before
    assert min(x0, y0) > 0
    assert x1 < canvas.width()
    assert y1 < canvas.height()
    session.select([])
    canvas.fit_selected()
    assert canvas.view.scale == pytest.approx(before)


def test_a_cancelled_drag_leaves_no_trace(canvas: Canvas, session: Session) -> None:
    before = session.annotations
    QTest.mousePress(canvas, LEFT, NONE, at(canvas, 80, 80))
    QTest.mouseMove(canvas, at(canvas, 200, 200))
    canvas.cancel()
    QTest.mouseRelease(canvas, LEFT, NONE, at(canvas, 200, 200))
    assert session.annotations == before


def test_another_image_ends_a_drag(canvas: Canvas, session: Session) -> None:
    QTest.mousePress(canvas, LEFT, NONE, at(canvas, 240, 30))
    QTest.mouseMove(canvas, at(canvas, 300, 90))
    session.open_image(2)
    QTest.mouseRelease(canvas, LEFT, NONE, at(canvas, 300, 90))
    assert session.annotations == ()


def test_the_middle_button_pushes_the_image(canvas: Canvas, session: Session) -> None:
    before = canvas.view
    drag(canvas, (80, 80), (100, 90), (120, 100), button=Qt.MouseButton.MiddleButton)
    assert canvas.view.scale == before.scale
    assert canvas.view.x - before.x == pytest.approx(40 * before.scale, abs=1)
    assert len(session.annotations) == 2


def test_space_makes_a_drag_push(canvas: Canvas, session: Session) -> None:
    before = canvas.view
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    drag(canvas, (240, 30), (260, 40), (280, 50))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.view != before
    drag(canvas, (240, 30), (260, 40), (290, 80))
    assert len(session.annotations) == 3


def test_the_wheel_zooms_at_the_pointer(canvas: Canvas) -> None:
    place = QPointF(*canvas.view.to_canvas((80, 80)))
    before = canvas.view.scale
    nothing, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    wheel = QWheelEvent(place, canvas.mapToGlobal(place), QPoint(), QPoint(0, 240), nothing, NONE, phase, False)
    QApplication.sendEvent(canvas, wheel)
    assert canvas.view.scale > before
    assert canvas.view.to_image((place.x(), place.y())) == pytest.approx((80, 80), abs=0.01)


def test_zoom_and_place_stay_on_the_next_image_of_the_same_size(canvas: Canvas, session: Session) -> None:
    canvas.zoom_to(5.0)
    before = canvas.view
    session.step(1)
    assert canvas.view == before
    canvas.fit_image()
    session.step(1)
    assert canvas.view.scale < before.scale


def test_an_image_that_was_decoded_ahead_is_painted_before_the_step_to_it_returns(
    canvas: Canvas, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted = []
    qtbot.waitUntil(lambda: len(canvas._loader.kept) == 3)
    monkeypatch.setattr(widget.paint, "paint_image", lambda _painter, levels, *_: painted.append(levels))
    session.step(1)
    assert painted == [canvas._levels]


def test_nudges_stop_at_the_edge_and_are_one_step(canvas: Canvas, session: Session) -> None:
    fruit = session.annotations[1]
    session.select([fruit.id])
    for _ in range(3):
        canvas.nudge(-25, 0)
    assert near(session.annotations[1].box_xyxy, (0, 60, 50, 100))
    session.undo()
    assert session.annotations[1] == fruit


def test_a_click_focuses_a_suggestion_and_a_double_click_accepts_it(
    canvas: Canvas, session: Session, found: Callable[..., Detections]
) -> None:
    session.set_predictions(1, found(((240.0, 150.0, 300.0, 220.0), 2, 0.9)), "/runs/0001-train/weights.safetensors")
    place = at(canvas, 270, 190)
    QTest.mouseClick(canvas, LEFT, NONE, place)
    assert session.suggestion == 0
    QTest.mouseDClick(canvas, LEFT, NONE, place)
    assert session.annotations[-1].label == 2


def test_what_is_painted_has_the_image_and_the_colours_of_the_classes(canvas: Canvas, session: Session) -> None:
    picture = canvas.grab().toImage()
    ratio = picture.devicePixelRatio()
    middle = at(canvas, 160, 150)
    edge = at(canvas, 20, 150)
    assert picture.pixelColor(int(middle.x() * ratio), int(middle.y() * ratio)).name() == "#282828"
    assert picture.pixelColor(int(edge.x() * ratio), int(edge.y() * ratio)).name() == "#e69f00"


def test_a_missing_file_is_said_on_the_canvas(canvas: Canvas, session: Session, folder: Path, qtbot: QtBot) -> None:
    (folder.parent / "tray_4.png").unlink()
    session.open_image(4)
    qtbot.waitUntil(lambda: canvas.shows_image)
    picture, middle = canvas.grab().toImage(), canvas.rect().center()
    seen = {picture.pixelColor(middle.x() + x, middle.y() + y).name() for x in range(20, 120) for y in range(18, 38)}
    assert theme.color("on_scrim").name() in seen


def test_a_pinch_zooms_at_the_fingers(canvas: Canvas) -> None:
    place = QPointF(*canvas.view.to_canvas((80, 80)))
    before, spot = canvas.view.scale, canvas.mapToGlobal(place)
    zoom, pad = Qt.NativeGestureType.ZoomNativeGesture, QPointingDevice.primaryPointingDevice()
    QApplication.sendEvent(canvas, QNativeGestureEvent(zoom, pad, 2, place, place, spot, 0.25, QPointF()))
    assert canvas.view.scale == pytest.approx(1.25 * before)
    assert canvas.view.to_image((place.x(), place.y())) == pytest.approx((80, 80), abs=0.01)


def test_at_100_percent_a_pixel_of_the_image_is_one_of_the_screen(canvas: Canvas) -> None:
    canvas.zoom_to(1.0)
    assert canvas.view.scale * canvas.devicePixelRatioF() == pytest.approx(1.0)


def test_very_many_boxes_that_lie_still_look_the_same_and_every_change_is_seen(
    canvas: Canvas, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seen() -> QImage:
        return canvas.grab().toImage()

    pictures = []
    steps = (
        lambda: None,
        lambda: session.select([session.annotations[1].id]),
        lambda: canvas.nudge(5.0, 0.0),
        session.delete_selected,
        lambda: canvas.zoom_by(1.3),
        lambda: canvas.resize(700, 600),
        lambda: session.step(1),
        lambda: session.step(-1),
    )
    for many in (1000, 1):
        monkeypatch.setattr(widget, "_MANY", many)
        for step in steps:
            step()
            qtbot.waitUntil(lambda: canvas.shows_image)
            pictures.append([seen() for _ in range(3)])
        for _ in range(2):
            session.undo()
        session.select([])
        canvas.resize(800, 640)
        canvas.fit_image()
    plain, kept = pictures[: len(steps)], pictures[len(steps) :]
    assert all(first == again == third for first, again, third in plain)
    assert [again for _, again, _ in kept] == [third for _, _, third in kept] == [first for first, _, _ in plain]
    drafts = [at for at, (first, again, _) in enumerate(kept) if first != again]
    assert drafts == [0, 4, 5]  # fitted before the first, zoomed, another size: without halos while the image moves
    assert all(before != after for before, after in pairwise(plain[:5]))


def test_what_a_zoom_left_out_of_very_many_boxes_is_painted_when_it_rests(
    canvas: Canvas, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(widget, "_MANY", 1)
    paints = PaintCount(canvas)
    canvas.zoom_by(1.3)
    qtbot.waitUntil(lambda: paints.count == 2)
    canvas.repaint()
    qtbot.wait(3 * widget._SETTLED_MS)
    assert paints.count == 3  # it rests: nothing more to paint
