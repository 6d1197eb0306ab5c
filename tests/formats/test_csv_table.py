import csv

import pytest

from foodet_core.errors import InputError
from foodet_core.formats import FORMATS, csv_table
from foodet_core.types import Annotation, ClassList, ImageRecord, ImageState, LabelledSet, Split

HEADER = "image,width,height,label,x0,y0,x1,y1"


@pytest.fixture
def read(photos, tmp_path):
    def read_text(text):
        (tmp_path / "boxes.csv").write_bytes(text.encode())
        return csv_table.read(tmp_path / "boxes.csv", photos)

    return read_text


def said(labelled):
    return {i.path: [(labelled.classes[a.label].name, a.box_xyxy) for a in labelled.annotations[i.id]] for i in labelled.images}


def test_the_format_is_listed():
    assert FORMATS["csv"].read is csv_table.read


def test_reading_gives_classes_images_boxes_and_splits(read):
    labelled = read(
        f"{HEADER},split\r\n"
        'a.jpg,60,40,"鸡蛋, ""soft""",1,2,3.5,4,train\r\n'
        "sub/饭.jpg,60,40,,,,,,val\r\n"
        "a.jpg,60,40,rice,0,0,60,40,train\r\n"
    )
    assert labelled.classes.names == ('鸡蛋, "soft"', "rice")
    assert said(labelled) == {"a.jpg": [('鸡蛋, "soft"', (1, 2, 3.5, 4)), ("rice", (0, 0, 60, 40))], "sub/饭.jpg": []}
    assert [(i.size_hw, i.split, i.state) for i in labelled.images] == [
        ((40, 60), Split.TRAIN, ImageState.DONE),
        ((40, 60), Split.VAL, ImageState.EMPTY),
    ]
    assert labelled.remarks == ()


def test_the_order_of_columns_is_free_and_sizes_may_be_missing(read):
    assert said(read("y1,label,x0,image,y0,x1\n4,rice,1,a.jpg,2,3\n")) == {"a.jpg": [("rice", (1, 2, 3, 4))]}


@pytest.mark.parametrize("delimiter", ",;\t")
def test_the_header_tells_what_parts_columns(read, delimiter):
    text = f"\ufeff{HEADER}\na.jpg,60,40,rice,1,2,3,4\n"
    assert said(read(text.replace(",", delimiter))) == {"a.jpg": [("rice", (1, 2, 3, 4))]}


def test_the_layout_of_tensorflow_is_read(read):
    text = "filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,60,40,rice,1,2,3,4\n"
    assert said(read(text)) == {"a.jpg": [("rice", (1, 2, 3, 4))]}


def test_columns_that_are_not_kept_are_told(read):
    labelled = read(f"{HEADER},score,id\na.jpg,60,40,rice,1,2,3,4,0.5,7\n")
    assert labelled.remarks == ("Columns that are not kept (1): score.",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "a.jpg,1,2,3,4,rice\n",  # of RetinaNet, which has no header
        "ImageID,LabelName,XMin,XMax,YMin,YMax\na,rice,0,1,0,1\n",  # of Open Images, in shares of the image
        "image,label,xmin,ymin,xmax,ymax\na.jpg,rice,1,2,3,4\n",
    ],
)
def test_a_header_that_leaves_doubt_is_refused_with_the_columns_expected(read, text):
    with pytest.raises(InputError, match=f"has no header.*{HEADER}"):
        read(text)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("gone.jpg,60,40,rice,1,2,3,4,", "names gone.jpg, which is not in"),
        ("a.jpg,60,40,,1,2,3,4,", "has an empty class name"),
        ("a.jpg,60,40,rice,1,2,3,,", "has '' for y1, which is not a number"),
        ("a.jpg,60,40,rice,1,2,3,x,", "has 'x' for y1, which is not a number"),
        ('a.jpg,60,40,rice,1,2,3,"1,5",', "has '1,5' for y1"),
        ("a.jpg,60,40,rice,1,2,3,nan,", "not of finite numbers"),
        ("a.jpg,60,40,rice,1,2,99,4,", "outside its image"),
        ("a.jpg,60,40,rice,1,2,1,4,", "a box of width 0"),
        ("a.jpg,60,0,rice,1,2,3,4,", "has a width of 60 and a height of 0"),
        ("a.jpg,60,inf,rice,1,2,3,4,", "has a width of 60 and a height of inf"),
        ("a.jpg,60,tall,rice,1,2,3,4,", "has 'tall' for height"),
        ("a.jpg,60,40,rice,1,2,3,4,valid", "has the split 'valid'"),
        ("a.jpg,60,40,rice,1,2,3,4", "has 8 values for 9 columns"),
        ("b.jpg,40,60,rice,1,2,3,4,", "tells another size or split of b.jpg"),
        ("b.jpg,60,40,rice,1,2,3,4,val", "tells another size or split of b.jpg"),
        ('a.jpg,60,40,"rice"x,1,2,3,4,', "cannot be read"),
        ('a.jpg,60,40,"rice,1,2,3,4,', "cannot be read"),
    ],
)
def test_a_line_that_cannot_be_is_named(read, line, text):
    with pytest.raises(InputError) as error:
        read(f"{HEADER},split\nb.jpg,60,40,,,,,,\n{line}\n")
    assert text in error.value.problem
    assert "boxes.csv, line " in error.value.where
    assert error.value.remedy


def test_two_columns_of_one_name_are_refused(read):
    with pytest.raises(InputError, match="two columns of one name"):
        read(f"{HEADER},label\na.jpg,60,40,rice,1,2,3,4,tea\n")


def test_a_table_reader_sees_what_is_written(photos, tmp_path):
    images = (ImageRecord(7, "a.jpg", (40, 60), split=Split.TEST), ImageRecord(2, "sub/饭.jpg", (40, 60)))
    boxes = {7: (Annotation(30, 7, 0, (0.1, 1.0, 20.0, 1 / 3 + 30)),), 2: ()}
    path = tmp_path / "out.csv"
    csv_table.write(LabelledSet(photos, ClassList.of(['鸡蛋, "soft"\nboiled']), images, boxes), path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [tuple(row.values()) for row in rows] == [
        ("a.jpg", "60", "40", '鸡蛋, "soft"\nboiled', "0.1", "1.0", "20.0", repr(1 / 3 + 30), "test", "7", "30"),
        ("sub/饭.jpg", "60", "40", "", "", "", "", "", "", "2", ""),
    ]
    assert csv_table.read(path, photos).classes.names == ('鸡蛋, "soft"\nboiled',)
