"""The child process: a job in, events out, commands in between."""

import io
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from foodet_core import worker
from foodet_core.config import Source, TrainConfig, TrainJob
from foodet_core.errors import InputError
from foodet_core.events import Event, Failed, Finished, ImageDetections, Notice, Started, Step, from_line


def child(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "foodet_core.worker", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")


def tell(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def events(process: subprocess.Popen[str]) -> Iterator[Event]:
    assert process.stdout is not None
    for line in process.stdout:
        yield from_line(line)


def training(toy: Any, out: Path, steps: int) -> TrainJob:
    config = TrainConfig(steps=steps, imgsz=64, batch=2, warmup=1)
    source, val = Source(str(toy.train), str(toy.images)), Source(str(toy.val), str(toy.images))
    return TrainJob(source, str(out), val, config=config)


def answer(lines: list[str], *arguments: str) -> list[Event]:
    """The same in this process, where commands need not come in between."""
    out = io.StringIO()
    worker.main(list(arguments), io.StringIO("".join(line + "\n" for line in lines)), out)
    return [from_line(line) for line in out.getvalue().splitlines()]


def test_a_child_pauses_goes_on_and_stops_when_told(toy: Any, tmp_path: Path) -> None:
    with child() as process:
        tell(process, json.dumps(training(toy, tmp_path / "a", 100_000).to_json()))
        told = events(process)
        assert any(isinstance(e, Step) for e in told)
        tell(process, "pause")
        arrived = threading.Event()
        reader = threading.Thread(target=lambda: (_until_quiet(told), arrived.set()), daemon=True)
        reader.start()
        assert not arrived.wait(1.5), "events kept coming to an end"
        tell(process, "resume")
        tell(process, "stop")
        reader.join(60)
        assert arrived.is_set()
        assert process.wait(60) == 0
    assert (tmp_path / "a" / "checkpoint.safetensors").exists()


def _until_quiet(told: Iterator[Event]) -> None:
    last = list(told)[-1]
    assert isinstance(last, Finished)
    assert last.outcome == "stopped"


def test_a_child_whose_window_is_gone_stops_and_keeps_its_checkpoint(toy: Any, tmp_path: Path) -> None:
    with child() as process:
        tell(process, json.dumps(training(toy, tmp_path / "a", 100_000).to_json()))
        told = events(process)
        assert any(isinstance(e, Step) for e in told)
        assert process.stdin is not None
        process.stdin.close()
        last = list(told)[-1]
    assert isinstance(last, Finished)
    assert last.outcome == "stopped"
    assert (tmp_path / "a" / "checkpoint.safetensors").exists()


def test_the_prediction_lane_answers_again_and_again(toy: Any, tmp_path: Path) -> None:
    run = tmp_path / "a"
    list(worker.run(training(toy, run, 1)))
    images = [str(toy.images / "train-1.png"), str(toy.images / "train-2.png")]
    request = json.dumps({"weights": str(run), "images": images, "of": 2})
    told = answer([request, json.dumps({"weights": str(tmp_path / "none"), "images": images, "of": 2}), request], "--predict")
    kinds = [type(e) for e in told]
    assert kinds == [ImageDetections, ImageDetections, Finished, Failed, ImageDetections, ImageDetections, Finished]
    found = told[0]
    assert isinstance(found, ImageDetections)
    assert (found.image, found.size_hw, found.weights) == (images[0], (72, 96), str(run))
    assert isinstance(told[3], Failed)
    assert told[3].input_error


def test_an_image_that_cannot_be_read_leaves_the_others_their_answers(toy: Any, tmp_path: Path) -> None:
    run = tmp_path / "a"
    list(worker.run(training(toy, run, 1)))
    (tmp_path / "torn.png").write_bytes((toy.images / "train-1.png").read_bytes()[:60])
    images = [str(tmp_path / "torn.png"), str(toy.images / "train-1.png")]
    told = answer([json.dumps({"weights": str(run), "images": images, "of": 2})], "--predict")
    assert [type(e) for e in told] == [Notice, ImageDetections, Finished]
    assert isinstance(told[0], Notice)
    assert "torn.png" in told[0].text


def test_an_input_error_is_one_line_without_a_trace(toy: Any, tmp_path: Path) -> None:
    broken = training(toy, tmp_path / "a", 1).to_json()
    broken["source"]["path"] = str(tmp_path / "none.json")
    told = answer([json.dumps(broken)])
    assert isinstance(told[-1], Failed)
    assert told[-1].input_error
    assert "none.json" in told[-1].text
    assert told[-1].trace == ""


def test_a_bug_is_told_with_its_trace() -> None:
    event = worker.failed(ZeroDivisionError("division"))
    assert not event.input_error
    assert "ZeroDivisionError" in event.trace


def test_a_job_that_is_none_is_refused() -> None:
    told = answer(['{"kind": "dance"}'])
    assert [type(e) for e in told] == [Failed]


def test_stopping_closes_the_run_before_it_says_so() -> None:
    order = []

    def source() -> Iterator[Event]:
        try:
            yield Started("train", "folder")
            yield Notice("working")
            yield Notice("never reached")
        finally:
            order.append("cleaned up")

    asked = iter([False, True])
    for event in worker.stoppable(source(), lambda: next(asked)):
        order.append(type(event).__name__)
    assert order == ["Started", "Notice", "cleaned up", "Finished"]


def test_what_is_finished_is_not_said_to_be_stopped() -> None:
    events = [Started("train", "folder"), Finished("train", "done", "", 1.0)]
    asked = iter([False, True])
    assert list(worker.stoppable((event for event in events), lambda: next(asked))) == events


def test_an_error_in_a_run_is_not_taken_for_a_stop() -> None:
    def source() -> Iterator[Event]:
        yield Started("train")
        raise InputError("photo.jpg", "is broken", "Replace it.")

    with pytest.raises(InputError):
        list(worker.stoppable(source(), lambda: False))
