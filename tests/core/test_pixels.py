"""One upright image, whatever the file's EXIF says; a file that cannot be read is an error that names it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from foodet_core.errors import InputError
from foodet_core.pixels import is_image, read_rgb, read_size_hw, write_jpeg

ORIENTATION = 0x0112
# What a camera held in the manner of each EXIF orientation stores of an upright image.
STORED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a, -1),
}
LOSSLESS: dict[str, dict[str, Any]] = {"a.png": {}, "a.tiff": {}, "a.webp": {"lossless": True}}


def upright(height: int = 40, width: int = 60) -> np.ndarray:
    """Four corners of different colours on grey."""
    image = np.full((height, width, 3), 128, np.uint8)
    image[:16, :16], image[:16, -16:] = (255, 0, 0), (0, 255, 0)
    image[-16:, :16], image[-16:, -16:] = (0, 0, 255), (255, 255, 0)
    return image


def save_turned(path: Path, orientation: int, **options: Any) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    stored = np.ascontiguousarray(STORED[orientation](upright()))
    Image.fromarray(stored).save(path, exif=exif, **options)


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("name", LOSSLESS)
def test_every_orientation_gives_the_same_upright_pixels(tmp_path: Path, name: str, orientation: int) -> None:
    path = tmp_path / name
    save_turned(path, orientation, **LOSSLESS[name])
    np.testing.assert_array_equal(read_rgb(path), upright())
    assert read_size_hw(path) == (40, 60)


@pytest.mark.parametrize("orientation", STORED)
def test_every_orientation_of_a_jpeg_is_upright(tmp_path: Path, orientation: int) -> None:
    path = tmp_path / "a.jpg"
    save_turned(path, orientation, quality=98, subsampling=0)
    assert read_size_hw(path) == (40, 60)
    assert np.abs(read_rgb(path).astype(int) - upright()).mean() < 6


def test_unicode_paths(tmp_path: Path) -> None:
    path = tmp_path / "早餐 ё 🥟" / "豆腐 soupe à l’oignon.jpg"
    write_jpeg(path, upright())
    assert is_image(path.name)
    assert read_size_hw(path) == (40, 60)
    assert read_rgb(path).shape == (40, 60, 3)


def test_fit_decodes_small_but_never_below(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    write_jpeg(path, np.zeros((600, 800, 3), np.uint8))
    assert read_rgb(path, fit=200).shape == (150, 200, 3)
    assert 300 <= max(read_rgb(path, fit=300).shape) < 800
    assert read_rgb(path, fit=2000).shape == (600, 800, 3)


def test_fit_of_a_very_thin_image(tmp_path: Path) -> None:
    path = tmp_path / "thin.jpg"
    write_jpeg(path, np.zeros((3, 2000, 3), np.uint8))
    assert read_rgb(path, fit=64).shape[1] >= 64


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "1"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.tiff"
    Image.fromarray(upright()).convert(mode).save(path)
    image = read_rgb(path)
    assert image.shape == (40, 60, 3)
    assert image.dtype == np.uint8


def test_truncated_jpeg_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "cut.jpg"
    write_jpeg(path, np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8))
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(InputError, match=r"cut\.jpg: cannot be read as an image .*Replace the file"):
        read_rgb(path)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tiff", "a.bmp"])
def test_a_file_cut_anywhere_is_read_or_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Image.fromarray(upright()).save(path)
    whole = path.read_bytes()
    refused = 0
    for end in np.linspace(0, len(whole) - 1, 40).astype(int):
        path.write_bytes(whole[:end])
        for read in (read_size_hw, read_rgb):
            try:
                read(path)
            except InputError:
                refused += 1
    assert refused > 0


def test_missing_file_and_text_file(tmp_path: Path) -> None:
    text = tmp_path / "note.png"
    text.write_text("not an image")
    for read in (read_size_hw, read_rgb):
        with pytest.raises(InputError, match="does not exist"):
            read(tmp_path / "none.jpg")
        with pytest.raises(InputError, match=r"note\.png: cannot be read as an image"):
            read(text)


def test_what_counts_as_an_image() -> None:
    assert is_image("a.JPeG")
    assert not is_image("a.txt")
    assert not is_image("._a.jpg")
