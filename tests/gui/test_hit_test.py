"""What a press means: handles before boxes, small boxes before the large ones around them."""

import pytest

from foodet_gui.canvas.hit_test import HANDLES, boxes_at, handle_at, handle_points, next_of, touched_by

LARGE = (0.0, 0.0, 400.0, 300.0)
SMALL = (100.0, 100.0, 160.0, 150.0)


def test_a_box_inside_another_comes_first() -> None:
    assert boxes_at([LARGE, SMALL], (120, 120), 1.0) == [1, 0]
    assert boxes_at([LARGE, SMALL], (300, 250), 1.0) == [0]


def test_nothing_lies_under_a_point_outside() -> None:
    assert boxes_at([LARGE, SMALL], (450, 120), 1.0) == []


def test_the_line_itself_can_be_taken_from_outside() -> None:
    assert boxes_at([SMALL], (162, 120), 1.0) == [0]
    assert boxes_at([SMALL], (162, 120), 4.0) == []


@pytest.mark.parametrize("handle", HANDLES)
def test_every_handle_is_found_where_it_is_drawn(handle: str) -> None:
    x, y = handle_points(SMALL)[handle]  # type: ignore[index]
    assert handle_at(SMALL, (x + 2, y - 2), 1.0) == handle


def test_the_reach_of_a_handle_is_in_canvas_pixels() -> None:
    assert handle_at(LARGE, (7, 7), 1.0) == "nw"
    assert handle_at(LARGE, (7, 7), 3.0) is None
    assert handle_at(LARGE, (27, 27), 0.25) == "nw"


def test_the_middle_of_a_tiny_box_is_no_handle() -> None:
    assert handle_at((10.0, 10.0, 26.0, 26.0), (18, 18), 1.0) is None


def test_a_band_takes_what_it_touches() -> None:
    boxes = [(0.0, 0.0, 10.0, 10.0), (20.0, 0.0, 30.0, 10.0), (8.0, 8.0, 40.0, 40.0)]
    assert touched_by((9.0, 1.0, 15.0, 5.0), boxes) == [0]
    assert touched_by((9.0, 1.0, 25.0, 9.0), boxes) == [0, 1, 2]
    assert touched_by((11.0, 0.0, 19.0, 7.0), boxes) == []


def test_cycling_walks_the_stack_and_starts_again() -> None:
    assert next_of([4, 2, 7], None) == 4
    assert next_of([4, 2, 7], 2) == 7
    assert next_of([4, 2, 7], 7) == 4
    assert next_of([], 3) is None
