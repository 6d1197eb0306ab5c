"""Image files as stacks of half-size levels, decoded in threads and kept while they may be needed again.

Drawing a 24-megapixel photo into a window costs little if a level near the window's size is at hand, and next to nothing if
one of exactly that size is. A large JPEG is shown first as a draft, which the decoder gives at a fraction of the work; of a
neighbour that is all there is until one comes to it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage

from ..reading import read_image, upright_size

_DRAFT_FROM = 4_000_000
_DRAFT_SIDE = 900
_SMALLEST = 256
_HALVED_FROM = 3_000_000
"""Pixels; halving so many takes 8 ms."""
_JPEG = (".jpg", ".jpeg")
_KEPT = 4
"""Photos: that on the screen, its neighbours, the one after the next."""
_KEPT_BYTES = 34_000_000
"""So many of 1280 x 960, as they are and as they are shown on a canvas of `_CANVAS_PIXELS`."""
_CANVAS_PIXELS = 1_300_000
_MOST_PIXELS = 9_000_000
"""A screen of 3840 x 2160 has fewer; on a larger one nothing is kept as it is shown."""
_ENLARGED = 2.0
"""What is shown larger than this, or this much larger than it is, is not kept as it is shown."""
_FORMAT, _BYTES_PER_PIXEL = QImage.Format.Format_RGB32, 4


class Levels:
    """One image at full size, half, quarter, ...

    Half of a large level is made at once, in the thread that decodes. Half of a small one waits until it is drawn: most photos
    are never drawn so small, and it takes memory. A draft is smaller than the image itself, which is still to come. `fitted` is
    the size at which the whole image is shown: a level more, which nobody has to scale.
    """

    def __init__(self, full: QImage, *, draft: bool = False, fitted: QSize | None = None) -> None:
        self.is_draft = draft
        self.images = [full.convertToFormat(_FORMAT)]
        while _pixels(self.images[-1]) > _HALVED_FROM:
            self._add_half()
        self._fitted = QImage()
        full_size = self.images[0].size()
        if fitted is not None and fitted != full_size and 0 < fitted.width() < _ENLARGED * full_size.width():
            self._fitted = self.pick(fitted.width()).scaled(fitted, mode=Qt.TransformationMode.SmoothTransformation)

    def pick(self, width: float) -> QImage:
        """The level that is `width` pixels wide, else the smallest that is wider; the full one if none is."""
        if abs(self._fitted.width() - width) < 1:
            return self._fitted
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
        return sum(image.sizeInBytes() for image in (*self.images, self._fitted))


@dataclass
class _Request:
    """One file to decode. It may wait in both pools: whichever comes to it first takes it.

    Of a large photo that nobody wants yet only a draft is made; where there is a draft, none is made again.
    """

    path: Path
    has_draft: bool = False
    wanted: bool = False
    taken: bool = False
    only_draft: bool = False


class Loader(QObject):
    """Decodes images in the background: the one asked for at once, its neighbours after it by a thread of their own."""

    loaded = Signal(str, object)
    """(path, Levels): may come twice for one path, the draft first; Levels of a null image if it cannot be read."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool, self._ahead = QThreadPool(self), QThreadPool(self)
        self._pool.setMaxThreadCount(2)
        self._ahead.setMaxThreadCount(1)  # so that who jumps does not wait for neighbours of where he was
        self.fitted: Callable[[QSize], QSize] = QSize
        """The size, in pixels of the screen, at which an image of some size is shown whole; called in threads."""
        self.canvas_pixels = 0
        """Of the screen, all that an image may take; on more of them as many images take more room."""
        self.kept: OrderedDict[str, Levels] = OrderedDict()
        """By path, the one used last at the end."""
        self._under_way: dict[str, _Request] = {}
        self._near: list[str] = []
        """The neighbours asked for last, the most likely next one first."""
        self._next: list[Path] = []
        """To be decoded when what was asked for is there: of two processors, each would take one from it."""
        self.loaded.connect(self._keep)

    def get(self, path: Path) -> Levels | None:
        """The levels, or a draft, if they are here; what is still to come is asked for, before everything that waits."""
        levels = self.kept.get(str(path))
        if levels is not None:
            self.kept.move_to_end(str(path))
        if levels is None or levels.is_draft:
            self._want(path, has_draft=levels is not None)
        return levels

    def _want(self, path: Path, *, has_draft: bool) -> None:
        request = self._under_way.setdefault(str(path), _Request(path, has_draft))
        if not request.wanted:
            request.wanted = True
            if not request.taken:
                self._pool.start(_Decode(self, request))

    def prefetch(self, paths: Iterable[Path]) -> None:
        """Decode these too, when nothing else is to be done; earlier ones that were not begun are dropped."""
        self._ahead.clear()
        self._under_way = {name: request for name, request in self._under_way.items() if request.wanted or request.taken}
        self._next = list(paths)
        self._near = list(map(str, self._next))
        self._go_ahead()

    def _go_ahead(self) -> None:
        if any(request.wanted for request in self._under_way.values()):
            return
        paths, self._next = self._next, []
        for path in paths:
            if str(path) not in self.kept and str(path) not in self._under_way:
                request = self._under_way[str(path)] = _Request(path)
                self._ahead.start(_Decode(self, request))

    def close(self) -> None:
        """Wait for the threads; what was not begun is dropped."""
        for pool in (self._pool, self._ahead):
            pool.clear()
            pool.waitForDone()

    def _keep(self, path: str, levels: Levels) -> None:
        request = self._under_way.get(path)
        ended = request is not None and (request.only_draft or not levels.is_draft)
        if ended:
            del self._under_way[path]
        if levels.bytes <= self._room() or path not in self.kept:  # else its draft stays: all there is room for
            self.kept[path] = levels
        self.kept.move_to_end(path)
        self._make_room()
        if ended and request is not None and request.only_draft and request.wanted:
            self._want(request.path, has_draft=True)  # somebody came to it while its draft was made
        self._go_ahead()

    def _make_room(self) -> None:
        """Let go of what is no neighbour, the oldest first, then of neighbours, the least likely first."""
        room = self._room()
        for name in [*(name for name in self.kept if name not in self._near), *reversed(self._near)]:
            if len(self.kept) == 1 or sum(kept.bytes for kept in self.kept.values()) <= room:
                return
            self.kept.pop(name, None)

    def _room(self) -> int:
        more = min(self.canvas_pixels, _MOST_PIXELS) - _CANVAS_PIXELS
        return _KEPT_BYTES + _KEPT * _BYTES_PER_PIXEL * max(more, 0)


