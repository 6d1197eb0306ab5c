import subprocess
import sys
from collections import Counter
from itertools import islice

import numpy as np
import pytest

from foodet_core.config import SampleJob
from foodet_core.data.drawing.foods import FOODS
from foodet_core.data.drawing.patch import Layer, Patch
from foodet_core.data.drawing.scene import Scene
from foodet_core.data.sample import PROJECT_NAME, SAMPLE_CLASSES, draw_image, sample, split_sizes
from foodet_core.errors import InputError
from foodet_core.events import Finished, Progress, Started
from foodet_core.pixels import read_rgb
from foodet_core.project.store import Project
from foodet_core.types import ImageState, Split

SMALL = 128


@pytest.fixture(scope="module")
def pictures():
    return [draw_image(index, 0, SMALL) for index in range(80)]


@pytest.fixture(scope="module")
def finished_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    return folder, list(sample(SampleJob(str(folder), images=20, size=SMALL, seed=3)))


def disc(side, radius):
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    alpha = (np.hypot(x, y) <= radius).astype(np.float32)
    return Layer(np.ones((3, side, side), np.float32), alpha, np.zeros_like(alpha))


def empty_scene():
    return Scene(np.random.default_rng(0), (200, 300))


def test_the_same_seed_and_index_draw_the_same_picture_in_any_order(pictures):
    image_hw3, boxes_xyxy, labels = draw_image(5, 0, SMALL)
    assert (image_hw3 == pictures[5][0]).all()
    assert (boxes_xyxy == pictures[5][1]).all()
    assert (labels == pictures[5][2]).all()


def test_another_process_draws_the_same_picture(pictures):
    code = f"from foodet_core.data.sample import draw_image; print(draw_image(7, 0, {SMALL})[0].astype(int).sum())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(run.stdout) == pictures[7][0].astype(int).sum()


def test_another_seed_draws_another_picture(pictures):
    other = draw_image(5, 1, SMALL)[0]
    assert other.shape != pictures[5][0].shape or (other != pictures[5][0]).mean() > 0.5


def test_the_long_side_is_the_size_and_pictures_lie_or_stand(pictures):
    shapes = [image_hw3.shape[:2] for image_hw3, _, _ in pictures]
    assert all(max(shape) == SMALL for shape in shapes)
    assert any(h > w for h, w in shapes)
    assert any(h < w for h, w in shapes)


def test_every_picture_holds_some_objects_with_boxes_inside_it(pictures):
    for image_hw3, boxes_xyxy, labels in pictures:
        height, width = image_hw3.shape[:2]
        assert 2 <= len(boxes_xyxy) == len(labels) <= 7
        assert (boxes_xyxy[:, :2] >= 0).all()
        assert (boxes_xyxy[:, 2:] <= (width, height)).all()
        assert (boxes_xyxy[:, 2:] > boxes_xyxy[:, :2]).all()


def test_objects_are_neither_tiny_nor_the_whole_picture(pictures):
    sides = np.concatenate([(b[:, 2:] - b[:, :2]).max(1) for _, b, _ in pictures]) / SMALL
    assert sides.min() > 0.08
    assert sides.max() < 0.5


def test_all_classes_come_about_equally_often(pictures):
    counts = Counter(int(label) for _, _, labels in pictures for label in labels)
    mean = sum(counts.values()) / len(SAMPLE_CLASSES)
    assert all(counts[label] > mean / 3 for label in range(len(SAMPLE_CLASSES)))


def test_classes_have_names_in_english_and_chinese_and_colours_of_their_own():
    assert len(SAMPLE_CLASSES) >= 12
    assert all(c.name.isascii() and c.name_zh and not c.name_zh.isascii() for c in SAMPLE_CLASSES)
    assert len({c.color for c in SAMPLE_CLASSES}) == len(SAMPLE_CLASSES)


@pytest.mark.parametrize("food", FOODS, ids=lambda food: food.name)
def test_a_food_is_whole_on_its_patch_and_varies(food):
    drawn = [food.draw(Patch(np.random.default_rng(seed), 96, turn=seed)) for seed in range(8)]
    for layer in drawn:
        edge = np.concatenate([layer.alpha[[0, -1]].ravel(), layer.alpha[:, [0, -1]].ravel()])
        assert edge.max() < 0.5
        assert 0.1 < (layer.alpha > 0.5).mean() < 0.8
        assert np.isfinite(layer.height).all()
        assert -0.01 <= layer.color.min() <= layer.color.max() <= 1.01
    assert len({float(layer.color.mean()) for layer in drawn}) == len(drawn)


def test_a_box_is_the_extent_of_the_objects_own_pixels():
    scene = empty_scene()
    scene.lay(disc(44, 10), 100, 60, 0.1, label=2)
    assert scene.boxes == [(112, 72, 132, 92)]
    assert scene.labels == [2]


def test_a_box_ends_where_the_picture_ends():
    scene = empty_scene()
    scene.lay(disc(44, 10), -16, 164, 0.1, label=0)
    assert scene.boxes == [(0, 176, 16, 196)]


