"""From what a person points at to an open project: a project, a folder of photos, or the drawn sample set.

A folder that has no project yet is gone through in a thread; the project is put into it. The sample is drawn by a job, as
everything that needs the worker is. The images of a new project are measured when they are looked at, and by `Measuring`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from foodet_core.errors import FoodetError, InputError
from foodet_core.events import Event, Failed, Finished, Notice, Progress, Started
from foodet_core.types import ImageRecord

from .core_texts import said
from .jobs import Jobs
from .session import Session
from .settings import Settings, documents, is_folder

SUFFIX = ".foodet"
_SAMPLE_FOLDER = "foodet sample"
_SAMPLE_PROJECT = "sample" + SUFFIX
_MOMENT_MS = 200


class Opening(QObject):
    """Opens things; while one takes long, it tells how far it is and can be cancelled."""

    progressed = Signal(int, int, str)
    """(done, total, what is being done)"""
    busy_changed = Signal(bool)
    """Told of what takes longer than a moment: progress that only flashes up helps nobody."""
    found = Signal(Path)
    """The image that a project which is being made will most likely open with."""

    def __init__(self, session: Session, jobs: Jobs, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._jobs, self._settings = session, jobs, settings
        self._scan: _Scan | None = None
        self._sample: Path | None = None
        self._moment = QTimer(self, singleShot=True, interval=_MOMENT_MS)
        self._moment.timeout.connect(lambda: self.busy_changed.emit(True))
        jobs.events.connect(self._on_events)
        jobs.finished.connect(self._on_finished)

    @property
    def busy(self) -> bool:
        """Whether something is being made."""
        return self._scan is not None or self._sample is not None

    def open_path(self, path: Path) -> None:
        """Open a project folder, or the project of a folder of photos, which is made if there is none."""
        inside = path / f"{path.resolve().name}{SUFFIX}"
        if path.suffix == SUFFIX or not is_folder(path):
            self._open(path)
        elif is_folder(inside):
            self._open(inside)
        else:
            self._make(inside, path)

    def open_sample(self) -> None:
        """Open the sample project, drawing it first if it is not there."""
        folder = documents() / _SAMPLE_FOLDER
        if is_folder(folder / _SAMPLE_PROJECT):
            self._open(folder / _SAMPLE_PROJECT)
        elif not self.busy and self._jobs.running is None:
            from foodet_core.config import SampleJob  # not before there is a job

            self._sample = folder / _SAMPLE_PROJECT
            self._jobs.start(SampleJob(str(folder)))
            self._moment.start()

    def cancel(self) -> None:
        """Stop what is being made; nothing of it stays."""
        if self._scan is not None:
            self._scan.requestInterruption()
        elif self._sample is not None:
            self._jobs.stop()

    def close(self) -> None:
        """Cancel and wait; before the application ends."""
        self.cancel()
        if self._scan is not None:
            self._scan.wait()

    def _open(self, project: Path, images: Sequence[ImageRecord] | None = None) -> None:
        if self._session.open_project(project, images):
            self._settings.add_recent(project.resolve())

    def _make(self, project: Path, images: Path) -> None:
        if self.busy:
            return
        self._scan = _Scan(project, images, self)
        self._scan.told.connect(self._tell)
        self._scan.failed.connect(lambda text: self._session.notice.emit(said(text), "warning"))
        self._scan.finished.connect(self._on_scanned)
        self._scan.start()
        self._moment.start()

    def _on_scanned(self) -> None:
        scan, self._scan = self._scan, None
        self._end_busy()
        if scan is not None:
            if scan.images is not None:
                self._open(scan.project, scan.images)
            scan.deleteLater()

    def _end_busy(self) -> None:
        if self._moment.isActive():
            self._moment.stop()
        else:
            self.busy_changed.emit(False)

    def _on_events(self, events: list[Event]) -> None:
        if self._sample is not None:
            for event in events:
                self._tell(event)

    def _on_finished(self, end: Finished | Failed) -> None:
        project, self._sample = self._sample, None
        if project is None:
            return
        self._end_busy()
        if isinstance(end, Failed):
            self._session.notice.emit(said(end.text), "warning")
        elif end.outcome == "done":
            self._open(project)

    def _tell(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.progressed.emit(event.done, event.total, said(event.stage))
        elif isinstance(event, Notice):
            self._session.notice.emit(said(event.text), event.level)
        elif isinstance(event, Started) and (first := event.detail.get("first")):
            self.found.emit(Path(first))


class _Scan(QThread):
    """Runs `new_project` to its end or until it is interrupted."""

    told = Signal(object)
    failed = Signal(str)

    def __init__(self, project: Path, folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self.project, self._folder = project, folder
        self.images: list[ImageRecord] | None = None
        """Those of the project, once it is made."""

    def run(self) -> None:
        from foodet_core.project.scan import new_project  # Pillow and SQLite: not before they are needed

        making = new_project(self.project, self._folder, measure_all=False)
        try:
            while not self.isInterruptionRequested():
                self.told.emit(next(making))
        except StopIteration as end:
            self.images = end.value
        except InputError as error:
            self.failed.emit(str(error))
        except FoodetError as error:
            self.failed.emit(f"{self.project}: {error}")
