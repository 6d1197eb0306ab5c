import itertools
import re

import cv2
import numpy as np
import pytest

from foodet_core.palette import class_color, is_light, rgb

# Machado, Oliveira and Fernandes 2009: severe deuteranomaly, linear RGB.
DEUTERANOPE = np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]])


def lab(colors, sight=None):
    pixels = np.array([rgb(color) for color in colors], float) / 255
    if sight is not None:
        pixels = np.clip(np.clip(pixels, 0, 1) ** 2.2 @ sight.T, 0, 1) ** (1 / 2.2)
    return cv2.cvtColor(pixels[None].astype(np.float32), cv2.COLOR_RGB2Lab)[0]


def smallest_distance(points):
    return min(np.linalg.norm(a - b) for a, b in itertools.combinations(points, 2))


def test_sixty_classes_have_colours_that_a_person_can_tell_apart():
    assert smallest_distance(lab(class_color(i) for i in range(60))) > 9


def test_the_first_classes_stay_apart_for_a_colour_blind_person():
    assert smallest_distance(lab((class_color(i) for i in range(7)), DEUTERANOPE)) > 15


@pytest.mark.parametrize("index", [0, 6, 7, 13, 14, 59, 1000])
def test_every_colour_is_written_as_six_hexadecimal_digits(index):
    assert re.fullmatch(r"#[0-9a-f]{6}", class_color(index))


def test_a_class_keeps_its_colour():
    assert [class_color(3), class_color(40)] == [class_color(3), class_color(40)]
    assert class_color(0) == "#e69f00"


@pytest.mark.parametrize(("color", "light"), [("#ffffff", True), ("#f0e442", True), ("#332288", False), ("#000000", False)])
def test_text_is_black_on_light_colours_only(color, light):
    assert is_light(color) is light
