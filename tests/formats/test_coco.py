import json
import math
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pycocotools import coco as pycoco

from foodet_core.errors import InputError
from foodet_core.formats import FORMATS, coco
from foodet_core.types import Annotation, ClassList, ImageRecord, ImageState, LabelledSet


def test_the_format_is_listed():
    assert FORMATS["coco"].read is coco.read
    assert FORMATS["coco"].title == "COCO JSON"


def test_reading_gives_classes_images_and_boxes(content, write_file, photos):
    labelled = coco.read(write_file(content), photos)
    assert labelled.classes.names == ("鸡蛋 🥚", "rice", "never seen")
    assert [(i.id, i.path, i.size_hw, i.state) for i in labelled.images] == [
        (11, "a.jpg", (40, 60), ImageState.DONE),
        (5, "b.jpg", (40, 60), ImageState.DONE),
        (7, "sub/饭.jpg", (40, 60), ImageState.EMPTY),
    ]
    egg, crowd = labelled.annotations[11]
    assert (egg.id, egg.label, egg.score) == (900, 0, None)
    assert egg.box_xyxy == pytest.approx((0.1, 0.2, 10.4, 20.9))
    assert crowd.is_crowd
    assert labelled.annotations[7] == ()
    assert labelled.path(labelled.images[2]) == photos / "sub/饭.jpg"


def test_writing_what_was_read_loses_nothing(content, write_file, photos, tmp_path):
    coco.write(coco.read(write_file(content), photos), tmp_path / "out.json")
    written = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert written == content


def test_a_minimal_file_gains_only_area_and_crowd_flag(content, write_file, photos, tmp_path):
    for annotation in content["annotations"]:
        for key in set(annotation) - {"id", "image_id", "category_id", "bbox"}:
            del annotation[key]
    coco.write(coco.read(write_file(content), photos), tmp_path / "out.json")
    written = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [a["area"] for a in written["annotations"]] == pytest.approx([10.3 * 20.7, 2400, 12])
    for before, after in zip(content["annotations"], written["annotations"], strict=True):
        assert after | before == after
        assert set(after) - set(before) == {"area", "iscrowd"}


def test_a_moved_box_loses_its_old_area_and_segmentation(content, write_file, photos, tmp_path):
    labelled = coco.read(write_file(content), photos)
    egg, crowd = labelled.annotations[11]
    moved = replace(egg, box_xyxy=(10.0, 10.0, 20.0, 15.0))
    coco.write(replace(labelled, annotations={**labelled.annotations, 11: (moved, crowd)}), tmp_path / "out.json")
    written = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["annotations"][0]
    assert written["bbox"] == [10.0, 10.0, 10.0, 5.0]
    assert written["area"] == 50.0
    assert "segmentation" not in written
    assert written["unknown"] == {"鸡": [1, None]}


def test_a_class_added_later_changes_no_category_id(content, write_file, photos, tmp_path):
    labelled = coco.read(write_file(content), photos)
    added = ClassList((*labelled.classes, *ClassList.of(["bun", "tea"])))
    coco.write(replace(labelled, classes=added), tmp_path / "out.json")
    written = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [c["id"] for c in written["categories"]] == [30, 2, 9, 31, 32]


def test_two_classes_with_the_same_category_id_get_two(photos, tmp_path):
    classes = ClassList(tuple(replace(c, extra={"coco_id": 1}) for c in ClassList.of(["a", "b"])))
    coco.write(LabelledSet(photos, classes, (), {}), tmp_path / "out.json")
    written = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert written["categories"] == [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]


def test_a_chinese_name_of_a_class_survives(photos, tmp_path):
    classes = ClassList(tuple(replace(c, name_zh="鸡蛋") for c in ClassList.of(["egg"])))
    coco.write(LabelledSet(photos, classes, (), {}), tmp_path / "out.json")
    assert coco.read(tmp_path / "out.json", photos).classes[0].name_zh == "鸡蛋"


