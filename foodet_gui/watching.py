"""New image files in the folders of the open project, noticed while it is open.

The system says that a folder changed; a moment later a thread looks into that folder alone. A file counts as new when two looks
in a row find it of the same size and time, so that one that is still being copied waits. What lay there when the project was
opened is not new: a person may have left it out on purpose.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QRunnable, QThreadPool, QTimer, Signal

from foodet_core.types import ImageRecord

from .session import Session

SETTLE_MS = 1200
"""Between two looks at files that may be growing, and after the last change of a folder."""
_MOST_FOLDERS = 4000
"""The system's own limit is 8192 in places, and all programs share it."""

Stamp = tuple[int, int]
"""Size in bytes and time of the last change in ns."""


@dataclass
class Seen:
    """What a look found: folders, and the image files in them that the project does not have."""

    folders: set[str] = field(default_factory=set)
    files: dict[str, Stamp] = field(default_factory=dict)


def look(root: Path, images: Iterable[ImageRecord], folders: Iterable[str], watched: Collection[str]) -> Seen:
    """Look into folders, and into all below them that belong to the project's `root` and are not watched yet."""
    from foodet_core.pixels import is_image  # Pillow: not before it is needed
    from foodet_core.project.scan import is_searched

    base = f"{root}{os.sep}"
    there = {os.path.normpath(image.path if os.path.isabs(image.path) else base + image.path) for image in images}  # noqa: PTH117
    seen, left = Seen(), list(folders)
    while left:
        folder = left.pop()
        seen.folders.add(folder)
        deep = Path(folder).is_relative_to(root)
        with contextlib.suppress(OSError), os.scandir(folder) as entries:  # gone meanwhile, or of somebody else
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if deep and is_searched(entry.name) and entry.path not in watched:
                        left.append(entry.path)
                elif entry.path not in there and is_image(entry.name):
                    status = entry.stat()
                    seen.files[entry.path] = status.st_size, status.st_mtime_ns
    return seen


def _outside(images: Iterable[ImageRecord]) -> set[str]:
    """The folders of images that do not lie under the project's root."""
    return {os.path.dirname(image.path) for image in images if os.path.isabs(image.path)}  # noqa: PTH117, PTH120


class FolderWatch(QObject):
    """Keeps `new`, the image files that came into the project's folders."""

    changed = Signal()
    """`new` is different."""
    looked = Signal()
    """A look into folders is over, whether it found something or not."""
    _seen = Signal(object, object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.new: tuple[Path, ...] = ()
        self._session = session
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._look)
        self._seen.connect(self._take)
        self._system: QFileSystemWatcher | None = None
        self._start(None)
        session.project_changed.connect(self._on_project)

    @property
    def is_watching(self) -> bool:
        """Whether it is known what lay in the folders when the project was opened."""
        return self._system is not None

    def dismiss(self) -> None:
        """What is new now is new no longer."""
        self._offer(())

    def offer(self, paths: Iterable[Path]) -> None:
        """These are new after all, but for those that the project has by now."""
        self._offer(self._absent(dict.fromkeys((*self.new, *paths))))

    def ignore(self, folder: Path) -> None:
        """Nothing below this folder is new: an export wrote it."""
        self._ignored.add(folder.resolve())

    def close(self) -> None:
        """Look no more; waits for a look under way."""
        self._soon.stop()
        self._pool.clear()
        self._pool.waitForDone()

    def _start(self, folder: Path | None) -> None:
        if self._system is not None:
            self._system.deleteLater()
        self._of, self._system = folder, None
        self._opening = object()
        """Tells the looks at one opening from those at another, also of the same project."""
        self._known: dict[str, Stamp] = {}
        self._growing: dict[str, Stamp] = {}
        self._touched: set[str] = set()
        self._ignored: set[Path] = set()
        self._had: dict[int, ImageRecord] = {}
        """All images since the project was opened: one that was removed from it does not come back as new."""
        self._soon.stop()

    def _on_project(self) -> None:
        project = self._session.project
        if project is None or project.folder != self._of:
            self._start(project.folder if project else None)
            self._offer(())
            self._had.update(self._session.images)
            if project is not None:
                self._soon.start(SETTLE_MS)  # opening comes first
            return
        self._had.update(self._session.images)
        if self.new:
            self._offer(self._absent(self.new))

    def _look(self) -> None:
        project = self._session.project
        folders, self._touched = self._touched, set()
        if project is not None:
            watched = frozenset(self._system.directories() if self._system else ())
            images, opening = list(self._had.values()), self._opening
            first = self._system is None

            def work() -> None:
                asked = {str(project.root), *_outside(images)} if first else folders
                self._seen.emit(opening, look(project.root, images, asked, watched))

            self._pool.start(_Look(work))

    def _take(self, opening: object, seen: Seen) -> None:
        """Take in a look; the first one at a project says what is not new."""
        if opening is not self._opening:
            return
        if self._system is None:
            self._system = QFileSystemWatcher(self)
            self._system.directoryChanged.connect(self._on_changed)
            self._known = seen.files
        # Once more into what is watched only from now on: something may have come since the look.
        self._touched |= self._watch(self._system, seen.folders)
        fresh = {path: stamp for path, stamp in seen.files.items() if self._known.get(path) != stamp and self._is_ours(path)}
        settled = {path: stamp for path, stamp in fresh.items() if self._growing.pop(path, None) == stamp and stamp[0]}
        self._known.update(settled)
        self._growing.update((path, stamp) for path, stamp in fresh.items() if path not in settled)
        for path in [path for path in self._growing if path not in seen.files and str(Path(path).parent) in seen.folders]:
            del self._growing[path]  # gone meanwhile, a name that a copy bore while it was written for example
        self._touched |= {str(Path(path).parent) for path in self._growing}
        if self._touched:
            self._soon.start(SETTLE_MS)
        self._offer(dict.fromkeys((*self.new, *map(Path, settled))))
        self.looked.emit()

    def _watch(self, system: QFileSystemWatcher, folders: set[str]) -> set[str]:
        """Watch folders too, as far as the system can; returns those that were not watched before."""
        watched = system.directories()
        more = sorted(folders.difference(watched), key=len)[: max(_MOST_FOLDERS - len(watched), 0)]
        return set(more).difference(system.addPaths(more) if more else ())

    def _absent(self, paths: Iterable[Path]) -> list[Path]:
        """Those that the project does not have."""
        project, images = self._session.project, self._session.images
        there = {project.path(image) for image in images.values()} if project is not None else set()
        return [path for path in paths if path not in there]

    def _is_ours(self, path: str) -> bool:
        return not any(Path(path).is_relative_to(folder) for folder in self._ignored)

    def _on_changed(self, folder: str) -> None:
        self._touched.add(folder)
        self._soon.start(SETTLE_MS)

    def _offer(self, paths: Iterable[Path]) -> None:
        new = tuple(paths)
        if new != self.new:
            self.new = new
            self.changed.emit()


class _Look(QRunnable):
    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        self._work()
