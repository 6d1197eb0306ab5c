"""The window starts without what it does not need yet."""

import subprocess
import sys
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from foodet_core.pixels import write_jpeg
from foodet_core.project.store import Project
from foodet_gui.app import App
from foodet_gui.canvas.levels import Loader

HEAVY = ("torch", "numpy", "sqlite3", "pyqtgraph", "cv2", "scipy", "PIL")


def run(*arguments: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


@pytest.mark.parametrize("module", ["foodet_gui.app", "foodet_gui.__main__"])
def test_nothing_heavy_is_imported_before_the_window_stands(module: str) -> None:
    code = f"import sys, {module}; print([m for m in {HEAVY} if m in sys.modules])"
    assert run("-c", code).strip() == "[]"


def test_help_needs_no_display() -> None:
    code = "import sys, foodet_gui.__main__ as m\ntry: m.main(['--help'])\nfinally: print('PySide6' in sys.modules)"
    assert run("-c", code).strip().endswith("False")


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_the_window_stands_before_its_project_is_opened(folder: Path, qtbot: QtBot) -> None:
    app = App(folder)
    qtbot.addWidget(app.window)
    stood: list[bool] = []
    app.session.project_changed.connect(lambda: stood.append(app.window.windowHandle().isExposed()))
    qtbot.waitUntil(lambda: app.window.canvas.shows_image)
    assert stood == [True]
    app.window.close()
    app.close()


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_the_first_photo_of_a_new_folder_is_decoded_while_its_project_is_made(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    create, photo, ready = Project.create, tmp_path / "photos" / "1.jpg", Event()
    write_jpeg(photo, np.zeros((60, 80, 3), np.uint8))
    monkeypatch.setattr(Project, "create", lambda *given: create(*given) if ready.wait(20) else None)
    app = App()
    qtbot.addWidget(app.window)
    app.opening.open_path(photo.parent)
    loader = app.window.canvas.findChild(Loader)
    qtbot.waitUntil(lambda: str(photo) in loader.kept)
    assert app.session.project is None
    ready.set()
    qtbot.waitUntil(lambda: app.session.current is not None)
    assert app.window.canvas.shows_image
    app.window.close()
    app.close()
