"""labelme's window for bench/gui.py, in an environment of its own (see window.py).

Made as its own `main` makes it, without its log, which can only save it time. It finds boxes in its JSON files beside the
images.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import window
from labelme.app import MainWindow
from labelme.config import get_user_config_file
from labelme.widgets.canvas import Canvas
from loguru import logger
from PyQt5 import QtCore, QtWidgets

SIZE = (1600, 1000)


class Labelme(window.Window):
    def __init__(self) -> None:
        logger.remove()
        self.note_paints(Canvas)
        self._window: Any = None
        self._app = QtWidgets.QApplication(sys.argv[:1])
        self._app.setStyle("Fusion")
        self._window = MainWindow(config_file=Path(get_user_config_file()), config_overrides={})
        self._window.resize(*SIZE)
        self._window.show()
        self._window.raise_()

    @property
    def canvas(self) -> Any:
        return self._window._canvas_widgets.canvas

    def process_events(self) -> None:
        QtWidgets.QApplication.processEvents()

    def shows_image(self) -> bool:
        return bool(self._window and not self.canvas.pixmap.isNull())

    def stands(self) -> bool:
        handle = self._window.windowHandle()
        return handle is not None and handle.isExposed()

    def open_folder(self, folder: str) -> None:
        self._window._load_from_file_or_dir(folder)

    def next_image(self) -> None:
        self._window._open_next_image()

    def zoom_in(self) -> None:
        self._window._zoom_requested(120, QtCore.QPointF(self.canvas.rect().center()))


if __name__ == "__main__":
    window.main(Labelme)
