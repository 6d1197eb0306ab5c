import shutil
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from torchvision.datasets import VOCDetection

from foodet_core.errors import InputError
from foodet_core.formats import FORMATS, voc
from foodet_core.types import Annotation, ClassList, ImageRecord, ImageState, LabelledSet, Split

OBJECT = """<object>
  <name>{name}</name><pose>Left</pose><truncated>1</truncated><difficult>0</difficult>
  <bndbox><xmax>{box[2]}</xmax><xmin>{box[0]}</xmin><ymin>{box[1]}</ymin><ymax>{box[3]}</ymax></bndbox>{more}
</object>"""


def xml(file, *objects, size=(60, 40), more=""):
    w, h = size
    size = f"<size><width>{w}</width><height>{h}</height><depth>3</depth></size>"
    return f"<annotation><filename>{file}</filename>{size}{more}{''.join(objects)}</annotation>"


def thing(name="rice", box=(1, 2, 30.5, 40), more=""):
    return OBJECT.format(name=name, box=box, more=more)


@pytest.fixture
def folder(tmp_path):
    """An XML file about a.jpg with one box."""
    made = tmp_path / "xml"
    made.mkdir()
    (made / "a.xml").write_text(xml("a.jpg", thing()), encoding="utf-8")
    return made


def test_the_format_is_listed():
    assert FORMATS["voc"].read is voc.read


def test_reading_gives_classes_images_and_boxes(folder, photos):
    (folder / "sub").mkdir()
    (folder / "sub" / "x.xml").write_text(xml("饭.jpg", thing("鸡蛋"), thing("rice")), encoding="utf-8")
    (folder / "b.xml").write_text(xml("b.jpg"))
    labelled = voc.read(folder, photos)
    assert labelled.classes.names == ("rice", "鸡蛋")
    assert [(i.path, i.size_hw, i.state) for i in labelled.images] == [
        ("a.jpg", (40, 60), ImageState.DONE),
        ("b.jpg", (40, 60), ImageState.EMPTY),
        ("sub/饭.jpg", (40, 60), ImageState.DONE),
    ]
    (box,) = labelled.annotations[1]
    assert box.box_xyxy == (0, 1, 30.5, 40)
    assert box.extra == {"voc": {"pose": "Left", "truncated": "1", "difficult": "0"}}
    assert [a.label for a in labelled.annotations[3]] == [1, 0]
    assert labelled.remarks == ()


def test_a_single_file_can_be_read(folder, photos):
    assert [image.path for image in voc.read(folder / "a.xml", photos).images] == ["a.jpg"]


def test_what_is_unknown_is_kept_and_written_back(folder, photos, tmp_path):
    source = "<source><database>mine</database></source><segmented>0</segmented>"
    (folder / "a.xml").write_text(xml("a.jpg", thing(more="<occluded>1</occluded>"), more=source))
    voc.write(voc.read(folder, photos), tmp_path / "out")
    tree = ElementTree.parse(tmp_path / "out" / "Annotations" / "a.xml")
    assert tree.findtext("source/database") == "mine"
    assert tree.findtext("segmented") == "0"
    assert [tree.findtext(f"object/{tag}") for tag in ("pose", "truncated", "occluded")] == ["Left", "1", "1"]
    assert [tree.findtext(f"object/bndbox/{tag}") for tag in ("xmin", "ymin", "xmax", "ymax")] == ["1", "2", "30.5", "40"]


def test_what_cannot_be_kept_is_told(folder, photos):
    part = "<part><name>head</name><bndbox><xmin>1</xmin></bndbox></part>"
    (folder / "a.xml").write_text(xml("a.jpg", thing(more=part), more="<owner><a><b/></a></owner>"))
    assert voc.read(folder, photos).remarks == (
        "Files whose <owner> is not kept (1): a.xml.",
        "Objects whose <part> is not kept (1): a.xml, object 1.",
    )


def test_pixels_count_from_one_and_the_last_is_included(folder, photos):
    (folder / "a.xml").write_text(xml("a.jpg", thing(box=(1, 1, 60, 40)), thing(box=(7, 8, 7, 8))))
    labelled = voc.read(folder, photos)
    assert [a.box_xyxy for a in labelled.annotations[1]] == [(0, 0, 60, 40), (6, 7, 7, 8)]
    assert labelled.remarks == ()


def test_a_set_that_counts_from_zero_is_known_by_a_corner_below_one_and_told(folder, photos):
    (folder / "b.xml").write_text(xml("b.jpg", thing(box=(5, 0, 59, 39))))
    labelled = voc.read(folder, photos)
    assert [labelled.annotations[n][0].box_xyxy for n in (1, 2)] == [(1, 2, 30.5, 40), (5, 0, 59, 39)]
    assert labelled.remarks == ("Corners below 1, so that those of the whole set count from 0 (1): b.xml, object 1.",)


def test_images_may_lie_in_the_layout_of_the_challenge_with_splits(folder, photos, tmp_path):
    devkit = tmp_path / "VOC2007"
    shutil.copytree(folder, devkit / "Annotations")
    (devkit / "Annotations" / "b.xml").write_text(xml("b.jpg"))
    shutil.copytree(photos, devkit / "JPEGImages")
    sets = devkit / "ImageSets" / "Main"
    sets.mkdir(parents=True)
    (sets / "train.txt").write_text("a\n")
    (sets / "test.txt").write_text("b\n")
    labelled = voc.read(devkit, tmp_path)
    assert [(i.path, i.split) for i in labelled.images] == [
        ("VOC2007/JPEGImages/a.jpg", Split.TRAIN),
        ("VOC2007/JPEGImages/b.jpg", Split.TEST),
    ]
    (sets / "val.txt").write_text("a\n")
    with pytest.raises(InputError, match=r"val\.txt: names a, which stands in train\.txt too"):
        voc.read(devkit, tmp_path)


