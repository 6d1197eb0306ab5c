"""Image files as upright Qt images: EXIF orientation is applied as `foodet_core.pixels` does, tested for all eight."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QImageIOHandler, QImageReader

_MEGABYTES = 1024
"""Qt's own limit of 256 MB per image would refuse large panoramas."""


def read_image(path: Path, side: int | None = None) -> QImage:
    """The upright image, null where it cannot be read; with `side`, at most that long and cheaply so."""
    QImageReader.setAllocationLimit(_MEGABYTES)
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if side is not None and size.isValid() and max(size.width(), size.height()) > side:
        reader.setScaledSize(size.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


def upright_size(path: Path) -> QSize:
    """The size after orientation, from the header; invalid where there is none."""
    reader = QImageReader(str(path))
    sideways = reader.transformation() & QImageIOHandler.Transformation.TransformationRotate90
    return reader.size().transposed() if sideways else reader.size()
