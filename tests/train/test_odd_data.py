"""Data sets at the edge of what a person has: training works on them, or says in one line why not."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from foodet_core import worker
from foodet_core.config import EvaluateJob, FinetuneJob, GrpoConfig, ImportJob, Source, TrainConfig, TrainJob
from foodet_core.data.dataset import TrainSet
from foodet_core.errors import InputError
from foodet_core.events import Event, Finished, Notice, Step, Validated
from foodet_core.losses.assigner import TOP
from foodet_core.losses.criterion import at_least_one
from foodet_core.models.detector import build_detector
from foodet_core.project.scan import new_project
from foodet_core.train.loop import open_data, supervised
from foodet_core.types import LabelledSet

RED, BLUE = (200, 40, 40), (40, 60, 210)
QUICK = TrainConfig(steps=2, imgsz=64, batch=2, warmup=1, policy=GrpoConfig(groups=2))


def drawn(folder: Path, boxes: Sequence[int], classes: Sequence[str] = ("red", "blue")) -> Source:
    """A COCO set of images of 96 x 72 pixels; `boxes` says how many rectangles each has."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    images, annotations = [], []
    for number, count in enumerate(boxes, 1):
        picture = np.full((72, 96, 3), 150, np.uint8)
        for k in range(count):
            w, h = (int(v) for v in rng.integers(6, 20, 2))
            x, y = int(rng.integers(0, 96 - w)), int(rng.integers(0, 72 - h))
            picture[y : y + h, x : x + w] = RED
            box = {"bbox": [x, y, w, h], "area": w * h, "category_id": 1 + k % len(classes)}
            annotations.append({"id": len(annotations) + 1, "image_id": number, **box})
        Image.fromarray(picture).save(folder / f"{number}.png")
        images.append({"id": number, "file_name": f"{number}.png", "width": 96, "height": 72})
    categories = [{"id": label, "name": name} for label, name in enumerate(classes, 1)]
    (folder / "labels.json").write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return Source(str(folder / "labels.json"), str(folder))


def train(source: Source, out: Path, val: Source | None = None, **changes: Any) -> list[Event]:
    return list(worker.run(TrainJob(source, str(out), val, config=dataclasses.replace(QUICK, **changes))))


def finetune(source: Source, start: Path, out: Path, val: Source | None = None) -> list[Event]:
    return list(worker.run(FinetuneJob(str(start), source, str(out), val, QUICK)))


def check_done(events: list[Event]) -> None:
    assert isinstance(events[-1], Finished)
    assert len([e for e in events if isinstance(e, Step)]) == 2
    assert any(isinstance(e, Validated) for e in events)


@pytest.mark.parametrize(
    ("boxes", "classes"),
    [
        pytest.param([2] * 50, ("red", "blue"), id="fifty images"),
        pytest.param([2, 0, 2, 0, 2, 0], ("red", "blue"), id="some images without boxes"),
        pytest.param([2] * 6, ("red",), id="one class"),
        pytest.param([300, 1, 1, 1], ("red", "blue"), id="300 boxes in one image"),
    ],
)
def test_odd_sets_can_be_trained_and_finetuned_on(boxes: list[int], classes: tuple[str, ...], tmp_path: Path) -> None:
    source = drawn(tmp_path / "set", boxes, classes)
    check_done(train(source, tmp_path / "a"))
    check_done(finetune(source, tmp_path / "a", tmp_path / "b"))


def test_one_image_is_enough_where_another_is_named_to_measure_on(tmp_path: Path) -> None:
    source, val = drawn(tmp_path / "set", [2]), drawn(tmp_path / "val", [1])
    check_done(train(source, tmp_path / "a", val))
    check_done(finetune(source, tmp_path / "a", tmp_path / "b", val))


def test_one_image_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least 2: one is held out"):
        train(drawn(tmp_path / "set", [2]), tmp_path / "a")


def test_a_batch_may_be_larger_than_the_set(tmp_path: Path) -> None:
    check_done(train(drawn(tmp_path / "set", [2, 1, 1]), tmp_path / "a", batch=8))


