"""Folders of COCO sets, and sets put together."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from foodet_core.config import Source
from foodet_core.errors import InputError
from foodet_core.formats.source import open_source


def coco_set(folder: Path, classes: list[str], boxes: list[tuple[str, list[int]]]) -> None:
    """A set of one image 40 wide and 30 high."""
    (folder / "images").mkdir(parents=True)
    Image.fromarray(np.zeros((30, 40, 3), np.uint8)).save(folder / "images" / "1.png")
    data = {
        "images": [{"id": 7, "file_name": "1.png", "width": 40, "height": 30}],
        "categories": [{"id": n, "name": name} for n, name in enumerate(classes)],
        "annotations": [
            {"id": n, "image_id": 7, "category_id": classes.index(name), "bbox": box} for n, (name, box) in enumerate(boxes)
        ],
    }
    (folder / "instances.json").write_text(json.dumps(data), encoding="utf-8")


def test_sets_below_a_folder_keep_their_classes_apart_and_know_their_own_only(tmp_path: Path) -> None:
    coco_set(tmp_path / "b", ["rice", "soup"], [("soup", [1, 2, 10, 10])])
    coco_set(tmp_path / "a", ["rice"], [("rice", [0, 0, 5, 5]), ("rice", [20, 20, 5, 5])])
    together = open_source(Source(str(tmp_path)))
    assert together.classes.names == ("a/rice", "b/rice", "b/soup")
    assert [image.exhaustive for image in together.images] == [{0}, {1, 2}]
    assert [together.path(image).parent.parent.name for image in together.images] == ["a", "b"]
    boxes = [together.boxes(image) for image in together.images]
    assert [(corners.tolist(), labels.tolist()) for corners, labels in boxes] == [
        ([[0, 0, 5, 5], [20, 20, 25, 25]], [0, 0]),
        ([[1, 2, 11, 12]], [2]),
    ]
    ids = [a.id for found in together.annotations.values() for a in found]
    assert len(set(ids)) == len(ids) == 3


def test_a_folder_without_a_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is no project and has no folder with instances\.json"):
        open_source(Source(str(tmp_path)))


def test_a_folder_of_sets_has_no_splits(tmp_path: Path) -> None:
    coco_set(tmp_path / "a", ["rice"], [])
    with pytest.raises(InputError, match="has no splits"):
        open_source(Source(str(tmp_path), split="val"))


def test_what_is_wrong_with_one_set_is_told_with_its_file(tmp_path: Path) -> None:
    coco_set(tmp_path / "a", ["rice"], [])
    (tmp_path / "a" / "instances.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"a.instances\.json"):
        open_source(Source(str(tmp_path)))
