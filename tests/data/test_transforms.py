"""Boxes stay on their pixels, whatever is done to an image."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foodet_core.boxes import iou
from foodet_core.config import AugmentConfig
from foodet_core.data.transforms import Sample, augment, copy_boxes, flip, letterbox, light, mosaic, place, plain

RED = np.array([220, 20, 20])
QUIET = AugmentConfig(photometric=0.0, copy_blend=0.0, mosaic=0.0)


def picture(height: int = 120, width: int = 160, box: tuple[int, int, int, int] = (40, 30, 90, 80)) -> Sample:
    """A grey image with one red rectangle, and its box."""
    image = np.full((height, width, 3), 128, np.uint8)
    x0, y0, x1, y1 = box
    image[y0:y1, x0:x1] = RED
    return Sample(image, np.array([box], np.float32), np.array([0]), np.array([True, False]))


def red_box(image: np.ndarray) -> np.ndarray:
    """Where the red pixels are, xyxy."""
    rows, columns = np.nonzero((image[..., 0] > 150) & (image[..., 1] < 90))
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], np.float32)


def test_letterbox_puts_the_image_top_left_and_says_its_scale() -> None:
    square, scale = letterbox(picture().image, 80)
    assert square.shape == (80, 80, 3)
    assert scale == 0.5
    assert (square[60:] == 114).all()
    assert np.abs(red_box(square) - np.array([20, 15, 45, 40])).max() <= 1


@given(st.integers(0, 10_000))
def test_boxes_stay_on_their_pixels_through_zoom_crop_and_flip(seed: int) -> None:
    found = augment(picture(), [picture()] * 3, 128, QUIET, np.random.default_rng(seed))
    for box in found.boxes_xyxy:
        assert np.abs(box - red_box(found.image)).max() <= 2.5


@given(st.integers(0, 10_000))
def test_boxes_stay_on_their_pixels_in_a_mosaic(seed: int) -> None:
    bare = Sample(np.full((50, 70, 3), 128, np.uint8), np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.ones(2, bool))
    found = mosaic([picture(), bare, bare, bare], 128, np.random.default_rng(seed))
    for box in found.boxes_xyxy:
        assert np.abs(box - red_box(found.image)).max() <= 2.5


def test_a_window_beyond_the_image_shrinks_it_into_grey() -> None:
    found = place(picture(), (-80, -60, 240, 260), 160)
    assert (found.image[:20] == 114).all()
    assert np.abs(found.boxes_xyxy[0] - np.array([60, 45, 85, 70])).max() <= 1


def test_a_box_that_is_mostly_cut_away_is_dropped_with_its_label() -> None:
    found = place(picture(), (80, 0, 160, 80), 80)
    assert found.boxes_xyxy.shape == (0, 4)
    assert found.labels.shape == (0,)


def test_a_mosaic_is_exhaustive_where_all_its_images_are() -> None:
    whole = Sample(*(getattr(picture(), n) for n in ("image", "boxes_xyxy", "labels")), np.array([True, True]))
    found = mosaic([whole, whole, picture(), whole], 96, np.random.default_rng(0))
    assert found.exhaustive.tolist() == [True, False]


def test_copied_boxes_hide_none_that_are_there() -> None:
    for seed in range(30):
        found = copy_boxes(picture(), picture(box=(0, 0, 60, 50)), np.random.default_rng(seed))
        overlaps = iou(found.boxes_xyxy, found.boxes_xyxy) - np.eye(len(found.boxes_xyxy))
        assert overlaps.max() <= 0.06


def test_flipping_twice_is_no_change() -> None:
    twice = flip(flip(picture(), np.random.default_rng(0), 1.0), np.random.default_rng(0), 1.0)
    assert (twice.image == picture().image).all()
    assert (twice.boxes_xyxy == picture().boxes_xyxy).all()


def test_light_changes_pixels_only() -> None:
    found = light(picture(), np.random.default_rng(1), 1.0)
    assert found.image.dtype == np.uint8
    assert (found.image != picture().image).any()
    assert (found.boxes_xyxy == picture().boxes_xyxy).all()


@pytest.mark.parametrize("size", [(120, 160), (160, 120)])
def test_the_last_part_of_training_sees_images_as_prediction_does(size: tuple[int, int]) -> None:
    config = AugmentConfig(flip=0.0, photometric=0.0)
    sample = picture(*size)
    found = plain(sample, 80, config, np.random.default_rng(0))
    assert (found.image == letterbox(sample.image, 80)[0]).all()


def test_one_seed_gives_one_sample() -> None:
    config = AugmentConfig()
    first, again, other = (augment(picture(), [picture()] * 3, 96, config, np.random.default_rng(s)) for s in (5, 5, 6))
    assert (first.image == again.image).all()
    assert (first.image != other.image).any()
