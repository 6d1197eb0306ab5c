"""Folders of images that are labelled as a whole."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from foodet_core.errors import InputError
from foodet_core.events import Progress
from foodet_core.formats.whole import read_whole
from foodet_core.types import LabelledSet


def picture(path: Path, size_wh: tuple[int, int] = (8, 6)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((size_wh[1], size_wh[0], 3), 90, np.uint8)).save(path)


def read(*folders: Path) -> LabelledSet:
    events = read_whole(folders)
    while True:
        try:
            assert isinstance(next(events), Progress)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


def labels(labelled: LabelledSet) -> dict[str, str]:
    names = labelled.classes.names
    return {labelled.path(i).name: names[labelled.annotations[i.id][0].label] for i in labelled.images}


def test_a_folder_for_each_class_gives_its_name_to_all_images_below(tmp_path: Path) -> None:
    picture(tmp_path / "food" / "rice" / "1.png")
    picture(tmp_path / "food" / "soup" / "deep" / "down" / "2.png")
    picture(tmp_path / "food" / "of-no-class.png")
    assert labels(read(tmp_path / "food")) == {"1.png": "food/rice", "2.png": "food/soup"}


def test_a_table_names_path_label_and_source(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        picture(tmp_path / name)
    (tmp_path / "labels.csv").write_text(
        "path,label,source,licence\na.png,餃子,market,free\nb.png,tea,home,free\n", encoding="utf-8"
    )
    assert labels(read(tmp_path)) == {"a.png": "market/餃子", "b.png": "home/tea"}


def test_a_table_without_sources_is_a_source_of_its_own(tmp_path: Path) -> None:
    picture(tmp_path / "plates" / "a.png")
    (tmp_path / "plates" / "labels.csv").write_text("path,label\na.png,rice\n", encoding="utf-8")
    assert labels(read(tmp_path / "plates")) == {"a.png": "plates/rice"}


def test_the_box_of_an_image_is_the_image(tmp_path: Path) -> None:
    picture(tmp_path / "x" / "rice" / "1.png", (20, 10))
    labelled = read(tmp_path / "x")
    assert labelled.boxes(labelled.images[0])[0].tolist() == [[0, 0, 20, 10]]


def test_a_source_knows_its_own_classes_only(tmp_path: Path) -> None:
    for path in ("one/rice/1.png", "one/soup/2.png", "two/rice/3.png"):
        picture(tmp_path / path)
    labelled = read(tmp_path / "one", tmp_path / "two")
    assert labelled.classes.names == ("one/rice", "one/soup", "two/rice")
    assert [image.exhaustive for image in labelled.images] == [{0, 1}, {0, 1}, {2}]


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("path,name\na.png,rice\n", "no column 'label'"),
        ("path,label\na.png,\n", "no path or label in line 2"),
        ("path,label\n", "holds no labelled image"),
        ("path,label\nmissing.png,rice\n", r"missing\.png.*does not exist"),
    ],
)
def test_a_table_that_cannot_be_used_is_named(table: str, problem: str, tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    (tmp_path / "labels.csv").write_text(table, encoding="utf-8")
    with pytest.raises(InputError, match=problem):
        read(tmp_path)


def test_a_folder_without_classes_is_refused(tmp_path: Path) -> None:
    picture(tmp_path / "x" / "1.png")
    with pytest.raises(InputError, match="holds no labelled image"):
        read(tmp_path / "x")
    with pytest.raises(InputError, match="is not a folder"):
        read(tmp_path / "nowhere")
