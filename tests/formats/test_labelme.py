import json
import shutil

import pytest

from foodet_core.errors import InputError
from foodet_core.formats import FORMATS, labelme
from foodet_core.types import Annotation, ClassList, ImageRecord, ImageState, LabelledSet


def shape(label="rice", points=((30, 40), (1, 2.5)), kind="rectangle", **more):
    return {"label": label, "points": points, "shape_type": kind, "group_id": None, "flags": {}, **more}


@pytest.fixture
def content():
    """labelme's file about a.jpg, with one rectangle drawn from its lower right corner."""
    return {
        "version": "4.5.6",
        "flags": {"blurred": True},
        "shapes": [shape(description="old")],
        "imagePath": "../photos/a.jpg",
        "imageData": "AAAA",
        "imageHeight": 40,
        "imageWidth": 60,
    }


@pytest.fixture
def read(tmp_path, photos):
    """Write files' contents into a folder beside the photos and read it."""

    def read_folder(*contents, names=("a.json", "b.json")):
        folder = tmp_path / "json"
        folder.mkdir(exist_ok=True)
        for name, content in zip(names, contents, strict=False):
            (folder / name).write_text(json.dumps(content), encoding="utf-8")
        return labelme.read(folder, photos)

    return read_folder


def test_the_format_is_listed():
    assert FORMATS["labelme"].read is labelme.read


def test_reading_gives_classes_images_and_boxes(read, content):
    empty = {**content, "shapes": [], "imagePath": "..\\photos\\sub\\饭.jpg"}
    labelled = read(content, empty)
    assert [(i.path, i.size_hw, i.state) for i in labelled.images] == [
        ("a.jpg", (40, 60), ImageState.DONE),
        ("sub/饭.jpg", (40, 60), ImageState.EMPTY),
    ]
    assert labelled.classes.names == ("rice",)
    assert labelled.annotations[1][0].box_xyxy == (1, 2.5, 30, 40)
    assert labelled.remarks == ()


def test_a_file_that_was_moved_finds_its_image_by_name(tmp_path, photos, content):
    (tmp_path / "json" / "sub").mkdir(parents=True)
    content["imagePath"] = "C:\\pictures\\饭.jpg"
    file = tmp_path / "json" / "sub" / "x.json"
    file.write_text(json.dumps(content))
    assert labelme.read(tmp_path / "json", photos).images[0].path == "sub/饭.jpg"
    shutil.copy(photos / "a.jpg", photos / "饭.jpg")
    assert labelme.read(file, photos).images[0].path == "饭.jpg"


def test_what_is_unknown_is_kept_and_pixels_are_not(read, content, tmp_path):
    labelme.write(read(content), tmp_path / "out")
    written = json.loads((tmp_path / "out" / "a.json").read_text(encoding="utf-8"))
    assert written["flags"] == {"blurred": True}
    assert written["imageData"] is None
    assert written["imagePath"] == "../photos/a.jpg"
    assert written["shapes"] == [
        {
            "label": "rice",
            "points": [[1.0, 2.5], [30.0, 40.0]],
            "group_id": None,
            "description": "old",
            "shape_type": "rectangle",
            "flags": {},
            "mask": None,
        }
    ]


def test_outlines_become_their_box_and_are_told(read, content):
    content["shapes"] = [
        shape(points=[[1, 1], [9, 3], [4, 8]], kind="polygon"),
        shape(points=[[20, 20], [23, 24]], kind="circle"),
        shape(points=[[1, 1], [9, 1], [9, 5], [1, 5]]),
        shape(points=[[5, 1], [9, 5], [5, 9], [1, 5]], kind="rotation"),
        shape(points=[[1, 2], [3, 4]], kind="mask", mask="iVBOR"),
    ]
    del content["shapes"][0]["shape_type"]
    labelled = read(content)
    assert [a.box_xyxy for a in labelled.annotations[1]] == [
        (1, 1, 9, 8),
        (15, 15, 25, 25),
        (1, 1, 9, 5),
        (1, 1, 9, 9),
        (1, 2, 3, 4),
    ]
    places = ", ".join(f"a.json, shapes[{n}]" for n in (0, 1, 3, 4))
    assert labelled.remarks == (f"Outlines turned into the box around them (4): {places}.",)