@pytest.mark.parametrize("classes", [("red", "blue"), ()])
def test_a_set_without_any_box_is_refused(classes: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no box to learn from"):
        train(drawn(tmp_path / "set", [0, 0, 0], classes), tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_boxes_on_validation_images_alone_are_not_enough(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no box to learn from"):
        train(drawn(tmp_path / "set", [0, 0]), tmp_path / "a", drawn(tmp_path / "val", [2]))


def test_validation_images_without_boxes_are_told_of(tmp_path: Path) -> None:
    events = train(drawn(tmp_path / "set", [2, 2]), tmp_path / "a", drawn(tmp_path / "val", [0, 0]))
    check_done(events)
    assert any(isinstance(e, Notice) and e.level == "warning" and "AP stays 0" in e.text for e in events)


def test_the_largest_size_can_be_trained_at(tmp_path: Path) -> None:
    events = train(drawn(tmp_path / "set", [2, 2]), tmp_path / "a", imgsz=1280, batch=1, steps=1)
    assert isinstance(events[-1], Finished)


def test_a_size_between_the_networks_cells_is_refused_with_the_nearest_that_fit() -> None:
    refusal = r"imgsz: 100 is not a multiple of 32\. Give 96 or 128\."
    with pytest.raises(InputError, match=refusal):
        dataclasses.replace(QUICK, imgsz=100)
    with pytest.raises(InputError, match=refusal):
        EvaluateJob("weights", Source("labels"), imgsz=100)


def merged(folder: Path) -> Source:
    """A project of two imported sets; a red and a blue rectangle stand on every image, each set labels its own colour."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name in ("red", "blue"):
        images, annotations = [], []
        for number in range(1, 5):
            picture = np.full((64, 64, 3), 150, np.uint8)
            for color, colored, left in (("red", RED, 0), ("blue", BLUE, 32)):
                x, y = left + int(rng.integers(0, 12)), int(rng.integers(0, 40))
                picture[y : y + 20, x : x + 20] = colored
                if color == name:
                    box = {"bbox": [x, y, 20, 20], "area": 400, "category_id": 1}
                    annotations.append({"id": number, "image_id": number, **box})
            Image.fromarray(picture).save(folder / f"{name}-{number}.png")
            images.append({"id": number, "file_name": f"{name}-{number}.png", "width": 64, "height": 64})
        labels = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": name}]}
        (folder / f"{name}.json").write_text(json.dumps(labels))
    project = folder / "p.foodet"
    list(new_project(project, folder))
    for name in ("red", "blue"):
        list(worker.run(ImportJob(str(project), str(folder / f"{name}.json"), images=str(folder))))
    return Source(str(project))


def pushed_down(labelled: LabelledSet) -> tuple[int, int]:
    """On how many cells and queries an image pushes the class down that was not looked for on it, at the most."""
    # Each image stands alone, with its one box: in a mosaic neither class is exhaustive.
    alone = dataclasses.replace(QUICK.augment, mosaic=0.0, copy_blend=0.0)
    data = TrainSet(labelled, 64, alone, 0)
    list(data.prepare())
    objective = supervised(build_detector(QUICK.model, 2), at_least_one)
    batch = data.batch(0, len(labelled.images))
    outputs, loss = objective.outputs(batch.images_BCHW.float() / 255, batch.targets, 0.9)
    logits = [outputs["dense"].logits_BTK, outputs["pred_logits_BQK"]]
    for tensor in logits:
        tensor.retain_grad()
    loss.total.backward()
    other = [1 - int(target["labels_N"][0]) for target in batch.targets]
    cells, queries = (int((tensor.grad[range(len(other)), :, other] > 0).sum(1).max()) for tensor in logits)
    return cells, queries


def test_merged_sets_push_down_the_class_that_only_the_other_one_labels_at_labelled_boxes_alone(tmp_path: Path) -> None:
    learnt = open_data(merged(tmp_path / "set"), None, 0).train
    assert {image.exhaustive for image in learnt.images} == {frozenset({0}), frozenset({1})}
    cells, queries = pushed_down(learnt)
    # One box an image, which has these cells and one query.
    assert cells <= TOP
    assert queries <= 1
    claimed = tuple(dataclasses.replace(image, exhaustive=None) for image in learnt.images)
    cells, queries = pushed_down(dataclasses.replace(learnt, images=claimed))
    assert cells > 5 * TOP
    assert queries > 10
