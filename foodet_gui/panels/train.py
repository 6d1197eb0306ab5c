"""The Train tab: a short form and two buttons before a run, how it goes while it runs, what came out after it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from foodet_core.config import BUNDLED, Config, FinetuneJob, Job, ResumeJob, Source, TrainConfig, TrainJob, choice, option
from foodet_core.errors import InputError
from foodet_core.events import Event, Failed, Finished, Notice
from foodet_core.types import ImageState

from .. import language
from ..core_texts import said
from ..form import ConfigForm
from ..jobs import Jobs, resumable, run_folder
from ..session import Session
from .run_view import RunView, best_ap, run_log, run_number

if TYPE_CHECKING:
    from foodet_core.project.store import Project

    from .curves import Curves

MINUTES = 5.0
FINETUNE_SHARE = 0.2
LEAST_IMAGES = 2
SHOWN = ("minutes", "imgsz", "model.preset", "augment.turn", "seed")
_LABELLED = (ImageState.DONE, ImageState.EMPTY, ImageState.IN_PROGRESS)


@dataclass(frozen=True)
class Start(Config):
    """What a training starts from."""

    weights: str = choice(
        BUNDLED,
        (BUNDLED, "current", "none"),
        "Start from",
        "bundled: weights that know food already; current: the detector in use; none: random weights.",
    )


@dataclass(frozen=True)
class FinetuneTime(Config):
    """How long GRPO fine-tunes after a training."""

    minutes: float | None = option(
        None, "Fine-tuning", "Time for GRPO; automatic is a fifth of the training's.", unit="min", low=0.05, high=100000
    )


def finetune_config(config: TrainConfig, minutes: float | None) -> TrainConfig:
    """The settings of a training as those of a fine-tuning: `minutes` long, or a fifth of the training."""
    if minutes is not None:
        return replace(config, minutes=minutes, steps=None)
    if config.minutes is not None:
        return replace(config, minutes=max(round(config.minutes * FINETUNE_SHARE, 2), 0.05))
    steps = config.steps and max(round(config.steps * FINETUNE_SHARE), 1)
    return replace(config, steps=steps)


def labelled_images(project: Project) -> int:
    """How many images a training can use."""
    counts = project.state_counts()
    return sum(counts[state] for state in _LABELLED)


class TrainPanel(QWidget):
    """Starts trainings and fine-tunings of the open project and shows the one that runs."""

    def __init__(self, session: Session, jobs: Jobs) -> None:
        super().__init__()
        self._session, self._jobs = session, jobs
        self._folder: Path | None = None
        self._run: Path | None = None
        self._running = False
        self._curves: Curves | None = None
        self.run_view = RunView()
        self.run_view.hide()
        self.form = ConfigForm(TrainConfig(minutes=MINUTES), SHOWN)
        self.start_form = ConfigForm(Start(), ("weights",), rest=False)
        self.finetune_form = ConfigForm(FinetuneTime(), ("minutes",), rest=False)
        self.train_button, self.finetune_button = QPushButton(), QPushButton()
        self.reason = QLabel()
        self._build()
        # Edits come in bursts, a drag for example; counting the images once after it is enough.
        self._soon = QTimer(self, singleShot=True, interval=300)
        self._soon.timeout.connect(self.refresh)
        self._connect()
        self._on_project()
        language.watch(self.refresh)

    def start_training(self) -> None:
        """Train on the open project, as the form says."""

        def job(project: Project) -> Job:
            config = self.form.config()
            run = str(project.new_run("train"))
            return TrainJob(Source(str(project.folder)), run, weights=self._start_weights(), config=config)

        self._start(self._no_training(), job)

    def start_finetune(self) -> None:
        """Fine-tune the weights in use by GRPO."""

        def job(project: Project) -> Job:
            config = self._finetune_config()
            start = str(self._session.weights)
            return FinetuneJob(start, Source(str(project.folder)), str(project.new_run("finetune")), config=config)

        self._start(self._no_finetuning(), job)

    def resume_run(self) -> None:
        """Go on with the run that is shown."""
        run = self._run
        if run is not None:
            self._start("", lambda _project: ResumeJob(str(run)))

    def refresh(self) -> None:
        """Say what can be started, how long it will take, and what is missing."""
        self.train_button.setText(self.tr("Train") + self._length(self.form.config))
        self.finetune_button.setText(self.tr("Fine-tune (GRPO)") + self._length(self._finetune_config))
        self.train_button.setEnabled(not self._no_training())
        self.finetune_button.setEnabled(not self._no_finetuning())
        project = self._session.project
        labelled = labelled_images(project) if project else 0
        told = self.tr("{:,} labelled images").format(labelled) if labelled != 1 else self.tr("1 labelled image")
        reason = self._no_training() or self._no_finetuning()
        self.reason.setText(self.tr("{}. {}").format(told, reason) if reason else told)

    def _start(self, reason: str, job: Callable[[Project], Job]) -> None:
        project = self._session.project
        if self._jobs.running is not None:
            reason = self.tr("A run is going on already.")
        if project is None or reason:
            self._session.notice.emit(reason or self.tr("Open a project first."), "warning")
            return
        try:
            self._jobs.start(job(project))
        except InputError as error:
            self._session.notice.emit(said(str(error)), "warning")

    def _start_weights(self) -> str:
        chosen = self.start_form.config().weights
        return str(self._session.weights or BUNDLED) if chosen == "current" else chosen

    def _no_training(self) -> str:
        """Why no training can start; empty if one can."""
        project = self._session.project
        if project is None:
            return self.tr("Open a project first.")
        if labelled_images(project) < LEAST_IMAGES:
            return self.tr("Label at least {} images to train.").format(LEAST_IMAGES)
        return ""

    def _no_finetuning(self) -> str:
        """Why no fine-tuning can start; empty if one can."""
        reason = self._no_training()
        if not reason and self._session.weights in (None, Path(BUNDLED)):
            return self.tr("Fine-tuning needs a trained detector: train first.")
        return reason

    def _finetune_config(self) -> TrainConfig:
        return finetune_config(self.form.config(), self.finetune_form.config().minutes)

    def _length(self, config: Callable[[], TrainConfig]) -> str:
        """The time budget as it stands on a button."""
        try:
            minutes = config().minutes
        except InputError:
            return ""  # said when the button is clicked
        return "" if minutes is None else self.tr(" · {:g} min").format(minutes)

    # A run's life

    def _on_started(self, job: Job) -> None:
        run = run_folder(job)
        if run is None:
            return
        self._run, self._running = run, True
        self.run_view.begin(self._caption(job, run), self._previous(run))
        self.run_view.show()
        self._setup.hide()
        curves = self._shown_curves()
        curves.clear()
        if isinstance(job, ResumeJob):
            events = list(run_log(run))
            curves.take(events)
            self.run_view.take(events)

    def _on_events(self, events: list[Event]) -> None:
        if not self._running or self._curves is None:
            return
        self.run_view.take(events)
        self._curves.take(events)
        for event in events:
            if isinstance(event, Notice):
                self._session.notice.emit(said(event.text), event.level)

    def _on_finished(self, result: Finished | Failed) -> None:
        if self._run is None or not self._running:
            return
        self._running = False
        failed = isinstance(result, Failed)
        may_go_on = (isinstance(result, Failed) or result.outcome == "stopped") and resumable(self._run)
        detail = result.trace if isinstance(result, Failed) else ""
        self.run_view.end(result.text, failed=failed, resumable=may_go_on, detail=detail)
        with contextlib.suppress(OSError):
            self._run.rmdir()  # of a run that failed before it wrote anything; any other folder is not empty
        if isinstance(result, Finished):
            self._use(result)
        self._setup.show()
        self.refresh()

    def _use(self, result: Finished) -> None:
        """Predict with what a run of the open project made."""
        weights, project = result.detail.get("weights"), self._session.project
        if weights and project and Path(weights).is_relative_to(project.folder) and Path(weights).exists():
            self._session.set_weights(Path(weights))

    def _on_project(self) -> None:
        project = self._session.project
        folder = project.folder if project else None
        if folder != self._folder and not self._running:
            self._show_last_run(project)
        self._folder = folder
        self.refresh()

    def _show_last_run(self, project: Project | None) -> None:
        """Offer to go on with the newest run of a project if that broke off, in a crash for example."""
        runs = project.run_folders() if project else []
        self._run = runs[-1] if runs and broke_off(runs[-1]) else None
        self.run_view.setVisible(self._run is not None)
        if self._curves is not None:
            self._curves.clear()
        if self._run is not None:
            self.run_view.begin(self.tr("RUN {}").format(run_number(self._run)), self._previous(self._run))
            self.run_view.take(run_log(self._run))
            self.run_view.end(self.tr("This run has not come to its end."), failed=False, resumable=True)

    def _previous(self, run: Path) -> tuple[str, float] | None:
        """The number and the best AP of the newest run before `run` that measured one."""
        for earlier in sorted(run.parent.glob("*-*"), reverse=True):
            if earlier.name < run.name and (ap := best_ap(earlier)) is not None:
                return run_number(earlier), ap
        return None

    def _caption(self, job: Job, run: Path) -> str:
        """What stands over a run, like "RUN 4 · NANO"."""
        name = self.tr("RUN {}").format(run_number(run))
        if isinstance(job, TrainJob):
            return f"{name} · {job.config.model.preset.upper()}"
        if isinstance(job, FinetuneJob):
            start = run_number(Path(job.start).parent)
            return self.tr("{} · GRPO · FROM RUN {}").format(name, start)
        return self.tr("{} · RESUMED").format(name)

    # Made once

    def _shown_curves(self) -> Curves:
        if self._curves is None:
            from .curves import Curves  # pyqtgraph costs 0.4 s

            self._curves = Curves()
            self._column.insertWidget(self._column.indexOf(self._setup) + 1, self._curves)
        return self._curves

    def _build(self) -> None:
        self._setup = QWidget()
        setup = QVBoxLayout(self._setup)
        setup.setContentsMargins(0, 0, 0, 0)
        setup.setSpacing(8)
        self.reason.setWordWrap(True)
        self.reason.setProperty("role", "dim")
        self.train_button.setProperty("role", "primary")
        buttons = self.train_button, self.finetune_button
        for part in (self.form, self.start_form, self.finetune_form, self.reason, *buttons, self.form.advanced):
            setup.addWidget(part)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(16, 16, 16, 16)
        self._column.setSpacing(16)
        self._column.addWidget(self.run_view)
        self._column.addWidget(self._setup)
        self._column.addStretch()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(scroll)

    def _connect(self) -> None:
        self.form.changed.connect(self.refresh)
        self.finetune_form.changed.connect(self.refresh)
        self.train_button.clicked.connect(self.start_training)
        self.finetune_button.clicked.connect(self.start_finetune)
        self.run_view.pause_clicked.connect(self._pause_or_go_on)
        self.run_view.stop_clicked.connect(self._jobs.stop)
        self.run_view.resume_clicked.connect(self.resume_run)
        self._session.project_changed.connect(self._on_project)
        self._session.changed.connect(lambda _changes, _initiator: self._soon.start())
        self._session.predictions_changed.connect(lambda _image_id: self._soon.start())
        self._jobs.started.connect(self._on_started)
        self._jobs.events.connect(self._on_events)
        self._jobs.finished.connect(self._on_finished)
        self._jobs.paused_changed.connect(self.run_view.set_paused)

    def _pause_or_go_on(self) -> None:
        if self._jobs.paused:
            self._jobs.resume()
        else:
            self._jobs.pause()


def broke_off(run: Path) -> bool:
    """Whether a run left a checkpoint and did not come to its end."""
    ends = run_log(run, Finished.__name__)
    return resumable(run) and not any(isinstance(event, Finished) and event.outcome == "done" for event in ends)
