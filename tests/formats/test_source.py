from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from foodet_core.config import Source
from foodet_core.errors import InputError
from foodet_core.formats.source import hold_out, open_source
from foodet_core.project.store import Project
from foodet_core.types import Annotation, ClassList, ImageRecord, ImageState, LabelledSet, Split


@pytest.fixture
def project_folder(tmp_path, photos):
    folder = tmp_path / "meals.foodet"
    images = [
        ImageRecord(1, "a.jpg", (40, 60), state=ImageState.DONE, split=Split.TRAIN),
        ImageRecord(2, "b.jpg", (40, 60), state=ImageState.EMPTY, split=Split.VAL),
        ImageRecord(3, "sub/饭.jpg", (40, 60)),
    ]
    Project.create(folder, photos, ClassList.of(["egg"]), images).close()
    return folder


def paths(labelled):
    return [image.path for image in labelled.images]


def test_a_project_gives_its_labelled_images(project_folder, photos):
    labelled = open_source(Source(str(project_folder)))
    assert paths(labelled) == ["a.jpg", "b.jpg"]
    assert labelled.root == photos.resolve()
    assert paths(open_source(Source(str(project_folder), split="val"))) == ["b.jpg"]


def test_a_coco_file_gives_its_images(content, write_file, photos):
    labelled = open_source(Source(str(write_file(content)), str(photos)))
    assert paths(labelled) == ["a.jpg", "b.jpg", "sub/饭.jpg"]


def test_nothing_labelled_is_an_input_error(project_folder, content, write_file, photos):
    with pytest.raises(InputError, match="no labelled image in the split 'test'"):
        open_source(Source(str(project_folder), split="test"))
    content.update(images=[], annotations=[])
    with pytest.raises(InputError, match="no labelled image"):
        open_source(Source(str(write_file(content)), str(photos)))


def test_splits_must_exist(project_folder, content, write_file, photos):
    with pytest.raises(InputError, match="'valid' is not a split"):
        open_source(Source(str(project_folder), split="valid"))
    with pytest.raises(InputError, match="has no splits"):
        open_source(Source(str(write_file(content)), str(photos), split="val"))


def test_an_image_of_another_size_than_its_record_is_refused(content, write_file, photos):
    content["images"][1].update(width=40, height=60)
    with pytest.raises(InputError, match=r"b\.jpg: is 60 x 40 .*EXIF"):
        open_source(Source(str(write_file(content)), str(photos)))


def test_what_is_neither_project_nor_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="is no project"):
        open_source(Source(str(tmp_path)))
    with pytest.raises(InputError, match="cannot be read"):
        open_source(Source(str(tmp_path / "none.json"), str(tmp_path)))


def labelled_set(count, classes=2):
    """Image n holds one box of class n modulo `classes`."""
    images = tuple(ImageRecord(n, f"{n}.jpg", (40, 60)) for n in range(count))
    boxes = {n: (Annotation(n, n, n % classes, (0.0, 0.0, 5.0, 5.0)),) for n in range(count)}
    return LabelledSet(Path(), ClassList.of(map(str, range(classes))), images, boxes)


@pytest.mark.parametrize(("count", "share", "held"), [(2, 0.1, 1), (2, 0.99, 1), (10, 0.0, 1), (10, 0.3, 3), (101, 0.1, 10)])
def test_a_share_is_held_out_and_nothing_is_lost(count, share, held):
    labelled = labelled_set(count)
    rest, out = hold_out(labelled, share, seed=0)
    assert len(out.images) == held
    assert sorted(rest.images + out.images, key=lambda i: i.id) == list(labelled.images)
    assert {**rest.annotations, **out.annotations} == labelled.annotations
    assert {i.id for i in out.images} == set(out.annotations)


def test_the_choice_depends_on_seed_and_paths_alone():
    labelled = labelled_set(40)
    _, out = hold_out(labelled, 0.25, seed=1)
    shuffled = replace(labelled, images=labelled.images[::-1])
    assert set(paths(hold_out(shuffled, 0.25, seed=1)[1])) == set(paths(out))
    assert set(paths(hold_out(labelled, 0.25, seed=2)[1])) != set(paths(out))


def test_every_class_gives_near_its_share():
    labelled = labelled_set(120, classes=6)
    for seed in range(5):
        _, out = hold_out(labelled, 0.2, seed)
        assert Counter(a.label for found in out.annotations.values() for a in found) == dict.fromkeys(range(6), 4)


def test_images_without_boxes_can_be_held_out():
    labelled = replace(labelled_set(10), annotations={})
    assert len(hold_out(labelled, 0.5, seed=0)[1].images) == 5


def test_one_image_cannot_be_parted():
    with pytest.raises(InputError, match="at least 2"):
        hold_out(labelled_set(1), 0.5, seed=0)
