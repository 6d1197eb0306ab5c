"""Folders of COCO sets, and sets put together."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from foodet_core.config import Source
from foodet_core.errors import InputError
from foodet_core.formats.corpus import together
from foodet_core.formats.source import open_source
from foodet_core.types import ClassList, FoodClass, ImageRecord, LabelledSet


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
    corpus = open_source(Source(str(tmp_path)))
    assert corpus.classes.names == ("a/rice", "b/rice", "b/soup")
    assert [image.exhaustive for image in corpus.images] == [{0}, {1, 2}]
    assert [corpus.path(image).parent.parent.name for image in corpus.images] == ["a", "b"]
    boxes = [corpus.boxes(image) for image in corpus.images]
    assert [(corners.tolist(), labels.tolist()) for corners, labels in boxes] == [
        ([[0, 0, 5, 5], [20, 20, 25, 25]], [0, 0]),
        ([[1, 2, 11, 12]], [2]),
    ]
    ids = [a.id for found in corpus.annotations.values() for a in found]
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


def test_a_table_says_which_classes_of_the_sources_are_one(tmp_path: Path) -> None:
    coco_set(tmp_path / "a", ["rice", "soup"], [("rice", [0, 0, 5, 5])])
    coco_set(tmp_path / "b", ["soup", "White Rice", "Brown Rice"], [("Brown Rice", [1, 2, 10, 10])])
    rows = ["source,name,class,name_zh", "a,rice,rice,米饭", "b,White Rice,rice,米饭", "b,Brown Rice,rice,米饭"]
    (tmp_path / "classes.csv").write_text("\n".join(rows), encoding="utf-8")
    corpus = open_source(Source(str(tmp_path)))
    assert corpus.classes.names == ("rice", "a/soup", "b/soup")
    assert corpus.classes[0].name_zh == "米饭"
    assert [image.exhaustive for image in corpus.images] == [{0, 1}, {0, 2}]
    assert [corpus.boxes(image)[1].tolist() for image in corpus.images] == [[0], [0]]


def test_what_sources_call_a_class_is_an_alias_unless_it_means_another_class_too(tmp_path: Path) -> None:
    coco_set(tmp_path / "a", ["hamburger", "fries", "fried_rice", "rice"], [])
    coco_set(tmp_path / "b", ["fries", "cheese burger"], [])
    rows = ["a,hamburger,burger,", "a,fries,french fries,", "a,fried_rice,fried rice,", "a,rice,fried rice,"]
    rows += ["b,fries,potato dish,", "b,cheese burger,burger,"]
    (tmp_path / "classes.csv").write_text("\n".join(["source,name,class,name_zh", *rows, "c,x,rice,"]), encoding="utf-8")
    aliases = {c.name: c.aliases for c in open_source(Source(str(tmp_path))).classes}
    assert aliases == {"burger": ("cheese burger", "hamburger"), "french fries": (), "fried rice": (), "potato dish": ()}


def test_a_class_of_several_names_is_exhaustive_where_all_of_them_are() -> None:
    record = ImageRecord(1, "1.png", (30, 40), exhaustive=frozenset({0}))
    part = LabelledSet(Path(), ClassList.of(["white rice", "brown rice", "soup"]), (record,), {})
    rice = {("a", "white rice"): FoodClass("rice"), ("a", "brown rice"): FoodClass("rice")}
    assert together({"a": part}, rice).images[0].exhaustive == frozenset()
    known = replace(part, images=(replace(record, exhaustive=frozenset({0, 1})),))
    assert together({"a": known}, rice).images[0].exhaustive == {0}


@pytest.mark.parametrize(
    "text", ["source,name,class\na,rice,rice", "source,name,class,name_zh\na,rice,,", "source,name,class,name_zh\na"]
)
def test_a_table_of_classes_that_lacks_something_is_refused_by_name(tmp_path: Path, text: str) -> None:
    coco_set(tmp_path / "a", ["rice"], [("rice", [0, 0, 5, 5])])
    (tmp_path / "classes.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"classes\.csv"):
        open_source(Source(str(tmp_path)))
