"""The images of the project as rows of a list: name, state and a thumbnail that comes when it is first looked at.

Thumbnails are decoded in threads, newest wish first, so that scrolling far does not wait for what was scrolled over.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from enum import IntEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRunnable,
    QSize,
    QStringListModel,
    Qt,
    QThreadPool,
    QTimer,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QImage, QPixmap

from foodet_core.project.edits import Changes

from ..reading import read_image
from ..searching import NO_BOXES, Facts, Query, parse
from ..session import Session
from .image_order import ImageOrder

FRAME = QSize(161, 103)
"""What a thumbnail fills, in logical pixels; cut to it where it is decoded, it costs nothing to paint and half the memory."""
_DECODED_SIDE = 208
"""Long side in logical pixels: enough to fill the frame with a portrait too."""
_KEPT = 60
_WAIT_MS = 40
"""Before thumbnails are decoded: the image that brought them into sight comes first, and what is scrolled over not at all."""
Index = QModelIndex | QPersistentModelIndex


class Role(IntEnum):
    """What a row knows beside its name."""

    ID = Qt.ItemDataRole.UserRole + 1
    STATE = Qt.ItemDataRole.UserRole + 2
    CURRENT = Qt.ItemDataRole.UserRole + 3


class ImageModel(QStringListModel):
    """The session's images that match the search text, in the order that `order` gives them.

    A list of strings, all of them empty, only lends it the number of its rows: a view asks for that twice a row whenever it
    lays itself out, and 200,000 answers from Python take seconds.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._text, self._query = "", Query()
        self._ids: list[int] = []
        self._rows: dict[int, int] = {}
        self._known: set[int] = set()
        self._boxes: Mapping[int, Mapping[int, int]] | None = None
        """Boxes by label of each image as long as nothing changes: the next letter of a search asks for them again."""
        self._current: int | None = None
        self.order = ImageOrder(session, self)
        self._thumbnails = _Thumbnails(self)
        self._thumbnails.arrived.connect(self._show_thumbnail)
        session.project_changed.connect(self._read_anew)
        self.order.changed.connect(self._read)
        session.changed.connect(self._update)
        session.current_changed.connect(self._move_current)
        self._read()

    def search(self, text: str) -> None:
        """Show only the images that the text asks for (see `searching`)."""
        self._text = text
        self._query = parse(text, self._session.classes)
        self._read()

    def row_of(self, image_id: int) -> QModelIndex:
        """The place of an image, invalid if it is not shown."""
        row = self._rows.get(image_id)
        return QModelIndex() if row is None else self.index(row)

    def close(self) -> None:
        """Stop decoding, and reading dates."""
        self.order.stop()
        self._thumbnails.close()

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        image = self._session.images.get(self._ids[index.row()])
        if image is None or self._session.project is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return image.path.rsplit("/", 1)[-1]
        if role == Qt.ItemDataRole.ToolTipRole:
            return image.path
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnails.get(image.id, self._session.project.path(image))
        if role == Role.STATE:
            return image.state
        if role == Role.ID:
            return image.id
        if role == Role.CURRENT:
            return image.id == self._current
        return None

    def _read_anew(self) -> None:
        self._boxes = None
        self._query = parse(self._text, self._session.classes)
        self._read()

    def _read(self) -> None:
        asked = self._query.tests
        self._ids = [f.image.id for f in self._facts() if self._query.matches(f)] if asked else list(self.order.ids())
        self._known = set(self._session.images)
        self._rows = {image_id: row for row, image_id in enumerate(self._ids)}
        self._thumbnails.keep_for(self._session.project)
        self.setStringList([""] * len(self._ids))
        self._session.set_order(self._ids)

    def _facts(self) -> Iterator[Facts]:
        """What the query asks of each image."""
        session, asks = self._session, self._query.asks
        if self._boxes is None and session.project and asks & {"class", "boxes"}:
            self._boxes = session.project.boxes_by_image()
        boxes = self._boxes or {}
        for image in map(session.images.__getitem__, self.order.ids()):
            found = session.predictions(image.id) if "score" in asks else None
            yield Facts(image, boxes.get(image.id, NO_BOXES), () if found is None else found.scores.tolist())

    def _update(self, changes: Changes, _initiator: object) -> None:
        self._boxes = None
        # Images came or went. Others stay in the list even where the search would leave them out now: nobody likes
        # what vanishes under the hand.
        if any((image_id in self._known) != (image_id in self._session.images) for image_id in changes.images):
            self._read()
        for image_id in changes.images:
            self._tell(image_id)

    def _move_current(self) -> None:
        before, current = self._current, self._session.current
        self._current = current.id if current else None
        for image_id in (before, self._current):
            self._tell(image_id)

    def _show_thumbnail(self, image_id: int, _image: QImage, _path: Path) -> None:
        self._tell(image_id)

    def _tell(self, image_id: int | None) -> None:
        row = None if image_id is None else self._rows.get(image_id)
        if row is not None:
            self.dataChanged.emit(self.index(row), self.index(row))


class _Thumbnails(QObject):
    """Small pixmaps by image id; the oldest go when there are too many."""

    arrived = Signal(int, QImage, object)
    """Image id, its picture, and the path that was read."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._kept: OrderedDict[int, QPixmap] = OrderedDict()
        self._asked: dict[int, Path] = {}
        self._wishes = 0
        self._waiting: dict[int, Path] = {}
        self._soon = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._soon.timeout.connect(self._ask)
        self._of: object = None
        self.arrived.connect(self._keep)

    def get(self, image_id: int, path: Path) -> QPixmap | None:
        """The pixmap if it is here; else it is asked for."""
        if image_id in self._kept:
            self._kept.move_to_end(image_id)
            return self._kept[image_id]
        if image_id not in self._asked:
            self._waiting[image_id] = path
            if not self._soon.isActive():
                self._soon.start()
        return None

    def _ask(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for image_id, path in waiting.items():
            self._asked[image_id] = path
            self._wishes += 1
            self._pool.start(_Decode(self, image_id, path), self._wishes)

    def keep_for(self, project: object) -> None:
        """Ids mean something within one project only: forget the pixmaps of another."""
        if project is not self._of:
            self.close()
            self._kept.clear()
            self._asked.clear()
            self._of = project

    def close(self) -> None:
        """Drop the wishes and wait for the one under way."""
        self._soon.stop()
        self._waiting.clear()
        self._pool.clear()
        self._pool.waitForDone()

    def _keep(self, image_id: int, image: QImage, path: Path) -> None:
        if self._asked.get(image_id) != path:
            return  # on its way while another project was opened, in which the id means something else
        del self._asked[image_id]
        self._kept[image_id] = QPixmap.fromImage(image)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


class _Decode(QRunnable):
    def __init__(self, thumbnails: _Thumbnails, image_id: int, path: Path) -> None:
        super().__init__()
        self._thumbnails, self._image_id, self._path = thumbnails, image_id, path
        self._ratio = _pixel_ratio()

    def run(self) -> None:
        image = read_image(self._path, round(_DECODED_SIDE * self._ratio))
        self._thumbnails.arrived.emit(self._image_id, _middle(image, FRAME * self._ratio), self._path)


def _middle(image: QImage, size: QSize) -> QImage:
    """The image scaled so that it covers a size, and what hangs over cut off."""
    if image.isNull():
        return image
    covering = image.scaled(size, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation)
    place = QRect(0, 0, size.width(), size.height())
    place.moveCenter(covering.rect().center())
    return covering.copy(place)


def _pixel_ratio() -> float:
    app = QGuiApplication.instance()
    return app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
