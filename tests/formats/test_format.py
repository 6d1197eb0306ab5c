import numpy as np
import pytest
from PIL import Image

from foodet_core.errors import InputError
from foodet_core.formats.format import check_images, cut_to_image, told, write_whole
from foodet_core.pixels import write_jpeg
from foodet_core.types import ClassList, ImageRecord, LabelledSet

SIZE_HW = (40, 60)


def test_a_box_inside_stays_as_it_is():
    assert cut_to_image((0.0, 0.25, 60.0, 39.5), SIZE_HW, "box") == (0.0, 0.25, 60.0, 39.5)


def test_half_a_pixel_of_overshoot_is_cut():
    assert cut_to_image((-0.5, -0.5, 60.5, 40.5), SIZE_HW, "box") == (0.0, 0.0, 60.0, 40.0)


@pytest.mark.parametrize(
    ("box", "text"),
    [
        ((-0.51, 0.0, 9.0, 9.0), "outside its image of 60 x 40"),
        ((0.0, 0.0, 9.0, 40.51), "outside"),
        ((-0.4, 0.0, -0.1, 9.0), "outside"),
        ((5.0, 5.0, 5.0, 9.0), "width 0 and height 4"),
        ((5.0, 5.0, 4.0, 9.0), "width -1"),
        ((5.0, 9.0, 6.0, 5.0), "height -4"),
        ((float("nan"), 0.0, 9.0, 9.0), "finite"),
        ((0.0, 0.0, float("inf"), 9.0), "finite"),
    ],
)
def test_a_box_that_cannot_be_is_an_input_error(box, text):
    with pytest.raises(InputError, match=text) as error:
        cut_to_image(box, SIZE_HW, "file, annotation 3")
    assert error.value.where == "file, annotation 3"


def test_an_image_turned_by_exif_is_told_apart_from_its_record(tmp_path):
    image = Image.new("RGB", (60, 40))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.jpg", exif=exif)

    def labelled(size_hw):
        return LabelledSet(tmp_path, ClassList(), (ImageRecord(1, "a.jpg", size_hw),), {})

    check_images(labelled((60, 40)))
    with pytest.raises(InputError, match=r"a\.jpg: is 40 x 60 pixels, but .* says 60 x 40.*EXIF orientation"):
        check_images(labelled((40, 60)))


def test_a_missing_image_is_named(tmp_path):
    write_jpeg(tmp_path / "a.jpg", np.zeros((4, 4, 3), np.uint8))
    images = (ImageRecord(1, "a.jpg", (4, 4)), ImageRecord(2, "gone.jpg", (4, 4)))
    with pytest.raises(InputError, match=r"gone\.jpg: does not exist"):
        check_images(LabelledSet(tmp_path, ClassList(), images, {}))


def test_writing_replaces_the_whole_file_and_leaves_nothing_else(tmp_path):
    for text in ("first, and longer", "饭"):
        write_whole(tmp_path / "饭.json", text)
        assert (tmp_path / "饭.json").read_text(encoding="utf-8") == text
    assert len(list(tmp_path.iterdir())) == 1


def test_a_remark_counts_all_and_names_the_first():
    found = {"Boxes that were cut": [f"{n}.txt" for n in range(7)], "Nothing of this": [], "Left out": ["a.jpg"]}
    assert told(found) == ("Boxes that were cut (7): 0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 2 more.", "Left out (1): a.jpg.")
