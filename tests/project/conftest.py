from pathlib import Path

import pytest

from foodet_core.project.store import Project
from foodet_core.types import ClassList, ImageRecord


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the project of a test lies, its images beside it."""
    return tmp_path / "meals.foodet"


@pytest.fixture
def project(folder: Path):
    """Two classes and three images without boxes; ids 1 to 3."""
    images = [ImageRecord(n, f"{n}.jpg", (480, 640)) for n in (1, 2, 3)]
    with Project.create(folder, folder.parent / "photos", ClassList.of(["egg", "rice"]), images) as made:
        yield made
