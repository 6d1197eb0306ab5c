"""The Train tab: what can be started, what it shows while a run goes on, what it does with the result."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from foodet_core.config import FinetuneJob, Job, ResumeJob, TrainConfig, TrainJob
from foodet_core.events import Event, Failed, Finished, Notice, Progress, Reward, Started, Step, Validated, to_line
from foodet_core.project.edits import Change, Edit
from foodet_core.project.store import Project
from foodet_core.types import ClassList, ImageRecord, ImageState
from foodet_gui import theme
from foodet_gui.panels.curves import MOST_POINTS, Curve
from foodet_gui.panels.run_view import Standing, clock, run_log
from foodet_gui.panels.train import TrainPanel, finetune_config
from foodet_gui.session import Session

# Said by the offscreen platform whenever a window is shown.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


class FakeJobs(QObject):
    """Jobs that start nothing and say what the test wants."""

    started = Signal(object)
    events = Signal(list)
    finished = Signal(object)
    paused_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.running: Job | None = None
        self.paused = False
        self.told: list[str] = []

    def start(self, job: Job) -> None:
        self.running = job
        self.started.emit(job)

    def stop(self) -> None:
        self.told.append("stop")

    def pause(self) -> None:
        self.set_paused(True)

    def resume(self) -> None:
        self.set_paused(False)

    def set_paused(self, paused: bool) -> None:
        self.paused = paused
        self.told.append("pause" if paused else "resume")
        self.paused_changed.emit(paused)

    def end(self, result: Finished | Failed) -> None:
        self.running = None
        self.finished.emit(result)

    def tell(self, *events: Event) -> None:
        self.events.emit(list(events))


@pytest.fixture
def session(qapp: object, tmp_path: Path) -> Iterator[Session]:
    states = [ImageState.DONE, ImageState.EMPTY, ImageState.IN_PROGRESS, ImageState.UNLABELLED]
    images = [ImageRecord(i, f"{i}.jpg", (60, 80), state=state) for i, state in enumerate(states, 1)]
    Project.create(tmp_path / "p.foodet", tmp_path, ClassList.of(["egg"]), images).close()
    session = Session()
    session.open_project(tmp_path / "p.foodet")
    yield session
    session.close_project()


@pytest.fixture
def jobs(qapp: object) -> FakeJobs:
    return FakeJobs()


@pytest.fixture
def panel(qtbot: QtBot, session: Session, jobs: FakeJobs) -> TrainPanel:
    return shown(qtbot, session, jobs)


def shown(qtbot: QtBot, session: Session, jobs: FakeJobs) -> TrainPanel:
    panel = TrainPanel(session, jobs)  # type: ignore[arg-type]
    qtbot.addWidget(panel)
    panel.show()
    return panel


def project(session: Session) -> Project:
    assert session.project is not None
    return session.project


def runs(session: Session) -> list[str]:
    return [folder.name for folder in project(session).run_folders()]


def mark(session: Session, image_id: int, state: ImageState) -> None:
    before = project(session).image(image_id)
    session.apply(Edit("mark", (Change(("image", image_id), before, replace(before, state=state)),)))


def step(number: int, loss: float = 2.0, left: float | None = 75.0) -> Step:
    return Step(number, 200, {"loss": loss}, 1e-3, 9.44, 25.0, left)


def validated(number: int, ap: float) -> Validated:
    return Validated(number, {"AP": ap, "AP50": 0.71}, {"egg": ap}, 58, "latest.safetensors")


def write_log(run: Path, *events: Event, checkpoint: bool = True) -> None:
    run.mkdir(parents=True, exist_ok=True)
    (run / "events.jsonl").write_text("".join(to_line(event) + "\n" for event in events))
    if checkpoint:
        (run / "checkpoint.safetensors").write_bytes(b"")


# Before a run


def test_it_says_how_many_images_are_labelled_and_how_long_it_takes(panel: TrainPanel) -> None:
    assert panel.reason.text().startswith("3 labelled images. ")
    assert panel.train_button.text() == "Train · 5 min"
    assert panel.finetune_button.text() == "Fine-tune (GRPO) · 1 min"


def test_the_times_on_the_buttons_follow_the_form(panel: TrainPanel) -> None:
    panel.form.set_values({"minutes": 20})
    assert panel.finetune_button.text() == "Fine-tune (GRPO) · 4 min"
    panel.finetune_form.set_values({"minutes": 2.5})
    assert panel.train_button.text() == "Train · 20 min"
    assert panel.finetune_button.text() == "Fine-tune (GRPO) · 2.5 min"


def test_too_few_labelled_images_switch_training_off_with_the_reason(
    qtbot: QtBot, session: Session, panel: TrainPanel, jobs: FakeJobs
) -> None:
    for image_id in (2, 3):
        mark(session, image_id, ImageState.UNLABELLED)
    qtbot.waitUntil(lambda: not panel.train_button.isEnabled())
    assert panel.reason.text() == "1 labelled image. Label at least 2 images to train."
    with qtbot.waitSignal(session.notice) as notice:
        panel.start_training()
    assert notice.args == ["Label at least 2 images to train.", "warning"]
    assert jobs.running is None
    assert runs(session) == []


def test_fine_tuning_waits_for_weights(qtbot: QtBot, session: Session, panel: TrainPanel, tmp_path: Path) -> None:
    assert panel.train_button.isEnabled()
    assert not panel.finetune_button.isEnabled()
    assert "train first" in panel.reason.text()
    session.set_weights(tmp_path / "w.safetensors")
    qtbot.waitUntil(panel.finetune_button.isEnabled)
    assert panel.reason.text() == "3 labelled images"


def test_without_a_project_nothing_can_be_started(qtbot: QtBot, session: Session, panel: TrainPanel) -> None:
    session.close_project()
    assert not panel.train_button.isEnabled()
    with qtbot.waitSignal(session.notice) as notice:
        panel.start_training()
    assert "Open a project" in notice.args[0]


def test_train_starts_a_job_as_the_form_says(session: Session, panel: TrainPanel, jobs: FakeJobs) -> None:
    panel.form.set_values({"minutes": 3, "model.preset": "small", "seed": 7})
    panel.train_button.click()
    job = jobs.running
    assert isinstance(job, TrainJob)
    assert job.source.path == str(project(session).folder)
    assert Path(job.out) == project(session).runs / "0001-train"
    assert (job.config.minutes, job.config.model.preset, job.config.seed) == (3, "small", 7)


@pytest.mark.parametrize(("choice", "start"), [("bundled", "bundled"), ("none", "none"), ("current", "w.safetensors")])
def test_a_training_starts_from_what_the_form_says(
    session: Session, panel: TrainPanel, jobs: FakeJobs, tmp_path: Path, choice: str, start: str
) -> None:
    session.set_weights(tmp_path / "w.safetensors")
    panel.start_form.set_values({"weights": choice})
    panel.train_button.click()
    assert isinstance(jobs.running, TrainJob)
    assert Path(jobs.running.weights).name == start


def test_a_training_starts_from_the_bundled_weights_unless_told_otherwise(panel: TrainPanel, jobs: FakeJobs) -> None:
    panel.train_button.click()
    assert isinstance(jobs.running, TrainJob)
    assert jobs.running.weights == "bundled"


def test_the_bundled_weights_alone_are_nothing_to_fine_tune(qtbot: QtBot, session: Session, panel: TrainPanel) -> None:
    session.set_weights(Path("bundled"))
    qtbot.waitUntil(lambda: "train first" in panel.reason.text())
    assert not panel.finetune_button.isEnabled()


def test_fine_tune_starts_from_the_weights_in_use(
    qtbot: QtBot, session: Session, panel: TrainPanel, jobs: FakeJobs, tmp_path: Path
) -> None:
    session.set_weights(tmp_path / "w.safetensors")
    qtbot.waitUntil(panel.finetune_button.isEnabled)
    panel.finetune_button.click()
    job = jobs.running
    assert isinstance(job, FinetuneJob)
    assert job.start == str(tmp_path / "w.safetensors")
    assert Path(job.out).name == "0001-finetune"
    assert job.config.minutes == 1


def test_contradicting_settings_are_a_notice_and_leave_no_run(
    qtbot: QtBot, session: Session, panel: TrainPanel, jobs: FakeJobs
) -> None:
    panel.form.advanced.button.click()
    panel.form.set_values({"steps": 100})
    with qtbot.waitSignal(session.notice) as notice:
        panel.start_training()
    assert "minutes and steps" in notice.args[0]
    assert jobs.running is None
    assert runs(session) == []


def test_a_second_start_is_refused_without_a_run_folder(
    qtbot: QtBot, session: Session, panel: TrainPanel, jobs: FakeJobs
) -> None:
    panel.start_training()
    with qtbot.waitSignal(session.notice):
        panel.start_training()
    assert runs(session) == ["0001-train"]


@pytest.mark.parametrize(
    ("config", "asked", "minutes", "steps"),
    [
        (TrainConfig(minutes=10), None, 2, None),
        (TrainConfig(minutes=0.1), None, 0.05, None),
        (TrainConfig(steps=100), None, None, 20),
        (TrainConfig(steps=100), 3, 3, None),
        (TrainConfig(), None, None, None),
    ],
)
def test_fine_tuning_takes_a_fifth_unless_asked_otherwise(
    config: TrainConfig, asked: float | None, minutes: float | None, steps: int | None
) -> None:
    tuned = finetune_config(config, asked)
    assert (tuned.minutes, tuned.steps) == (minutes, steps)


# During a run


def test_a_run_shows_its_figure_progress_and_time(panel: TrainPanel, jobs: FakeJobs) -> None:
    panel.start_training()
    view = panel.run_view
    assert view.caption.text() == "RUN 1 · NANO"
    assert view.figure.text() == "–"
    assert not panel.train_button.isVisible()
    jobs.tell(Started("train"), Progress(12, 48, "reading images"))
    assert (view.stage.text(), view.bar.value()) == ("reading images 12 / 48", 250)
    jobs.tell(step(50), validated(50, 0.47))
    assert view.figure.text() == "0.47"
    assert view.metrics.text() == "AP50 0.71 · 58 validation images"
    assert view.time.text() == "0:25 / 1:40 · 9.4 images/s"
    assert view.bar.value() == 250
    assert view.pause_button.isVisible()


def test_the_figure_is_the_best_ap_which_is_what_is_kept(panel: TrainPanel, jobs: FakeJobs) -> None:
    panel.start_training()
    jobs.tell(validated(10, 0.5), validated(20, 0.4))
    assert panel.run_view.figure.text() == "0.50"


@pytest.mark.parametrize(
    ("ap", "change", "role"), [(0.47, "+0.09", "good"), (0.3, "−0.08", "warning"), (0.381, "+0.00", "dim")]
)
def test_the_change_is_against_the_newest_run_that_was_measured(
    panel: TrainPanel, session: Session, jobs: FakeJobs, ap: float, change: str, role: str
) -> None:
    write_log(project(session).new_run("train"), validated(10, 0.2), validated(20, 0.38))
    write_log(project(session).new_run("train"), step(1))
    panel.start_training()
    assert not panel.run_view.change.isVisible()
    jobs.tell(validated(10, ap))
    assert panel.run_view.change.text() == change
    assert panel.run_view.change.property("role") == role
    assert panel.run_view.change.toolTip() == "run 1 had AP 0.38"


def test_curves_appear_with_their_first_value(panel: TrainPanel, jobs: FakeJobs) -> None:
    panel.start_training()
    curves = panel._curves
    assert curves is not None
    jobs.tell(step(1, 3.0), step(2, 2.0))
    assert curves.loss.values == [3.0, 2.0]
    assert not curves.loss.isHidden()
    assert curves.ap.isHidden()
    assert curves.reward.isHidden()
    jobs.tell(validated(2, 0.1), Reward(2, 1.4, {}, 0.1, 0.0, 0.0, 1.0, 3.0))
    assert (curves.ap.values, curves.reward.values) == ([0.1], [1.4])
    assert not curves.reward.isHidden()


def test_a_nan_loss_is_left_out(panel: TrainPanel, jobs: FakeJobs) -> None:
    panel.start_training()
    jobs.tell(replace(step(1), losses={"loss": None}))  # type: ignore[dict-item]
    assert panel._curves is not None
    assert panel._curves.loss.values == []


def test_a_long_curve_is_thinned_and_keeps_both_ends(qtbot: QtBot) -> None:
    curve = Curve("Loss", "accent", noisy=True)
    qtbot.addWidget(curve)
    for number in range(3 * MOST_POINTS):
        curve.add(number, float(number))
    curve.draw(3 * MOST_POINTS)
    assert len(curve.steps) <= MOST_POINTS
    assert curve.steps[-1] == 3 * MOST_POINTS - 1
    assert curve.steps == sorted(curve.steps)
    assert curve.steps[0] == 0


def test_curves_follow_the_theme(panel: TrainPanel, jobs: FakeJobs, request: pytest.FixtureRequest) -> None:
    request.addfinalizer(lambda: theme.choose("system"))
    panel.start_training()
    jobs.tell(validated(1, 0.1))
    curves = panel._curves
    assert curves is not None
    for scheme, tokens in (("light", theme.LIGHT), ("dark", theme.DARK)):
        theme.choose(scheme)
        assert curves.ap._line.opts["pen"].color() == QColor(tokens["accent"])


def test_pause_and_stop_reach_the_run(panel: TrainPanel, jobs: FakeJobs) -> None:
    panel.start_training()
    panel.run_view.pause_button.click()
    assert (panel.run_view.pause_button.text(), panel.run_view.stage.text()) == ("Go on", "paused")
    panel.run_view.pause_button.click()
    panel.run_view.stop_button.click()
    assert jobs.told == ["pause", "resume", "stop"]
    assert not panel.run_view.stop_button.isEnabled()


def test_a_run_s_notices_are_passed_on(qtbot: QtBot, panel: TrainPanel, session: Session, jobs: FakeJobs) -> None:
    panel.start_training()
    with qtbot.waitSignal(session.notice) as notice:
        jobs.tell(Notice("3 boxes lie outside their images.", "warning"))
    assert notice.args == ["3 boxes lie outside their images.", "warning"]


# After a run


def test_the_result_is_said_and_its_weights_are_used(panel: TrainPanel, session: Session, jobs: FakeJobs) -> None:
    panel.start_training()
    weights = project(session).runs / "0001-train" / "weights.safetensors"
    weights.write_bytes(b"")
    jobs.end(Finished("train", "done", "Best AP 0.470.", 300.0, {"weights": str(weights)}))
    assert panel.run_view.sentence.text() == "Best AP 0.470."
    assert session.weights == weights
    assert panel.train_button.isVisible()
    assert panel.finetune_button.isEnabled()
    assert not panel.run_view.resume_button.isVisible()
    assert not panel.run_view.bar.isVisible()


def test_weights_that_were_never_written_are_not_used(panel: TrainPanel, session: Session, jobs: FakeJobs) -> None:
    panel.start_training()
    weights = project(session).runs / "0001-train" / "weights.safetensors"
    jobs.end(Finished("train", "stopped", "Stopped.", 3.0, {"weights": str(weights)}))
    assert session.weights is None


def test_weights_of_another_project_are_not_used(panel: TrainPanel, session: Session, jobs: FakeJobs, tmp_path: Path) -> None:
    Project.create(tmp_path / "q.foodet", tmp_path).close()
    panel.start_training()
    weights = project(session).runs / "0001-train" / "weights.safetensors"
    weights.write_bytes(b"")
    session.open_project(tmp_path / "q.foodet")
    jobs.end(Finished("train", "done", "Done.", 3.0, {"weights": str(weights)}))
    assert session.weights is None


def test_a_failed_run_with_a_checkpoint_can_be_resumed(panel: TrainPanel, session: Session, jobs: FakeJobs) -> None:
    panel.start_training()
    run = project(session).runs / "0001-train"
    write_log(run, step(1, 3.0), validated(10, 0.33))
    jobs.end(Failed("The run broke off.", False, "trace"))
    assert panel.run_view.sentence.text() == "The run broke off."
    assert panel.run_view.sentence.property("role") == "warning"
    panel.run_view.resume_button.click()
    assert jobs.running == ResumeJob(str(run))
    assert panel.run_view.caption.text() == "RUN 1 · RESUMED"
    assert panel.run_view.figure.text() == "0.33"
    assert panel._curves is not None
    assert panel._curves.loss.values == [3.0]


def test_a_run_that_failed_at_its_input_leaves_no_folder(panel: TrainPanel, session: Session, jobs: FakeJobs) -> None:
    panel.start_training()
    jobs.end(Failed("labels: none. Draw some.", True))
    assert runs(session) == []
    assert not panel.run_view.resume_button.isVisible()


def test_the_end_of_another_job_changes_nothing(panel: TrainPanel, jobs: FakeJobs) -> None:
    jobs.end(Failed("export went wrong", True))
    assert not panel.run_view.isVisible()


def test_a_project_whose_last_run_broke_off_offers_to_resume_it(qtbot: QtBot, session: Session, jobs: FakeJobs) -> None:
    write_log(project(session).new_run("train"), validated(10, 0.4))
    panel = shown(qtbot, session, jobs)
    assert panel.run_view.figure.text() == "0.40"
    panel.run_view.resume_button.click()
    assert isinstance(jobs.running, ResumeJob)


def test_a_project_whose_last_run_ended_offers_nothing(qtbot: QtBot, session: Session, jobs: FakeJobs) -> None:
    write_log(project(session).new_run("train"), Finished("train", "done", "Done.", 3.0))
    assert not shown(qtbot, session, jobs).run_view.isVisible()


# Parts


def test_steps_without_a_time_left_count_as_progress() -> None:
    standing = Standing()
    standing.take(step(50, left=None))
    assert standing.fraction == 0.25


def test_a_validation_s_progress_does_not_turn_back_the_bar() -> None:
    standing = Standing()
    standing.take(step(150, left=25.0))
    standing.take(Progress(1, 58, "validating"))
    assert (standing.stage, standing.fraction) == ("validating 1 / 58", 0.5)


def test_a_torn_line_in_a_log_is_left_out(tmp_path: Path) -> None:
    write_log(tmp_path, step(1))
    with (tmp_path / "events.jsonl").open("a") as log:
        log.write('{"event": "Step", "st')
    assert list(run_log(tmp_path)) == [step(1)]


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (303.4, "5:03"), (3723, "1:02:03")])
def test_times_are_written_as_on_a_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_the_tab_leaves_pyqtgraph_and_torch_for_later() -> None:
    script = "import sys, foodet_gui.panels.train; assert not {'pyqtgraph', 'torch', 'sqlite3'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
