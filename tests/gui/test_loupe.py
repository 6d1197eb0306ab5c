"""The loupe: beside the pointer and never under it, the pixels of the image in their colours, only where it helps."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from foodet_gui.app import App
from foodet_gui.canvas import loupe
from foodet_gui.canvas.transform import View
from foodet_gui.canvas.widget import Canvas
from foodet_gui.session import Session
from foodet_gui.settings import Settings

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

CANVAS = (900.0, 640.0)
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
on_canvas = st.tuples(st.floats(0, CANVAS[0]), st.floats(0, CANVAS[1]))


@given(on_canvas, on_canvas)
def test_it_is_on_the_canvas_and_leaves_the_pointer_free(pointer: tuple[float, float], away: tuple[float, float]) -> None:
    x, y = loupe.place(pointer, away, CANVAS)
    assert 0 <= x <= CANVAS[0] - loupe.SIDE
    assert 0 <= y <= CANVAS[1] - loupe.SIDE
    assert not (x <= pointer[0] <= x + loupe.SIDE and y <= pointer[1] <= y + loupe.SIDE)


def test_it_stands_on_the_side_away_from_the_box() -> None:
    box = (300.0, 200.0, 500.0, 400.0)
    x, y = loupe.place((500, 400), loupe.centre(box), CANVAS)
    assert (x > 500, y > 400) == (True, True)
    x, y = loupe.place((300, 200), loupe.centre(box), CANVAS)
    assert (x + loupe.SIDE < 300, y + loupe.SIDE < 200) == (True, True)


def test_it_shows_the_pixels_around_the_point_even_of_a_draft(qapp: object) -> None:
    full = QImage(100, 80, QImage.Format.Format_RGB32)
    full.fill(QColor("#000000"))
    for x in range(50, 100):
        for y in range(80):
            full.setPixelColor(x, y, QColor("#ffffff"))
    for image, spot in (((100.0, 80.0), (50.0, 40.0)), ((400.0, 320.0), (200.0, 160.0))):
        shown = QImage(200, 200, QImage.Format.Format_RGB32)
        painter = QPainter(shown)
        loupe.paint_loupe(painter, full, image, spot, (10, 10), "3 × 4")
        painter.end()
        middle = 10 + loupe.SIDE / 2
        assert shown.pixelColor(int(middle - 5), int(middle - 5)).name() == "#000000"
        assert shown.pixelColor(int(middle + 5), int(middle + 5)).name() == "#ffffff"


def test_beyond_the_image_there_are_no_pixels(qapp: object) -> None:
    shown = QImage(200, 200, QImage.Format.Format_RGB32)
    full = QImage(100, 80, QImage.Format.Format_RGB32)
    full.fill(QColor("#ffffff"))
    painter = QPainter(shown)
    loupe.paint_loupe(painter, full, (100, 80), (0, 0), (10, 10), "")
    painter.end()
    middle = 10 + loupe.SIDE / 2
    assert shown.pixelColor(int(middle + 5), int(middle + 5)).name() == "#ffffff"
    assert shown.pixelColor(int(middle - 5), int(middle - 5)).name() != "#ffffff"


def test_where_the_image_is_large_already_it_is_not_wanted() -> None:
    assert loupe.is_wanted(View(0.5))
    assert not loupe.is_wanted(View(8.0))


@pytest.fixture
def canvas(session: Session, qtbot: QtBot) -> Iterator[Canvas]:
    made = Canvas(session)
    qtbot.addWidget(made)
    made.resize(900, 640)
    made.show()
    session.open_image(1)
    qtbot.waitUntil(lambda: made.shows_image)
    yield made
    made.close_images()


def shows_loupe(canvas: Canvas) -> bool:
    """Whether what a drag paints is different with the loupe than without."""
    with_it = canvas.grab().toImage()
    canvas.has_loupe = False
    without = canvas.grab().toImage()
    canvas.has_loupe = True
    return bool(with_it != without)


@pytest.mark.parametrize(
    ("selected", "start", "end", "expected"),
    [
        ((), (250, 40), (300, 90), True),  # draws
        ((0,), (220, 200), (230, 210), True),  # pulls a handle
        ((), (80, 80), (120, 120), False),  # moves
    ],
)
def test_it_comes_where_edges_are_set_and_goes_with_the_release(
    canvas: Canvas, session: Session, selected: tuple[int, ...], start: tuple[int, int], end: tuple[int, int], expected: bool
) -> None:
    session.select([session.annotations[place].id for place in selected])
    places = [QPointF(*canvas.view.to_canvas(point)).toPoint() for point in (start, end)]
    QTest.mousePress(canvas, LEFT, NONE, places[0])
    QTest.mouseMove(canvas, places[1])
    assert shows_loupe(canvas) is expected
    QTest.mouseRelease(canvas, LEFT, NONE, places[1])
    assert not shows_loupe(canvas)


def test_a_click_brings_no_loupe(canvas: Canvas) -> None:
    place = QPointF(*canvas.view.to_canvas((250, 40))).toPoint()
    QTest.mouseMove(canvas, place)
    QTest.mousePress(canvas, LEFT, NONE, place)
    assert not shows_loupe(canvas)
    QTest.mouseRelease(canvas, LEFT, NONE, place)


def test_a_key_turns_it_off_for_good(app: App) -> None:
    QTest.keyClick(app.window.canvas, Qt.Key.Key_M)
    assert not app.window.canvas.has_loupe
    assert not Settings().loupe
    QTest.keyClick(app.window.canvas, Qt.Key.Key_M)
    assert Settings().loupe
