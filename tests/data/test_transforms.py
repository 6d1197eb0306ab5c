"""Boxes stay on their pixels, whatever is done to an image."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foodet_core.boxes import iou
from foodet_core.config import AugmentConfig
from foodet_core.data.plan import Frame, Plan, augment, copy_boxes, flip, light, mosaic, place, turn
from foodet_core.data.transforms import draw, letterbox

RED = np.array([220, 20, 20])
QUIET = AugmentConfig(photometric=0.0, copy_blend=0.0, mosaic=0.0)
BOX = (40, 30, 90, 80)


def image(height: int = 120, width: int = 160, box: tuple[int, int, int, int] = BOX) -> np.ndarray:
    """A grey image with one red rectangle."""
    pixels = np.full((height, width, 3), 128, np.uint8)
    x0, y0, x1, y1 = box
    pixels[y0:y1, x0:x1] = RED
    return pixels


def frame(height: int = 120, width: int = 160, box: tuple[int, int, int, int] = BOX, index: int = 0) -> Frame:
    """What is known of that image."""
    return Frame(index, (height, width), np.array([box], np.float32), np.array([0]), np.array([True, False]))


def drawn(plan: Plan, *images: np.ndarray) -> np.ndarray:
    return draw(plan, lambda index: (images or (image(),))[index])


def red_box(square: np.ndarray) -> np.ndarray:
    """Where the red pixels are, xyxy."""
    rows, columns = np.nonzero((square[..., 0] > 150) & (square[..., 1] < 90))
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], np.float32)


def test_letterbox_puts_the_image_top_left_and_fills_the_square_with_its_long_side() -> None:
    [square] = letterbox([image()], 80)
    assert square.shape == (80, 80, 3)
    assert (square[60:] == 114).all()
    assert np.abs(red_box(square) - np.array([20, 15, 45, 40])).max() <= 1


@given(st.integers(0, 10_000))
def test_boxes_stay_on_their_pixels_through_zoom_crop_flip_and_turn(seed: int) -> None:
    plan = augment(frame(), [frame()] * 3, 128, QUIET, np.random.default_rng(seed))
    for box in plan.boxes_xyxy:
        assert np.abs(box - red_box(drawn(plan))).max() <= 2.5


@given(st.integers(0, 10_000))
def test_boxes_stay_on_their_pixels_in_a_mosaic(seed: int) -> None:
    bare = Frame(1, (50, 70), np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.ones(2, bool))
    plan = mosaic([frame(), bare, bare, bare], 128, np.random.default_rng(seed))
    for box in plan.boxes_xyxy:
        assert np.abs(box - red_box(drawn(plan, image(), np.full((50, 70, 3), 128, np.uint8)))).max() <= 2.5


def test_a_window_beyond_the_image_shrinks_it_into_grey() -> None:
    plan = place(frame(), (-80, -60, 240, 260), 160)
    assert (drawn(plan)[:20] == 114).all()
    assert np.abs(plan.boxes_xyxy[0] - np.array([60, 45, 85, 70])).max() <= 1


def test_a_box_that_is_mostly_cut_away_is_dropped_with_its_label() -> None:
    plan = place(frame(), (80, 0, 160, 80), 80)
    assert plan.boxes_xyxy.shape == (0, 4)
    assert plan.labels.shape == (0,)


def test_a_mosaic_is_exhaustive_where_all_its_images_are() -> None:
    whole = replace(frame(), exhaustive=np.array([True, True]))
    plan = mosaic([whole, whole, frame(), whole], 96, np.random.default_rng(0))
    assert plan.exhaustive.tolist() == [True, False]


def test_copied_boxes_hide_none_that_are_there() -> None:
    for seed in range(30):
        found = copy_boxes(frame(), frame(box=(0, 0, 60, 50)), np.random.default_rng(seed))
        overlaps = iou(found.boxes_xyxy, found.boxes_xyxy) - np.eye(len(found.boxes_xyxy))
        assert overlaps.max() <= 0.06


def test_copied_boxes_are_drawn_where_they_are_said_to_be() -> None:
    bare = Frame(0, (120, 160), np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.ones(2, bool))
    found = copy_boxes(bare, frame(index=1), np.random.default_rng(0))
    square = drawn(place(found, (0, 0, 160, 160), 160), np.full((120, 160, 3), 128, np.uint8), image())
    assert len(found.boxes_xyxy) == 1
    # The rim fades, so that the copy looks a little smaller than it is.
    assert np.abs(found.boxes_xyxy[0] - red_box(square)).max() <= 5


def test_flipping_twice_is_no_change() -> None:
    once = place(frame(), (0, 0, 160, 160), 160)
    twice = flip(flip(once, np.random.default_rng(0), 1.0), np.random.default_rng(0), 1.0)
    assert (drawn(twice) == drawn(once)).all()
    assert (twice.boxes_xyxy == once.boxes_xyxy).all()


@given(st.integers(0, 100))
def test_boxes_turn_with_the_image(seed: int) -> None:
    plan = turn(place(frame(), (0, 0, 160, 160), 160), np.random.default_rng(seed), 1.0)
    upright = place(frame(), (0, 0, 160, 160), 160)
    assert 1 <= plan.turns <= 3
    assert (drawn(plan) == np.rot90(drawn(upright), plan.turns)).all()
    assert np.abs(plan.boxes_xyxy[0] - red_box(drawn(plan))).max() <= 1


def test_light_changes_pixels_only() -> None:
    dark = place(frame(), (0, 0, 160, 160), 160)
    lit = light(dark, np.random.default_rng(1), 1.0)
    assert drawn(lit).dtype == np.uint8
    assert (drawn(lit) != drawn(dark)).any()
    assert (lit.boxes_xyxy == dark.boxes_xyxy).all()


@pytest.mark.parametrize("size", [(120, 160), (160, 120)])
def test_an_image_that_is_not_varied_is_seen_as_prediction_does(size: tuple[int, int]) -> None:
    nothing = AugmentConfig(flip=0.0, turn=0.0, photometric=0.0, zoom_out=0.0, crop=0.0, mosaic=0.0, copy_blend=0.0)
    plan = augment(frame(*size), [frame()] * 3, 80, nothing, np.random.default_rng(0))
    assert (drawn(plan, image(*size)) == letterbox([image(*size)], 80)[0]).all()


def test_one_seed_gives_one_sample() -> None:
    config = AugmentConfig()
    first, again, other = (augment(frame(), [frame()] * 3, 96, config, np.random.default_rng(s)) for s in (5, 5, 6))
    assert (drawn(first) == drawn(again)).all()
    assert (drawn(first) != drawn(other)).any()
