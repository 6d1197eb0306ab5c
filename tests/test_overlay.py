import numpy as np
import pytest

from foodet_core import overlay
from foodet_core.overlay import draw, line_width
from foodet_core.palette import class_color, rgb
from foodet_core.types import Detections

CLASSES = ("apple", "banana", "fried egg")


@pytest.fixture
def no_system_fonts(monkeypatch):
    overlay._font_for.cache_clear()
    monkeypatch.setattr(overlay, "_system_fonts", tuple)
    yield
    overlay._font_for.cache_clear()


def blank(height=200, width=300):
    return np.full((height, width, 3), 128, np.uint8)


def found(*boxes, labels=None, scores=None):
    labels = range(len(boxes)) if labels is None else labels
    scores = [0.9] * len(boxes) if scores is None else scores
    return Detections(np.array(boxes, np.float32).reshape(-1, 4), np.array(labels, np.int64), np.array(scores, np.float32))


def count(image_hw3, label):
    return int((image_hw3 == rgb(class_color(label))).all(-1).sum())


def test_a_box_is_drawn_along_its_edges_and_the_inside_is_left_alone():
    drawn = draw(blank(), found((100, 80, 200, 160)), CLASSES, 0.5)
    assert tuple(drawn[120, 100]) == rgb(class_color(0))
    assert tuple(drawn[159, 150]) == rgb(class_color(0))
    assert tuple(drawn[120, 150]) == (128, 128, 128)


def test_the_given_image_is_not_changed():
    image = blank()
    draw(image, found((10, 60, 90, 120)), CLASSES, 0.5)
    assert (image == 128).all()


def test_detections_below_the_score_are_left_out():
    boxes = (20, 60, 90, 120), (150, 60, 250, 120)
    drawn = draw(blank(), found(*boxes, scores=[0.9, 0.3]), CLASSES, 0.5)
    assert count(drawn, 0) > 0
    assert count(drawn, 1) == 0


def test_no_detections_leave_the_picture_as_it_is():
    assert (draw(blank(), Detections(), CLASSES, 0.0) == 128).all()


def test_the_better_detection_lies_on_top():
    box = (50, 60, 150, 140)
    drawn = draw(blank(), found(box, box, labels=[1, 0], scores=[0.9, 0.6]), CLASSES, 0.5)
    assert tuple(drawn[100, 50]) == rgb(class_color(1))


def test_boxes_are_cut_to_the_image_and_boxes_outside_it_are_left_out():
    drawn = draw(blank(), found((-50, -50, 400, 300), (500, 500, 600, 600)), CLASSES, 0.5)
    assert tuple(drawn[199, 200]) == rgb(class_color(0))
    assert count(drawn, 1) == 0


@pytest.mark.parametrize("box", [(0, 0, 30, 30), (280, 190, 300, 200), (270, 0, 300, 20), (0, 180, 5, 200)])
def test_the_tag_stays_whole_inside_the_picture(box):
    in_the_open = draw(blank(600, 800), found((300, 300, 320, 310)), CLASSES, 0.5)[200:400, 250:550]
    tag_area = count(in_the_open, 0) * (300 / 800) ** 2
    assert count(draw(blank(), found(box), CLASSES, 0.5), 0) > 0.5 * tag_area


@pytest.mark.parametrize("width", [120, 200, 400])
def test_a_long_tag_is_shrunk_until_the_picture_holds_it(width):
    tag_width = overlay._fitted("steamed bun 0.95", (width, 400))[1]
    assert tag_width <= width


def test_lines_grow_with_the_image():
    assert line_width((320, 240)) < line_width((1600, 1200)) < line_width((6000, 4000))


def test_a_name_without_a_font_that_can_write_it_becomes_a_number(no_system_fonts):
    box = (40, 60, 120, 120)
    chinese = draw(blank(), found(box), ("煎蛋",), 0.5)
    assert (chinese == draw(blank(), found(box), ("class 1",), 0.5)).all()
    assert (chinese != draw(blank(), found(box), ("煎饼",), 0.5)).sum() == 0


def test_chinese_names_are_written_where_a_font_has_them():
    if None in map(overlay._font_for, "煎蛋饼"):
        pytest.skip("no font with Chinese glyphs on this machine")
    box = (40, 60, 120, 120)
    first, second = (draw(blank(), found(box), (name,), 0.5) for name in ("煎蛋", "煎饼"))
    assert (first != second).any()
