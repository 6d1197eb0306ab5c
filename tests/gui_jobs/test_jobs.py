"""The two lanes against a fake child."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from foodet_core.config import ExportJob, TrainJob
from foodet_core.events import Failed, Finished, Notice, Started
from foodet_gui import jobs as jobs_module
from foodet_gui.jobs import Child, Jobs

MakeJob = Callable[[int], TrainJob]


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until_pid(qtbot: QtBot, job: TrainJob) -> int:
    path = Path(job.out) / "pid"
    qtbot.waitUntil(lambda: path.exists() and path.read_text() != "", timeout=5000)
    return int(path.read_text())


def collect(jobs: Jobs) -> list[object]:
    told: list[object] = []
    jobs.events.connect(told.extend)
    return told


def images(detections: list[object]) -> list[str]:
    return [Path(answer.image).name for answer in detections]  # type: ignore[attr-defined]


def test_a_run_is_announced_told_and_finished(qtbot: QtBot, jobs: Jobs, job: MakeJob) -> None:
    told = collect(jobs)
    with qtbot.waitSignal(jobs.started), qtbot.waitSignal(jobs.finished) as finished:
        jobs.start(job(1))
        assert jobs.running == job(1)
    assert [type(event) for event in told] == [Started, Finished]
    assert finished.args[0].text == "It went well."
    assert jobs.running is None


def test_a_finished_run_makes_room_for_the_next(qtbot: QtBot, jobs: Jobs, job: MakeJob) -> None:
    for _ in range(2):
        with qtbot.waitSignal(jobs.finished):
            jobs.start(job(1))


def test_a_second_start_is_refused_with_a_notice(qtbot: QtBot, jobs: Jobs, job: MakeJob) -> None:
    jobs.start(job(0))
    with qtbot.waitSignal(jobs.notice) as notice:
        jobs.start(job(1))
    assert notice.args[1] == "warning"
    assert jobs.running == job(0)


def test_commands_reach_the_run_in_order_and_once(qtbot: QtBot, jobs: Jobs, job: MakeJob) -> None:
    told = collect(jobs)
    jobs.start(job(0))
    jobs.pause()
    jobs.pause()
    assert jobs.paused
    jobs.resume()
    with qtbot.waitSignal(jobs.finished) as finished:
        jobs.stop()
    heard = [event.text for event in told if isinstance(event, Notice)]
    assert heard == ["pause", "resume", "stop"]
    assert finished.args[0].outcome == "stopped"


def test_a_run_that_ends_while_paused_leaves_the_lane_unpaused(qtbot: QtBot, jobs: Jobs, job: MakeJob) -> None:
    jobs.start(job(0))
    jobs.pause()
    with qtbot.waitSignal(jobs.finished):
        jobs.stop()
    assert not jobs.paused


def test_a_killed_run_says_how_it_ended_with_its_last_words(qtbot: QtBot, jobs: Jobs, job: MakeJob) -> None:
    with qtbot.waitSignal(jobs.finished) as finished:
        jobs.start(job(2))
    failed = finished.args[0]
    assert isinstance(failed, Failed)
    assert not failed.input_error
    assert "SIGKILL" in failed.text
    assert "about to die" in failed.text
    assert "start it again" in failed.text


def test_a_killed_run_with_a_checkpoint_offers_to_resume(qtbot: QtBot, jobs: Jobs, job: MakeJob) -> None:
    Path(job(2).out).mkdir()
    (Path(job(2).out) / "checkpoint.safetensors").write_text("{}")
    with qtbot.waitSignal(jobs.finished) as finished:
        jobs.start(job(2))
    assert "can be resumed" in finished.args[0].text


@pytest.mark.parametrize(("seed", "said"), [(3, "no such luck"), (5, "code 0")])
def test_an_exit_without_a_result_is_a_failure(qtbot: QtBot, jobs: Jobs, job: MakeJob, seed: int, said: str) -> None:
    with qtbot.waitSignal(jobs.finished) as finished:
        jobs.start(job(seed))
    assert said in finished.args[0].text


def test_closing_stops_the_run_which_writes_its_checkpoint(qtbot: QtBot, jobs: Jobs, job: MakeJob) -> None:
    jobs.start(job(0))
    pid = until_pid(qtbot, job(0))
    jobs.close()
    assert not alive(pid)
    assert (Path(job(0).out) / "checkpoint.safetensors").exists()


def test_closing_kills_a_run_that_does_not_listen(
    qtbot: QtBot, jobs: Jobs, job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_module, "EXIT_SECONDS", 0.2)
    jobs.start(job(4))
    pid = until_pid(qtbot, job(4))
    jobs.close()
    assert not alive(pid)


def test_a_killed_window_leaves_no_orphan(qtbot: QtBot, command: tuple[str, ...], job: MakeJob) -> None:
    script = f"""
