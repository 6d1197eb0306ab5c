"""labelImg's window for bench/gui.py, in an environment of its own (see window.py).

It finds boxes in Pascal VOC files beside the images. Its zoom steps are those of its zoom key: the wheel gives a float where Qt
wants a whole number and raises since Python 3.10.
"""

from __future__ import annotations

import sys
from typing import Any

import window
from labelImg import labelImg
from libs.canvas import Canvas
from PyQt5.QtWidgets import QApplication

SIZE = (1600, 1000)


class LabelImg(window.Window):
    def __init__(self) -> None:
        self.note_paints(Canvas)
        self._window: Any = None
        self._app, self._window = labelImg.get_main_app(sys.argv[:1])
        self._window.resize(*SIZE)

    @property
    def canvas(self) -> Any:
        return self._window.canvas

    def process_events(self) -> None:
        QApplication.processEvents()

    def shows_image(self) -> bool:
        return bool(self._window and self._window.canvas.pixmap and not self._window.canvas.pixmap.isNull())

    def stands(self) -> bool:
        handle = self._window.windowHandle()
        return handle is not None and handle.isExposed()

    def open_folder(self, folder: str) -> None:
        self._window.import_dir_images(folder)

    def next_image(self) -> None:
        self._window.open_next_image()

    def zoom_in(self) -> None:
        self._window.add_zoom(10)


if __name__ == "__main__":
    window.main(LabelImg)