def test_a_box_covers_the_hidden_part_of_an_object_too():
    scene = empty_scene()
    scene.lay(disc(44, 20), 100, 60, 0.1, label=0)
    before = list(scene.boxes)
    scene.lay(disc(44, 20), 128, 60, 0.1, label=1)
    assert scene.boxes[:1] == before


def test_nothing_is_laid_where_it_would_hide_food():
    scene = empty_scene()
    scene.lay(disc(44, 20), 100, 60, 0.1, label=0)
    assert not scene.suits(disc(44, 20), 108, 60, most_crowd=1)
    assert scene.suits(disc(44, 20), 152, 60, most_crowd=1)


def test_pieces_hidden_one_after_the_other_add_up():
    scene = empty_scene()
    scene.visible = 0.6
    scene.lay(disc(44, 20), 100, 60, 0.1, label=0)
    assert scene.suits(disc(44, 20), 124, 60, most_crowd=1)
    scene.lay(disc(44, 20), 124, 60, 0.1, label=1)
    assert not scene.suits(disc(44, 20), 76, 60, most_crowd=1)


def test_nothing_is_laid_mostly_outside_the_picture():
    assert not empty_scene().suits(disc(44, 20), -28, 60, most_crowd=1)


def test_what_belongs_beside_the_dishes_is_not_laid_on_them():
    scene = empty_scene()
    scene.occupy(disc(44, 20), 100, 60)
    assert not scene.suits(disc(44, 20), 108, 60, most_crowd=0.1)
    assert scene.suits(disc(44, 20), 108, 60, most_crowd=1)


@pytest.mark.parametrize("images", [4, 5, 8, 20, 240, 1000])
def test_every_split_gets_images_and_some_stay_unlabelled(images):
    sizes = split_sizes(images)
    assert sum(sizes.values()) == images
    assert min(sizes.values()) >= 1
    assert images < 16 or sizes[Split.NONE] >= 4


def test_the_default_set_is_split_in_the_usual_shares():
    assert split_sizes(240) == {Split.TRAIN: 168, Split.VAL: 36, Split.TEST: 24, Split.NONE: 12}


def test_a_run_tells_its_progress_and_what_came_out(finished_run):
    folder, events = finished_run
    progress = [event for event in events if isinstance(event, Progress)]
    assert events[0] == Started("sample")
    assert (progress[0].done, progress[-1].done, progress[-1].total) == (0, 20, 20)
    assert isinstance(events[-1], Finished)
    assert events[-1].detail["project"] == str(folder / PROJECT_NAME)
    assert {path.name for path in folder.iterdir()} == {"images", PROJECT_NAME}


def test_the_project_holds_the_drawn_boxes_of_labelled_images_only(finished_run):
    with Project.open(finished_run[0] / PROJECT_NAME) as project:
        assert project.classes() == SAMPLE_CLASSES
        for image in project.images():
            image_hw3, boxes_xyxy, labels = draw_image(image.id - 1, 3, SMALL)
            stored = project.annotations(image.id)
            assert image.size_hw == image_hw3.shape[:2]
            assert image.state is (ImageState.DONE if image.split else ImageState.UNLABELLED)
            assert [a.label for a in stored] == (labels.tolist() if image.split else [])
            assert [list(a.box_xyxy) for a in stored] == (boxes_xyxy.tolist() if image.split else [])


def test_the_written_pictures_are_the_drawn_ones(finished_run):
    with Project.open(finished_run[0] / PROJECT_NAME) as project:
        image = project.images()[0]
        pixels = read_rgb(project.path(image)).astype(int)
    assert image.path == "0001.jpg"
    assert np.abs(pixels - draw_image(0, 3, SMALL)[0]).mean() < 6


def test_a_stopped_run_leaves_nothing(tmp_path):
    events = sample(SampleJob(str(tmp_path / "new"), images=50, size=64))
    assert len(list(islice(events, 3))) == 3
    events.close()
    assert list((tmp_path / "new").iterdir()) == []


def test_a_run_after_a_killed_one_starts_afresh(tmp_path):
    left = tmp_path / ".sample.part" / "images"
    left.mkdir(parents=True)
    (left / "9999.jpg").write_bytes(b"half")
    list(sample(SampleJob(str(tmp_path), images=4, size=64)))
    assert sorted(path.name for path in (tmp_path / "images").iterdir()) == ["0001.jpg", "0002.jpg", "0003.jpg", "0004.jpg"]


@pytest.mark.parametrize("name", [PROJECT_NAME, "images"])
def test_a_folder_in_use_is_refused_and_left_alone(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(InputError, match="exists already"):
        list(sample(SampleJob(str(tmp_path), images=4, size=64)))
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_place_that_cannot_be_written_is_one_line_of_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        list(sample(SampleJob(str(tmp_path / "file" / "below"), images=4, size=64)))


def test_a_negative_seed_is_refused(tmp_path):
    with pytest.raises(InputError, match="seed"):
        list(sample(SampleJob(str(tmp_path), images=4, size=64, seed=-1)))


def test_the_boxes_of_the_sample_cannot_be_undone(finished_run):
    with Project.open(finished_run[0] / PROJECT_NAME) as project:
        assert project.undo_title is None
        assert sum(project.class_counts().values()) > 0
