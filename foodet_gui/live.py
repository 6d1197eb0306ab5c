"""Predictions that follow the person and the training, and pre-labelling of many images at once.

Asks for the open image when another one is opened, when other weights count, when predictions are switched on, and at each
validation of a running training: the boxes change before one's eyes. Only the image where the person stops is asked for.
Pre-labelling goes through the others some at a time while the lane has nothing else to do, so the open image comes first.
"""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from foodet_core.config import BUNDLED
from foodet_core.events import Event, ImageDetections, Validated
from foodet_core.types import ClassList, Detections, FoodClass

from .actions import key_text
from .core_texts import said
from .jobs import Jobs
from .session import UNFINISHED, Session

STAY_MS = 120
_AT_ONCE = 16


class LivePredictions(QObject):
    """Keeps the session's predictions of the open image up to date, and pre-labels the others when asked to."""

    prelabelled = Signal()
    """Pre-labelling came to its end."""
    prelabelling = Signal(int, int, float)
    """How many images are through, of how many, and the seconds left; 0 of 0 when it is over."""

    def __init__(self, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._project = session.project
        self._weights: Path | None = None
        self._training_weights: Path | None = None
        self._asked: int | None = None
        self._answered: set[int] = set()
        self._images: dict[str, int] = {}
        self._theirs = ClassList()
        """The detector's classes: the same value for all its answers."""
        self._queue: deque[int] = deque()
        self._total, self._began = 0, 0.0
        self._stay = QTimer(self, singleShot=True, interval=STAY_MS)
        self._stay.timeout.connect(self._ask)
        session.project_changed.connect(self._on_project)
        session.current_changed.connect(self._consider)
        session.predictions_changed.connect(self._consider)
        jobs.events.connect(self._on_events)
        jobs.finished.connect(self._on_finished)
        jobs.detections.connect(self._on_detections)
        jobs.refused.connect(self._give_up)
        jobs.idle.connect(self._feed)

    def prelabel(self) -> None:
        """Ask for all unfinished images of the list that have no answer yet."""
        session = self._session
        if session.project is None:
            return
        if (self._training_weights or session.weights) is None:
            session.set_weights(Path(BUNDLED))
            text = self.tr("No detector is trained yet: foodet's own looks for food. What it has no class for gets yours.")
            session.notice.emit(text, "info")
        session.set_show_predictions(True)
        self._wanted()  # takes notice of other weights
        unfinished = (id for id in session.order if session.images[id].state in UNFINISHED)
        self._queue = deque(id for id in unfinished if id not in self._answered)
        self._total, self._began = len(self._queue), time.monotonic()
        if not self._queue:
            self._tell_what_was_found()
        elif not self._jobs.predicting:
            self._feed()

    def stop_prelabelling(self) -> None:
        """Ask for no more; what was found stays."""
        if self._queue:
            self._queue.clear()
            self._end_prelabelling()

    def _give_up(self) -> None:
        """Pre-label no more: with every image the same would be said again."""
        if self._total:
            self._queue.clear()
            self._total = 0
            self.prelabelling.emit(0, 0, 0.0)

    def _feed(self) -> None:
        project = self._session.project
        if not self._total or project is None or self._weights is None:
            return
        if not self._queue:
            self._end_prelabelling()
            return
        done = self._total - len(self._queue)
        left = (time.monotonic() - self._began) / done * len(self._queue) if done else 0.0
        self.prelabelling.emit(done, self._total, left)
        ids = [self._queue.popleft() for _ in range(min(_AT_ONCE, len(self._queue)))]
        paths = {str(project.path(self._session.images[id])): id for id in ids if id in self._session.images}
        self._images.update(paths)
        self._jobs.predict(self._weights, [Path(path) for path in paths], self._total)

    def _end_prelabelling(self) -> None:
        self._total = 0
        self.prelabelling.emit(0, 0, 0.0)
        self.prelabelled.emit()
        self._tell_what_was_found()

    def _tell_what_was_found(self) -> None:
        session = self._session
        found, key = session.open_suggestions(), key_text("accept_everywhere")
        text = self.tr("{} suggestions on {} images. {} accepts all that are shown.")
        if not found and (proposals := session.open_suggestions(with_class=False)):
            found, key = proposals, key_text("next_box")
            text = self.tr("Boxes of no class of yours: {}, images: {}. {} goes to the next box, a class accepts it.")
        text = text.format(sum(map(len, found.values())), len(found), key)
        if session.nothing_is_sure():
            text = self.tr("Nothing was found with a score of {:.2f} or more. The slider shows what is less sure.")
            text = text.format(session.threshold)
        if self._jobs.engine:
            text += " " + self.tr("Computed by {}.").format(said(self._jobs.engine))
        self._session.notice.emit(text, "info")

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

    def _on_project(self) -> None:
        """Of the same project, read again, all answers still hold."""
        project = self._session.project
        if project is not self._project:
            self._project = project
            self._forget()

    def _forget(self) -> None:
        """What was asked and answered no longer holds."""
        self._asked = None
        self._answered.clear()
        self._images.clear()
        if self._total and self._session.project is not None:
            self._session.notice.emit(self.tr("Pre-labelling stopped: there is another detector now."), "info")
        self._give_up()

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
        if (theirs := _classes(answer)) != self._theirs:
            self._theirs = theirs
        self._session.set_predictions(image_id, _found(answer), answer.weights, self._theirs)


def _classes(answer: ImageDetections) -> ClassList:
    """The detector's classes, with all that they are called."""
    named = zip(answer.classes, answer.aliases or [()] * len(answer.classes), strict=True)
    return ClassList(tuple(FoodClass(name, aliases=others) for name, others in named))


def _found(answer: ImageDetections) -> Detections:
    import numpy as np  # see suggestions.py

    boxes_xyxy = np.array(answer.boxes_xyxy, np.float32).reshape(-1, 4)
    return Detections(boxes_xyxy, np.array(answer.labels, np.int64), np.array(answer.scores, np.float32))
