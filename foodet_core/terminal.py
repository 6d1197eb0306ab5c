"""Showing a run in a terminal: a bar with the time left, a line per validation, or raw events for other programs.

What a person reads goes to stderr, what a program reads to stdout. The first Ctrl-C stops a run cleanly, the second at once.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from . import worker
from .config import Job
from .events import (
    CheckpointSaved,
    Event,
    Failed,
    Finished,
    ImageDetections,
    Notice,
    Reward,
    Started,
    Step,
    Validated,
    to_line,
)
from .events import Progress as ProgressEvent
from .processes import leads

console = Console(stderr=True, highlight=False, quiet=not leads())


def follow(job: Job, events: str = "") -> Finished:
    """Run a job to its end, showing it; `events="jsonl"` writes every event to stdout instead. Returns its last event."""
    return follow_events(worker.run(job), events)


def follow_events(source: Iterator[Event], events: str = "") -> Finished:
    """The same for events from elsewhere."""
    last: Event | None = None
    with _stop_on_interrupt() as stop, _display(events) as show:
        for event in worker.stoppable(source, stop.is_set):
            show(event)
            last = event
    assert isinstance(last, Finished), "a run's last event is Finished"
    return last


@contextmanager
def _stop_on_interrupt() -> Iterator[threading.Event]:
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def ask(number: int, frame: FrameType | None) -> None:
        if not leads():
            return  # told by the process that leads, so that all stop after the same step
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        console.print("Stopping; what is done so far is being saved. Ctrl-C again leaves at once.")

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


class _Lines:
    """Every event as a line of JSON on stdout."""

    def __call__(self, event: Event) -> None:
        sys.stdout.write(to_line(event) + "\n")
        sys.stdout.flush()


class _Bars:
    """A bar for what goes on, lines above it for what should stay."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None
        self._stage = ""
        self._figure = ""

    def __call__(self, event: Event) -> None:
        match event:
            case ProgressEvent():
                self._bar(event.stage, event.done, event.total, _left(event.seconds_left))
            case Step():
                text = f"loss {event.losses['loss']:.2f} · {event.images_per_second:.1f} img/s{self._figure}"
                self._bar("training", event.step, event.steps, f"{text} · {_left(event.seconds_left)}")
            case Validated():
                figures = [f"{name} {value:.3f}" for name, value in event.metrics.items()]
                self._figure = f" · {figures[0]}"
                best = " best so far" if event.best else ""
                self._line(f"step {event.step}: {'  '.join(figures[:2])}{best}")
            case Notice():
                self._line(event.text)
            case Finished():
                self._line(event.text)
            case Started():
                if event.folder:
                    self._line(f"{event.kind}: {event.folder}")
                if "engine" in event.detail:
                    self._line(f"{event.kind}: with {event.detail['engine']}")
            case Reward() | ImageDetections() | CheckpointSaved() | Failed():
                pass

    def _bar(self, stage: str, done: int, total: int, text: str) -> None:
        if self._task is None or stage != self._stage:
            if self._task is not None:
                self._progress.remove_task(self._task)
            self._task, self._stage = self._progress.add_task(stage, total=total, text=""), stage
        self._progress.update(self._task, completed=done, total=max(total, done), text=text)

    def _line(self, text: str) -> None:
        if text:
            self._progress.console.print(escape(text), soft_wrap=True)


@contextmanager
def _display(events: str) -> Iterator[_Lines | _Bars]:
    if events == "jsonl" and leads():
        yield _Lines()
        return
    columns = TextColumn("{task.description}"), BarColumn(30), TextColumn("{task.fields[text]}")
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Bars(progress)


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} left"
