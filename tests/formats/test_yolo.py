import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from foodet_core.errors import InputError
from foodet_core.formats import FORMATS, yolo
from foodet_core.pixels import write_jpeg
from foodet_core.types import Annotation, ClassList, ImageRecord, ImageState, LabelledSet, Split


@pytest.fixture
def data(tmp_path):
    """A set as other tools write it: two images of train, one of val, one class name that YAML takes for a truth value."""
    root = tmp_path / "data"
    for path, lines in {
        "train/a": ["1 0.5 0.5 0.5 0.25", "0 0.1 0.2 0.2 0.4"],
        "train/b": [],
        "val/sub/饭": ["0 .5 .5 1 1"],
    }.items():
        write_jpeg(root / "images" / f"{path}.jpg", np.zeros((40, 60, 3), np.uint8))
        label = root / "labels" / f"{path}.txt"
        label.parent.mkdir(parents=True, exist_ok=True)
        label.write_text("\n".join(lines))
    (root / "data.yaml").write_text("train: images/train\nval: images/val\nnc: 2\nnames: [no, 鸡蛋]\n", encoding="utf-8")
    return root


def set_yaml(data, text):
    (data / "data.yaml").write_text(text, encoding="utf-8")


def test_the_format_is_listed():
    assert FORMATS["yolo"].read is yolo.read


@pytest.mark.parametrize("name", ["", "data.yaml"])
def test_reading_gives_classes_images_boxes_and_splits(data, name):
    labelled = yolo.read(data / name)
    assert labelled.classes.names == ("no", "鸡蛋")
    assert [(i.path, i.size_hw, i.split, i.state) for i in labelled.images] == [
        ("images/train/a.jpg", (40, 60), Split.TRAIN, ImageState.DONE),
        ("images/train/b.jpg", (40, 60), Split.TRAIN, ImageState.EMPTY),
        ("images/val/sub/饭.jpg", (40, 60), Split.VAL, ImageState.DONE),
    ]
    assert [(a.label, a.box_xyxy) for a in labelled.annotations[1]] == [
        (1, pytest.approx((15, 15, 45, 25))),
        (0, pytest.approx((0, 0, 12, 16))),
    ]
    assert labelled.annotations[3][0].box_xyxy == (0, 0, 60, 40)
    assert labelled.remarks == ()


def test_an_image_without_a_label_file_is_unlabelled_and_told(data):
    (data / "labels" / "train" / "b.txt").unlink()
    labelled = yolo.read(data)
    assert len(labelled.images) == 2
    assert labelled.remarks == ("Images without a label file, left out as unlabelled (1): b.jpg.",)


def test_a_label_file_without_an_image_is_told(data):
    (data / "labels" / "train" / "gone.txt").write_text("0 .5 .5 .1 .1")
    (data / "labels" / "train" / "classes.txt").write_text("no\n")
    labelled = yolo.read(data)
    assert len(labelled.images) == 3
    assert labelled.remarks == ("Label files without an image, left out (1): gone.txt.",)


def test_an_outline_becomes_its_box_and_is_told(data):
    (data / "labels" / "train" / "b.txt").write_text("0 .5 .5 .5 .5\n\n1 0.1 0.2 0.5 0.25 0.3 0.9\n")
    labelled = yolo.read(data)
    assert labelled.annotations[2][1].box_xyxy == pytest.approx((6, 8, 30, 36))
    assert labelled.remarks == ("Outlines turned into the box around them (1): b.txt, line 3.",)


def test_labels_without_images_go_to_images_of_the_same_path(data, photos):
    (data / "images").rename(data / "elsewhere")
    labelled = yolo.read(data, data / "elsewhere" / "train")
    assert [labelled.path(image) for image in labelled.images] == [data / "elsewhere" / "train" / f"{n}.jpg" for n in "ab"]
    assert labelled.remarks == ("Label files without an image, left out (1): sub/饭.txt.",)
    (data / "elsewhere" / "train" / "a.jpg").rename(data / "elsewhere" / "train" / "b.png")
    with pytest.raises(InputError, match=r"b\.txt: may belong to any of b\.jpg, b\.png"):
        yolo.read(data, data / "elsewhere" / "train")


def test_images_and_labels_may_lie_in_a_folder_for_each_split(data, tmp_path):
    for kind in ("images", "labels"):
        (data / "train").mkdir(exist_ok=True)
        (data / kind / "train").rename(data / "train" / kind)
    set_yaml(data, "train: ../train/images\nval: ../valid/images\nnames: [a, b]\n")
    labelled = yolo.read(data)
    assert [image.path for image in labelled.images] == ["train/images/a.jpg", "train/images/b.jpg"]
    assert labelled.remarks == (
        "Folders sought without their leading ../, as Ultralytics does (1): ../train/images.",
        "Parts that data.yaml names and that are not there (1): ../valid/images.",
    )


