"""Reading image files, the only place where EXIF orientation is applied.

Sizes, boxes, training, prediction and overlays all speak of the upright image that comes out here; the canvas shows the
same one (tested for all eight orientations). Numpy is loaded with the first pixels: a window measures photos without.
"""

from __future__ import annotations

import io
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
    try:
        with Image.open(path) as image:
            width, height = image.size
            # The size of a TIFF is upright already: Pillow turns those itself.
            sideways = image.format != "TIFF" and image.getexif().get(_EXIF_ORIENTATION, 1) in _SIDEWAYS
            taken = _taken(image)
    except FileNotFoundError:
        raise InputError(path, "does not exist", "Check the folder given for the images.") from None
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(path, f"cannot be read as an image ({error})", _REMEDY) from error
    return ((width, height) if sideways else (height, width)), taken


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
    import numpy as np

    try:
        with Image.open(path) as image:
            if fit is not None and image.format == "JPEG":
                scale = fit / max(image.size)
                image.draft("RGB", (max(1, round(image.width * scale)), max(1, round(image.height * scale))))
            ImageOps.exif_transpose(image, in_place=True)
            # In place, and no conversion of RGB to itself: an upright RGB image, as most are, is not copied.
            return np.ascontiguousarray(image if image.mode == "RGB" else image.convert("RGB"))
    except FileNotFoundError:
        raise InputError(path, "does not exist", "Check the folder given for the images.") from None
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(path, f"cannot be read as an image ({error})", _REMEDY) from error


def write_jpeg(path: Path, image_hw3: ByteArray, quality: int = 90) -> None:
    """Write RGB (H, W, 3) uint8 as JPEG; the parent folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    Image.fromarray(image_hw3).save(buffer, "JPEG", quality=quality)
    path.write_bytes(buffer.getvalue())
