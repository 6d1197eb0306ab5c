"""The window in Chinese and English: every text has a translation, and switching reaches what is on the screen."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from foodet_core.config import TrainConfig, options
from foodet_core.resources import resource
from foodet_core.types import ImageState
from foodet_gui import language
from foodet_gui.app import App
from foodet_gui.form import NumberBox
from foodet_gui.panels.train import FinetuneTime, Start
from foodet_gui.settings import Settings

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

ROOT = Path(__file__).parents[2]
TEXTS = resource("languages/foodet_zh.ts")
SETTINGS = resource("languages/settings_zh.ts")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# What is the same in both: names, signs and figures.
ALIKE = re.compile(r"(foodet|AP|GRPO|[\W\d_])*")


def tool(name: str, *arguments: object) -> None:
    """Run one of Qt's tools for translations."""
    program = Path(sys.executable).parent / f"pyside6-{name}"
    subprocess.run([program, *map(str, arguments)], check=True, capture_output=True)


def translations(path: Path) -> Counter[tuple[str, str, str]]:
    """(context, English, Chinese) of a file of translations."""
    found: Counter[tuple[str, str, str]] = Counter()
    for context in ElementTree.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            done = translation is not None and translation.get("type") is None
            found[
                context.findtext("name", ""), message.findtext("source", ""), (done and message.findtext("translation")) or ""
            ] += 1
    return found


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Whatever a test speaks, the next one finds English."""
    yield
    language.choose("en")


def texts(app: App) -> set[str]:
    """What stands on labels, buttons and menus of the window."""
    app.window.start_page.refresh()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    widgets = [w.text() for kind in (QLabel, QAbstractButton) for w in app.window.findChildren(kind) if w.text()]
    tabs = [app.window.tabs.tabText(i) for i in range(app.window.tabs.count())]
    return {*widgets, *tabs, *(action.text() for action in app.window.actions_by_name.values() if action.text())}


def test_every_text_of_the_code_is_translated(tmp_path: Path) -> None:
    modules = sorted((ROOT / "foodet_gui").rglob("*.py"))
    tool("lupdate", "-locations", "none", *modules, "-ts", tmp_path / "new.ts")
    wanted = {(context, text) for context, text, _ in translations(tmp_path / "new.ts")}
    there = {(context, text): chinese for context, text, chinese in translations(TEXTS)}
    assert set(there) == wanted
    assert not [text for text, chinese in there.items() if not chinese]


def test_every_setting_is_translated() -> None:
    wanted = set()
    for config in (TrainConfig, FinetuneTime, Start):
        for path, field, _ in options(config):
            if "title" in field.metadata:
                wanted |= {*path[:-1], field.metadata["title"], field.metadata["help"], field.metadata.get("unit", "")}
    assert {text for _, text, chinese in translations(SETTINGS) if chinese} == wanted - {""}


def test_a_translation_has_the_places_of_its_text() -> None:
    for _, text, chinese in translations(TEXTS) + translations(SETTINGS):
        assert Counter(re.findall(r"{[^}]*}", chinese)) == Counter(re.findall(r"{[^}]*}", text)), text


def test_the_compiled_file_is_made_of_the_translations(tmp_path: Path) -> None:
    tool("lrelease", TEXTS, SETTINGS, "-qm", tmp_path / "new.qm")
    assert (tmp_path / "new.qm").read_bytes() == resource("languages/foodet_zh.qm").read_bytes()


def test_a_key_switches_the_whole_window_and_back(app: App) -> None:
    english = texts(app)
    shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(app.window.canvas, Qt.Key.Key_E, shift)
    left = {text for text in texts(app) if not CHINESE.search(text) and not ALIKE.fullmatch(text) and "/" not in text[:1]}
    assert left <= {"plate", "fruit", "bread", "trays", "small", "English / 中文"}
    assert app.window.label_panel.class_list.model().index(3, 0).data() == "+ 新类别"
    QTest.keyClick(app.window.canvas, Qt.Key.Key_E, shift)
    assert texts(app) == english


def test_units_and_states_are_words_of_the_language(app: App) -> None:
    language.choose("zh")
    form = app.window.train_panel.findChildren(NumberBox)
    times = [box for box in form if box.text().endswith("分钟")]
    assert times
    times[0].setText("7 分钟")
    assert times[0].number() == 7
    app.session.set_state(ImageState.DONE)
    app.session.undo()
    assert app.session.project is not None
    assert app.session.project.redo_title is not None
    assert CHINESE.search(app.session.project.redo_title.removeprefix("标记为"))


def test_the_language_is_remembered(app: App) -> None:
    app.window.actions_by_name["language"].trigger()
    assert Settings().language == "zh"
    app.window.actions_by_name["language"].trigger()
    assert Settings().language == "en"
    assert not language.is_chinese()


def test_the_language_of_the_system_is_spoken_where_there_is_a_translation(monkeypatch: pytest.MonkeyPatch, app: App) -> None:
    for name, chinese in (("zh_CN", True), ("de_DE", False)):
        monkeypatch.setattr("foodet_gui.language.QLocale.system", lambda name=name: language.QLocale(name))
        language.choose("system")
        assert language.is_chinese() == chinese