def test_an_overshoot_of_half_a_pixel_is_cut_and_written_as_it_was(content, write_file, photos, tmp_path):
    content["annotations"][2]["bbox"] = [-0.5, 35.0, 60.9, 5.4]
    labelled = coco.read(write_file(content), photos)
    assert labelled.annotations[5][0].box_xyxy == pytest.approx((0.0, 35.0, 60.0, 40.0))
    coco.write(labelled, tmp_path / "out.json")
    written = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert written["annotations"][2]["bbox"] == [-0.5, 35.0, 60.9, 5.4]


@pytest.mark.parametrize(
    "bbox",
    [
        [1, 2, 3],
        [1, 2, 3, 4, 5],
        "1 2 3 4",
        [1, 2, "3", 4],
        [1, 2, True, 4],
        [1, 2, math.nan, 4],
        [1, 2, math.inf, 4],
        [1, 2, 10**400, 4],
        [1, 2, 0, 4],
        [1, 2, 3, -4],
        [-0.6, 2, 3, 4],
        [58, 2, 3, 4],
        [1, 38, 3, 2.6],
        [100, 100, 5, 5],
        [60, 2, 0.4, 4],
        None,
    ],
)
def test_a_box_that_cannot_be_is_named_by_its_annotation(content, write_file, photos, bbox):
    content["annotations"][0]["bbox"] = bbox
    with pytest.raises(InputError) as error:
        coco.read(write_file(content), photos)
    assert error.value.where.endswith("labels.json, annotation 900")
    assert error.value.remedy


def remove(section, n, key):
    def change(content):
        del content[section][n][key]

    return change


