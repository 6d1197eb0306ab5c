import json
import shutil
from urllib.parse import parse_qs, urlsplit

import pytest

from foodet_core.errors import InputError
from foodet_core.formats import FORMATS, label_studio
from foodet_core.types import Annotation, ClassList, ImageRecord, ImageState, LabelledSet, Split


def region(x=10, y=25, w=50, h=50, rotation=0, labels=("rice",), **more):
    value = {"x": x, "y": y, "width": w, "height": h, "rotation": rotation, "rectanglelabels": list(labels)}
    size = {"original_width": 60, "original_height": 40, "image_rotation": 0}
    return {"id": "Dx_aB9", "type": "rectanglelabels", "from_name": "tag", "to_name": "img", "value": value, **size, **more}


def annotation(*results, **more):
    return {"id": 1001, "was_cancelled": False, "ground_truth": False, "result": list(results), "completed_by": 1, **more}


def task(image, *annotations, **data):
    return {"id": 12, "data": {"image": image, **data}, "annotations": list(annotations), "predictions": [], "drafts": []}


@pytest.fixture
def read(photos, tmp_path):
    def read_tasks(*tasks):
        (tmp_path / "export.json").write_text(json.dumps(tasks), encoding="utf-8")
        return label_studio.read(tmp_path / "export.json", photos)

    return read_tasks


def boxes(labelled, n=1):
    return [(labelled.classes[a.label].name, pytest.approx(a.box_xyxy)) for a in labelled.annotations[n]]


def test_the_format_is_listed():
    assert FORMATS["labelstudio"].read is label_studio.read


def test_reading_gives_classes_images_boxes_and_splits(read):
    labelled = read(task("a.jpg", annotation(region(), region(labels=["鸡蛋"])), split="val"), task("sub/饭.jpg", annotation()))
    assert labelled.classes.names == ("rice", "鸡蛋")
    assert [(i.path, i.size_hw, i.state, i.split) for i in labelled.images] == [
        ("a.jpg", (40, 60), ImageState.DONE, Split.VAL),
        ("sub/饭.jpg", (40, 60), ImageState.EMPTY, Split.NONE),
    ]
    assert boxes(labelled) == [("rice", (6, 10, 36, 30)), ("鸡蛋", (6, 10, 36, 30))]
    assert labelled.remarks == ()


@pytest.mark.parametrize(
    "name",
    [
        "/data/local-files/?d=sub/%E9%A5%AD.jpg",
        "http://localhost:8080/data/local-files/?d=sub/饭.jpg",
        "sub/饭.jpg",
        "/data/upload/3/0a1b2c3d-饭.jpg",
        "/data/upload/0a1b2c3d-%E9%A5%AD.jpg",
    ],
)
def test_every_way_to_name_an_image_is_understood(read, photos, name):
    if "upload" in name:
        (photos / "sub" / "饭.jpg").rename(photos / "饭.jpg")
    assert read(task(name, annotation(region()))).images[0].path.endswith("饭.jpg")


def test_an_uploaded_file_is_taken_under_its_full_name_first(read, photos):
    shutil.copy(photos / "a.jpg", photos / "0a1b2c3d-a.jpg")
    assert read(task("/data/upload/1/0a1b2c3d-a.jpg", annotation(region()))).images[0].path == "0a1b2c3d-a.jpg"


def test_an_address_is_refused(read):
    for name in ("https://example.com/a.jpg", "s3://bucket/a.jpg"):
        with pytest.raises(InputError, match=r"export\.json, task 1: names its image by an address"):
            read(task(name, annotation(region())))


