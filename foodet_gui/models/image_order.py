"""In which order the list shows the images: chosen once, kept with the project, worked out when it is chosen.

Nothing moves while a person works: what is drawn or predicted meanwhile counts when the order is chosen the next time, when
all images have been pre-labelled, or when the project is opened again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from .. import ordering
from ..ordering import Order
from ..session import Session

_SETTING = "image_order"
_TICK = 500
_AT_ONCE = 1024


class ImageOrder(QObject):
    """All image ids of the session as they follow each other."""

    opened = Signal()
    """Another project brought its own order with it."""
    changed = Signal()
    """The ids follow each other differently now."""
    progressed = Signal(int, int)
    """How many files' dates are read or images compared, of how many; 0 of 0 when that is over."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.by, self.turned = Order.ADDED, False
        self._ids: list[int] = []
        self._project: object = None
        self._dates: dict[int, float] = {}
        """Times of files, read once for a project that is open."""
        self._reading: _FileTimes | None = None
        self._comparing: Iterator[int] | None = None
        self._compared: dict[int, float] = {}
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._compare_on)
        session.project_changed.connect(self._open)
        self._open()

    def choose(self, by: Order, *, turned: bool) -> None:
        """Sort by something else, or by the same once more; `turned` is the other way round."""
        self.by, self.turned = by, turned
        self._session.keep(_SETTING, {"by": by.value, "turned": turned})
        self.sort()

    def sort(self) -> None:
        """Work the order out as things stand now."""
        self.stop()
        self._ids = self._sorted()
        self.changed.emit()

    def sort_predicted(self) -> None:
        """All images have been asked for: sort again if that is what the order is about."""
        if self.by.predicted:
            self.sort()

    def ids(self) -> list[int]:
        """The ids of all images there are, in order."""
        images = self._session.images
        if images.keys() != set(self._ids):
            left = self._kept()
            self._ids = left if len(left) == len(images) else self._sorted()
        return self._ids

    def _open(self) -> None:
        project = self._session.project
        if project is not self._project:
            self.stop()
            self._project, self._dates = project, {}
            kept = project.get_setting(_SETTING, {}) if project else {}
            self.by = Order(kept["by"]) if kept.get("by") in list(Order) else Order.ADDED
            self.turned = bool(kept.get("turned"))
            self.opened.emit()
        self._ids = self._sorted()

    def _kept(self) -> list[int]:
        return [id for id in self._ids if id in self._session.images]

    def _sorted(self) -> list[int]:
        """All ids by what is known; in the order they have, new ones last, while that is still to come."""
        images = list(self._session.images)
        if self.by is Order.ADDED:
            return images[::-1] if self.turned else images
        values = None if self.busy else self._values()
        if values is None:
            return list(dict.fromkeys([*self._kept(), *images]))
        return self._sorted_by(values)

    def _sorted_by(self, values: Mapping[int, Any]) -> list[int]:
        return ordering.sort_ids(self._session.images, values, most_first=self.by.most_first != self.turned)

    def _values(self) -> Mapping[int, Any] | None:
        """What to sort by; None if that takes a while and has been begun."""
        session, project = self._session, self._session.project
        if project is None:
            return {}
        if self.by is Order.NAME:
            from foodet_core.project.scan import natural  # with SQLite, which an open project has loaded

            return {id: natural(image.path) for id, image in session.images.items()}
        if self.by is Order.BOXES:
            return dict.fromkeys(session.images, 0) | project.box_counts()
        if self.by is Order.UNCERTAINTY:
            from ..doubts import uncertainty  # with numpy, which predictions have loaded

            return uncertainty(session.answers, session.threshold)
        if self.by is Order.DISAGREEMENT:
            return self._disagreement()
        return self._dates_known()

    def _disagreement(self) -> Mapping[int, float] | None:
        self._compared = {}
        comparing = self._compare()
        if next(comparing, None) is None:  # all at once
            return self._compared
        self._comparing = comparing
        self._turn.start()
        return None

    def _compare(self) -> Iterator[int]:
        """Compare predictions and labels, some images at a time; yields how many are done while more are to come."""
        from ..doubts import disagreement

        session = self._session
        ids = sorted(session.answers)
        for done in range(0, len(ids), _AT_ONCE):
            if done:
                yield done
            some = {id: session.answers[id] for id in ids[done : done + _AT_ONCE] if id in session.answers}
            if session.project is not None:
                boxes = session.project.boxes(list(some))
                self._compared.update(disagreement(some, session.images, boxes, session.threshold))

    def _compare_on(self) -> None:
        done = None if self._comparing is None else next(self._comparing, None)
        if done is not None:
            self.progressed.emit(done, len(self._session.answers))
            return
        self.stop()
        self._ids = self._sorted_by(self._compared)
        self.changed.emit()

    def _dates_known(self) -> Mapping[int, float] | None:
        """When photos were taken where that is known, else when their files were written."""
        project, images = self._session.project, self._session.images
        assert project is not None
        taken = {id: ordering.seconds_taken(image.extra.get("date_captured")) for id, image in images.items()}
        known = {id: seconds for id, seconds in taken.items() if seconds is not None}
        missing = {id: image.path for id, image in images.items() if id not in known and id not in self._dates}
        if missing:
            self._read(project.root, missing)
            return None
        return {**self._dates, **known}

    def _read(self, root: Path, paths: dict[int, str]) -> None:
        self.stop()
        self._reading = _FileTimes(root, paths, self)
        self._reading.progressed.connect(self.progressed)
        self._reading.found.connect(self._take)
        self._reading.start()

    def _take(self, dates: dict[int, float], reading: _FileTimes) -> None:
        if reading is self._reading:
            self.stop()
            self._dates.update(dates)
            self._ids = self._sorted()
            self.changed.emit()

    def stop(self) -> None:
        """Read no more dates and compare no more images: the order stays as it is."""
        if self._reading is not None:
            reading, self._reading = self._reading, None
            reading.requestInterruption()
            reading.wait()
            reading.deleteLater()
        self._comparing = None
        self._turn.stop()
        self.progressed.emit(0, 0)

    @property
    def busy(self) -> bool:
        """Whether the order that was chosen is still to come."""
        return self._reading is not None or self._comparing is not None


class _FileTimes(QThread):
    """Asks the disk, which may be a slow one far away, when files were written; those that are gone count as the oldest."""

    progressed = Signal(int, int)
    found = Signal(object, object)

    def __init__(self, root: Path, paths: dict[int, str], parent: QObject) -> None:
        super().__init__(parent)
        self._root, self._paths = root, paths

    def run(self) -> None:
        times: dict[int, float] = {}
        for done, (id, path) in enumerate(self._paths.items()):
            if done % _TICK == 0:
                if self.isInterruptionRequested():
                    return
                self.progressed.emit(done, len(self._paths))
            try:
                times[id] = (self._root / path).stat().st_mtime
            except OSError:
                times[id] = 0.0
        self.found.emit(times, self)
