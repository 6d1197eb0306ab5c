"""The view: what is under the pointer stays there, what is fitted is seen whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foodet_gui.canvas.transform import MAX_SCALE, View, fit, fit_box

sides = st.floats(8, 8000)
spots = st.floats(-2000, 4000)


@given(st.floats(0.05, 20), spots, spots, spots, spots)
def test_canvas_and_image_points_map_back_and_forth(scale: float, x: float, y: float, px: float, py: float) -> None:
    view = View(scale, x, y)
    assert view.to_canvas(view.to_image((px, py))) == pytest.approx((px, py), abs=1e-6)


@given(st.floats(0.2, 4), spots, spots, st.floats(0.5, 2))
def test_zooming_keeps_the_point_under_the_pointer(scale: float, x: float, y: float, factor: float) -> None:
    view = View(scale, 13, -40)
    assert view.zoomed(factor, (x, y), (640, 480)).to_image((x, y)) == pytest.approx(view.to_image((x, y)), abs=1e-6)


def test_zoom_has_an_end_both_ways() -> None:
    assert View().zoomed(1e9, (0, 0), (640, 480)).scale == MAX_SCALE
    assert View().zoomed(1e-9, (0, 0), (640, 480)).scale == pytest.approx(48 / 640)


@given(sides, sides)
def test_fit_shows_the_whole_image_between_the_margins(width: float, height: float) -> None:
    view = fit((width, height), (900, 700), (10, 50, 20, 60))
    x0, y0, x1, y1 = view.box_to_canvas((0, 0, width, height))
    assert x0 >= 10 - 1e-6
    assert y0 >= 50 - 1e-6
    assert x1 <= 880 + 1e-6
    assert y1 <= 640 + 1e-6
    assert (x0 - 10, y0 - 50) == pytest.approx((880 - x1, 640 - y1), abs=1e-6)


def test_fit_box_shows_a_box_in_the_middle_as_large_as_it_fits() -> None:
    view = fit_box((100.0, 50.0, 140.0, 70.0), (440.0, 300.0), (20.0, 10.0, 20.0, 10.0))
    assert view.box_to_canvas((100.0, 50.0, 140.0, 70.0)) == (20.0, 50.0, 420.0, 250.0)


def test_an_image_cannot_be_pushed_out_of_sight() -> None:
    lost = View(2.0, 5000, -5000).kept_in((800, 600), (300, 200))
    x0, _, _, y1 = lost.box_to_canvas((0, 0, 300, 200))
    assert x0 == pytest.approx(740)
    assert y1 == pytest.approx(60)