def test_what_is_not_completed_is_left_out_and_told(read):
    labelled = read(
        task("a.jpg", annotation(region(), was_cancelled=True)),
        task("b.jpg", annotation(region()), annotation(region(w=10), was_cancelled=True)),
        {**task("gone.jpg"), "predictions": [{"result": [region()]}]},
    )
    assert [image.path for image in labelled.images] == ["b.jpg"]
    assert boxes(labelled) == [("rice", (6, 10, 36, 30))]
    assert labelled.remarks == (
        "Tasks whose cancelled annotations are left out (2): a.jpg, b.jpg.",
        "Tasks without a completed annotation, left out (2): a.jpg, gone.jpg.",
        "Tasks whose predictions are left out (1): gone.jpg.",
    )


def test_of_several_annotations_the_ground_truth_or_else_the_last_counts_and_is_told(read):
    three = [annotation(region(w=w)) for w in (10, 20, 30)]
    labelled = read(task("a.jpg", *three), task("b.jpg", {**three[0], "ground_truth": True}, *three[1:]))
    assert [labelled.annotations[n][0].box_xyxy[2] for n in (1, 2)] == pytest.approx([24, 12])
    text = "Tasks of several annotations, of which the ground truth or else the last was taken (2): a.jpg, b.jpg."
    assert labelled.remarks == (text,)


def test_turned_rectangles_and_polygons_become_their_box_and_are_told(read):
    polygon = {"points": [[10, 10], [50, 20], [30, 80]], "polygonlabels": ["tea"]}
    turned = region(50, 25, 20, 10, rotation=90)  # 12 x 4 pixels, a quarter turn about its upper left corner
    outside = region(0, 50, 50, 50, rotation=-45)
    labelled = read(task("a.jpg", annotation(turned, {**region(), "type": "polygonlabels", "value": polygon}, outside)))
    assert boxes(labelled)[:2] == [("rice", (26, 10, 30, 22)), ("tea", (6, 4, 30, 32))]
    assert labelled.annotations[1][2].box_xyxy == pytest.approx((0, 0, 30 * 0.5**0.5 + 20 * 0.5**0.5, 20 + 20 * 0.5**0.5))
    places = ", ".join(f"export.json, task 1, result[{n}]" for n in range(3))
    assert labelled.remarks == (f"Outlines turned into the box around them (3): {places}.",)


def test_other_results_are_left_out_and_told(read):
    brush = region() | {"type": "brushlabels"}
    choice = {"type": "choices", "value": {"choices": ["sharp"]}}
    labelled = read(task("a.jpg", annotation(region(), choice)), task("b.jpg", annotation(brush)))
    assert [image.path for image in labelled.images] == ["a.jpg"]
    assert labelled.remarks == (
        "Results of the type choices, left out (1): export.json, task 1, result[1].",
        "Results of the type brushlabels, left out (1): export.json, task 2, result[0].",
        "Images of which nothing is left, left out (1): b.jpg.",
    )


def test_several_labels_and_other_data_are_told(read):
    labelled = read(task("a.jpg", annotation(region(labels=["rice", "tea"])), shop="market", split="mine"))
    assert boxes(labelled) == [("rice", (6, 10, 36, 30)), ("tea", (6, 10, 36, 30))]
    assert labelled.remarks == (
        "Regions of several labels, which became a box for each (1): export.json, task 1, result[0].",
        "Tasks whose other data is not kept (1): a.jpg.",
    )


def test_a_size_that_is_not_told_is_read_from_the_image(read):
    result = region()
    del result["original_width"], result["original_height"]
    assert boxes(read(task("a.jpg", annotation(result)))) == [("rice", (6, 10, 36, 30))]


def value(**more):
    result = region()
    return {**result, "value": {**result["value"], **more}}


