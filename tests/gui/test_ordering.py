"""What the ways to sort the images put first."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from foodet_core.project.scan import natural
from foodet_core.types import BoxXyxy, ClassList, Detections, ImageRecord, ImageState
from foodet_gui import doubts, ordering
from foodet_gui.suggestions import NO_CLASS, Answer

TRAY = (10.0, 10.0, 110.0, 110.0)
CUP = (200.0, 20.0, 260.0, 80.0)
IMAGE = ImageRecord(1, "a.jpg", (200, 300))
CLASSES = ClassList.of(["tray", "cup"])
DONE = replace(IMAGE, state=ImageState.DONE)

Found = Callable[..., Detections]


def answered(found: Detections, *rejected: int) -> Answer:
    """The answer of a detector that has the project's classes."""
    made = Answer(found, CLASSES, "w", CLASSES)
    for index in rejected:
        made.reject(index)
    return made


def disagreement(image: ImageRecord, answer: Detections, *labels: tuple[int, BoxXyxy], rejected: tuple[int, ...] = ()) -> float:
    boxes = (
        np.full(len(labels), image.id, np.int64),
        np.array([label for label, _ in labels], np.int64),
        np.array([box for _, box in labels], np.float32).reshape(-1, 4),
    )
    return doubts.disagreement({image.id: answered(answer, *rejected)}, {image.id: image}, boxes, 0.5)[image.id]


def test_names_are_sorted_as_a_person_counts() -> None:
    names = ["b/IMG_10.jpg", "b/img_9.jpg", "a 2/x.png", "a/x 2.png", "a/x.png", "a10/x.png", "a2/x.png"]
    wanted = ["a/x.png", "a/x 2.png", "a 2/x.png", "a2/x.png", "a10/x.png", "b/img_9.jpg", "b/IMG_10.jpg"]
    assert sorted(names, key=natural) == wanted


def test_alike_keep_their_order_and_those_without_a_value_come_last_both_ways() -> None:
    values = {1: 2.0, 2: 5.0, 3: 2.0, 5: 1.0}
    assert ordering.sort_ids([4, 1, 2, 3, 5], values, most_first=False) == [5, 1, 3, 2, 4]
    assert ordering.sort_ids([4, 1, 2, 3, 5], values, most_first=True) == [2, 1, 3, 5, 4]


@pytest.mark.parametrize("date", ["", "yesterday", 0, None, "0000-00-00 00:00:00"])
def test_what_is_no_date_is_none(date: object) -> None:
    assert ordering.seconds_taken(date) is None


def test_dates_of_both_kinds_can_be_compared() -> None:
    plain, zoned = ordering.seconds_taken("2026-11-25 10:00:00"), ordering.seconds_taken("2026-11-25T10:00:01+00:00")
    assert plain is not None
    assert zoned == plain + 1


def test_uncertainty_is_the_mean_entropy_of_what_is_shown(found: Found) -> None:
    answers = {
        7: answered(found((TRAY, 0, 0.5), (CUP, 0, 0.2))),
        3: answered(found((TRAY, 0, 0.9), (CUP, 0, 0.5))),
        4: answered(found((TRAY, 0, 1.0), (CUP, 0, 0.6)), 1),
        9: answered(found()),
    }
    values = doubts.uncertainty(answers, 0.5)
    assert values[7] == pytest.approx(1.0)
    assert values[3] == pytest.approx((0.469 + 1.0) / 2, abs=1e-3)
    assert values[4] == pytest.approx(0.0, abs=1e-6)
    assert values[9] == 0.0


def test_a_label_that_nothing_predicts_counts_one(found: Found) -> None:
    assert disagreement(IMAGE, found((TRAY, 0, 0.9)), (0, TRAY), (1, CUP)) == 1.0


def test_another_class_at_the_same_place_counts(found: Found) -> None:
    loose = (10.0, 10.0, 110.0, 85.0)
    assert disagreement(IMAGE, found((loose, 1, 0.8)), (0, TRAY)) == pytest.approx(1.8)
    # Nearly the same box is no open suggestion; the label is still one that nothing predicts.
    assert disagreement(IMAGE, found((TRAY, 1, 0.8)), (0, TRAY)) == 1.0


def test_what_is_not_labelled_counts_on_a_finished_image_only(found: Found) -> None:
    answer = found((TRAY, 0, 0.9), (CUP, 1, 0.75))
    assert disagreement(IMAGE, answer, (0, TRAY)) == 0.0
    assert disagreement(DONE, answer, (0, TRAY)) == pytest.approx(0.75)
    assert disagreement(replace(IMAGE, state=ImageState.EMPTY), answer) == pytest.approx(1.65)
    assert disagreement(replace(DONE, exhaustive=frozenset({0})), answer, (0, TRAY)) == 0.0
    assert disagreement(DONE, answer, (0, TRAY), rejected=(1,)) == 0.0


def test_what_is_below_the_threshold_or_has_no_class_contradicts_nothing(found: Found) -> None:
    assert disagreement(DONE, found((CUP, 1, 0.3), (TRAY, NO_CLASS, 0.9))) == 0.0


def test_many_images_are_each_compared_with_their_own_labels(found: Found) -> None:
    images = {id: replace(DONE, id=id) for id in range(1, 10_001)}
    answers = {id: answered(found((TRAY, id % 2, 0.9))) for id in images}
    ids = np.arange(1, 10_001)
    boxes = ids, np.zeros(len(ids), np.int64), np.tile(np.array(TRAY, np.float32), (len(ids), 1))
    values = doubts.disagreement(answers, images, boxes, 0.5)
    assert values == {id: float(id % 2) for id in images}
