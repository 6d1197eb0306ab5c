"""Runs: one entry for all of them, and the child process that runs them for the window.

The child speaks lines. Its first line of input is a job as JSON, its output is one event a line. Later lines of input are
commands: pause, resume, stop; the end of input is a stop, so no child outlives its window. The person comes first: a child that
trains has a low priority.
With `--predict` it stays and answers requests {"weights": PATH, "images": [PATH, ...], "of": N}, one a line, with the
detections of each image, or a Notice where it cannot be read, and one Finished, which says what computed them, or Failed. N is
how many images are to come in all.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from .config import WEIGHTS_NAME, Job, ResumeJob, job_from_json
from .errors import FoodetError, InputError
from .events import Event, Failed, Finished, Notice, Started, to_line

if TYPE_CHECKING:
    from .predict import Predictor

# How long a thread spins before it sleeps while it waits for the others. The library's own choice is a hundred times longer:
# that gains nothing on a quiet machine, and beside one other busy program a training step takes several times as long. It is
# read when torch loads the library.
os.environ.setdefault("GOMP_SPINCOUNT", "3000")

LOW_PRIORITY = 10
"""What a child that trains adds to its niceness."""


def run(job: Job) -> Iterator[Event]:
    """The events of any job. Its code is imported only now: reading labels needs no torch."""
    return _resume(job) if isinstance(job, ResumeJob) else _starter(job.kind)(job)


def _starter(kind: str) -> Callable[..., Iterator[Event]]:
    module, function = _STARTERS[kind]
    start: Callable[..., Iterator[Event]] = getattr(importlib.import_module(module, __package__), function)
    return start


def _resume(job: ResumeJob) -> Iterator[Event]:
    """Go on with a stopped or killed run. Raises InputError where `job.run` is none."""
    from .train.checkpoint import Run

    run, asked = Run.open(Path(job.run))
    return _starter(asked.kind)(asked, run)


def stoppable(events: Iterator[Event], stop: Callable[[], bool]) -> Iterator[Event]:
    """Pass events on until `stop` says so; then the run's own clean-up runs, and a Finished tells what is kept."""
    began, started = time.monotonic(), Started("")
    with closing(events):  # type: ignore[type-var]
        for event in events:
            if isinstance(event, Started):
                started = event
            yield event
            if not isinstance(event, Finished) and stop():
                break
        else:
            return
    text, kept = _left_by(started)
    yield Finished(started.kind, "stopped", text, time.monotonic() - began, kept)


def failed(error: Exception) -> Failed:
    """An error as an event: a line for what a person can mend, the trace as well for what is a bug of ours."""
    if isinstance(error, FoodetError):
        return Failed(str(error), isinstance(error, InputError))
    text = f"Something went wrong inside foodet: {type(error).__name__}: {error}"
    return Failed(text, False, "".join(traceback.format_exception(error)))


def main(arguments: list[str], lines: TextIO, out: TextIO) -> None:
    """The child process: see the module's text."""
    if arguments == ["--predict"]:
        _answer(lines, out)
        return
    commands = _Commands(lines)
    try:
        job = job_from_json(json.loads(lines.readline()))
        commands.start()
        for event in stoppable(run(job), commands.obey):
            _tell(out, event)
    except Exception as error:
        _tell(out, failed(error))


class _Commands:
    """The commands that arrive while a run goes on; `obey` is asked between two events."""

    def __init__(self, lines: TextIO) -> None:
        self._lines = lines
        self._queue: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._paused = False

    def start(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()

    def obey(self) -> bool:
        """Take in what has arrived, waiting while paused; True means stop."""
        while self._paused or not self._queue.empty():
            command = self._queue.get()
            if command == "stop":
                return True
            if command in ("pause", "resume"):
                self._paused = command == "pause"
        return False

    def _read(self) -> None:
        for line in self._lines:
            self._queue.put(line.strip())
        self._queue.put("stop")


def _answer(lines: Iterable[str], out: TextIO) -> None:
    """Answer requests for detections; weights are read again when their file has changed."""
    lane = _Predicting()
    for line in lines:
        try:
            for event in lane.answer(json.loads(line)):
                _tell(out, event)
        except Exception as error:
            _tell(out, failed(error))


def _detected(predictor: Predictor, images: Sequence[Path], weights: str) -> list[Event]:
    """What is found on a batch of images; one that cannot be read does not keep the others from their answers."""
    try:
        found = predictor.detect(images)
    except InputError as error:
        if len(images) == 1:
            return [Notice(str(error), "warning")]
        return [event for image in images for event in _detected(predictor, [image], weights)]
    return [predictor.event(image, *its, weights) for image, its in zip(images, found, strict=True)]


class _Predicting:
    """Detections for whoever asks, with what was loaded for the request before, if that still holds."""

    def __init__(self) -> None:
        self._loaded: tuple[Path, int, bool] | None = None
        self._predictor: Predictor | None = None
        self._engine = ""

    def answer(self, request: Mapping[str, Any]) -> Iterator[Event]:
        """Raises InputError for weights that cannot be used."""
        began = time.monotonic()
        from .engines import BATCH, PAYS_FROM, choose, side_by_side
        from .models.weights import find_weights
        from .predict import Predictor

        path = find_weights(Path(request["weights"]))
        wanted = (path, path.stat().st_mtime_ns, request["of"] >= PAYS_FROM)
        if self._predictor is None or wanted != self._loaded:
            detector, info, self._engine = yield from choose(path, "auto", request["of"])
            self._predictor, self._loaded = Predictor(detector, info), wanted
        detected = partial(_detected, self._predictor, weights=str(request["weights"]))
        images = [Path(image) for image in request["images"]]
        batches = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
        if len(batches) == 1:  # all of torch's cores for the one that somebody waits for
            yield from detected(batches[0])
        else:
            with side_by_side() as (pool, _):
                for told in pool.map(detected, batches):
                    yield from told
        yield Finished("predict", "done", "", time.monotonic() - began, {"engine": self._engine})


def _tell(out: TextIO, event: Event) -> None:
    out.write(to_line(event) + "\n")
    out.flush()


def _left_by(stopped: Started) -> tuple[str, dict[str, Any]]:
    """What a run leaves when it is stopped: in a sentence, and as the detail of its last event."""
    if stopped.kind == "predict":
        return f"Stopped. {stopped.detail.get('if_stopped', '')}".strip(), {}
    if not stopped.folder:
        return "Stopped.", {}
    text = "Stopped: the best weights so far are kept, and the run can be resumed."
    return text, {"weights": str(Path(stopped.folder) / WEIGHTS_NAME)}


# Where each kind of run lives.
_STARTERS = {
    "train": (".grpo.loop", "train"),
    "finetune": (".grpo.loop", "finetune"),
    "pretrain": (".pretrain.loop", "pretrain"),
    "evaluate": (".evaluate.run", "evaluate"),
    "predict": (".predict", "predict"),
    "export-model": (".deploy", "export_model"),
    "add": (".project.scan", "add_images"),
    "import": (".formats.transfer", "import_annotations"),
    "export": (".formats.transfer", "export_annotations"),
    "sample": (".data.sample", "sample"),
}


if __name__ == "__main__":
    if hasattr(os, "nice") and "--predict" not in sys.argv:
        os.nice(LOW_PRIORITY)
    main(sys.argv[1:], sys.stdin, sys.stdout)