@pytest.mark.parametrize(
    ("tasks", "text"),
    [
        ([3], "task 1: has no 'data' and 'annotations'"),
        ([{"id": 1, "image": "a.jpg", "label": []}], "task 1: has no 'data' and 'annotations'. Export"),
        ([task(None)], "task 1: has 'image' that is not a text"),
        ([{**task("a.jpg"), "annotations": 3}], "task 1: has 'annotations' that is not a list"),
        ([task("a.jpg", 3)], "task 1, annotations[0]: is not an object"),
        ([task("gone.jpg", annotation())], "task 1: names gone.jpg, which is not in"),
        ([task("a.jpg", {"id": 3})], "task 1: has no 'result'"),
        ([task("a.jpg", annotation(3))], "task 1, result[0]: is not an object"),
        ([task("a.jpg", annotation(region(value=3)))], "task 1, result[0]: has 'value' that is not an object"),
        ([task("a.jpg", annotation(value(x="1")))], "task 1, result[0]: has a rectangle that is not of finite numbers"),
        ([task("a.jpg", annotation(value(rotation="left")))], "task 1, result[0]: has a rectangle that is not of finite"),
        ([task("a.jpg", annotation(value(rectanglelabels=[])))], "task 1, result[0]: has no label"),
        ([task("a.jpg", annotation(value(rectanglelabels=[3])))], "task 1, result[0]: has 'label' that is not a text"),
        ([task("a.jpg", annotation(value(width=0)))], "task 1, result[0]: has a box of width 0"),
        ([task("a.jpg", annotation(value(width=95)))], "task 1, result[0]: has a box from (6, 10) to (63, 30), outside"),
        ([task("a.jpg", annotation(region(image_rotation=90)))], "task 1, result[0]: lies on an image that was turned"),
        ([task("a.jpg", annotation(region(), region(original_width=80)))], "task 1: has an image of 60 x 40, 80 x 40 pixels"),
        ([task("a.jpg", annotation(region(original_width=0)))], "task 1: has an image of 0 x 40 pixels"),
        ([task("a.jpg", annotation(region(original_width="60")))], "has 'original_width' that is not a whole number"),
        ([task("a.jpg", annotation(region(x=float("nan"))))], "export.json: holds NaN"),
        ([task("a.jpg", annotation()), task("./a.jpg", annotation())], "has 'a.jpg' more than once"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(read, tasks, text):
    with pytest.raises(InputError) as error:
        read(*tasks)
    assert text in str(error.value)
    assert "export.json" in error.value.where
    assert error.value.remedy


def test_points_of_a_polygon_must_be_pairs_of_numbers(read):
    for points in (None, [], [[1]], [[1, "2"]]):
        polygon = {**region(), "type": "polygonlabels", "value": {"points": points, "polygonlabels": ["tea"]}}
        with pytest.raises(InputError, match=r"result\[0\]: has (a polygon|'points') that"):
            read(task("a.jpg", annotation(polygon)))


def test_an_object_instead_of_tasks_is_refused(tmp_path):
    (tmp_path / "export.json").write_text("{}")
    with pytest.raises(InputError, match="is a JSON dict instead of a list of tasks"):
        label_studio.read(tmp_path / "export.json")


def test_tasks_are_written_as_label_studio_takes_them(photos, tmp_path):
    images = (ImageRecord(7, "sub/饭.jpg", (40, 60), split=Split.TEST), ImageRecord(2, "a.jpg", (40, 60)))
    found = {7: (Annotation(30, 7, 0, (6.0, 10.0, 36.0, 30.0)),), 2: ()}
    label_studio.write(LabelledSet(photos, ClassList.of(["鸡蛋"]), images, found), tmp_path / "out.json")
    first, second = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    address = urlsplit(first["data"]["image"])
    assert (address.path, parse_qs(address.query)) == ("/data/local-files/", {"d": ["sub/饭.jpg"]})
    assert (first["id"], first["data"]["split"], second["id"]) == (7, "test", 2)
    (result,) = first["annotations"][0]["result"]
    assert result["value"] == {"x": 10, "y": 25, "width": 50, "height": 50, "rotation": 0, "rectanglelabels": ["鸡蛋"]}
    assert (result["id"], result["original_width"], result["original_height"]) == ("30", 60, 40)
    assert second["annotations"][0]["result"] == []