def test_an_image_is_found_beside_its_file_and_by_its_path(folder, photos, tmp_path):
    shutil.copy(photos / "a.jpg", folder / "a.jpg")
    labelled = voc.read(folder, tmp_path)
    assert labelled.images[0].path == "xml/a.jpg"
    (folder / "a.jpg").unlink()
    (folder / "a.xml").write_text(xml("a.jpg", more=f"<path>{photos / 'a.jpg'}</path>"))
    assert voc.read(folder, tmp_path).images[0].path == "photos/a.jpg"


def test_a_size_that_is_not_told_is_read_from_the_image(folder, photos):
    (folder / "a.xml").write_text(f"<annotation><filename>a.jpg</filename>{thing()}</annotation>")
    assert voc.read(folder, photos).images[0].size_hw == (40, 60)


def test_a_name_on_a_line_of_its_own_is_read_without_the_line(folder, photos):
    (folder / "a.xml").write_text(xml("a.jpg", thing(name="\n\t  fried rice\n  ")))
    assert voc.read(folder, photos).classes.names == ("fried rice",)


BOX = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox>"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (xml("gone.jpg"), "a.xml: names gone.jpg, which is not in"),
        (xml(""), "a.xml: has no 'filename'"),
        (xml("a.jpg", size=(0, 40)), "a.xml: has a width of 0 and a height of 40"),
        (xml("a.jpg", size=("wide", 40)), "a.xml: has 'width' that is not a number"),
        (xml("a.jpg", thing(), f"<object>{BOX}</object>"), "a.xml, object 2: has no 'name'"),
        (xml("a.jpg", "<object><name>a</name></object>"), "a.xml, object 1: has no 'bndbox'"),
        (xml("a.jpg", thing(box=(1, 2, "x", 4))), "a.xml, object 1: has 'xmax' that is not a number"),
        (xml("a.jpg", thing(box=(1, 2, "", 4))), "a.xml, object 1: has no 'xmax'"),
        (xml("a.jpg", thing(box=(1, 2, 70, 4))), "a.xml, object 1: has a box from (0, 1) to (70, 4), outside"),
        (xml("a.jpg", thing(box=(2, 2, 1, 4))), "a.xml, object 1: has a box of width 0"),
        (xml("a.jpg", thing(box=(1, 2, "nan", 4))), "a.xml, object 1: has a box that is not of finite numbers"),
        ("<annotation><filename>a.jpg</filename>", "a.xml: is not valid XML"),
        ("<svg/>", "a.xml: is about <svg>, not <annotation>"),
        ('<?xml version="1.0" encoding="no such"?><annotation/>', "a.xml: is not valid XML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(folder, photos, content, text):
    (folder / "a.xml").write_text(content)
    with pytest.raises(InputError) as error:
        voc.read(folder, photos)
    assert text in str(error.value)
    assert error.value.remedy


def test_a_bomb_of_entities_is_refused_before_it_is_read(folder, photos):
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE annotation [<!ENTITY a0 "boom">{entities}]><annotation><filename>&a11;</filename></annotation>'
    (folder / "a.xml").write_text(bomb)
    with pytest.raises(InputError, match="declares a document type"):
        voc.read(folder, photos)
    outside = f'<!DOCTYPE a SYSTEM "{photos / "a.jpg"}"><annotation/>'
    (folder / "a.xml").write_bytes(f'<?xml version="1.0" encoding="utf-16"?>{outside}'.encode("utf-16"))
    with pytest.raises(InputError, match="declares a document type"):
        voc.read(folder, photos)


def test_two_files_about_one_image_are_refused(folder, photos):
    shutil.copy(folder / "a.xml", folder / "b.xml")
    with pytest.raises(InputError, match=r"has 'a\.jpg' more than once"):
        voc.read(folder, photos)


@pytest.fixture
def labelled(photos):
    images = (ImageRecord(1, "a.jpg", (40, 60), split=Split.VAL), ImageRecord(2, "sub/饭.jpg", (40, 60)))
    boxes = {1: (), 2: (Annotation(1, 2, 1, (0.0, 10.25, 30.0, 40.0)), Annotation(2, 2, 0, (1.0, 2.0, 3.0, 4.0)))}
    return LabelledSet(photos, ClassList.of(["<rice> & 豆", "鸡蛋 🥚"]), images, boxes)


def test_torchvision_reads_what_is_written(labelled, tmp_path):
    voc.write(labelled, tmp_path / "out")
    tree = ElementTree.parse(tmp_path / "out" / "Annotations" / "sub" / "饭.xml").getroot()
    said = VOCDetection.parse_voc_xml(tree)["annotation"]
    assert (said["folder"], said["filename"]) == ("sub", "饭.jpg")
    assert said["size"] == {"width": "60", "height": "40", "depth": "3"}
    assert [(o["name"], *o["bndbox"].values()) for o in said["object"]] == [
        ("鸡蛋 🥚", "1", "11.25", "30", "40"),
        ("<rice> & 豆", "2", "3", "3", "4"),
    ]
    assert (tmp_path / "out" / "ImageSets" / "Main" / "val.txt").read_text() == "a\n"
    assert not (tmp_path / "out" / "ImageSets" / "Main" / "train.txt").exists()


def test_characters_that_xml_cannot_hold_are_refused(labelled, tmp_path):
    with pytest.raises(InputError, match="has a character that XML cannot hold"):
        voc.write(replace(labelled, classes=ClassList.of(["a", "bell\x07"])), tmp_path / "out")
    assert not (tmp_path / "out").exists()