def test_a_part_may_be_a_list_of_images_or_of_folders(data):
    (data / "val.txt").write_text("./images/val/sub/饭.jpg\n", encoding="utf-8")
    set_yaml(data, "train: [images/train]\nval: val.txt\nnames: {1: b, 0: a}\n")
    labelled = yolo.read(data)
    assert [image.split for image in labelled.images] == [Split.TRAIN, Split.TRAIN, Split.VAL]
    assert labelled.classes.names == ("a", "b")
    (data / "val.txt").write_text("./images/val/gone.jpg\n")
    with pytest.raises(InputError, match=r"val\.txt: names \./images/val/gone\.jpg, which is not there"):
        yolo.read(data)


def test_labels_may_lie_beside_images_in_no_folder_called_so(data):
    (data / "images" / "train").rename(data / "all")
    for label in (data / "labels" / "train").iterdir():
        label.rename(data / "all" / label.name)
    set_yaml(data, "train: all\nval:\ntest: null\nnames: [a, b]\n")
    assert [image.path for image in yolo.read(data).images] == ["all/a.jpg", "all/b.jpg"]


def test_a_path_of_another_machine_is_passed_over_and_told(data):
    set_yaml(data, "path: /content/food\ntrain: images/train\nnames: [a, b]\n")
    labelled = yolo.read(data)
    assert len(labelled.images) == 2
    assert labelled.remarks == ("Paths of data.yaml that are none here, so that its own folder was taken (1): /content/food.",)


def test_a_path_that_is_there_is_taken(data, tmp_path):
    (tmp_path / "yaml").mkdir()
    (tmp_path / "yaml" / "food.yaml").write_text("path: ../data\nval: images/val\nnames: [a, b]\n")
    labelled = yolo.read(tmp_path / "yaml" / "food.yaml")
    assert labelled.path(labelled.images[0]) == data / "images" / "val" / "sub" / "饭.jpg"


def test_an_image_of_two_splits_keeps_the_first_and_is_told(data):
    set_yaml(data, "train: images/train\nval: images/train\nnames: [a, b]\n")
    labelled = yolo.read(data)
    assert {image.split for image in labelled.images} == {Split.TRAIN}
    assert labelled.remarks == ("Images of several splits, which keep the first (2): a.jpg, b.jpg.",)


def test_two_images_of_one_label_file_are_refused(data):
    (data / "images" / "train" / "a.png").write_bytes((data / "images" / "train" / "a.jpg").read_bytes())
    with pytest.raises(InputError, match=r"a\.txt: is the label file of a\.jpg and of a\.png"):
        yolo.read(data)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("2 .5 .5 .1 .1", "has the class index 2, but the data set names 2 classes"),
        ("-1 .5 .5 .1 .1", "has the class index -1"),
        ("0.5 .5 .5 .1 .1", "has the class index 0.5"),
        ("nan .5 .5 .1 .1", "has the class index nan"),
        ("egg .5 .5 .1 .1", "is not a line of numbers"),
        ("0 .5 .5 .1", "has 4 numbers"),
        ("0 .5 .5 .1 .1 .9", "has 6 numbers"),
        ("0", "has 1 numbers"),
        ("0 .5 .5 .1 nan", "not finite"),
        ("0 .1 .1 .2 .2 .1 nan", "not finite"),
        ("0 30 20 10 10", "outside its image of 60 x 40"),
        ("0 .5 .5 0 .1", "a box of width 0"),
    ],
)
def test_a_line_that_cannot_be_is_named(data, line, text):
    (data / "labels" / "train" / "a.txt").write_text(f"0 .5 .5 .1 .1\n{line}\n")
    with pytest.raises(InputError) as error:
        yolo.read(data)
    assert text in error.value.problem
    assert error.value.where.endswith("a.txt, line 2")
    assert error.value.remedy


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("train: images/train\n", "has no 'names' of classes"),
        ("train: images/train\nnames: egg\n", "has no 'names' of classes"),
        ("train: images/train\nnames: [[a], b]\n", "has no 'names' of classes"),
        ("train: images/train\nnames: {0: a, 2: b}\n", "'names' that are not numbered from 0 to 1"),
        ("train: images/train\nnames: {0: a, 0: b}\n", "the key 0 stands twice"),
        ("train: images/train\nnames: [a, a]\n", "has 'a' more than once"),
        ("train: images/train\nnames: [a, ' ']\n", "empty class name"),
        ('train: images/train\nnames: [a, "\\uD800"]\n', "not a text"),
        ("train: images/train\nnc: 3\nnames: [a, b]\n", "has 2 names, but says 'nc: 3'"),
        ("names: [a, b]\n", "has no train, val or test"),
        ("train: {a: b}\nnames: [a, b]\n", "has 'train' that is not a path"),
        ("path: [a]\ntrain: images/train\nnames: [a, b]\n", "has 'path' that is not a path"),
        ("train: nowhere\nnames: [a, b]\n", "leads to no image that has a label file"),
        (f"train: {'x' * 5000}\nnames: [a, b]\n", "leads to "),
        ("train: images/train\nkpt_shape: [17, 3]\nnames: [a, b]\n", "its labels are keypoints"),
        ("- a\n- b\n", "holds no 'names' and 'train'"),
        ("names: [", "is not valid YAML"),
        ("a: &a [*a]\nnames: *a\ntrain: x\n", "is not valid YAML"),
    ],
)
def test_a_data_yaml_that_cannot_be_used_is_named(data, text, problem):
    set_yaml(data, text)
    with pytest.raises(InputError) as error:
        yolo.read(data)
    assert problem in error.value.problem
    assert "data.yaml" in error.value.where
    assert error.value.remedy


