from foodet_core.project.edits import Change, Changes, Edit
from foodet_core.types import Annotation, FoodClass, ImageRecord

BOX = Annotation(7, 1, 0, (0.0, 0.0, 10.0, 10.0))
MOVED = Annotation(7, 1, 0, (5.0, 0.0, 15.0, 10.0))
FURTHER = Annotation(7, 1, 0, (9.0, 0.0, 19.0, 10.0))
KEY = ("annotation", 7)


def test_the_inverse_swaps_before_and_after():
    edit = Edit("move", (Change(KEY, BOX, MOVED),))
    assert edit.inverse() == Edit("move", (Change(KEY, MOVED, BOX),))
    assert edit.inverse().inverse() == edit


def test_two_edits_join_to_first_before_and_last_after():
    joined = Edit("a", (Change(KEY, BOX, MOVED),)).then(Edit("b", (Change(KEY, MOVED, FURTHER),)))
    assert joined == Edit("b", (Change(KEY, BOX, FURTHER),))


def test_joining_drops_what_comes_back_to_its_start():
    there, back = Edit("a", (Change(KEY, None, BOX),)), Edit("b", (Change(KEY, BOX, None),))
    assert there.then(back).changes == ()


def test_changes_name_the_images_of_boxes_and_records():
    edit = Edit(
        "mixed",
        (
            Change(KEY, BOX, None),
            Change(("image", 3), None, ImageRecord(3, "a.jpg", (4, 4))),
        ),
    )
    changes = Changes.of(edit)
    assert changes.images == {1, 3}
    assert changes.keys == {KEY, ("image", 3)}
    assert not changes.classes


def test_a_box_that_moves_to_another_image_touches_both():
    other = Annotation(7, 2, 0, BOX.box_xyxy)
    assert Changes.of(Edit("move", (Change(KEY, BOX, other),))).images == {1, 2}


def test_changes_tell_that_classes_are_different():
    assert Changes.of(Edit("add", (Change(("class", 0), None, FoodClass("egg")),))).classes
