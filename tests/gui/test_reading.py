"""The canvas and the training see one image: upright, whatever the camera wrote."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QImage

from foodet_core.pixels import read_rgb
from foodet_core.types import ByteArray
from foodet_gui.canvas.levels import Levels
from foodet_gui.reading import read_image, upright_size

ORIENTATION = 0x0112


def pixels(image: QImage) -> ByteArray:
    """(H, W, 3) of a Qt image."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : plain.width() * 3].reshape(plain.height(), plain.width(), 3).copy()


def oriented(path: Path, orientation: int, size: tuple[int, int] = (64, 48)) -> Path:
    """A JPEG of four coloured quarters that says it was turned."""
    width, height = size
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, : width // 2] = 250, 20, 20
    image[: height // 2, width // 2 :] = 20, 250, 20
    image[height // 2 :, : width // 2] = 20, 20, 250
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    Image.fromarray(image).save(path, quality=95, exif=exif, subsampling=0)
    return path


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_eight_orientations_look_as_in_training(tmp_path: Path, orientation: int) -> None:
    path = oriented(tmp_path / "photo.jpg", orientation)
    expected, shown = read_rgb(path), pixels(read_image(path))
    assert shown.shape == expected.shape
    assert np.abs(shown.astype(int) - expected.astype(int)).max() <= 8
    assert (upright_size(path).height(), upright_size(path).width()) == expected.shape[:2]


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_draft_is_the_same_picture_smaller(tmp_path: Path, orientation: int) -> None:
    path = oriented(tmp_path / "photo.jpg", orientation, (640, 480))
    draft, full = read_image(path, 160), read_image(path)
    assert max(draft.width(), draft.height()) == 160
    assert draft.width() * full.height() == draft.height() * full.width()
    assert np.abs(pixels(draft)[10, 10].astype(int) - pixels(full)[40, 40].astype(int)).max() <= 8


def test_what_is_no_image_is_null(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_text("no photo")
    assert read_image(tmp_path / "photo.jpg").isNull()


def test_levels_halve_and_the_smallest_that_suits_is_picked() -> None:
    full = QImage(2000, 1000, QImage.Format.Format_RGB32)
    full.fill(0)
    levels = Levels(full)
    assert levels.pick(400).width() == 500
    assert levels.pick(501).width() == 1000
    assert levels.pick(9000).width() == 2000