def test_a_bomb_of_references_is_harmless(data):
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    set_yaml(data, f"a0: &a0 [egg]\n{levels}train: images/train\nnames: *a29\n")
    with pytest.raises(InputError, match="has no 'names' of classes"):
        yolo.read(data)


@pytest.fixture
def labelled(photos):
    images = (
        ImageRecord(3, "sub/饭.jpg", (40, 60), split=Split.TEST),
        ImageRecord(1, "a.jpg", (40, 60), split=Split.TRAIN),
        ImageRecord(2, "b.jpg", (40, 60)),
    )
    boxes = {3: (Annotation(1, 3, 2, (0.0, 10.0, 30.0, 40.0)),), 1: (), 2: (Annotation(2, 2, 0, (1 / 3, 0.1, 59.9, 7.7)),)}
    return LabelledSet(photos, ClassList.of(["yes", "rice", "鸡蛋 🥚"]), images, boxes)


def test_the_layout_written_is_that_of_ultralytics(labelled, tmp_path, photos):
    written = yolo.write(labelled, tmp_path / "out")
    files = sorted(p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert files == [
        "data.yaml",
        "images/test/sub/饭.jpg",
        "images/train/a.jpg",
        "images/unassigned/b.jpg",
        "labels/test/sub/饭.txt",
        "labels/train/a.txt",
        "labels/unassigned/b.txt",
    ]
    assert (tmp_path / "out/labels/test/sub/饭.txt").read_text() == "2 0.25 0.625 0.5 0.75\n"
    assert (tmp_path / "out/labels/train/a.txt").read_text() == ""
    assert (tmp_path / "out/images/train/a.jpg").read_bytes() == (photos / "a.jpg").read_bytes()
    assert "  2: 鸡蛋 🥚\n" in (tmp_path / "out/data.yaml").read_text(encoding="utf-8")
    assert (tmp_path / "out/images/val").is_dir()
    assert written.remarks == ("Images of no split, which data.yaml names neither as train nor as val (1): b.jpg.",)


def as_ultralytics_reads(folder):
    """Class names, and the lines of each image's label file by image, found by the rules of Ultralytics' loader alone."""
    said = yaml.safe_load((folder / "data.yaml").read_text(encoding="utf-8"))
    labels = {}
    for part in ("train", "val", "test"):
        for image in sorted((folder / said.get(part, "-")).rglob("*.*")):
            before, after = f"{os.sep}images{os.sep}", f"{os.sep}labels{os.sep}"
            label = Path(after.join(str(image).rsplit(before, 1)).rsplit(".", 1)[0] + ".txt")
            labels[part, image.name] = np.array([line.split() for line in label.read_text().splitlines()], np.float32)
    return [said["names"][n] for n in range(len(said["names"]))], labels


def test_ultralytics_rules_find_what_is_written(labelled, tmp_path, photos):
    (photos / "images").mkdir()
    (photos / "b.jpg").rename(photos / "images" / "b.jpg")
    moved = replace(labelled.images[2], path="images/b.jpg", split=Split.VAL)
    yolo.write(replace(labelled, images=(*labelled.images[:2], moved)), tmp_path / "out")
    names, labels = as_ultralytics_reads(tmp_path / "out")
    assert names == ["yes", "rice", "鸡蛋 🥚"]
    assert {key: len(lines) for key, lines in labels.items()} == {
        ("train", "a.jpg"): 0,
        ("val", "b.jpg"): 1,
        ("test", "饭.jpg"): 1,
    }
    cx, cy, w, h = labels["val", "b.jpg"][0][1:] * [60, 40, 60, 40]
    assert (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2) == pytest.approx((1 / 3, 0.1, 59.9, 7.7), abs=1e-4)


def test_a_class_added_later_shifts_no_index(labelled, tmp_path):
    yolo.write(labelled, tmp_path / "1")
    added = ClassList.of([*labelled.classes.names, "apple"])
    yolo.write(replace(labelled, classes=added), tmp_path / "2")
    for file in (tmp_path / "1" / "labels").rglob("*.txt"):
        assert (tmp_path / "2" / file.relative_to(tmp_path / "1")).read_bytes() == file.read_bytes()
    assert yolo.read(tmp_path / "2").classes.names == ("yes", "rice", "鸡蛋 🥚", "apple")
