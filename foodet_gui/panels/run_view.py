"""One run as a person wants to see it: how good it is, how much better than before, how long it still takes, how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from foodet_core.errors import InputError
from foodet_core.events import Event, Progress, Step, Validated, from_line

from .. import language, theme
from ..core_texts import said

_FINE = 1000


@dataclass
class Standing:
    """What the events so far say of a run. `fraction` is 0..1 of all the work; `ap` the best so far."""

    stage: str = ""
    fraction: float = 0.0
    seconds: float | None = None
    seconds_left: float | None = None
    images_per_second: float = 0.0
    ap: float | None = None
    metrics: str = ""

    def take(self, event: Event) -> None:
        """Take in one event; those that say nothing of progress or quality pass."""
        match event:
            case Progress(done, total, stage, seconds_left):
                self.stage = f"{said(stage)} {done} / {total}".strip()
                if self.seconds is None:  # later the steps tell it
                    self.fraction, self.seconds_left = done / max(total, 1), seconds_left
            case Step():
                self.stage = ""
                self.seconds, self.seconds_left = event.seconds, event.seconds_left
                self.images_per_second = event.images_per_second
                self.fraction = _fraction(event)
            case Validated(metrics=metrics, images=images):
                ap = metrics.get("AP")
                if ap is not None and (self.ap is None or ap >= self.ap):
                    self.ap = ap
                    self.metrics = f"AP50 {metrics.get('AP50') or 0:.2f} · {images}"


def run_log(run: Path, kind: str = "") -> Iterator[Event]:
    """The events that a run wrote down, or those of one kind; lines that cannot be read, like a torn last one, are left out."""
    try:
        lines = (run / "events.jsonl").read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for line in lines:
        if kind not in line:
            continue  # most are steps: not worth reading for one AP
        try:
            yield from_line(line)
        except InputError:
            continue


def best_ap(run: Path) -> float | None:
    """The highest AP in 0..1 that a run measured, if any."""
    standing = Standing()
    for event in run_log(run, Validated.__name__):
        standing.take(event)
    return standing.ap


def run_number(run: Path) -> str:
    """4 for `runs/0004-train`, as text; the name of any other folder."""
    number = run.name.split("-")[0]
    return str(int(number)) if number.isdecimal() else run.name


class RunView(QWidget):
    """Caption, the one figure, progress and buttons of a run; after it, the sentence that says what came out."""

    pause_clicked = Signal()
    stop_clicked = Signal()
    resume_clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.standing = Standing()
        self._against: tuple[str, float] | None = None
        self._paused = False
        self._ending = ""
        self.caption, self.figure = _label("head"), _label("figure")
        self.change, self.metrics, self.stage, self.time = (_label("dim") for _ in range(4))
        self.sentence = _label("")
        self.change.setFont(theme.font(14, QFont.Weight.DemiBold))
        self.bar = QProgressBar()
        self.bar.setMaximum(_FINE)
        self.bar.setTextVisible(False)
        self.pause_button, self.stop_button, self.resume_button = (QPushButton() for _ in range(3))
        self._build()
        language.watch(self._write)

    def begin(self, caption: str, against: tuple[str, float] | None) -> None:
        """A run starts; `against` is the name and the AP of the run to compare with."""
        self.standing, self._against, self._paused = Standing(stage=self.tr("starting")), against, False
        self.caption.setText(caption)
        self.stop_button.setEnabled(True)
        self._show_running(True)
        self.refresh()

    def take(self, events: Iterable[Event]) -> None:
        """Show what the events tell."""
        for event in events:
            self.standing.take(event)
        self.refresh()

    def set_paused(self, paused: bool) -> None:
        """Show that the run holds, or goes on."""
        self._paused = paused
        self.refresh()

    def end(self, text: str, *, failed: bool, resumable: bool, detail: str = "") -> None:
        """The run is over: say how it ended, and whether it can go on."""
        self._ending = text
        self.sentence.setToolTip(detail)
        _dress(self.sentence, "warning" if failed else "")
        self.resume_button.setVisible(resumable)
        self._show_running(False)
        self._write()

    def _write(self) -> None:
        self.sentence.setText(said(self._ending))
        self.figure.setToolTip(self.tr("The best so far: these weights are kept."))
        self.bar.setAccessibleName(self.tr("Progress of the run"))
        self.stop_button.setText(self.tr("Stop and keep"))
        self.resume_button.setText(self.tr("Resume"))
        self.refresh()

    def refresh(self) -> None:
        """Write what is known."""
        standing = self.standing
        self.figure.setText("–" if standing.ap is None else f"{standing.ap:.2f}")
        self.metrics.setText(self.tr("{} validation images").format(standing.metrics) if standing.metrics else "")
        self.metrics.setVisible(bool(standing.metrics))
        self.stage.setText(self.tr("paused") if self._paused else standing.stage or self.tr("training"))
        self.time.setText(self._time())
        self.bar.setValue(round(standing.fraction * _FINE))
        self.pause_button.setText(self.tr("Go on") if self._paused else self.tr("Pause"))
        self._show_change()

    def _show_change(self) -> None:
        known = self.standing.ap is not None and self._against is not None
        self.change.setVisible(known)
        if self.standing.ap is not None and self._against is not None:
            name, before = self._against
            change = round(self.standing.ap, 2) - round(before, 2)  # as the figures stand there
            self.change.setText(f"{change:+.2f}".replace("-", "−"))
            self.change.setToolTip(self.tr("run {} had AP {:.2f}").format(name, before))
            _dress(self.change, "dim" if change == 0 else "good" if change > 0 else "warning")

    def _time(self) -> str:
        standing = self.standing
        left = standing.seconds_left
        if standing.seconds is None:
            return "" if left is None else self.tr("{} left").format(clock(left))
        time = clock(standing.seconds) if left is None else f"{clock(standing.seconds)} / {clock(standing.seconds + left)}"
        return self.tr("{} · {:.1f} images/s").format(time, standing.images_per_second)

    def _show_running(self, running: bool) -> None:
        for widget in (self.stage, self.bar, self.time, self.pause_button, self.stop_button):
            widget.setVisible(running)
        self.sentence.setVisible(not running)
        if running:
            self.resume_button.hide()

    def _on_stop(self) -> None:
        self.stop_button.setEnabled(False)
        self._paused = False
        self.standing.stage = self.tr("stopping")
        self.refresh()
        self.stop_clicked.emit()

    def _build(self) -> None:
        self.sentence.setWordWrap(True)
        self.pause_button.clicked.connect(self.pause_clicked)
        self.stop_button.clicked.connect(self._on_stop)
        self.resume_button.clicked.connect(self.resume_clicked)
        figure = _row(self.figure, _label("dim", "AP"), None, self.change)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.caption)
        column.addLayout(figure)
        for part in (self.metrics, self.sentence, self.resume_button):
            column.addWidget(part)
        column.addSpacing(8)
        column.addWidget(self.bar)
        column.addLayout(_row(self.stage, None, self.time))
        column.addSpacing(8)
        column.addLayout(_row(self.pause_button, self.stop_button))


def clock(seconds: float) -> str:
    """5:03, or 1:02:03 from an hour on."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _fraction(step: Step) -> float:
    if step.seconds_left is None:
        return step.step / max(step.steps, 1)
    return step.seconds / max(step.seconds + step.seconds_left, 1e-6)


def _label(role: str, text: str = "") -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    return label


def _dress(widget: QWidget, role: str) -> None:
    """Give a widget another role, and the look of it."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def _row(*widgets: QWidget | None) -> QHBoxLayout:
    """Widgets side by side; None is the gap that takes the room."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addStretch() if widget is None else row.addWidget(widget)
    return row