def test_points_and_lines_are_left_out_and_told(read, content):
    content["shapes"] += [shape(points=[[1, 1]], kind="point"), shape(points=[[1, 1], [2, 2]], kind="line")]
    alone = {**content, "imagePath": "../photos/b.jpg", "shapes": content["shapes"][1:]}
    labelled = read(content, alone)
    assert [image.path for image in labelled.images] == ["a.jpg"]
    places = "a.json, shapes[1], a.json, shapes[2], b.json, shapes[0], b.json, shapes[1]"
    assert labelled.remarks == (
        f"Points and lines, left out (4): {places}.",
        "Images of which nothing is left, left out (1): b.json.",
    )


def test_a_size_that_is_not_told_is_read_from_the_image(read, content):
    content["imageHeight"] = None
    assert read(content).images[0].size_hw == (40, 60)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"shapes": None}, "a.json: has 'shapes' that is not a list"),
        ({"shapes": [3]}, "a.json, shapes[0]: is not an object"),
        ({"imagePath": 3}, "a.json: has 'imagePath' that is not a text"),
        ({"imagePath": "gone.jpg"}, "a.json: names gone.jpg, which is not in"),
        ({"imagePath": "x" * 5000}, "which is not in"),
        ({"imageWidth": 0}, "a.json: has a width of 0 and a height of 40"),
        ({"imageWidth": "60"}, "a.json: has 'imageWidth' that is not a whole number"),
        ({"flags": float("nan")}, "a.json: holds NaN"),
        ({"shapes": [shape(label=" ")]}, "a.json, shapes[0]: has an empty class name"),
        ({"shapes": [shape(label=None)]}, "a.json, shapes[0]: has 'label' that is not a text"),
        ({"shapes": [shape(points=[[1, 2], [3]])]}, "a.json, shapes[0]: has 'points' that are not pairs"),
        ({"shapes": [shape(points=[[1, 2], [3, float("inf")]])]}, "a.json, shapes[0]: has 'points' that are not pairs"),
        ({"shapes": [shape(points=[[1, 2], [3, "4"]])]}, "a.json, shapes[0]: has 'points' that are not pairs"),
        ({"shapes": [shape(points=[[1, 2]])]}, "a.json, shapes[0]: is a rectangle of 1 points"),
        ({"shapes": [shape(points=[[1, 2], [3, 4]], kind="polygon")]}, "a.json, shapes[0]: is a polygon of 2 points"),
        ({"shapes": [shape(points=[[1, 2], [1, 4]])]}, "a.json, shapes[0]: has a box of width 0"),
        ({"shapes": [shape(points=[[1, 2], [99, 4]])]}, "a.json, shapes[0]: has a box from (1, 2) to (99, 4), outside"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(read, content, change, text):
    with pytest.raises(InputError) as error:
        read({**content, **change})
    assert text in str(error.value)
    assert error.value.remedy


@pytest.mark.parametrize("key", ["shapes", "imagePath"])
def test_a_missing_key_is_named(read, content, key):
    del content[key]
    with pytest.raises(InputError, match=f"has no '{key}'"):
        read(content)


def test_labelme_finds_what_is_written(photos, tmp_path):
    """By the rules of labelme's own loader: the image is named from the file's folder on."""
    image = ImageRecord(1, "sub/饭.jpg", (40, 60))
    boxes = {1: (Annotation(1, 1, 1, (0.5, 1.0, 20.0, 30.0)),)}
    labelme.write(LabelledSet(photos, ClassList.of(["rice", "鸡蛋"]), (image,), boxes), tmp_path / "out")
    file = tmp_path / "out" / "sub" / "饭.json"
    data = json.loads(file.read_text(encoding="utf-8"))
    assert {"version", "flags", "shapes", "imagePath", "imageData", "imageHeight", "imageWidth"} == set(data)
    assert (file.parent / data["imagePath"]).read_bytes() == (photos / "sub/饭.jpg").read_bytes()
    assert [(s["label"], s["shape_type"], s["points"]) for s in data["shapes"]] == [
        ("鸡蛋", "rectangle", [[0.5, 1.0], [20.0, 30.0]])
    ]
    assert (tmp_path / "out" / "labels.txt").read_text(encoding="utf-8") == "rice\n鸡蛋\n"


def test_a_list_of_names_gives_the_order_of_the_classes(read, content, tmp_path, photos):
    read(content)
    (tmp_path / "json" / "labels.txt").write_bytes("\ufefftea\r\nrice\r\n".encode())
    labelled = labelme.read(tmp_path / "json", photos)
    assert labelled.classes.names == ("tea", "rice")
    assert labelled.annotations[1][0].label == 1
    (tmp_path / "json" / "labels.txt").write_text("tea\ntea\n")
    with pytest.raises(InputError, match=r"labels\.txt: has 'tea' more than once"):
        labelme.read(tmp_path / "json", photos)
