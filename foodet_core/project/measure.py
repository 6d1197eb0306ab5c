"""What a project keeps of an image file beside its name: size of the upright image, hash of the content, when it was taken.

By the content an image is known again when its file was moved or renamed, so nothing is labelled before it has been measured.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from ..errors import InputError
from ..pixels import read_head
from ..types import ImageRecord

DATE = "date_captured"
"""When a photo was taken, in the `extra` of its record: the name that COCO files have for it."""
_END_BYTES = 32_768
_UNCOMPRESSED = (".bmp", ".tif", ".tiff")


def measured(image: ImageRecord, path: Path) -> ImageRecord:
    """The image with what its file at `path` says. Raises InputError where that cannot be read."""
    size_hw, taken = read_head(path)
    extra = {**image.extra, DATE: taken} if taken else image.extra
    return replace(image, size_hw=size_hw, content_hash=content_hash(path), extra=extra)


def content_hash(path: Path) -> str:
    """A hash of the file's content. Raises InputError if it cannot be read.

    Of a large file only the two ends and the length are hashed: no two compressed photos agree in those, and a folder of
    thousands is measured in a fraction of the time. Uncompressed ones may, in rows of the same grey, and are hashed as a whole.
    """
    try:
        with path.open("rb") as file:
            whole = path.suffix.lower() in _UNCOMPRESSED
            return hashlib.file_digest(file, _hash).hexdigest() if whole else _hash_of_ends(file)
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})", "Check the file and its disk.") from error


def _hash() -> hashlib.blake2b:
    return hashlib.blake2b(digest_size=16)


def _hash_of_ends(file: BinaryIO) -> str:
    made = _hash()
    made.update(file.read(_END_BYTES))
    length = file.seek(0, os.SEEK_END)
    if length > 2 * _END_BYTES:
        made.update(b"%d" % length)
    file.seek(max(length - _END_BYTES, min(length, _END_BYTES)))
    made.update(file.read())
    return made.hexdigest()
