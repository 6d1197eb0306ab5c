"""What a run learns from, and what it never may."""

from pathlib import Path

import pytest
from PIL import Image

from foodet_core.config import Source
from foodet_core.errors import InputError
from foodet_core.project.store import Project
from foodet_core.train.loop import open_data
from foodet_core.types import Annotation, ClassList, ImageRecord, ImageState, Split


def project(folder: Path, *splits: Split) -> Source:
    """A project of one labelled image per split named."""
    records = [ImageRecord(n, f"{n}.png", (20, 30), "", split, ImageState.DONE) for n, split in enumerate(splits, 1)]
    for record in records:
        Image.new("RGB", (30, 20)).save(folder / record.path)
    boxes = [Annotation(record.id, record.id, 0, (1.0, 2.0, 9.0, 8.0)) for record in records]
    Project.create(folder / "p.foodet", folder, ClassList.of(["red"]), records, boxes).close()
    return Source(str(folder / "p.foodet"))


SPLITS = (Split.TRAIN, Split.NONE, Split.VAL, Split.TEST)


def test_a_project_is_measured_on_its_own_val_images_and_its_test_images_stay_unseen(tmp_path: Path) -> None:
    data = open_data(project(tmp_path, *SPLITS), None, 0)
    assert [i.id for i in data.train.images] == [1, 2]
    assert [i.id for i in data.val.images] == [3]


def test_naming_other_val_images_does_not_put_the_projects_own_into_training(tmp_path: Path) -> None:
    source = project(tmp_path, *SPLITS)
    data = open_data(source, Source(source.path, split="test"), 0)
    assert [i.id for i in data.train.images] == [1, 2]
    assert [i.id for i in data.val.images] == [4]


def test_a_project_with_nothing_to_train_on_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="val and test splits only"):
        open_data(project(tmp_path, Split.VAL, Split.TEST), None, 0)


def test_a_split_asked_for_by_name_is_trained_on(tmp_path: Path) -> None:
    source = project(tmp_path, Split.VAL, Split.VAL, Split.TRAIN)
    data = open_data(Source(source.path, split="val"), None, 0)
    assert {i.id for i in (*data.train.images, *data.val.images)} == {1, 2}
