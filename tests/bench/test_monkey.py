"""A short hail of random input on the whole window; bench/monkey.py does the long one."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from foodet_core.project.store import Project
from foodet_gui import language, theme
from foodet_gui.app import App

# The offscreen platform has no window manager to ask for anything.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_random_input_raises_nothing_and_leaves_what_its_edits_say(bench, tmp_path: Path, qtbot: QtBot) -> None:
    monkey = bench("monkey")
    app = App(monkey.make_project(tmp_path))
    qtbot.addWidget(app.window)
    qtbot.waitUntil(lambda: app.session.project is not None)
    replay, _ = monkey.torment(app, 2000, seed=1)
    app.window.close()
    app.close()
    language.choose("en")
    theme.choose("system")
    assert replay.edits > 200
    with Project.open(tmp_path / "monkey.foodet") as project:
        assert replay.differences(project) == []
