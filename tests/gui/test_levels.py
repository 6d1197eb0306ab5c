"""Decoding in the background: the image asked for, a draft of a large one first, neighbours kept ready."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from foodet_gui.canvas import levels
from foodet_gui.canvas.levels import Levels, Loader


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