def put(section, n, key, value):
    def change(content):
        content[section][n][key] = value

    return change


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda c: c.pop("images"), "has no 'images'"),
        (lambda c: c.pop("annotations"), "has no 'annotations'"),
        (lambda c: c.pop("categories"), "has no 'categories'"),
        (lambda c: c.update(images={}), "'images' that is not a list"),
        (lambda c: c["images"].append(7), "images[3]: is not an object"),
        (remove("images", 1, "id"), "images[1]: has no 'id'"),
        (remove("images", 1, "file_name"), "image 5: has no 'file_name'"),
        (remove("images", 1, "width"), "image 5: has no 'width'"),
        (remove("annotations", 2, "bbox"), "annotation 4: has no 'bbox'"),
        (remove("annotations", 2, "category_id"), "annotation 4: has no 'category_id'"),
        (remove("categories", 0, "name"), "category 30: has no 'name'"),
        (put("images", 0, "id", "11"), "images[0]: has 'id' that is not a whole number"),
        (put("images", 0, "id", 1.5), "images[0]: has 'id' that is not a whole number"),
        (put("images", 0, "id", 5), "images[1]: has the id 5"),
        (put("annotations", 0, "id", 3), "annotations[1]: has the id 3"),
        (put("categories", 0, "id", 2), "categories[1]: has the id 2"),
        (put("categories", 0, "name", "rice"), "has 'rice' more than once"),
        (put("categories", 0, "name", " "), "category 30: has an empty name"),
        (put("categories", 0, "name", "\ud800"), "category 30: has 'name' that is not a text"),
        (put("images", 1, "file_name", "./a.jpg"), "has 'a.jpg' more than once"),
        (put("images", 1, "file_name", 3), "image 5: has 'file_name' that is not a text"),
        (put("images", 1, "file_name", "gone.jpg"), "image 5: names gone.jpg, which is not in"),
        (put("images", 1, "file_name", "x" * 5000), "which is not in"),
        (put("images", 1, "height", 0), "image 5: has a width of 60 and a height of 0"),
        (put("annotations", 2, "image_id", 999), "annotation 4: refers to image 999"),
        (put("annotations", 2, "category_id", 999), "annotation 4: refers to category 999"),
        (put("annotations", 2, "area", math.nan), "holds NaN"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(content, write_file, photos, change, text):
    change(content)
    path = write_file(content)
    with pytest.raises(InputError) as error:
        coco.read(path, photos)
    assert text in str(error.value)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("text", ["", '{"images": [', "\x00", "[" * 100_000, "[]", "3"])
def test_a_file_that_is_no_coco_file_is_an_input_error(tmp_path, photos, text):
    path = tmp_path / "broken.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"broken\.json"):
        coco.read(path, photos)


def test_missing_files_and_folders_are_input_errors(content, write_file, tmp_path):
    with pytest.raises(InputError, match=r"none\.json: cannot be read"):
        coco.read(tmp_path / "none.json", tmp_path)
    with pytest.raises(InputError, match="is not a folder"):
        coco.read(write_file(content), tmp_path / "nowhere")


def test_without_a_folder_images_lie_beside_the_file(content, photos):
    path = photos / "labels.json"
    path.write_text("\ufeff" + json.dumps(content), encoding="utf-8")
    assert coco.read(path, None).root == photos


def test_ids_that_tools_wrote_as_floats_are_read(content, write_file, photos):
    content["annotations"][2].update(id=4.0, image_id=5.0, category_id=2.0)
    assert coco.read(write_file(content), photos).annotations[5][0].id == 4


def test_writing_that_fails_leaves_the_old_file(content, write_file, photos, tmp_path):
    labelled = coco.read(write_file(content), photos)
    path = write_file({"old": True}, "out.json")
    with pytest.raises(ValueError, match="JSON"):
        coco.write(replace(labelled, extra={"info": math.nan}), path)
    assert json.loads(path.read_text()) == {"old": True}
    with pytest.raises(InputError, match="cannot be written"):
        coco.write(labelled, tmp_path / "no folder" / "out.json")
    folder = tmp_path / "folder.json"
    folder.mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        coco.write(labelled, folder)
    assert not list(tmp_path.glob(".*"))


def test_pycocotools_reads_what_is_written(content, write_file, photos, tmp_path):
    coco.write(coco.read(write_file(content), photos), tmp_path / "out.json")
    file = pycoco.COCO(str(tmp_path / "out.json"))
    assert (len(file.imgs), len(file.anns), len(file.cats)) == (3, 3, 3)
    assert file.getAnnIds(imgIds=[11], iscrowd=True) == [3]


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def labelled_sets(draw, root):
    """Any set over the three photos: boxes as floats, any names, ids in any order, extras of any JSON."""
    # Keys of COCO's own are left to the tests above: their values have a meaning.
    extras = st.dictionaries(st.text().map("x-".__add__), json_values, max_size=2)
    classes = ClassList.of(draw(st.lists(names, min_size=1, max_size=4, unique=True)))
    ids = draw(st.lists(st.integers(0, 2**40), min_size=3, max_size=3, unique=True))
    paths = draw(st.permutations(["a.jpg", "b.jpg", "sub/饭.jpg"]))
    annotation_ids = iter(draw(st.lists(st.integers(0, 2**40), min_size=9, max_size=9, unique=True)))
    x, y, side = st.floats(0, 50), st.floats(0, 30), st.floats(0.01, 10)
    boxes = {
        id: tuple(
            Annotation(
                next(annotation_ids), id, draw(st.integers(0, len(classes) - 1)), (x0, y0, x0 + w, y0 + h), extra=draw(extras)
            )
            for x0, y0, w, h in draw(st.lists(st.tuples(x, y, side, side), max_size=3))
        )
        for id in ids
    }
    images = tuple(ImageRecord(id, path, (40, 60), extra=draw(extras)) for id, path in zip(ids, paths, strict=True))
    return LabelledSet(root, classes, images, boxes, draw(extras))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_set_survives_a_round_trip(data, photos, tmp_path):
    labelled = data.draw(labelled_sets(photos))
    coco.write(labelled, tmp_path / "1.json")
    again = coco.read(tmp_path / "1.json", photos)
    coco.write(again, tmp_path / "2.json")
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "2.json").read_bytes()
    assert again.classes.names == labelled.classes.names
    assert again.extra == labelled.extra
    assert [(i.id, i.path, i.size_hw, i.extra) for i in again.images] == [
        (i.id, i.path, i.size_hw, i.extra) for i in labelled.images
    ]
    for image in labelled.images:
        before, after = labelled.annotations[image.id], again.annotations[image.id]
        assert [(a.id, a.label) for a in after] == [(a.id, a.label) for a in before]
        for a, b in zip(after, before, strict=True):
            assert a.box_xyxy == pytest.approx(b.box_xyxy, abs=1e-9)
            assert dict(a.extra) | dict(b.extra) == a.extra
