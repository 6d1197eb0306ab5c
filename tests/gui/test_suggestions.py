"""What a detector found in the project's classes, and how that follows them."""

from collections.abc import Callable

import numpy as np
import pytest

from foodet_core.types import ClassList, Detections, FoodClass
from foodet_gui.session import Session
from foodet_gui.suggestions import NO_CLASS, Answer, in_classes

Found = Callable[..., Detections]
BOX, NEARLY, APART = (0.0, 0.0, 20.0, 20.0), (0.0, 0.0, 20.0, 18.0), (30.0, 30.0, 50.0, 50.0)
THEIRS = ClassList.of(["bun", "pizza", "soup"])
WEIGHTS = "/runs/0003-train/weights.safetensors"


@pytest.mark.parametrize(
    "theirs",
    [
        ClassList.of(["鸡蛋", "bao"]),
        ClassList.of(["Egg", "STEAMED_BUN"]),
        ClassList((FoodClass("fried egg", aliases=("egg",)), FoodClass("baozi", aliases=("steamed bun",)))),
    ],
)
def test_a_class_is_meant_by_any_name_that_either_side_has_for_it_in_any_case(theirs: ClassList, found: Found) -> None:
    classes = ClassList((FoodClass("egg", "鸡蛋"), FoodClass("steamed bun", aliases=("Bao",))))
    given = found((BOX, 0, 0.9), (APART, 1, 0.4))
    assert in_classes(given, theirs, classes)[0].labels.tolist() == [0, 1]


def test_a_proposal_gives_way_to_what_is_surer_and_what_is_known_stays(found: Found) -> None:
    given = found((NEARLY, 1, 0.5), (BOX, 0, 0.9), (BOX, 0, 0.3), (NEARLY, 2, 0.8), (APART, 2, 0.2))
    named, places = in_classes(given, THEIRS, ClassList.of(["bun"]))
    assert named.labels.tolist() == [0, 0, NO_CLASS]
    np.testing.assert_allclose(named.scores, [0.9, 0.3, 0.2])
    assert places == [1, 2, 4]


def test_what_gave_way_as_a_proposal_is_there_once_its_class_is_known(found: Found) -> None:
    given = Answer(found((BOX, 0, 0.9), (NEARLY, 1, 0.8), (APART, 2, 0.7)), THEIRS, WEIGHTS, ClassList.of(["bun"]))
    assert given.detections.labels.tolist() == [0, NO_CLASS]
    given.reject(1)
    given.rename(ClassList.of(["bun", "pizza"]))
    assert given.detections.labels.tolist() == [0, 1, NO_CLASS]
    assert given.rejected == {2}
    assert given.shown((), 0.5).open == (0, 1)


def test_a_new_class_names_the_proposal_in_focus_and_accepts_it(session: Session, found: Found) -> None:
    far = ((240.0, 150.0, 300.0, 220.0), 1, 0.9)
    session.set_predictions(1, found(far, ((240.0, 10.0, 300.0, 60.0), 0, 0.8)), WEIGHTS, ClassList.of(["soup", "pizza"]))
    session.focus_suggestion(1)
    session.add_class("soup")
    assert [(a.label, a.box_xyxy) for a in session.annotations[2:]] == [(3, (240.0, 10.0, 300.0, 60.0))]
    assert [int(session.current_predictions().labels[i]) for i in session.shown_predictions().open] == [NO_CLASS]


def test_an_undone_class_leaves_proposals_that_can_be_accepted(session: Session, found: Found) -> None:
    session.add_class("pizza")
    session.set_predictions(1, found(((240.0, 150.0, 300.0, 220.0), 0, 0.9)), WEIGHTS, ClassList.of(["pizza"]))
    assert session.current_predictions().labels.tolist() == [3]
    session.undo()
    assert session.current_predictions().labels.tolist() == [NO_CLASS]
    session.accept_suggestions()
    assert [a.label for a in session.annotations[2:]] == [session.current_class]


def test_after_a_merge_what_was_found_goes_to_the_class_that_stayed(session: Session, found: Found) -> None:
    session.set_predictions(1, found(((240.0, 150.0, 300.0, 220.0), 0, 0.9)), WEIGHTS, ClassList.of(["fruit"]))
    session.merge_class(1, 2)
    session.accept_suggestions()
    assert session.annotations[-1].label == 2
