"""The images of a project that are known by their names alone, measured while the person works on the first ones.

A thread looks at the files; the session writes what it finds some hundreds at a time, so that a window that is killed has lost
nothing and goes on from there when the project is opened again. Files that cannot be read are left out at the end and named.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from foodet_core.errors import FoodetError
from foodet_core.types import ImageRecord

from .session import Session

WAIT_MS = 400
"""From the opening to the first file: the image that is to be seen first, and its neighbours, come before."""
_BATCH_SECONDS = 0.25
_TOLD_SECONDS = 2.0
"""What takes no longer is over before it is noticed."""
_NAMED = 10


class Measuring(QObject):
    """Completes the open project in the background."""

    progressed = Signal(int, int)
    """How many images are measured, of how many, once it takes long; 0 of 0 when that is over."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._project: object = None
        self._thread: _Thread | None = None
        self._soon = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._soon.timeout.connect(self._begin)
        session.project_changed.connect(self._on_project)

    @property
    def busy(self) -> bool:
        """Whether it measures, or is about to see whether there is something to measure."""
        return self._thread is not None or self._soon.isActive()

    def stop(self) -> None:
        """Leave it until the project is opened again."""
        self._soon.stop()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.requestInterruption()
            thread.wait()
            thread.deleteLater()
            self.progressed.emit(0, 0)

    def _on_project(self) -> None:
        project = self._session.project
        if project is not self._project:
            self.stop()
            self._project = project
            if project is not None:
                self._soon.start()

    def _left(self) -> list[ImageRecord]:
        return [image for image in self._session.images.values() if not image.is_measured]

    def _begin(self) -> None:
        project, left = self._session.project, self._left()
        if project is not None and left:
            self._thread = _Thread(project.root, left, self)
            self._thread.found.connect(self._take)
            self._thread.finished.connect(self._on_finished)
            self._thread.start()

    def _take(self, measured: list[ImageRecord], done: int, thread: _Thread) -> None:
        if thread is not self._thread:
            return
        if not self._session.take_measured(measured):
            self.stop()
        elif time.monotonic() - thread.began >= _TOLD_SECONDS:
            self.progressed.emit(done, thread.total)

    def _on_finished(self) -> None:
        thread, self._thread = self._thread, None
        if thread is None:
            return  # stopped meanwhile
        self.progressed.emit(0, 0)
        # Others were left out, or could be read, when the person went there.
        left = {image.id for image in self._left()}
        unreadable = [image for image in thread.unreadable if image.id in left]
        if unreadable and self._session.take_measured([], unreadable):
            self._session.notice.emit(self._left_out(unreadable), "warning")
        thread.deleteLater()

    def _left_out(self, images: Sequence[ImageRecord]) -> str:
        names = ", ".join(image.path for image in images[:_NAMED])
        if len(images) > _NAMED:
            names = self.tr("{} and {} more").format(names, len(images) - _NAMED)
        return self.tr("Left out {} of the files, which cannot be read as images: {}.").format(len(images), names)


class _Thread(QThread):
    """Looks at one file after the other."""

    found = Signal(object, int, object)
    """(measured images, files looked at so far, this thread)"""

    def __init__(self, root: Path, images: Sequence[ImageRecord], parent: QObject) -> None:
        super().__init__(parent)
        self._root, self._images = root, images
        self.total, self.began = len(images), time.monotonic()
        self.unreadable: list[ImageRecord] = []

    def run(self) -> None:
        from foodet_core.project.measure import measured  # Pillow: not before it is needed

        batch: list[ImageRecord] = []
        told = time.monotonic()
        for done, image in enumerate(self._images, start=1):
            if self.isInterruptionRequested():
                return
            try:
                batch.append(measured(image, self._root / image.path))
            except FoodetError:
                self.unreadable.append(image)
            if time.monotonic() - told >= _BATCH_SECONDS or done == self.total:
                self.found.emit(batch, done, self)
                batch, told = [], time.monotonic()