def _pixels(image: QImage | QSize) -> int:
    return image.width() * image.height()


def _fraction(size: QSize) -> QSize:
    """A half, quarter or eighth, which a JPEG decoder gives without scaling."""
    side = max(size.toTuple())
    return size / next((n for n in (8, 4) if side // n >= _DRAFT_SIDE), 2)


class _Decode(QRunnable):
    def __init__(self, loader: Loader, request: _Request) -> None:
        super().__init__()
        self._loader, self._request, self._fitted = loader, request, loader.fitted

    def run(self) -> None:
        request, path = self._request, self._request.path
        if request.taken:
            return
        request.taken = True  # where both threads come to it in the same instant, it is decoded twice
        size = upright_size(path)
        fitted = self._fitted(size)
        if _pixels(fitted) > _MOST_PIXELS:
            fitted = QSize()
        # Other formats decode in full for a draft too.
        if path.suffix.lower() in _JPEG and _pixels(size) > _DRAFT_FROM and not request.has_draft:
            request.only_draft = not request.wanted
            drafted = fitted if request.only_draft and fitted.isValid() else _fraction(size)
            self._loader.loaded.emit(str(path), Levels(read_image(path, max(drafted.toTuple())), draft=True))
            if request.only_draft:
                return
        image = read_image(path)
        # Who waits for it already does not wait for that too.
        self._loader.loaded.emit(str(path), Levels(image, fitted=None if request.wanted else fitted))