from PySide6.QtCore import QCoreApplication
from foodet_core.config import job_from_json
from foodet_gui.jobs import Jobs
app = QCoreApplication([])
jobs = Jobs(command={command!r})
jobs.start(job_from_json({job(0).to_json()!r}))
app.exec()
"""
    window = subprocess.Popen([sys.executable, "-c", script])
    try:
        pid = until_pid(qtbot, job(0))
    finally:
        window.send_signal(signal.SIGKILL)
        window.wait()
    qtbot.waitUntil(lambda: not alive(pid), timeout=5000)


def test_events_come_in_batches_and_none_is_lost(qtbot: QtBot, jobs: Jobs, job: MakeJob) -> None:
    batches: list[int] = []
    told = collect(jobs)
    jobs.events.connect(lambda events: batches.append(len(events)))
    jobs.start(job(0))
    for _ in range(200):
        jobs._command_run("ping")
    time.sleep(0.3)
    with qtbot.waitSignal(jobs.finished):
        jobs.stop()
    assert sum(batches) == len(told) == 203
    assert len(batches) < 60
    assert 0 not in batches


def test_a_prediction_is_answered(qtbot: QtBot, jobs: Jobs, tmp_path: Path) -> None:
    with qtbot.waitSignal(jobs.detections) as answer:
        jobs.predict(tmp_path / "w.safetensors", [tmp_path / "面包.jpg"])
    assert answer.args[0].image == str(tmp_path / "面包.jpg")
    assert answer.args[0].scores == (0.9, 0.4)


def test_what_computes_is_chosen_for_all_images_that_are_to_come_and_known_afterwards(
    qtbot: QtBot, jobs: Jobs, tmp_path: Path
) -> None:
    with qtbot.waitSignal(jobs.idle):
        jobs.predict(tmp_path / "w", [tmp_path / "a.jpg"], of=5000)
    assert jobs.engine == "engine for 5000"


def test_of_the_waiting_requests_only_the_newest_is_asked(qtbot: QtBot, jobs: Jobs, tmp_path: Path) -> None:
    answers: list[object] = []
    jobs.detections.connect(answers.append)
    for name in ("slow", "a", "b", "c"):
        jobs.predict(tmp_path / "w", [tmp_path / f"{name}.jpg"])
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert images(answers) == ["slow.jpg", "c.jpg"]


def test_the_prediction_child_stays_for_the_next_request(qtbot: QtBot, jobs: Jobs, tmp_path: Path) -> None:
    children = set()
    for name in ("a", "b"):
        with qtbot.waitSignal(jobs.detections):
            jobs.predict(tmp_path / "w", [tmp_path / f"{name}.jpg"])
        children.add(jobs._predicting)
    assert len(children) == 1


def test_a_request_to_weights_that_are_gone_is_refused(qtbot: QtBot, jobs: Jobs, tmp_path: Path) -> None:
    with qtbot.waitSignals([jobs.notice, jobs.refused, jobs.idle], order="strict"):
        jobs.predict(tmp_path / "none", [tmp_path / "a.jpg"])


def test_a_failed_request_is_a_notice_and_the_lane_goes_on(qtbot: QtBot, jobs: Jobs, tmp_path: Path) -> None:
    with qtbot.waitSignal(jobs.notice) as notice:
        jobs.predict(tmp_path / "w", [tmp_path / "bad.jpg"])
    assert "cannot be read" in notice.args[0]
    with qtbot.waitSignal(jobs.detections):
        jobs.predict(tmp_path / "w", [tmp_path / "a.jpg"])


def test_an_export_that_breaks_off_is_not_told_of_checkpoints(qtbot: QtBot, qapp: object, tmp_path: Path) -> None:
    jobs = Jobs(command=(sys.executable, "-c", "import sys; sys.stdin.readline()"))
    with qtbot.waitSignal(jobs.finished) as finished:
        jobs.start(ExportJob(str(tmp_path), str(tmp_path / "out.json")))
    assert "do it again" in finished.args[0].text
    assert "checkpoint" not in finished.args[0].text
    jobs.close()


def test_a_run_that_the_system_does_not_start_is_told_and_the_next_one_may_begin(
    qtbot: QtBot, jobs: Jobs, job: MakeJob, command: tuple[str, ...]
) -> None:
    jobs._command = ("/no/such/python",)
    told: list[object] = []
    jobs.started.connect(told.append)
    jobs.finished.connect(told.append)
    jobs.start(job(1))
    begun, end = told
    assert isinstance(begun, TrainJob)
    assert isinstance(end, Failed)
    assert "/no/such/python" in end.text
    assert jobs.running is None
    jobs._command = command
    with qtbot.waitSignal(jobs.finished) as finished:
        jobs.start(job(1))
    assert isinstance(finished.args[0], Finished)


def test_a_request_that_finds_no_process_is_told_and_the_next_one_answered(
    qtbot: QtBot, jobs: Jobs, tmp_path: Path, command: tuple[str, ...]
) -> None:
    jobs._command = ("/no/such/python",)
    with qtbot.waitSignal(jobs.notice) as notice:
        jobs.predict(tmp_path / "w", [tmp_path / "a.jpg"])
    assert "/no/such/python" in notice.args[0]
    jobs._command = command
    with qtbot.waitSignal(jobs.detections):
        jobs.predict(tmp_path / "w", [tmp_path / "a.jpg"])


def test_a_request_survives_one_crash_of_its_child(qtbot: QtBot, jobs: Jobs, tmp_path: Path) -> None:
    with qtbot.waitSignal(jobs.detections) as answer:
        jobs.predict(tmp_path / "w", [tmp_path / "crash-once.jpg"])
    assert images([answer.args[0]]) == ["crash-once.jpg"]


def test_a_request_that_kills_two_children_is_given_up(qtbot: QtBot, jobs: Jobs, tmp_path: Path) -> None:
    with qtbot.waitSignal(jobs.notice) as notice:
        jobs.predict(tmp_path / "w", [tmp_path / "crash.jpg"])
    assert "SIGKILL" in notice.args[0]
    assert "out of luck" in notice.args[0]
    with qtbot.waitSignal(jobs.detections):
        jobs.predict(tmp_path / "w", [tmp_path / "a.jpg"])


def test_training_and_prediction_run_side_by_side(qtbot: QtBot, jobs: Jobs, job: MakeJob, tmp_path: Path) -> None:
    jobs.start(job(0))
    with qtbot.waitSignal(jobs.detections):
        jobs.predict(tmp_path / "w", [tmp_path / "a.jpg"])
    assert jobs.running is not None


def test_lines_that_are_no_events_are_kept_as_last_words(qtbot: QtBot, qapp: object, tmp_path: Path) -> None:
    child = Child([sys.executable, "-c", "print('hello from a library')"], one_job=True, parent=qapp)  # type: ignore[arg-type]
    child.join(5)
    assert child.take() == []
    assert child.last_words() == ["hello from a library"]
    child.dispose()


def test_importing_the_lanes_leaves_torch_out() -> None:
    script = "import sys, foodet_gui.jobs; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)
