"""Runs, each in a child process, so that the window never imports torch and survives whatever a run does.

Two lanes. The training lane takes one job at a time: job in on stdin, events out on stdout, commands (pause, stop, ...) on
stdin while it runs. The prediction lane keeps one child alive and gives it one request at a time; of the requests that
wait, only the newest counts. A child stops by itself when its stdin closes, so it cannot outlive the window.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from foodet_core.errors import InputError
from foodet_core.events import Event, Failed, Finished, ImageDetections, Notice, from_line

from .core_texts import said

if TYPE_CHECKING:
    from foodet_core.config import Job

WORKER = (sys.executable, "-m", "foodet_core.worker")
BATCH_MS = 50
EXIT_SECONDS = 5.0
LAST_LINES = 20


def run_folder(job: Job | None) -> Path | None:
    """The folder a training or fine-tuning writes to; None for any other job."""
    from foodet_core.config import FinetuneJob, ResumeJob, TrainJob  # not before there is a job

    if isinstance(job, TrainJob | FinetuneJob):
        return Path(job.out)
    return Path(job.run) if isinstance(job, ResumeJob) else None


def resumable(run: Path | None) -> bool:
    """Whether a run left a checkpoint to go on from."""
    return run is not None and (run / "checkpoint.safetensors").is_file()


class Child(QThread):
    """A child process and the thread that reads it; the events wait in `take()` until somebody fetches them.

    `arrived` says that events wait where none did before; `finished` (of QThread) that the process is gone and reaped.
    Raises OSError where the system starts no process.
    """

    arrived = Signal()

    def __init__(self, command: Sequence[str], *, one_job: bool, parent: QObject) -> None:
        super().__init__(parent)
        self._one_job = one_job
        self._lock = threading.Lock()
        self._waiting: list[Event] = []
        self._stray: deque[str] = deque(maxlen=LAST_LINES)
        # A file rather than a pipe: nobody has to drain it, and its end is still there when the child is not.
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                encoding="utf-8",
                errors="replace",
                env={**os.environ, "PYTHONUTF8": "1"},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            self._stderr.close()
            raise
        self.start()

    def send(self, line: str) -> None:
        """Write one line to the child; a child that is gone does not mind."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # `finished` tells that it is gone
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()

    def take(self) -> list[Event]:
        """The events that came since the last call."""
        with self._lock:
            events, self._waiting = self._waiting, []
        return events

    def close(self) -> None:
        """Close the child's stdin, which asks it to stop; returns at once."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # a line that it never read stood in the buffer
            self._process.stdin.close()

    def join(self, seconds: float) -> None:
        """Wait until the child is gone; after `seconds` kill it."""
        if not self.wait(int(seconds * 1000)):
            self._process.kill()
            self.wait()

    def dispose(self) -> None:
        """Let go of a child that is gone."""
        self.wait()
        self.close()
        self._stderr.close()
        self.deleteLater()

    @property
    def exit_code(self) -> int | None:
        """None while it lives; minus the signal's number if one ended it."""
        return self._process.returncode

    def last_words(self) -> list[str]:
        """The last lines the child wrote that are not events: to stderr, or astray to stdout."""
        size = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, size - 10_000))
        text = self._stderr.read().decode("utf-8", "replace")
        return [*self._stray, *(line for line in text.splitlines() if line.strip())][-LAST_LINES:]

    def run(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if self._read(line):
                self.close()
                break
        try:
            self._process.wait(EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _read(self, line: str) -> bool:
        """Queue the event on a line; True if it was the last one to expect."""
        try:
            event = from_line(line)
        except InputError:
            self._stray.append(line.rstrip())
            return False
        with self._lock:
            self._waiting.append(event)
            first = len(self._waiting) == 1
        if first:
            self.arrived.emit()
        return self._one_job and isinstance(event, Finished | Failed)


@dataclass
class _Request:
    """Images to detect on with some weights, of so many that are to come; `crashes` counts the children that died of it."""

    weights: Path
    images: tuple[Path, ...]
    of: int
    crashes: int = 0

    def line(self) -> str:
        request = {"weights": str(self.weights), "images": [str(p) for p in self.images], "of": self.of}
        return json.dumps(request, ensure_ascii=False)


class Jobs(QObject):
    """The two lanes, and what they tell. Everything here is called and announced in the GUI thread."""

    started = Signal(object)
    """Job"""
    events = Signal(list)
    """of Event: all that the training lane's child said, at most 20 times a second"""
    finished = Signal(object)
    """Finished | Failed, when the child is gone and the next job may start"""
    paused_changed = Signal(bool)
    detections = Signal(object)
    """ImageDetections of the prediction lane"""
    refused = Signal()
    """A request of the prediction lane came to nothing, and another one like it would; a notice said why."""
    idle = Signal()
    """The prediction lane has answered all it was asked."""
    notice = Signal(str, str)
    """text; info or warning"""

    def __init__(self, parent: QObject | None = None, command: Sequence[str] = WORKER) -> None:
        super().__init__(parent)
        self.running: Job | None = None
        self.paused = False
        self._command = tuple(command)
        self._training: Child | None = None
        self._result: Finished | Failed | None = None
        self._predicting: Child | None = None
        self._request: _Request | None = None
        self._next_request: _Request | None = None
        self.engine = ""  # what computed the last predictions, in words
        self._batch = QTimer(self, singleShot=True, interval=BATCH_MS)
        self._batch.timeout.connect(self._on_batch)

    # -- training lane

    def start(self, job: Job) -> None:
        """Run `job` in the training lane; while another one runs this is only a notice."""
        if self.running is not None:
            self.notice.emit(self.tr("A run is going on already. Stop it first, or wait for its end."), "warning")
            return
        self.running, self._result = job, None
        try:
            self._training = self._child(one_job=True)
        except OSError as error:
            self.started.emit(job)
            self._end(Failed(self._not_started(error), input_error=True))
            return
        self._training.finished.connect(self._on_training_gone)
        self._training.send(json.dumps(job.to_json(), ensure_ascii=False))
        self.started.emit(job)

    def stop(self) -> None:
        """Ask the run to write its checkpoint and end; `finished` tells when it has."""
        self._command_run("stop")

    def pause(self) -> None:
        """Hold the run at its next event."""
        self._set_paused(True)

    def resume(self) -> None:
        """Let a paused run go on."""
        self._set_paused(False)

    def _set_paused(self, paused: bool) -> None:
        if paused != self.paused and self.running is not None:
            self.paused = paused
            self._command_run("pause" if paused else "resume")
            self.paused_changed.emit(paused)

    def _command_run(self, line: str) -> None:
        if self._training is not None:
            self._training.send(line)

    def _on_training_gone(self) -> None:
        if self._training is None or self.running is None:
            return  # closed meanwhile
        self._flush()
        result = self._result or self._death(self._training, self.running)
        self._training.dispose()
        self._end(result)

    def _end(self, result: Finished | Failed) -> None:
        self._training, self.running, self.paused = None, None, False
        self.finished.emit(result)

    def _death(self, child: Child, job: Job) -> Failed:
        """What to say of a run that ended without a word."""
        words = child.last_words()
        parts = [self.tr("The run broke off: {}.").format(self._how_it_ended(child))]
        if words:
            parts.append(self.tr("Its last words: {}").format(" | ".join(words[-3:])))
        if run_folder(job) is None:
            parts.append(self.tr("Nothing labelled is lost; do it again."))
        elif resumable(run_folder(job)):
            parts.append(self.tr("Nothing labelled is lost; the run can be resumed from its last checkpoint."))
        else:
            parts.append(self.tr("Nothing labelled is lost; it had no checkpoint yet, so start it again."))
        return Failed("\n".join(parts), input_error=False, trace="\n".join(words))

    def _how_it_ended(self, child: Child) -> str:
        code = child.exit_code
        if code == -getattr(signal, "SIGKILL", 9):
            return self.tr("its process was killed (SIGKILL), most often because the memory ran out")
        if code is not None and code < 0:
            return self.tr("its process was ended by a signal ({})").format(signal.Signals(-code).name)
        return self.tr("its process ended with code {} and without a result").format(code)

    # -- prediction lane

    def predict(self, weights: Path, images: Sequence[Path], of: int = 1) -> None:
        """Ask for detections; a request that still waits for its turn is dropped in favour of this one.

        `of` is how many images will be asked for in all: for very many another engine may pay.
        """
        self._next_request = _Request(weights, tuple(images), of)
        if self._request is None:
            self._ask_next()

    @property
    def predicting(self) -> bool:
        """Whether a request is under way."""
        return self._request is not None

    def _ask_next(self) -> None:
        self._request, self._next_request = self._next_request, None
        if self._request is not None:
            self._ask(self._request)
        else:
            self.idle.emit()

    def _ask(self, request: _Request) -> None:
        if self._predicting is None:
            try:
                self._predicting = self._child("--predict", one_job=False)
            except OSError as error:
                self._refuse(self._not_started(error))
                return
            self._predicting.finished.connect(self._on_predicting_gone)
        self._predicting.send(request.line())

    def _on_prediction(self, event: Event) -> None:
        match event:
            case ImageDetections():
                self.detections.emit(event)
            case Notice(text, level):
                self.notice.emit(said(text), level)
            case Failed(text):
                self._refuse(said(text))
            case Finished():
                self.engine = str(event.detail["engine"])
                self._ask_next()

    def _on_predicting_gone(self) -> None:
        child = self._predicting
        if child is None:
            return  # closed meanwhile
        self._flush()
        self._predicting = None
        ending = " ".join([f"{self._how_it_ended(child)}.", *child.last_words()[-1:]])
        child.dispose()
        if self._request is not None:
            self._ask_again(self._request, ending)

    def _ask_again(self, request: _Request, ending: str) -> None:
        """Give the request that a child died of to a new child, but only once."""
        request.crashes += 1
        if self._next_request is None and request.crashes == 1:
            self._ask(request)
        else:
            self._refuse(self.tr("Predicting broke off: {}").format(ending))

    def _refuse(self, text: str) -> None:
        self.notice.emit(text, "warning")
        self.refused.emit()
        self._ask_next()

    # -- both

    def close(self) -> None:
        """End both lanes: ask, wait a few seconds, then kill. Nothing is announced any more."""
        children = [child for child in (self._training, self._predicting) if child is not None]
        self._training = self._predicting = self.running = None
        self._batch.stop()
        for child in children:
            child.close()
        for child in children:
            child.join(EXIT_SECONDS)
            child.dispose()

    def _not_started(self, error: OSError) -> str:
        text = self.tr("{}: the system starts no process ({}). Close other programs or free some space, then try again.")
        return text.format(self._command[0], error.strerror)

    def _child(self, *arguments: str, one_job: bool) -> Child:
        child = Child([*self._command, *arguments], one_job=one_job, parent=self)
        child.arrived.connect(self._on_arrived)
        return child

    def _on_arrived(self) -> None:
        if not self._batch.isActive():
            self._flush()
            self._batch.start()

    def _on_batch(self) -> None:
        if self._flush():
            self._batch.start()

    def _flush(self) -> bool:
        told = self._training.take() if self._training else []
        answers = self._predicting.take() if self._predicting else []
        for event in told:
            if isinstance(event, Finished | Failed):
                self._result = event
        if told:
            self.events.emit(told)
        for event in answers:
            self._on_prediction(event)
        return bool(told or answers)
