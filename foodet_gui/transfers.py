"""Images and labels on their way into the open project and out of it: one job at a time, in a lane of its own.

So a training does not wait for an import, nor an import for a training. What came of a job is told once, with every remark
on what was converted or left out; the session reads its project again as soon as the job has written it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from PySide6.QtCore import QObject, QThread, Signal

from foodet_core.errors import FoodetError
from foodet_core.events import Event, Failed, Finished, Notice, Progress

from .actions import key_text
from .core_texts import said
from .jobs import Jobs
from .session import Session

if TYPE_CHECKING:
    from foodet_core.config import AddJob, ExportJob, ImportJob, Job

    Transfer = AddJob | ImportJob | ExportJob


def is_import(job: Transfer | None) -> TypeGuard[ImportJob]:
    """Whether a job brings annotations into the project."""
    from foodet_core.config import ImportJob  # not before there is a job

    return isinstance(job, ImportJob)


def is_export(job: Transfer | None) -> TypeGuard[ExportJob]:
    """Whether a job takes annotations out of the project."""
    from foodet_core.config import ExportJob  # not before there is a job

    return isinstance(job, ExportJob)


@dataclass(frozen=True)
class Outcome:
    """How a job ended: in a sentence, with remarks on what is not as a person might think. `ok`: it was done."""

    job: Transfer
    text: str
    remarks: tuple[str, ...] = ()
    ok: bool = True


class Transfers(QObject):
    """Starts imports, exports and additions, and tells of them."""

    started = Signal(object)
    """Transfer"""
    progressed = Signal(int, int)
    """How many images are through, of how many; 0 of 0 while that cannot be told."""
    ended = Signal(object)
    """Outcome"""
    recognised = Signal(object, object)
    """(Path, tuple of Candidate): the answer to `look`."""

    def __init__(self, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._remarks: list[str] = []
        self._job: Transfer | None = None
        self._looks: set[_Look] = set()
        jobs.started.connect(self._on_started)
        jobs.events.connect(self._on_events)
        jobs.finished.connect(self._on_finished)
        session.project_changed.connect(self._on_project)

    @property
    def running(self) -> Transfer | None:
        """The job under way."""
        return self._job

    def start(self, job: Transfer) -> None:
        """Begin a job; while another one is under way this is only a notice."""
        if self._job is not None:
            self._session.notice.emit(self.tr("An import or export is going on. Wait for its end, or stop it."), "warning")
        else:
            self._jobs.start(job)

    def add_images(self, paths: list[Path]) -> None:
        """Add image files, and all images under folders, to the open project."""
        from foodet_core.config import AddJob  # not before there is a job

        if self._session.project is not None:
            self.start(AddJob(str(self._session.project.folder), tuple(map(str, paths))))

    def cancel(self) -> None:
        """Stop the job; nothing of it stays."""
        self._jobs.stop()

    def look(self, path: Path) -> None:
        """Find out which formats a file or folder may be read in; `recognised` tells."""
        look = _Look(path, self)
        look.finished.connect(lambda: self._on_looked(look))
        self._looks.add(look)
        look.start()

    def close(self) -> None:
        """Wait for what cannot be broken off; before the application ends."""
        for look in self._looks:
            look.wait()

    def _on_looked(self, look: _Look) -> None:
        self._looks.discard(look)
        if look.problem:
            self._session.notice.emit(said(look.problem), "warning")
        self.recognised.emit(look.path, look.found)
        look.deleteLater()

    def _on_project(self) -> None:
        project = self._session.project
        if self._job is not None and (project is None or str(project.folder) != self._job.project):
            self.cancel()

    def _on_started(self, job: Job) -> None:
        from foodet_core.config import AddJob, ExportJob, ImportJob  # not before there is a job

        assert isinstance(job, AddJob | ImportJob | ExportJob)
        self._job, self._remarks = job, []
        self.started.emit(job)
        self.progressed.emit(0, 0)

    def _on_events(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case Progress(done, total):
                    self.progressed.emit(done, total)
                case Notice(text):
                    self._remarks.append(said(text))
                case Finished():
                    self._read_again()

    def _read_again(self) -> None:
        """At once, not when the child is gone: what the session knows is out of date from here on."""
        project, job = self._session.project, self._job
        if project is not None and job is not None and not is_export(job) and str(project.folder) == job.project:
            self._session.refresh()

    def _on_finished(self, end: Finished | Failed) -> None:
        if isinstance(end, Failed) and not end.input_error:
            self._read_again()  # a child that was killed may have written before
        job, self._job = self._job, None
        if job is None:
            return
        if isinstance(end, Failed):
            outcome = Outcome(job, said(end.text), ok=False)
        elif end.outcome == "stopped":
            outcome = Outcome(job, self.tr("Stopped: nothing was changed."), ok=False)
        else:
            outcome = Outcome(job, self._sentence(job, end), tuple(self._remarks))
        self.ended.emit(outcome)
        text = outcome.text
        if outcome.remarks:
            text += " " + self.tr("What to know of it stands under Data.")
        self._session.notice.emit(text, "warning" if outcome.remarks or isinstance(end, Failed) else "info")

    def _sentence(self, job: Transfer, end: Finished) -> str:
        count = end.detail
        if is_export(job):
            return self.tr("Exported {boxes} boxes on {images} images to {path}.").format(path=Path(job.file), **count)
        if is_import(job):
            text = self.tr("Imported {boxes} boxes on {images} images; {new_images} images and {new_classes} classes are new.")
            text = text.format(**count)
            changed = count["boxes"] or count["new_images"] or count["new_classes"]
            if count["known_boxes"]:
                text += " " + self.tr("{} boxes were there already.").format(count["known_boxes"])
        else:
            changed = count["images"] or count["moved"]
            text = self.tr("Images added: {}.").format(count["images"]) if changed else self.tr("There is no new image.")
            if count["moved"]:
                text += " " + self.tr("Images whose files were moved: {}.").format(count["moved"])
        return text + (" " + self.tr("{} takes it back.").format(key_text("undo")) if changed else "")


class _Look(QThread):
    """Reads the heads of files; a network folder may take its time."""

    def __init__(self, path: Path, parent: QObject) -> None:
        super().__init__(parent)
        self.path, self.problem = path, ""
        self.found: tuple[object, ...] = ()

    def run(self) -> None:
        from foodet_core.formats.recognise import recognise  # Pillow and SQLite: not before they are needed

        try:
            self.found = recognise(self.path)
        except FoodetError as error:
            self.problem = str(error)
