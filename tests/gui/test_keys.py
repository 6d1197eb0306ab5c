"""Keys as the user's own: changed on the sheet, in force at once, remembered, never held twice."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from foodet_gui import actions
from foodet_gui.app import App
from foodet_gui.dialogs.keys import KeysPage
from foodet_gui.settings import Settings

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
KEY = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture(autouse=True)
def keys_of_the_table() -> Iterator[None]:
    """Whatever keys a test uses, the next one finds those of the table."""
    yield
    actions.use_keys({})


@pytest.fixture
def page(app: App, qtbot: QtBot) -> KeysPage:
    app.window.actions_by_name["keys"].trigger()
    found = app.window.findChild(KeysPage)
    assert isinstance(found, KeysPage)
    qtbot.waitUntil(found.search.hasFocus)
    return found


def press(page: KeysPage, name: str, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE, slot: int = 0) -> None:
    """Change a key as a person does: on the key, then the new one."""
    edit = page.row(name).slots[slot]
    QTest.mouseClick(edit.chip, Qt.MouseButton.LeftButton)
    QTest.keyClick(edit.edit, key, modifiers)


def on_canvas(app: App, page: KeysPage, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    page.close_sheet()
    QApplication.processEvents()
    QTest.keyClick(app.window.canvas, key, modifiers)


def test_a_new_key_works_at_once_and_the_old_one_no_more(app: App, page: KeysPage) -> None:
    press(page, "draw", KEY.Key_B)
    assert actions.keys_of("draw") == ("B", "R")
    on_canvas(app, page, KEY.Key_W)
    assert app.window.canvas.tool == "select"
    QTest.keyClick(app.window.canvas, KEY.Key_B)
    assert app.window.canvas.tool == "draw"


def test_a_new_key_is_there_after_a_restart(page: KeysPage) -> None:
    press(page, "draw", KEY.Key_B, CTRL | SHIFT, slot=1)
    assert Settings().keys == {"draw": ["W", "Ctrl+Shift+B"]}
    actions.use_keys({})
    actions.use_keys(Settings().keys)
    assert actions.keys_of("draw") == ("W", "Ctrl+Shift+B")


def test_a_key_of_another_action_is_told_and_taken_when_the_person_says_so(app: App, page: KeysPage) -> None:
    press(page, "draw", KEY.Key_D)
    assert "Next image" in page.conflict.text.text()
    assert actions.keys_of("draw") == ("W", "R")
    page.conflict.take.click()
    assert actions.keys_of("draw") == ("D", "R")
    assert actions.keys_of("next") == ("PgDown",)
    on_canvas(app, page, KEY.Key_D)
    assert app.window.canvas.tool == "draw"


@pytest.mark.parametrize("key", [KEY.Key_1, KEY.Key_0, KEY.Key_Left])
def test_digits_and_arrows_stay_as_they_are(page: KeysPage, key: Qt.Key) -> None:
    press(page, "draw", key)
    assert not page.conflict.take.isVisible()
    assert "stays as it is" in page.conflict.text.text()
    assert Settings().keys == {}


def test_a_key_can_be_taken_away_and_brought_back(app: App, page: KeysPage) -> None:
    row = page.row("finetune")
    row.slots[0].chip.setFocus()
    QTest.keyClick(row.slots[0].chip, KEY.Key_Delete)
    assert actions.keys_of("finetune") == ()
    assert app.window.actions_by_name["finetune"].shortcut().isEmpty()
    assert row.reset.isVisible()
    row.reset.click()
    assert actions.keys_of("finetune") == ("Ctrl+G",)
    assert not row.reset.isVisible()
    assert Settings().keys == {}


def test_resetting_one_takes_its_keys_back_from_others(page: KeysPage) -> None:
    press(page, "draw", KEY.Key_D)
    page.conflict.take.click()
    page.row("next").reset.click()
    assert actions.keys_of("next") == ("D", "PgDown")
    assert actions.keys_of("draw") == ("R",)


def test_all_keys_can_be_reset(page: KeysPage) -> None:
    assert not page.reset_all.isEnabled()
    press(page, "draw", KEY.Key_B)
    press(page, "undo", KEY.Key_U)
    page.reset_all.click()
    assert Settings().keys == {}
    assert (actions.keys_of("draw"), actions.keys_of("undo")) == (("W", "R"), ("Ctrl+Z",))


def test_escape_gives_up_a_new_key_and_then_leaves_the_page(app: App, page: KeysPage, qtbot: QtBot) -> None:
    press(page, "draw", KEY.Key_Escape)
    assert actions.keys_of("draw") == ("W", "R")
    assert page.isVisible()
    focus = QApplication.focusWidget()
    assert focus is page.row("draw").slots[0].chip
    QTest.keyClick(focus, KEY.Key_Escape)
    qtbot.waitUntil(app.window.canvas.hasFocus)


def test_tab_goes_round_among_the_fields_and_enter_waits_for_a_key(page: KeysPage) -> None:
    page.search.setText("hand")
    QTest.keyClick(page.search, KEY.Key_Tab)
    chip = page.row("hand").slots[0].chip
    assert chip.hasFocus()
    QTest.keyClick(chip, KEY.Key_Space)
    QTest.keyClick(page.row("hand").slots[0].edit, KEY.Key_G)
    assert actions.keys_of("hand") == ("G",)


@pytest.mark.parametrize(
    ("text", "shown"), [("undo", {"undo"}), ("PgDown", {"next"}), ("w", {"draw"}), ("zz", set()), ("ctrl+k", {"find_class"})]
)
def test_actions_are_found_by_title_and_by_key(page: KeysPage, text: str, shown: set[str]) -> None:
    page.search.setText(text)
    found = {command.name for command in actions.commands() if command.title and page.row(command.name).isVisible()}
    assert shown <= found
    assert len(found) < 15
    assert "hand" not in found


def test_texts_that_name_a_key_name_the_new_one(app: App, page: KeysPage, qtbot: QtBot) -> None:
    press(page, "undo", KEY.Key_U)
    page.close_sheet()
    with qtbot.waitSignal(app.session.notice) as told:
        app.session.remove_image()
    assert "U takes it back" in told.args[0]


def test_settings_that_cannot_be_read_change_no_key() -> None:
    settings = Settings()
    settings._store.setValue("window/keys", '{"draw": 3')
    assert Settings().keys == {}
    actions.use_keys({"gone": ["X"], "draw": ["B"]})
    assert actions.keys_of("draw") == ("B",)


KEYS = st.sampled_from(["W", "B", "Ctrl+Z", "D", "Ctrl+Shift+F9", "F"])
NAMES = st.sampled_from(["draw", "undo", "next", "fit", "hand"])


@given(st.lists(st.tuples(NAMES, st.lists(KEYS, max_size=2, unique=True))))
def test_however_keys_are_changed_none_is_held_twice(steps: list[tuple[str, list[str]]]) -> None:
    own: actions.Keys = {}
    for name, keys in steps:
        own = actions.with_keys(own, name, keys)
    held = [key for command in actions.commands() for key in own.get(command.name, command.keys)]
    assert len(held) == len(set(held))
