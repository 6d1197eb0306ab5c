"""What every test stands on: no display, one thread, a home of its own, and the same examples every time."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

# Before Qt and torch load; child processes inherit both. Networks this small gain nothing from a second thread, and where
# other programs want the cores too, threads that wait for one another are ten times slower than one.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["OMP_NUM_THREADS"] = "1"

settings.register_profile("foodet", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("foodet")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, so that no test reads or changes what a person has."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("HOME", "USERPROFILE", "FOODET_HOME"):
        monkeypatch.setenv(name, str(folder))
    return folder


@pytest.fixture
def torch_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where torch looks for files that it has downloaded: empty, and nothing can be downloaded."""

    def unreachable(*_: Any, **__: Any) -> None:
        raise URLError("no route to host")

    folder = tmp_path_factory.mktemp("torch")
    monkeypatch.setenv("TORCH_HOME", str(folder))
    monkeypatch.setattr("torch.hub.urlopen", unreachable)
    downloads = folder / "hub" / "checkpoints"
    downloads.mkdir(parents=True)
    return downloads


@dataclass(frozen=True)
class Toy:
    """A dozen plain pictures of red and blue rectangles, labelled in COCO files."""

    train: Path
    val: Path
    images: Path


COLORS = {"red": (200, 40, 40), "blue": (40, 60, 210)}


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    """The toy set; tests must not change it."""
    folder = tmp_path_factory.mktemp("toy")
    return Toy(_toy_file(folder, "train", 12), _toy_file(folder, "val", 4), folder / "images")


def _toy_file(folder: Path, name: str, count: int) -> Path:
    rng = np.random.default_rng(len(name))
    images, annotations = [], []
    (folder / "images").mkdir(exist_ok=True)
    for number in range(1, count + 1):
        width, height = (96, 72) if number % 2 else (64, 96)
        picture = np.full((height, width, 3), 150, np.uint8) + rng.integers(0, 20, (height, width, 1), np.uint8)
        for label, color in enumerate(COLORS.values()):
            w, h = rng.integers(20, 40, 2)
            x, y = rng.integers(0, width - w), rng.integers(0, height - h)
            if label:
                x, y, w, h = 0, 0, 14, 14
            picture[y : y + h, x : x + w] = color
            box = [float(v) for v in (x, y, w, h)]
            annotations.append(
                {"id": len(annotations) + 1, "image_id": number, "category_id": label + 1, "bbox": box, "area": box[2] * box[3]}
            )
        file = f"{name}-{number}.png"
        Image.fromarray(picture).save(folder / "images" / file)
        images.append({"id": number, "file_name": file, "width": width, "height": height})
    categories = [{"id": label + 1, "name": color} for label, color in enumerate(COLORS)]
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return path
