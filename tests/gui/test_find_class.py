"""The class finder as a person uses it: a key, a few letters, Enter."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from foodet_core.project.edits import Change, Edit
from foodet_core.types import FoodClass
from foodet_gui import language
from foodet_gui.app import App
from foodet_gui.dialogs.find_class import ClassFinder

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
KEY = Qt.Key


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    yield
    language.choose("en")


def keyboard() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def open_finder(app: App, qtbot: QtBot) -> ClassFinder:
    QTest.keyClick(keyboard(), KEY.Key_K, Qt.KeyboardModifier.ControlModifier)
    finder = app.window.findChild(ClassFinder)
    assert isinstance(finder, ClassFinder)
    qtbot.waitUntil(finder.field.hasFocus)
    qtbot.waitUntil(lambda: finder.list.model().rowCount() > 0)
    return finder


def rows(finder: ClassFinder) -> list[str]:
    model = finder.list.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def name_in_chinese(app: App, label: int, chinese: str) -> None:
    food = app.session.classes[label]
    app.session.apply(Edit("zh", (Change(("class", label), food, FoodClass(food.name, chinese)),)))


def test_enter_gives_the_class_to_the_selected_boxes(app: App, qtbot: QtBot) -> None:
    app.session.select([a.id for a in app.session.annotations])
    finder = open_finder(app, qtbot)
    QTest.keyClicks(finder.field, "bre")
    assert rows(finder) == ["bread", "+ new class “bre”"]
    QTest.keyClick(finder.field, KEY.Key_Return)
    assert [a.label for a in app.session.annotations] == [2, 2]
    qtbot.waitUntil(app.window.canvas.hasFocus)
    app.session.undo()
    assert [a.label for a in app.session.annotations] == [0, 1]


def test_enter_makes_a_class_the_current_one_where_nothing_is_selected(app: App, qtbot: QtBot) -> None:
    finder = open_finder(app, qtbot)
    QTest.keyClick(finder.field, KEY.Key_Down)
    QTest.keyClick(finder.field, KEY.Key_Return)
    assert app.session.current_class == 1
    assert [a.label for a in app.session.annotations] == [0, 1]


def test_pinyin_finds_a_chinese_name(app: App, qtbot: QtBot) -> None:
    name_in_chinese(app, 1, "水果")
    finder = open_finder(app, qtbot)
    QTest.keyClicks(finder.field, "sg")
    QTest.keyClick(finder.field, KEY.Key_Return)
    assert app.session.current_class == 1


@pytest.mark.parametrize("modifier", [Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier])
def test_enter_with_a_modifier_makes_a_class_of_what_was_typed(app: App, qtbot: QtBot, modifier: Qt.KeyboardModifier) -> None:
    finder = open_finder(app, qtbot)
    QTest.keyClicks(finder.field, "brea")
    QTest.keyClick(finder.field, KEY.Key_Return, modifier)
    assert app.session.classes.names[3] == "brea"
    assert app.session.current_class == 3


def test_a_name_that_is_there_is_not_made_again(app: App, qtbot: QtBot) -> None:
    finder = open_finder(app, qtbot)
    QTest.keyClicks(finder.field, "Fruit")
    assert rows(finder) == ["fruit"]
    QTest.keyClick(finder.field, KEY.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert len(app.session.classes) == 3
    assert app.session.current_class == 1


def test_the_keys_of_the_window_rest_while_it_is_open(app: App, qtbot: QtBot) -> None:
    finder = open_finder(app, qtbot)
    QTest.keyClicks(finder.field, "d3")
    QTest.keyClick(finder.field, KEY.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert finder.field.text() == "d3"
    assert app.session.project is not None
    assert app.session.current is not None
    assert app.session.current.id == 1
    QTest.keyClick(finder.field, KEY.Key_Escape)
    qtbot.waitUntil(app.window.canvas.hasFocus)
    assert app.session.current_class == 0


def ask_merge(app: App, qtbot: QtBot, label: int) -> ClassFinder:
    """The menu of a class in the list, by keys, and in it what merges the class."""
    classes = app.window.label_panel.class_list
    classes.setFocus()
    classes.setCurrentIndex(classes.model().index(label, 0))
    QTest.keyClick(classes, KEY.Key_Menu)
    (menu,) = (menu for menu in app.window.findChildren(QMenu) if menu.isVisible())
    next(action for action in menu.actions() if action.text() == "Merge into…").trigger()
    menu.close()
    finder = app.window.findChild(ClassFinder)
    assert isinstance(finder, ClassFinder)
    qtbot.waitUntil(finder.field.hasFocus)
    qtbot.waitUntil(lambda: finder.list.model().rowCount() > 0)
    return finder


def test_a_class_is_merged_into_one_that_is_found_by_pinyin(app: App, qtbot: QtBot) -> None:
    name_in_chinese(app, 2, "面包")
    finder = ask_merge(app, qtbot, 1)
    assert rows(finder) == ["plate", "bread"]
    QTest.keyClicks(finder.field, "mb")
    assert rows(finder) == ["bread"]
    QTest.keyClick(finder.field, KEY.Key_Return)
    assert [a.label for a in app.session.annotations] == [0, 2]
    app.session.undo()
    assert [a.label for a in app.session.annotations] == [0, 1]


def test_a_merge_makes_no_class_and_takes_none_that_is_not_there(app: App, qtbot: QtBot) -> None:
    finder = ask_merge(app, qtbot, 1)
    for text in ("tea", "fruit"):
        finder.field.setText(text)
        assert rows(finder) == []
        for modifier in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
            QTest.keyClick(finder.field, KEY.Key_Return, modifier)
        assert finder.isVisible()
    QTest.keyClick(finder.field, KEY.Key_Escape)
    assert app.session.classes.names == ("plate", "fruit", "bread")
    assert [a.label for a in app.session.annotations] == [0, 1]


def test_a_chinese_window_shows_and_renames_the_chinese_name(app: App) -> None:
    name_in_chinese(app, 1, "水果")
    model = app.window.label_panel.class_list.model()
    assert model.index(1, 0).data() == "fruit"
    language.choose("zh")
    assert [model.index(row, 0).data() for row in range(2)] == ["plate", "水果"]
    model.setData(model.index(1, 0), "鲜果")
    assert (app.session.classes[1].name, app.session.classes[1].name_zh) == ("fruit", "鲜果")
    language.choose("en")
    model.setData(model.index(1, 0), "fresh fruit")
    assert (app.session.classes[1].name, app.session.classes[1].name_zh) == ("fresh fruit", "鲜果")
