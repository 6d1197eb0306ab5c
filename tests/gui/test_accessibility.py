"""For a screen reader and for those without a mouse: everything has a name, and the keyboard comes everywhere."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLineEdit,
    QProgressBar,
    QSlider,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from foodet_core.types import Detections
from foodet_gui import language
from foodet_gui.app import App
from foodet_gui.canvas.widget import Canvas
from foodet_gui.hiding import Hidden

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

TO_OPERATE = (QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QSlider, QTabBar, Canvas)
WITH_NAMES = (*TO_OPERATE, QProgressBar)
PARTS_OF_QT = (QLineEdit, QComboBox, QTabBar, QAbstractItemView)
"""What Qt puts into these is operated through them."""
WEIGHTS = "/runs/0001-train/weights.safetensors"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    yield
    language.choose("en")


@pytest.fixture
def full(app: App, found: Callable[..., Detections]) -> App:
    """The window with every pill, form and button in use."""
    session, window = app.session, app.window
    session.set_predictions(1, found(((240.0, 90.0, 300.0, 160.0), 2, 0.8)), WEIGHTS)
    session.set_hidden(Hidden(labels=frozenset([1])))
    app.live.prelabelling.emit(1, 3, 10.0)
    window.train_panel.form.advanced.button.setChecked(True)
    window.train_panel.run_view.show()
    window.train_panel.run_view.end("over", failed=False, resumable=True)
    return app


def members(window: QWidget, kinds: tuple[type, ...]) -> list[QWidget]:
    """The widgets of these kinds in a window, those left out that Qt itself puts into another."""
    return [w for w in window.findChildren(QWidget) if isinstance(w, kinds) and not _is_part(w)]


def _is_part(widget: QWidget) -> bool:
    above = widget.parentWidget()
    return above is not None and (isinstance(above, PARTS_OF_QT) or _is_part(above))


def name_of(widget: QWidget) -> str:
    """What a screen reader says."""
    return str(QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name))


def told(widget: QWidget) -> str:
    return f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}"


def test_every_widget_that_is_operated_has_a_name(full: App) -> None:
    widgets = members(full.window, WITH_NAMES)
    assert len(widgets) > 60
    assert [told(w) for w in widgets if not name_of(w).strip()] == []


def test_names_are_spoken_in_the_language_of_the_window(full: App) -> None:
    language.choose("zh")
    named = {widget: name_of(widget) for widget in (full.window.canvas, full.window.strip.search, full.window.tabs)}
    language.choose("en")
    assert all(name_of(widget) != name for widget, name in named.items())


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def reached(app: App) -> set[QWidget]:
    """Everything that F6, and Tab from where it leads, give the keyboard to."""
    found: set[QWidget] = set()
    stops: list[QWidget] = []
    while focused() not in stops:
        stops.append(focused())
        QTest.keyClick(focused(), Qt.Key.Key_F6)
    for stop in stops:
        stop.setFocus(Qt.FocusReason.TabFocusReason)
        while focused() not in found:
            found.add(focused())
            QTest.keyClick(focused(), Qt.Key.Key_Tab)
    return found


@pytest.mark.parametrize("place", [0, 1])
def test_the_keyboard_comes_to_everything(full: App, place: int) -> None:
    full.window.tabs.setCurrentIndex(place)
    to_reach = [w for w in members(full.window, TO_OPERATE) if w.isVisible() and w.isEnabled()]
    assert len(to_reach) > 15
    assert [told(w) for w in to_reach if w not in reached(full)] == []


def test_the_keyboard_comes_to_everything_on_the_start_page(app: App, qtbot: QtBot) -> None:
    app.session.close_project()

    def to_reach() -> set[QWidget]:
        return {w for w in members(app.window, TO_OPERATE) if w.isVisible() and w.isEnabled()}

    qtbot.waitUntil(lambda: len(to_reach()) == 3)  # photos, sample, the project that was open
    assert "trays" in {name_of(widget).split()[0] for widget in to_reach()}
    assert to_reach() <= reached(app)


def test_the_round_goes_both_ways_and_escape_leads_back_to_the_canvas(app: App) -> None:
    QTest.keyClick(focused(), Qt.Key.Key_F6)
    first = focused()
    QTest.keyClick(focused(), Qt.Key.Key_F6)
    QTest.keyClick(focused(), Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert focused() is first is not app.window.canvas
    QTest.keyClick(focused(), Qt.Key.Key_Escape)
    assert app.window.canvas.hasFocus()


def test_a_button_over_the_canvas_gives_the_keyboard_back(full: App) -> None:
    button = next(b for b in full.window.canvas.findChildren(QAbstractButton) if b.text() == "X show all")
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert not full.session.hidden
    assert full.window.canvas.hasFocus()


def test_a_click_on_a_list_or_button_leaves_the_keyboard_with_the_canvas(full: App) -> None:
    lists = [full.window.label_panel.class_list, full.window.label_panel.box_list]
    for view in lists:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(view.model().index(1, 0)).center())
        assert full.window.canvas.hasFocus()


# What a mouse does on the lists and on the canvas, keys do too


def test_classes_are_chosen_renamed_and_have_their_menu_by_keys(app: App, qtbot: QtBot) -> None:
    classes = app.window.label_panel.class_list
    classes.setFocus()
    classes.setCurrentIndex(classes.model().index(0, 0))
    QTest.keyClick(classes, Qt.Key.Key_Down)
    QTest.keyClick(classes, Qt.Key.Key_Return)
    assert app.session.current_class == 1
    QTest.keyClick(classes, Qt.Key.Key_Menu)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    assert "Merge into…" in [action.text() for action in menu.actions()]
    menu.close()
    classes.setFocus()
    QTest.keyClick(classes, Qt.Key.Key_F2)
    QTest.keyClicks(focused(), "berries")
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: app.session.classes.names[1] == "berries")


def test_a_class_is_added_by_keys(app: App, qtbot: QtBot) -> None:
    classes = app.window.label_panel.class_list
    classes.setFocus()
    QTest.keyClick(classes, Qt.Key.Key_End)
    QTest.keyClick(classes, Qt.Key.Key_Return)
    QTest.keyClicks(focused(), "soup")
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: app.session.classes.names[-1] == "soup")


def test_boxes_are_selected_one_by_one_by_keys(app: App) -> None:
    boxes, (plate, fruit) = app.window.label_panel.box_list, app.session.annotations
    boxes.setFocus()
    boxes.setCurrentIndex(boxes.model().index(0, 0))
    QTest.keyClick(boxes, Qt.Key.Key_Return)
    assert app.session.selected == {plate.id}
    QTest.keyClick(boxes, Qt.Key.Key_Down)
    QTest.keyClick(boxes, Qt.Key.Key_Space)
    assert app.session.selected == {plate.id, fruit.id}
    QTest.keyClick(boxes, Qt.Key.Key_Space)
    assert app.session.selected == {plate.id}


def test_images_are_opened_from_the_strip_by_keys(app: App) -> None:
    strip = app.window.strip.findChild(QAbstractItemView)
    strip.setFocus()
    QTest.keyClick(strip, Qt.Key.Key_Down)
    QTest.keyClick(strip, Qt.Key.Key_Down)
    QTest.keyClick(strip, Qt.Key.Key_Return)
    assert app.session.current is not None
    assert app.session.current.id == 3


def test_a_box_is_drawn_put_in_place_and_sized_by_keys_alone(app: App) -> None:
    session, canvas = app.session, app.window.canvas
    ctrl, alt = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
    QTest.keyClick(canvas, Qt.Key.Key_N)
    x0, y0, x1, y1 = session.annotations[-1].box_xyxy
    assert 0 < x0 < x1 < 320
    for key, modifiers in ((Qt.Key.Key_Left, ctrl), (Qt.Key.Key_Down, ctrl), (Qt.Key.Key_Down, ctrl), (Qt.Key.Key_Right, None)):
        QTest.keyClick(canvas, key, modifiers or Qt.KeyboardModifier.NoModifier)
    assert session.annotations[-1].box_xyxy == pytest.approx((x0 + 1, y0, x1, y1 + 2))
    session.undo()
    session.undo()
    assert session.annotations[-1].box_xyxy == pytest.approx((x0, y0, x1, y1))
    before = canvas.view
    QTest.keyClick(canvas, Qt.Key.Key_Right, alt)
    assert (canvas.view.x < before.x, canvas.view.y) == (True, before.y)


def test_the_threshold_is_moved_by_keys(app: App) -> None:
    before = app.session.threshold
    QTest.keyClick(app.window.canvas, Qt.Key.Key_BracketLeft)
    assert app.session.threshold == pytest.approx(before - 0.05)
    for _ in range(30):
        QTest.keyClick(app.window.canvas, Qt.Key.Key_BracketRight)
    assert app.session.threshold == pytest.approx(0.95)
