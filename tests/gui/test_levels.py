"""Decoding in the background: the image asked for, a draft of a large one first, neighbours kept ready."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from foodet_gui.canvas import levels
from foodet_gui.canvas.levels import Levels, Loader
from foodet_gui.canvas.paint import paint_image
from foodet_gui.canvas.transform import View


@pytest.fixture
def loader(qapp: object) -> Iterator[Loader]:
    made = Loader()
    yield made
    made.close()


def photo(path: Path, width: int, height: int) -> Path:
    Image.fromarray(np.full((height, width, 3), 90, np.uint8)).save(path)
    return path


def test_a_large_jpeg_comes_as_a_draft_first(loader: Loader, tmp_path: Path, qtbot: QtBot) -> None:
    path = photo(tmp_path / "large.jpg", 2400, 1800)
    came: list[int] = []
    loader.loaded.connect(lambda _path, got: came.append(got.images[0].width()))
    assert loader.get(path) is None
    qtbot.waitUntil(lambda: len(came) == 2)
    assert came == [1200, 2400]
    kept = loader.get(path)
    assert kept is not None
    assert kept.images[0].width() == 2400


@pytest.mark.parametrize(("name", "size"), [("small.jpg", (640, 480)), ("large.png", (2400, 1800))])
def test_what_gains_nothing_by_a_draft_comes_once(
    loader: Loader, tmp_path: Path, qtbot: QtBot, name: str, size: tuple[int, int]
) -> None:
    came: list[Levels] = []
    loader.loaded.connect(lambda _path, got: came.append(got))
    loader.get(photo(tmp_path / name, *size))
    qtbot.waitUntil(lambda: bool(came))
    loader.close()
    assert len(came) == 1


def test_prefetched_neighbours_are_there_at_once(loader: Loader, tmp_path: Path, qtbot: QtBot) -> None:
    paths = [photo(tmp_path / f"{n}.png", 40, 30) for n in range(3)]
    loader.prefetch(paths)
    qtbot.waitUntil(lambda: all(loader.get(path) is not None for path in paths))


def test_memory_has_an_end(loader: Loader, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(levels, "_KEPT_BYTES", 3 * 40 * 30 * 4)
    paths = [photo(tmp_path / f"{n}.png", 40, 30) for n in range(6)]
    for path in paths:
        with qtbot.waitSignal(loader.loaded):
            loader.get(path)
    assert [str(path) in loader.kept for path in paths] == [False, False, False, True, True, True]


def test_a_file_that_is_no_image_is_null(loader: Loader, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "broken.jpg").write_text("no photo")
    with qtbot.waitSignal(loader.loaded) as came:
        loader.get(tmp_path / "broken.jpg")
    assert came.args[1].images[0].isNull()


def test_an_image_asked_for_does_not_wait_behind_neighbours(loader: Loader, tmp_path: Path, qtbot: QtBot) -> None:
    paths = [photo(tmp_path / f"{n}.png", 1600, 1200) for n in range(8)]
    came: list[str] = []
    loader.loaded.connect(lambda path, _got: came.append(path))
    loader.prefetch(paths)
    loader.get(paths[-1])  # waits already, as the last of them
    qtbot.waitUntil(lambda: len(came) == len(paths))
    loader.close()
    assert str(paths[-1]) in came[:-1]
    assert sorted(came) == sorted(map(str, paths))


def test_neighbours_of_a_place_that_was_left_are_dropped(loader: Loader, tmp_path: Path, qtbot: QtBot) -> None:
    paths = [photo(tmp_path / f"{n}.png", 1600, 1200) for n in range(8)]
    loader.prefetch(paths[:7])
    loader.prefetch(paths[7:])
    qtbot.waitUntil(lambda: str(paths[7]) in loader.kept)
    loader.close()
    assert len(loader.kept) < 8
    assert loader.get(paths[6]) is None
    qtbot.waitUntil(lambda: str(paths[6]) in loader.kept)


def test_neighbours_wait_until_the_image_asked_for_is_there(loader: Loader, tmp_path: Path, qtbot: QtBot) -> None:
    large, small = photo(tmp_path / "large.png", 1600, 1200), photo(tmp_path / "small.png", 40, 30)
    loader.get(large)
    loader.prefetch([small])
    qtbot.waitUntil(lambda: len(loader.kept) == 2)
    assert list(loader.kept) == [str(large), str(small)]


def test_of_a_large_neighbour_there_is_a_draft_until_one_comes_to_it(loader: Loader, tmp_path: Path, qtbot: QtBot) -> None:
    path = photo(tmp_path / "large.jpg", 2400, 1800)
    loader.fitted = lambda _size: QSize(400, 300)
    loader.prefetch([path])
    qtbot.waitUntil(lambda: str(path) in loader.kept)
    loader.close()
    assert sizes(loader.kept[str(path)]) == [(400, 300)]
    draft = loader.get(path)
    assert draft is not None
    assert draft.is_draft
    qtbot.waitUntil(lambda: not loader.kept[str(path)].is_draft)
    assert sizes(loader.kept[str(path)])[0] == (2400, 1800)
    assert loader.get(path) is loader.kept[str(path)]


def test_who_comes_while_the_draft_of_a_neighbour_is_made_gets_the_whole_image(
    loader: Loader, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, read = photo(tmp_path / "large.jpg", 2400, 1800), levels.read_image
    began, may_end = Event(), Event()

    def slow(path: Path, side: int | None = None) -> QImage:
        began.set()
        may_end.wait(10)
        return read(path, side)

    monkeypatch.setattr(levels, "read_image", slow)
    loader.fitted = lambda _size: QSize(400, 300)
    came: list[int] = []
    loader.loaded.connect(lambda _path, got: came.append(got.images[0].width()))
    loader.prefetch([path])
    assert began.wait(10)
    assert loader.get(path) is None
    may_end.set()
    qtbot.waitUntil(lambda: len(came) == 2)
    assert came == [400, 2400]


@pytest.mark.parametrize(("larger", "kept"), [(-1000, 2), (0, 2), (300, 3), (600, 4)])
def test_the_likeliest_neighbours_stay_and_a_larger_canvas_has_room_for_more(
    loader: Loader, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, larger: int, kept: int
) -> None:
    monkeypatch.setattr(levels, "_KEPT_BYTES", 2 * 40 * 30 * 4)
    loader.canvas_pixels = levels._CANVAS_PIXELS + larger
    current, following, previous, later = (str(photo(tmp_path / f"{n}.png", 40, 30)) for n in range(4))
    came: list[str] = []
    loader.loaded.connect(lambda path, _got: came.append(path))
    loader.get(Path(current))
    loader.prefetch(map(Path, (following, previous, later)))
    qtbot.waitUntil(lambda: len(came) == 4)
    assert set(loader.kept) == set([following, previous, later, current][:kept])


def test_where_there_is_no_room_for_a_large_photo_its_draft_stays(
    loader: Loader, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(levels, "_KEPT_BYTES", 1300 * 1000 * 4)
    large, small = photo(tmp_path / "large.jpg", 2400, 1800), photo(tmp_path / "small.png", 40, 30)
    came: list[Levels] = []
    loader.loaded.connect(lambda _path, got: came.append(got))
    loader.prefetch([small])
    qtbot.waitUntil(lambda: str(small) in loader.kept)
    loader.get(large)
    qtbot.waitUntil(lambda: len(came) == 3)
    assert [got.is_draft for got in came] == [False, True, False]
    assert loader.kept[str(large)] is came[1]
    assert str(small) in loader.kept


@pytest.mark.parametrize("size", [(2400, 1800), (1280, 960)])
def test_on_a_very_large_screen_nothing_is_kept_as_it_is_shown(
    loader: Loader, tmp_path: Path, qtbot: QtBot, size: tuple[int, int]
) -> None:
    path = photo(tmp_path / "photo.jpg", *size)
    loader.fitted = lambda _size: QSize(4000, 3000)
    loader.prefetch([path])
    qtbot.waitUntil(lambda: str(path) in loader.kept)
    assert loader.kept[str(path)].bytes == 4 * (1200 * 900 if size == (2400, 1800) else 1280 * 960)


def test_a_level_of_exactly_the_size_on_the_screen_is_kept_for_small_images_too() -> None:
    image = QImage(1280, 960, QImage.Format.Format_RGB32)
    levels = Levels(image, fitted=QSize(1000, 750))
    assert [levels.pick(width).width() for width in (1000, 1000.6, 999, 1001, 1280, 2000, 500)] == [
        *(1000, 1000, 1280, 1280, 1280, 1280),
        640,
    ]
    assert levels.bytes == 4 * (1280 * 960 + 1000 * 750 + 640 * 480)


@pytest.mark.parametrize("fitted", [QSize(40, 30), QSize(1600, 1200), QSize()])
def test_no_level_is_kept_that_is_the_image_itself_or_a_tiny_one_blown_up(fitted: QSize) -> None:
    assert Levels(QImage(40, 30, QImage.Format.Format_RGB32), fitted=fitted).bytes == 4 * 40 * 30


@pytest.mark.parametrize("ratio", [1.0, 2.0, 1.25])
def test_a_level_of_the_size_on_the_screen_is_painted_pixel_by_pixel(ratio: float) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (90, 120, 4), np.uint8)
    levels = Levels(QImage(noise.data, 120, 90, QImage.Format.Format_RGB32))
    screen = QImage(200, 200, QImage.Format.Format_RGB32)
    screen.setDevicePixelRatio(ratio)
    painter = QPainter(screen)
    view = View(120.4 / (60 * ratio), 20.3 / ratio, 30.6 / ratio)  # 120.4 pixels of the screen, and not quite on them
    paint_image(painter, levels, (60.0, 45.0), view, (200 / ratio, 200 / ratio), ratio)
    painter.end()
    assert screen.copy(20, 31, 120, 90).convertToFormat(levels.images[0].format()) == levels.images[0]


def sizes(levels: Levels) -> list[tuple[int, int]]:
    """Widths and heights of the stack."""
    return [(image.width(), image.height()) for image in levels.images]
