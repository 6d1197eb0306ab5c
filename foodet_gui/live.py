"""Predictions on the open image that follow the person and the training.

Asks for them when another image is opened, when other weights count, when predictions are switched on, and at each
validation of a running training: the boxes change before one's eyes. Only the image where the person stops is asked for.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer

from foodet_core.events import Event, ImageDetections, Validated
from foodet_core.types import ClassList, Detections

from .jobs import Jobs
from .session import Session

STAY_MS = 120


class LivePredictions(QObject):
    """Keeps the session's predictions of the open image up to date."""

    def __init__(self, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._weights: Path | None = None
        self._training_weights: Path | None = None
        self._asked: int | None = None
        self._answered: set[int] = set()
        self._images: dict[str, int] = {}
        self._stay = QTimer(self, singleShot=True, interval=STAY_MS)
        self._stay.timeout.connect(self._ask)
        session.project_changed.connect(self._forget)
        session.current_changed.connect(self._consider)
        session.predictions_changed.connect(self._consider)
        jobs.events.connect(self._on_events)
        jobs.finished.connect(self._on_finished)
        jobs.detections.connect(self._on_detections)

    def _wanted(self) -> int | None:
        """The id of the image that has yet to be asked for, if any."""
        weights = self._training_weights or self._session.weights
        if weights != self._weights:
            self._weights = weights
            self._forget()
        image = self._session.current
        if image is None or weights is None or not self._session.show_predictions or image.id in self._answered:
            return None
        return image.id

    def _consider(self) -> None:
        if self._wanted() not in (None, self._asked):
            self._stay.start()

    def _ask(self) -> None:
        project, image = self._session.project, self._session.current
        if project is None or image is None or self._weights is None or self._wanted() is None:
            return
        path = project.path(image)
        self._asked = image.id
        self._images[str(path)] = image.id
        self._jobs.predict(self._weights, [path])

    def _forget(self) -> None:
        """What was asked and answered no longer holds."""
        self._asked = None
        self._answered.clear()
        self._images.clear()

    def _on_events(self, events: list[Event]) -> None:
        measured = [event.weights for event in events if isinstance(event, Validated) and event.weights]
        if measured:
            self._training_weights = self._weights = Path(measured[-1])
            self._forget()  # the file may have the same name as before
            self._consider()

    def _on_finished(self) -> None:
        self._training_weights = None
        self._forget()
        self._stay.start()  # rather than at once: the session may be about to learn of better weights

    def _on_detections(self, answer: ImageDetections) -> None:
        image_id = self._images.pop(answer.image, None)
        project = self._session.project
        if image_id is None or project is None:
            return
        try:
            project.image(image_id)
        except KeyError:
            return  # deleted meanwhile
        self._answered.add(image_id)
        self._session.set_predictions(image_id, in_classes(answer, project.classes()), answer.weights)


def in_classes(answer: ImageDetections, classes: ClassList) -> Detections:
    """An answer in the labels of `classes`, matched by name; classes that the detector knows alone are left out."""
    labels = [classes.label(answer.classes[label]) for label in answer.labels]
    known = [i for i, label in enumerate(labels) if label is not None]
    return Detections(
        np.array([answer.boxes_xyxy[i] for i in known], np.float32).reshape(-1, 4),
        np.array([labels[i] for i in known], np.int64),
        np.array([answer.scores[i] for i in known], np.float32),
    )
