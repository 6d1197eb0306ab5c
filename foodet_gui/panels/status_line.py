"""The line at the bottom: the image and that it is saved on the left; class, tool, zoom and training on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from foodet_core.events import Event, Failed, Finished, Step, Validated

from .. import language
from ..jobs import Jobs, run_folder
from ..session import Session
from ..theme import class_look

if TYPE_CHECKING:
    from foodet_core.config import Job

HEIGHT = 30


class StatusLine(QFrame):
    """Says what is so; nothing can be clicked."""

    def __init__(self, session: Session, jobs: Jobs) -> None:
        super().__init__()
        self._session = session
        self._tool, self._zoom = "select", 1.0
        self._run, self._ap, self._share = "", "", ""
        self.setObjectName("statusLine")
        self.setFixedHeight(HEIGHT)
        self._image, self._work, self._training = QLabel(), QLabel(), QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 0, 20, 0)
        row.setSpacing(24)
        row.addWidget(self._image)
        row.addStretch(1)
        row.addWidget(self._work)
        row.addWidget(self._training)
        for signal in (session.current_changed, session.selection_changed, session.changed):
            signal.connect(self._show)
        self._training.hide()
        jobs.started.connect(self._on_started)
        jobs.events.connect(self._on_events)
        jobs.finished.connect(self._on_finished)
        language.watch(self._show)

    def set_tool(self, tool: str) -> None:
        """The canvas has another tool."""
        self._tool = tool
        self._show()

    def set_zoom(self, zoom: float) -> None:
        """The canvas shows the image at another scale."""
        self._zoom = zoom
        self._show()

    def _show(self) -> None:
        image = self._session.current
        if image is None:
            self._image.setText("")
            self._work.setText("")
            return
        height, width = image.size_hw
        self._image.setText("    ".join((image.path, f"{width} × {height}", self.tr("all changes saved"))))
        tools = {"select": self.tr("select"), "draw": self.tr("draw"), "hand": self.tr("hand")}
        name = class_look(self._session.classes, self._session.current_class)[0] if self._session.classes else ""
        self._work.setText(" · ".join(part for part in (name, tools[self._tool], f"{self._zoom:.0%}") if part))

    def _on_started(self, job: Job) -> None:
        folder = run_folder(job)
        self._run = self.tr("run {}").format(int(folder.name.split("-")[0])) if folder else self.tr("working")
        self._ap, self._share = "", ""
        self._show_training()

    def _on_events(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Step) and event.steps:
                self._share = f"{event.step / event.steps:.0%}"
            elif isinstance(event, Validated) and "AP" in event.metrics:
                self._ap = f"AP {event.metrics['AP']:.2f}"
        self._show_training()

    def _on_finished(self, _end: Finished | Failed) -> None:
        self._run = ""
        self._show_training()

    def _show_training(self) -> None:
        self._training.setVisible(bool(self._run))
        self._training.setText(" · ".join(part for part in (self._run, self._share, self._ap) if part))
