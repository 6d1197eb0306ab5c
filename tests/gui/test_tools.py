"""Drags without a window: press, points, release."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foodet_gui.canvas import tools
from foodet_gui.canvas.hit_test import HANDLES
from foodet_gui.canvas.transform import View

IMAGE = (640.0, 480.0)
BOX = (100.0, 100.0, 200.0, 180.0)
points = st.tuples(st.floats(-900, 1900), st.floats(-900, 1900))
deltas = st.floats(-2000, 2000)


def drag(tool: tools.Drag[Any], *through: tuple[float, float]) -> tuple[list[Any], Any]:
    """The previews of a drag through the given points, and its result."""
    shown = [next(tool), *(tool.send(point) for point in through)]
    try:
        tool.send(None)
    except StopIteration as end:
        return shown, end.value
    raise AssertionError("a release must end the drag")


def inside(boxes: Sequence[tuple[float, float, float, float]]) -> bool:
    return all(0 <= x0 <= x1 <= IMAGE[0] and 0 <= y0 <= y1 <= IMAGE[1] for x0, y0, x1, y1 in boxes)


def test_drawing_previews_every_step_and_ends_in_the_last_box() -> None:
    shown, box = drag(tools.draw((50, 60), IMAGE, 1.0), (70, 80), (30, 160))
    assert shown == [(50, 60, 50, 60), (50, 60, 70, 80), (30, 60, 50, 160)]
    assert box == (30, 60, 50, 160)


def test_a_click_draws_nothing() -> None:
    assert drag(tools.draw((50, 60), IMAGE, 1.0), (51, 62))[1] is None


def test_a_small_thing_can_be_drawn_when_zoomed_in() -> None:
    assert drag(tools.draw((50, 60), IMAGE, 10.0), (53, 63))[1] == (50, 60, 53, 63)


@given(points, points)
def test_a_drawn_box_never_leaves_the_image(a: tuple[float, float], b: tuple[float, float]) -> None:
    shown, box = drag(tools.draw(a, IMAGE, 1.0), b)
    assert inside(shown)
    assert box is None or inside([box])


def test_moving_ignores_a_tremble_but_then_follows_exactly() -> None:
    assert drag(tools.move([BOX], (150, 150), IMAGE, 1.0), (151, 151))[1] is None
    assert drag(tools.move([BOX], (150, 150), IMAGE, 1.0), (155, 150), (151, 150))[1] == ((101, 100, 201, 180),)


@given(deltas, deltas)
def test_moved_boxes_keep_their_size_and_distance_and_stay_inside(dx: float, dy: float) -> None:
    other = (300.0, 20.0, 420.0, 60.0)
    a, b = tools.shifted([BOX, other], dx, dy, IMAGE)
    assert (a[2] - a[0], a[3] - a[1]) == pytest.approx((100, 80))
    assert (b[0] - a[0], b[1] - a[1]) == pytest.approx((200, -80))
    assert all(-1e-9 <= v <= 640 + 1e-9 for v in (a[0], a[2], b[0], b[2]))


@given(st.sampled_from(HANDLES), deltas, deltas)
def test_pulling_any_handle_anywhere_leaves_a_box_inside_the_image(handle: Any, dx: float, dy: float) -> None:
    box = tools.pulled(BOX, handle, dx, dy, IMAGE)
    assert inside([box])
    assert min(box[2] - box[0], box[3] - box[1]) >= tools.MIN_SIDE - 1e-9


def test_an_edge_handle_moves_one_side_only() -> None:
    assert tools.pulled(BOX, "e", 30, 500, IMAGE) == (100, 100, 230, 180)
    assert tools.pulled(BOX, "n", 500, -40, IMAGE) == (100, 60, 200, 180)


def test_a_corner_pulled_over_the_opposite_corner_turns_the_box() -> None:
    assert tools.pulled(BOX, "nw", 150, 120, IMAGE) == (200, 180, 250, 220)


def test_a_handle_keeps_its_distance_to_the_pointer() -> None:
    _, boxes = drag(tools.resize(BOX, "se", (203, 184), IMAGE), (213, 194))
    assert boxes == ((100, 100, 210, 190),)


def test_a_pan_follows_the_pointer() -> None:
    assert drag(tools.pan(View(2.0, 5, 5), (10, 10)), (30, 0))[1] == View(2.0, 25, -5)


def test_a_closed_drag_has_no_result() -> None:
    tool = tools.draw((50, 60), IMAGE, 1.0)
    next(tool)
    tool.send((90, 90))
    tool.close()
    assert list(tool) == []
