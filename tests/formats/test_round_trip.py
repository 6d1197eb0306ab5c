"""What every format beside COCO promises: what is written is read again, and nothing else is touched."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foodet_core.errors import InputError
from foodet_core.formats import FORMATS
from foodet_core.pixels import write_jpeg
from foodet_core.types import Annotation, ClassList, ImageRecord, ImageState, LabelledSet, Split

FOLDERS = ["yolo", "voc", "labelme"]
FILES = ["csv", "labelstudio"]
every_format = pytest.mark.parametrize("name", FOLDERS + FILES)
every_folder = pytest.mark.parametrize("name", FOLDERS)

# Line breaks and control characters are refused by some formats, which have tests of their own for that.
letters = st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufeff")
names = st.text(letters, min_size=1, max_size=20).filter(str.strip) | st.sampled_from(
    ["no", "1", "null", "- a: b", "=1", "<&>"]
)
boxes = st.tuples(st.floats(0, 50), st.floats(0, 30), st.floats(0.05, 10), st.floats(0.05, 10))


@st.composite
def labelled_sets(draw, root):
    """Any set over the three photos: any names, boxes, splits and ids, with images and classes that have no box."""
    classes = ClassList.of(draw(st.lists(names, min_size=1, max_size=5, unique=True)))
    ids = draw(st.lists(st.integers(1, 2**40), min_size=3, max_size=3, unique=True))
    paths = draw(st.permutations(["a.jpg", "b.jpg", "sub/饭.jpg"]))
    label = st.integers(0, len(classes) - 1)
    drawn = [draw(st.lists(st.tuples(label, boxes), max_size=4)) for _ in ids]
    annotations = {
        id: tuple(Annotation(100 * id + n, id, label, (x, y, x + w, y + h)) for n, (label, (x, y, w, h)) in enumerate(on_image))
        for id, on_image in zip(ids, drawn, strict=True)
    }
    images = tuple(
        ImageRecord(id, path, (40, 60), split=draw(st.sampled_from(Split))) for id, path in zip(ids, paths, strict=True)
    )
    return LabelledSet(root, classes, images, annotations)


@pytest.fixture
def labelled(photos):
    """Two classes, of which the second has no box; one box, one empty image and one of the val split."""
    images = (
        ImageRecord(4, "a.jpg", (40, 60), split=Split.TRAIN),
        ImageRecord(2, "b.jpg", (40, 60), split=Split.TRAIN),
        ImageRecord(7, "sub/饭.jpg", (40, 60), split=Split.VAL),
    )
    boxes = {4: (Annotation(9, 4, 0, (1.25, 2.0, 30.1, 39.9)),), 2: (), 7: (Annotation(3, 7, 0, (0.0, 0.0, 60.0, 40.0)),)}
    return LabelledSet(photos, ClassList.of(["鸡蛋 🥚", "rice"]), images, boxes)


def target(name, folder):
    return folder / {"csv": "out.csv", "labelstudio": "out.json"}.get(name, "out")


def write_and_read(name, labelled, path):
    FORMATS[name].write(labelled, path)
    return FORMATS[name].read(path, None if name == "yolo" else labelled.root)


def by_path(labelled, name):
    """What a set says of each image: size, split, and boxes by class name."""
    said = {}
    for image in labelled.images:
        # A YOLO set names its own copies: images/SPLIT/PATH.
        path = "/".join(image.path.split("/")[2:]) if name == "yolo" and image.path.startswith("images/") else image.path
        found = labelled.annotations[image.id]
        split = Split.NONE if name == "labelme" else image.split
        said[path] = image.size_hw, split, [(labelled.classes[a.label].name, a.box_xyxy) for a in found]
    return said


def snapshot(folder):
    return {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in folder.rglob("*") if p.is_file()}


@every_format
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_set_survives_a_round_trip(data, name, photos, tmp_path):
    labelled = data.draw(labelled_sets(photos))
    path = target(name, tmp_path)
    shutil.rmtree(path, ignore_errors=True)
    again = write_and_read(name, labelled, path)
    before, after = by_path(labelled, name), by_path(again, name)
    assert after.keys() == before.keys()
    for image in before:
        assert after[image][:2] == before[image][:2]
        assert [label for label, _ in after[image][2]] == [label for label, _ in before[image][2]]
        for (_, a), (_, b) in zip(after[image][2], before[image][2], strict=True):
            assert a == pytest.approx(b, abs=1e-4)
    assert {image.state for image in again.images if not again.annotations[image.id]} <= {ImageState.EMPTY}
    if name in FOLDERS:
        assert again.classes.names == labelled.classes.names
    else:
        assert set(again.classes.names) <= set(labelled.classes.names)


@every_format
def test_an_image_without_boxes_is_written_and_read(name, labelled, tmp_path):
    again = write_and_read(name, labelled, target(name, tmp_path))
    (empty,) = (image for image in again.images if image.state is ImageState.EMPTY)
    assert empty.path.endswith("b.jpg")
    assert again.annotations[empty.id] == ()


@every_folder
def test_a_class_without_boxes_keeps_its_place(name, labelled, tmp_path):
    classes = ClassList.of(["never seen", *labelled.classes.names, "neither"])
    boxes = {id: tuple(replace(a, label=a.label + 1) for a in found) for id, found in labelled.annotations.items()}
    again = write_and_read(name, replace(labelled, classes=classes, annotations=boxes), target(name, tmp_path))
    assert again.classes.names == classes.names


@pytest.mark.parametrize("name", FILES)
def test_classes_that_a_file_loses_are_told(name, labelled, tmp_path):
    (remark,) = FORMATS[name].write(labelled, target(name, tmp_path)).remarks
    assert remark == "Classes that the file has no place for, since no box has them (1): rice."


@every_format
def test_reading_changes_no_file(name, labelled, tmp_path):
    FORMATS[name].write(labelled, target(name, tmp_path))
    before = snapshot(tmp_path)
    FORMATS[name].read(target(name, tmp_path), labelled.root)
    assert snapshot(tmp_path) == before


@every_format
def test_writing_changes_no_image(name, labelled, photos, tmp_path):
    before = snapshot(photos)
    FORMATS[name].write(labelled, target(name, tmp_path))
    assert snapshot(photos) == before


@every_folder
def test_a_folder_that_holds_something_is_refused(name, labelled, tmp_path):
    path = tmp_path / "mine"
    path.mkdir()
    (path / "diary.txt").write_text("dear diary")
    before = snapshot(tmp_path)
    with pytest.raises(InputError, match=r"mine: exists already.*nothing is written over"):
        FORMATS[name].write(labelled, path)
    assert snapshot(tmp_path) == before
    with pytest.raises(InputError, match="exists already"):
        FORMATS[name].write(labelled, path / "diary.txt")


@every_folder
def test_an_empty_folder_is_filled(name, labelled, tmp_path):
    path = target(name, tmp_path)
    path.mkdir()
    FORMATS[name].write(labelled, path)
    assert any(path.iterdir())


@every_folder
def test_writing_that_fails_leaves_nothing(name, labelled, tmp_path, photos):
    before = set(tmp_path.iterdir())
    broken = replace(labelled, classes=ClassList.of(["a\nb", "rice"]))
    if name == "yolo":
        (photos / "sub" / "饭.jpg").unlink()
        broken = labelled
    with pytest.raises(InputError):
        FORMATS[name].write(broken, target(name, tmp_path))
    with pytest.raises(InputError, match="cannot be written"):
        FORMATS[name].write(labelled, tmp_path / "no" / "folder")
    assert set(tmp_path.iterdir()) == before


@every_format
def test_crowd_regions_are_left_out_and_told(name, labelled, tmp_path):
    crowd = Annotation(50, 4, 1, (0.0, 0.0, 5.0, 5.0), extra={"iscrowd": 1})
    alone = replace(crowd, id=51, image_id=7)
    mixed = replace(labelled, annotations={**labelled.annotations, 4: (*labelled.annotations[4], crowd), 7: (alone,)})
    written = FORMATS[name].write(mixed, target(name, tmp_path))
    assert written.remarks[0] == "Images whose crowd regions are left out (2): a.jpg, sub/饭.jpg."
    again = FORMATS[name].read(target(name, tmp_path), labelled.root)
    assert sorted(Path(image.path).name for image in again.images) == ["a.jpg", "b.jpg"]
    assert sum(map(len, again.annotations.values())) == 1


@every_format
def test_images_of_one_stem_and_images_elsewhere_stay_apart(name, photos, tmp_path):
    elsewhere = (tmp_path / "else" / "a.jpg").as_posix()
    paths = ["a.jpg", "a.bmp", "sub/a.jpg", "images/a.jpg", elsewhere]
    for n, path in enumerate(paths):
        (photos / path).parent.mkdir(exist_ok=True)
        write_jpeg(photos / path, np.full((40, 60, 3), 11 * n, np.uint8))
    images = tuple(ImageRecord(n, path, (40, 60)) for n, path in enumerate(paths, start=1))
    boxes = {i.id: (Annotation(i.id, i.id, 0, (0.0, 0.0, 10.0 * i.id, 9.0)),) for i in images}
    again = write_and_read(name, LabelledSet(photos, ClassList.of(["a"]), images, boxes), target(name, tmp_path))
    assert len(again.images) == 5
    for image in again.images:
        n = round(again.annotations[image.id][0].box_xyxy[2] / 10) - 1
        assert again.path(image).read_bytes() == (photos / paths[n]).read_bytes()


@every_format
def test_missing_files_and_folders_are_input_errors(name, tmp_path):
    with pytest.raises(InputError, match=r"Check the path|is not a folder"):
        FORMATS[name].read(tmp_path / "nowhere" / "none", None)
    if name in FOLDERS:
        with pytest.raises(InputError, match=r"cannot be read|holds no"):
            FORMATS[name].read(tmp_path, None)


@every_format
def test_a_file_that_is_no_text_is_an_input_error(name, labelled, tmp_path):
    path = target(name, tmp_path)
    FORMATS[name].write(labelled, path)
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.suffix in (".xml", ".json", ".yaml"))
    for content in (b"", b"\xff\xfe\x00", b"\x00", b"[" * 100_000, b"<a>" * 100_000, json.dumps([[1]]).encode()):
        files[0].write_bytes(content)
        with pytest.raises(InputError) as error:
            FORMATS[name].read(path, labelled.root)
        assert files[0].name in error.value.where
        assert error.value.remedy
