"""Steps of labelling as values: each knows its way back, none touches more than it says."""

from foodet_core.types import Annotation, FoodClass, ImageRecord, ImageState
from foodet_gui import labelling

IMAGE = ImageRecord(7, "a.jpg", (100, 200))
BOX = Annotation(1, 7, 0, (10.0, 10.0, 50.0, 60.0))


def test_the_first_box_of_an_image_begins_it() -> None:
    edit = labelling.add_boxes("draw", {7: IMAGE}, [BOX])
    assert [c.key for c in edit.changes] == [("annotation", 1), ("image", 7)]
    assert isinstance(edit.changes[1].after, ImageRecord)
    assert edit.changes[1].after.state is ImageState.IN_PROGRESS


def test_a_box_on_a_done_image_leaves_it_done() -> None:
    done = ImageRecord(7, "a.jpg", (100, 200), state=ImageState.DONE)
    assert [c.key for c in labelling.add_boxes("draw", {7: done}, [BOX]).changes] == [("annotation", 1)]


def test_what_does_not_change_is_no_change() -> None:
    assert labelling.change_boxes("move", [(BOX, BOX)]).changes == ()
    assert labelling.set_state("mark", IMAGE, ImageState.UNLABELLED).changes == ()


def test_a_rename_keeps_everything_else_of_the_class() -> None:
    food = FoodClass("rice", "米饭", "#123456", ("plain rice",))
    (change,) = labelling.rename_class("rename", 3, food, food.name, "steamed rice").changes
    assert change.after == FoodClass("steamed rice", "米饭", "#123456", ("plain rice",))


def test_a_box_is_cut_to_an_image_of_another_size() -> None:
    assert labelling.cut_to((10, 10, 300, 50), (100, 200)) == (10, 10, 200, 50)
    assert labelling.cut_to((250, 10, 300, 50), (100, 200)) is None


def test_an_image_is_found_in_the_list_wherever_it_was_last() -> None:
    order = [7, 3, 9, 5]
    assert [labelling.place_of(9, order, near) for near in (None, 1, 2, 3, 0, 99)] == [2] * 6
    assert labelling.place_of(4, order, 1) is None
    assert labelling.place_of(4, [], None) is None
