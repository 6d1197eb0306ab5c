"""foodet's own window for bench/gui.py (see window.py), with what only it is asked: a project of very many images."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import window
from PySide6.QtWidgets import QApplication

from foodet_core.worker import LOW_PRIORITY
from foodet_gui import language, theme
from foodet_gui.app import App
from foodet_gui.canvas.widget import Canvas
from foodet_gui.settings import Settings

SIZE = (1600, 1000)
_FAR = 7
"""So many images further nothing is decoded ahead."""


class Foodet(window.Window):
    prefetches = True

    def __init__(self) -> None:
        self.note_paints(Canvas)
        qt = QApplication(sys.argv[:1])
        theme.apply(qt)
        language.choose("en")
        self._qt = qt
        self.app: App | None = None
        Settings().left_open = None  # else it begins with what the round before looked at
        self.app = App()
        self.app.window.resize(*SIZE)

    @property
    def window(self) -> App:
        assert self.app is not None
        return self.app

    @property
    def canvas(self) -> Canvas:
        return self.window.window.canvas

    def process_events(self) -> None:
        self._qt.processEvents()

    def shows_image(self) -> bool:
        return self.app is not None and self.canvas.shows_image

    def shows_whole_image(self) -> bool:
        levels, image = self.canvas._levels, self.window.session.current
        return levels is not None and image is not None and levels.images[0].width() == image.size_hw[1]

    def stands(self) -> bool:
        handle = self.window.window.windowHandle()
        return handle is not None and handle.isExposed()

    def open_folder(self, folder: str) -> None:
        self.window.opening.open_path(Path(folder))
        self.until(lambda: self.window.session.current is not None and not self.window.opening.busy)

    def next_image(self) -> None:
        self.window.session.step(1)

    def jump(self) -> None:
        """Where nothing was decoded ahead, going round."""
        session = self.window.session
        assert session.current is not None
        place = session.order.index(session.current.id)
        session.open_image(session.order[(place + _FAR) % len(session.order)])

    def zoom_in(self) -> None:
        self.canvas.zoom_by(1.2)


def folder(asked: window.Window, job: dict[str, Any]) -> dict[str, Any]:
    """The first time, when its project is made, and the second time."""
    assert isinstance(asked, Foodet)
    first = asked.seconds(lambda: asked.open_folder(job["folder"]))
    asked.window.session.close_project()
    return {"folder": first, "folder_again": asked.seconds(lambda: asked.open_folder(job["folder"]))}


def photos(asked: window.Window, job: dict[str, Any]) -> dict[str, Any]:
    """As others do it; then to images that were not decoded ahead, and beside a training."""
    assert isinstance(asked, Foodet)
    measured = window.photos(asked, job)
    far = []
    for _ in range(job["steps"]):
        asked.look(job["look"])
        far.append(asked.seconds(asked.jump))
    asked.seconds(lambda: asked.open_folder(job["photos"]))
    asked.window.session.open_image(asked.window.session.order[0])
    with window.training_beside(LOW_PRIORITY):
        busy = window.step_through(asked, job["steps"], job["look"])
    return {**measured, "not_prefetched": far, "beside_training": busy}


def project(asked: window.Window, job: dict[str, Any]) -> dict[str, Any]:
    """A project of very many images: opened, gone through, searched, changed."""
    assert isinstance(asked, Foodet)
    opened = asked.seconds(lambda: asked.open_folder(job["project"]))
    app = asked.window
    app.session.open_image(app.session.order[len(app.session.order) // 2])
    steps = window.step_through(asked, job["steps"], job["look"])
    letters, edits = [], []
    for text in ("1", "12", "123", "1234"):
        began = time.monotonic()
        app.window.strip.search.setText(text)
        asked.process_events()
        letters.append(time.monotonic() - began)
    app.window.strip.search.setText("")
    for n in range(10):
        app.session.select([app.session.annotations[0].id])
        edits.append(asked.seconds(lambda n=n: app.session.choose_class(n % 2)))  # type: ignore[misc]
    return {"project": opened, "project_next": steps, "project_letter": letters, "project_edit": edits}


if __name__ == "__main__":
    window.main(Foodet, {"folder": folder, "photos": photos, "project": project})
