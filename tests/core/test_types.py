import dataclasses
from pathlib import Path

import numpy as np
import pytest

from foodet_core.errors import InputError
from foodet_core.resources import resource
from foodet_core.types import Annotation, ClassList, Detections, FoodClass, ImageRecord, LabelledSet

BOX = (1.0, 2.0, 3.5, 4.25)


def test_a_class_needs_a_name() -> None:
    with pytest.raises(InputError, match="class name: is empty"):
        FoodClass("  ")


def test_class_names_are_unique() -> None:
    with pytest.raises(InputError, match=r"names rice stand more than once\. Make the class names unique"):
        ClassList.of(["rice", "egg", "rice"])


def test_the_label_is_the_position_in_the_list() -> None:
    classes = ClassList.of(["rice", "蛋"])
    assert classes.label("蛋") == 1
    assert classes.label("soup") is None
    assert [classes[label].name for label in range(len(classes))] == ["rice", "蛋"] == list(classes.names)


def test_values_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Annotation(1, 1, 0, BOX).label = 2  # type: ignore[misc]


def test_boxes_leave_crowd_regions_out_and_keep_fractions() -> None:
    image, bare = ImageRecord(1, "a.jpg", (10, 10)), ImageRecord(2, "b.jpg", (10, 10))
    crowd = Annotation(2, 1, 1, (0.0, 0.0, 9.0, 9.0), extra={"iscrowd": 1})
    labelled = LabelledSet(Path("photos"), ClassList.of(["rice"]), (image, bare), {1: (Annotation(1, 1, 0, BOX), crowd)})
    boxes, labels = labelled.boxes(image)
    np.testing.assert_array_equal(boxes, [BOX])
    np.testing.assert_array_equal(labels, [0])
    boxes, labels = labelled.boxes(bare)
    assert (boxes.shape, labels.shape) == ((0, 4), (0,))
    assert labels.dtype == np.int64
    assert labelled.path(image) == Path("photos/a.jpg")


def test_detections_above_a_score() -> None:
    found = Detections(np.eye(3, 4, dtype=np.float32), np.array([2, 1, 0]), np.array([0.9, 0.5, 0.1], np.float32))
    kept = found.above(0.5)
    assert len(kept) == 2
    np.testing.assert_array_equal(kept.labels, [2, 1])
    assert len(Detections()) == 0


def test_detections_of_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected \(N, 4\), \(N,\), \(N,\)"):
        Detections(np.zeros((2, 4), np.float32), np.zeros(1, np.int64), np.zeros(2, np.float32))


def test_an_input_error_is_one_line_with_where_problem_and_remedy() -> None:
    error = InputError(Path("a.json"), "has\n no  images", "Add some.")
    assert str(error) == "a.json: has no images. Add some."
    assert (error.where, error.remedy) == ("a.json", "Add some.")


def test_resources_lie_in_the_package_or_beside_it() -> None:
    path = resource("icons/a.svg")
    assert path.parts[-2:] == ("icons", "a.svg")
    assert path.parts[-3] in ("resources", "_resources")
