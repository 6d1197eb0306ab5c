"""Reading image files, the only place where EXIF orientation is applied.

Sizes, boxes, training, prediction and overlays all speak of the upright image that comes out here; the canvas shows the
same one (tested for all eight orientations). Numpy is loaded with the first pixels: a window measures photos without.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import InputError
from .types import ByteArray

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})
_EXIF_ORIENTATION = 0x0112
_EXIF_MORE, _EXIF_TAKEN = 0x8769, 0x9003
_SIDEWAYS = {5, 6, 7, 8}
_REMEDY = "Replace the file, or remove it from the folder."


def is_image(name: str) -> bool:
    """Whether a file name looks like an image that foodet reads."""
    return not name.startswith(".") and name[name.rfind(".") :].lower() in SUFFIXES


def read_size_hw(path: Path) -> tuple[int, int]:
    """Height and width of the upright image, from the file's header alone.

    Raises InputError where the file is missing or not an image.
    """
    return read_head(path)[0]


def read_head(path: Path) -> tuple[tuple[int, int], str]:
    """Height and width of the upright image, and when it was taken as "2026-11-25 18:10:00"; "" where it does not say so.

    Raises InputError where the file is missing or not an image.
    """
    with _opened(path) as image:
        return _upright_hw(image), _taken(image)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    try:
        with Image.open(path) as image:
            yield image
    except FileNotFoundError:
        raise InputError(path, "does not exist", "Check the folder given for the images.") from None
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(path, f"cannot be read as an image ({error})", _REMEDY) from error


def _upright_hw(image: Image.Image) -> tuple[int, int]:
    # The size of a TIFF is upright already: Pillow turns those itself.
    sideways = image.format != "TIFF" and image.getexif().get(_EXIF_ORIENTATION, 1) in _SIDEWAYS
    return (image.width, image.height) if sideways else (image.height, image.width)


def _taken(image: Image.Image) -> str:
    try:
        taken = image.getexif().get_ifd(_EXIF_MORE).get(_EXIF_TAKEN, "").strip("\0 ")
        return str(datetime.strptime(taken, "%Y:%m:%d %H:%M:%S")) if taken else ""
    except Exception:  # broken EXIF data make Pillow raise about anything, and no image is left out for a date
        return ""


def read_rgb(path: Path, fit: int | None = None) -> ByteArray:
    """The upright image as (H, W, 3) uint8 RGB.

    `fit` lets JPEG decode at a power-of-two fraction, as long as the long side stays at or above `fit` pixels.
    Raises InputError where the file is missing, truncated, or not an image.
    """
    return read_rgb_and_size(path, fit)[0]


def read_rgb_and_size(path: Path, fit: int | None = None) -> tuple[ByteArray, tuple[int, int]]:
    """The image as `read_rgb` has it, and the (height, width) that it has in full; the file is opened once."""
    import numpy as np

    with _opened(path) as image:
        size_hw = _upright_hw(image)
        if fit is not None and image.format == "JPEG":
            scale = fit / max(image.size)
            image.draft("RGB", (max(1, round(image.width * scale)), max(1, round(image.height * scale))))
        ImageOps.exif_transpose(image, in_place=True)
        # In place, and no conversion of RGB to itself: an upright RGB image, as most are, is not copied.
        return np.ascontiguousarray(image if image.mode == "RGB" else image.convert("RGB")), size_hw


def write_jpeg(path: Path, image_hw3: ByteArray, quality: int = 90) -> None:
    """Write RGB (H, W, 3) uint8 as JPEG; the parent folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    Image.fromarray(image_hw3).save(buffer, "JPEG", quality=quality)
    path.write_bytes(buffer.getvalue())
