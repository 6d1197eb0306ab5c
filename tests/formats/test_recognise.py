"""What a chosen file or folder is, before anything is read."""

import json
from pathlib import Path

import pytest

from foodet_core.errors import InputError
from foodet_core.formats import FORMATS
from foodet_core.formats.recognise import Candidate, recognise
from foodet_core.types import Annotation, ClassList, ImageRecord, LabelledSet


@pytest.fixture
def labelled(photos: Path) -> LabelledSet:
    images = (ImageRecord(4, "a.jpg", (40, 60)), ImageRecord(7, "sub/饭.jpg", (40, 60)))
    return LabelledSet(photos, ClassList.of(["鸡蛋 🥚"]), images, {4: (Annotation(9, 4, 0, (1.0, 2.0, 30.0, 39.0)),), 7: ()})


@pytest.mark.parametrize("name", FORMATS)
def test_what_foodet_writes_is_recognised(name: str, labelled: LabelledSet, tmp_path: Path) -> None:
    path = tmp_path / f"出{FORMATS[name].suffix}"
    FORMATS[name].write(labelled, path)
    assert recognise(path) == (Candidate(name, path),)


@pytest.mark.parametrize("name", FORMATS)
def test_a_set_is_found_in_the_folder_around_it(name: str, labelled: LabelledSet, tmp_path: Path) -> None:
    path = tmp_path / "around" / f"out{FORMATS[name].suffix}"
    path.parent.mkdir()
    FORMATS[name].write(labelled, path)
    (found,) = recognise(path.parent)
    assert found.format == name
    assert len(FORMATS[name].read(found.path, labelled.root).images) == 2


def test_the_order_of_keys_does_not_matter_nor_a_file_that_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"annotations": [{"shapes": [], "data": '}\\"'}] * 50_000, "images": [], "categories": []}))
    assert recognise(path) == (Candidate("coco", path),)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '[{"image_id": 3, "bbox": [1, 2, 3, 4]}]'),
        ("a.json", '{"version": 1}'),
        ("a.json", "not JSON: {"),
        ("a.xml", "<svg><annotation/></svg>"),
        ("a.yaml", "names: [a, b]\n"),
        ("a.csv", "name,price\nrice,3\n"),
        ("a.pdf", "image,label,x0,y0,x1,y1\n"),
    ],
)
def test_nothing_is_guessed(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert recognise(tmp_path / name) == ()
    assert recognise(tmp_path) == ()


def test_two_sets_in_a_folder_are_two_candidates(labelled: LabelledSet, tmp_path: Path) -> None:
    for name in ("train", "val"):
        FORMATS["coco"].write(labelled, tmp_path / f"{name}.json")
    assert [c.path.name for c in recognise(tmp_path)] == ["train.json", "val.json"]


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        recognise(tmp_path / "none.json")
