"""Image files as stacks of half-size levels, decoded in threads and kept while they may be needed again.

Drawing a 24-megapixel photo into a window costs little if a level near the window's size is at hand. A large JPEG is shown
first as a draft, which the decoder gives at a fraction of the work.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage

from ..reading import read_image, upright_size

_DRAFT_FROM = 4_000_000
_DRAFT_SIDE = 900
_SMALLEST = 256
_HALVED_FROM = 3_000_000
"""Pixels; halving so many takes 8 ms."""
_JPEG = (".jpg", ".jpeg")
_KEPT_BYTES = 20_000_000
"""Four photos of 1280 x 960: the one on the screen, its neighbours, and the one after the next."""
_FORMAT = QImage.Format.Format_RGB32


class Levels:
    """One image at full size, half, quarter, ...

    Half of a large level is made at once, in the thread that decodes. Half of a small one waits until it is drawn: most photos
    are never drawn so small, and it takes memory. A draft is smaller than the image itself, which is still to come.
    """

    def __init__(self, full: QImage, *, draft: bool = False) -> None:
        self.is_draft = draft
        self.images = [full.convertToFormat(_FORMAT)]
        while _pixels(self.images[-1]) > _HALVED_FROM:
            self._add_half()

    def pick(self, width: float) -> QImage:
        """The smallest level that is at least `width` pixels wide; the full one if none is."""
        last = self.images[-1]
        while last.width() >= 2 * width and max(last.width(), last.height()) > 2 * _SMALLEST:
            last = self._add_half()
        return next((image for image in reversed(self.images) if image.width() >= width), self.images[0])

    def _add_half(self) -> QImage:
        last = self.images[-1]
        self.images.append(last.scaled(last.size() / 2, mode=Qt.TransformationMode.SmoothTransformation))
        return self.images[-1]

    @property
    def bytes(self) -> int:
        """Memory of the levels there are."""
        return sum(image.sizeInBytes() for image in self.images)


@dataclass
class _Request:
    """One file to decode. It may wait in both pools: whichever comes to it first takes it."""

    path: Path
    wanted: bool = False
    taken: bool = False


class Loader(QObject):
    """Decodes images in the background: the one asked for at once, its neighbours after it by a thread of their own."""

    loaded = Signal(str, object)
    """(path, Levels): may come twice for one path, the draft first; Levels of a null image if it cannot be read."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool, self._ahead = QThreadPool(self), QThreadPool(self)
        self._pool.setMaxThreadCount(2)
        self._ahead.setMaxThreadCount(1)  # so that who jumps does not wait for neighbours of where he was
        self.kept: OrderedDict[str, Levels] = OrderedDict()
        """By path, the one used last at the end."""
        self._under_way: dict[str, _Request] = {}
        self._next: list[Path] = []
        """To be decoded when what was asked for is there: of two processors, each would take one from it."""
        self.loaded.connect(self._keep)

    def get(self, path: Path) -> Levels | None:
        """The levels, if they are here; else they are asked for, before everything that waits."""
        levels = self.kept.get(str(path))
        if levels is not None:
            self.kept.move_to_end(str(path))
            return levels
        request = self._under_way.setdefault(str(path), _Request(path))
        if not (request.wanted or request.taken):
            request.wanted = True
            self._pool.start(_Decode(self, request, draft=True))
        return None

    def prefetch(self, paths: Iterable[Path]) -> None:
        """Decode these too, when nothing else is to be done; earlier ones that were not begun are dropped."""
        self._ahead.clear()
        self._under_way = {name: request for name, request in self._under_way.items() if request.wanted or request.taken}
        self._next = list(paths)
        self._go_ahead()

    def _go_ahead(self) -> None:
        if any(request.wanted for request in self._under_way.values()):
            return
        paths, self._next = self._next, []
        for path in paths:
            if str(path) not in self.kept and str(path) not in self._under_way:
                request = self._under_way[str(path)] = _Request(path)
                self._ahead.start(_Decode(self, request, draft=False))

    def close(self) -> None:
        """Wait for the threads; what was not begun is dropped."""
        for pool in (self._pool, self._ahead):
            pool.clear()
            pool.waitForDone()

    def _keep(self, path: str, levels: Levels) -> None:
        if not levels.is_draft:
            self._under_way.pop(path, None)
        self.kept[path] = levels
        self.kept.move_to_end(path)
        while len(self.kept) > 1 and sum(kept.bytes for kept in self.kept.values()) > _KEPT_BYTES:
            self.kept.popitem(last=False)
        self._go_ahead()


def _pixels(image: QImage) -> int:
    return image.width() * image.height()


def _draft_side(side: int) -> int:
    """A half, quarter or eighth, which a JPEG decoder gives without scaling."""
    return next((side // n for n in (8, 4, 2) if side // n >= _DRAFT_SIDE), _DRAFT_SIDE)


class _Decode(QRunnable):
    def __init__(self, loader: Loader, request: _Request, *, draft: bool) -> None:
        super().__init__()
        self._loader, self._request, self._draft = loader, request, draft

    def run(self) -> None:
        if self._request.taken:
            return
        self._request.taken = True  # where both threads come to it in the same instant, it is decoded twice
        path = self._request.path
        size = upright_size(path)
        is_jpeg = path.suffix.lower() in _JPEG  # other formats decode in full for a draft too
        if self._draft and is_jpeg and size.width() * size.height() > _DRAFT_FROM:
            self._loader.loaded.emit(str(path), Levels(read_image(path, _draft_side(max(size.toTuple()))), draft=True))
        self._loader.loaded.emit(str(path), Levels(read_image(path)))
