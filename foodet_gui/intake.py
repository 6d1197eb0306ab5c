"""What is dropped onto the window, sorted by what it is, and where it goes.

A project opens. Folders and image files are added to the open project; without one, their folder becomes a project. An
annotation file, and annotations in a folder, are offered for import: never read without being asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from .measuring import Measuring
from .opening import SUFFIX, Opening
from .session import Session
from .transfers import Transfers, is_export
from .watching import FolderWatch

if TYPE_CHECKING:
    from .transfers import Outcome, Transfer


@dataclass(frozen=True)
class Dropped:
    """Paths by what they are; `images` holds image files and folders, `others` what nobody here can use."""

    projects: tuple[Path, ...] = ()
    images: tuple[Path, ...] = ()
    annotations: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()


def sort_out(paths: Iterable[Path]) -> Dropped:
    """Sort paths, by their names and whether they are folders."""
    from foodet_core.formats.recognise import SUFFIXES  # Pillow and SQLite: not before they are needed
    from foodet_core.pixels import is_image

    kinds: dict[str, list[Path]] = {"projects": [], "images": [], "annotations": [], "others": []}
    for path in paths:
        if path.is_dir():
            kind = "projects" if path.suffix == SUFFIX else "images"
        elif is_image(path.name):
            kind = "images"
        else:
            kind = "annotations" if path.suffix.lower() in SUFFIXES else "others"
        kinds[kind].append(path)
    return Dropped(**{kind: tuple(found) for kind, found in kinds.items()})


class Intake(QObject):
    """Takes what comes from outside; `transfers`, `watch` and `measuring` do the work."""

    import_offered = Signal(object)
    """Path of an annotation file, or of a folder that holds annotations."""

    def __init__(
        self,
        session: Session,
        opening: Opening,
        transfers: Transfers,
        watch: FolderWatch,
        measuring: Measuring,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.transfers, self.watch, self.measuring = transfers, watch, measuring
        self._session, self._opening = session, opening
        self._asked: set[Path] = set()
        self._adding: tuple[Path, ...] = ()
        """New files that are on their way into the project."""
        transfers.recognised.connect(self._on_recognised)
        transfers.started.connect(self._on_started)
        transfers.ended.connect(self._on_ended)

    def take(self, paths: Iterable[Path]) -> None:
        """Do with dropped paths what a person expects."""
        dropped = sort_out(paths)
        if dropped.projects:
            self._opening.open_path(dropped.projects[0])
        elif self._session.project is None:
            self._open(dropped)
        else:
            self._add(dropped)
        if dropped.others:
            names = ", ".join(path.name for path in dropped.others[:3])
            self._session.notice.emit(self.tr("Neither images nor annotations: {}.").format(names), "warning")

    def add_new(self) -> None:
        """Add the files that came into the project's folders."""
        new = [path for path in self.watch.new if path.exists()]
        if self.transfers.running is None:  # else nothing is added now
            self._adding = tuple(new)
            self.watch.dismiss()
        if new:
            self.transfers.add_images(new)
        elif self._session.project is not None:
            self._session.notice.emit(self.tr("No new images came into the folder."), "info")

    def _open(self, dropped: Dropped) -> None:
        if dropped.images:
            first = dropped.images[0]
            self._opening.open_path(first if first.is_dir() else first.parent)
        elif dropped.annotations:
            text = self.tr("Open the folder of the photos first; then drop {} again to import it.")
            self._session.notice.emit(text.format(dropped.annotations[0].name), "warning")

    def _add(self, dropped: Dropped) -> None:
        if dropped.images:
            self.transfers.add_images(list(dropped.images))
        if dropped.annotations:
            self.import_offered.emit(dropped.annotations[0])
        for folder in (path for path in dropped.images if path.is_dir()):
            self._asked.add(folder)
            self.transfers.look(folder)

    def _on_started(self, job: Transfer) -> None:
        if is_export(job):
            self.watch.ignore(Path(job.file))

    def _on_ended(self, outcome: Outcome) -> None:
        adding, self._adding = self._adding, ()
        project = self._session.project
        if not outcome.ok and project is not None and str(project.folder) == outcome.job.project:
            self.watch.offer(adding)

    def _on_recognised(self, path: Path, found: tuple[object, ...]) -> None:
        if path in self._asked:
            self._asked.discard(path)
            if found:
                self.import_offered.emit(path)
