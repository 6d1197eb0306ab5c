"""What an annotation format is, and what every format needs: checks of boxes and files, and writing whole files.

A format turns a file into a `LabelledSet` and back. A new one is a module beside this with its `Format`, named in `FORMATS`.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from ..pixels import read_size_hw
from ..types import BoxXyxy, LabelledSet

# A box may leave its image by this much, in pixels: tools round. It is cut to the image.
_OVERSHOOT = 0.5


@dataclass(frozen=True)
class Format:
    """How to read and write one kind of annotation file.

    `read(path, images)` takes the folder that image names are relative to (None: the folder of the file) and raises InputError
    for everything wrong with the file; `write(labelled, path)` writes all of it or nothing.
    """

    name: str
    title: str
    read: Callable[[Path, Path | None], LabelledSet]
    write: Callable[[LabelledSet, Path], None]


def cut_to_image(box_xyxy: Sequence[float], size_hw: tuple[int, int], where: str) -> BoxXyxy:
    """The box in pixels, cut to its image where it leaves it by a rounding error.

    Raises InputError, naming `where`, for a box that is inverted, empty, not finite, or outside its image.
    """
    x0, y0, x1, y1 = box_xyxy
    height, width = size_hw
    if not all(map(math.isfinite, box_xyxy)):
        raise InputError(where, "has a box that is not of finite numbers", "Correct the box, or remove the annotation.")
    if x1 <= x0 or y1 <= y0:
        problem = f"has a box of width {x1 - x0:g} and height {y1 - y0:g}"
        raise InputError(where, problem, "Give it a positive width and height, or remove the annotation.")
    cut = (max(x0, 0.0), max(y0, 0.0), min(x1, float(width)), min(y1, float(height)))
    overshoot = max(abs(a - b) for a, b in zip(box_xyxy, cut, strict=True))
    if overshoot > _OVERSHOOT or cut[2] <= cut[0] or cut[3] <= cut[1]:
        problem = f"has a box from ({x0:g}, {y0:g}) to ({x1:g}, {y1:g}), outside its image of {width} x {height} pixels"
        raise InputError(where, problem, "Correct the box or the size of the image, or remove the annotation.")
    return cut


def check_size(path: Path, said_hw: tuple[int, int], found_hw: tuple[int, int]) -> None:
    """Raise InputError where an annotation file tells another size of an image than the upright image has."""
    if said_hw != found_hw:
        (said_height, said_width), (height, width) = said_hw, found_hw
        problem = f"is {width} x {height} pixels, but the annotation file says {said_width} x {said_height}"
        remedy = "Its boxes would be misplaced: export them for the image as it is shown, with its EXIF orientation applied."
        raise InputError(path, problem, remedy)


def check_images(labelled: LabelledSet) -> None:
    """Raise InputError for the first image that is missing, unreadable or of another size than its record says."""
    for image in labelled.images:
        path = labelled.path(image)
        check_size(path, image.size_hw, read_size_hw(path))


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that it is there as a whole or not at all. Raises InputError where that cannot be done."""
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_text(text, encoding="utf-8")
        os.replace(unfinished, path)  # noqa: PTH105
    except OSError as error:
        raise InputError(
            path, f"cannot be written ({error.strerror})", "Check the folder and the space on its disk."
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
