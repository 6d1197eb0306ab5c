"""Which image stands where follows from seed and step alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from foodet_core.config import AugmentConfig
from foodet_core.data.cache import PixelCache
from foodet_core.data.dataset import Batch, TrainSet, batches
from foodet_core.errors import InputError
from foodet_core.types import Annotation, ClassList, ImageRecord, LabelledSet

NOTHING = AugmentConfig(flip=0.0, turn=0.0, photometric=0.0, zoom_out=0.0, crop=0.0, mosaic=0.0, copy_blend=0.0)


def labelled(folder: Path, count: int = 5, partial: frozenset[int] | None = None) -> LabelledSet:
    """Images of one grey level each, which tells them apart, with one box."""
    for number in range(count):
        Image.new("RGB", (40, 30), (number * 20,) * 3).save(folder / f"{number}.png")
    images = tuple(ImageRecord(n, f"{n}.png", (30, 40), exhaustive=partial) for n in range(count))
    boxes = {n: (Annotation(n, n, 1, (4.0, 6.0, 20.0, 15.0)),) for n in range(count)}
    return LabelledSet(folder, ClassList.of(["egg", "bun"]), images, boxes)


def prepared(source: LabelledSet, seed: int = 0, config: AugmentConfig = NOTHING) -> TrainSet:
    found = TrainSet(source, 64, config, seed)
    assert [p.done for p in found.prepare()] == [1, 2, 3, 4, 5]
    return found


def grey_levels(batch: Batch) -> list[int]:
    return [int(image[0, 0, 0]) // 20 for image in batch.images_BCHW]


def test_every_image_comes_once_an_epoch(tmp_path: Path) -> None:
    data = prepared(labelled(tmp_path))
    seen = [level for step in range(5) for level in grey_levels(data.batch(step, 2))]
    assert sorted(seen[:5]) == sorted(seen[5:]) == [0, 1, 2, 3, 4]


def test_a_batch_is_the_same_whatever_was_asked_before(tmp_path: Path) -> None:
    one, other = (prepared(labelled(tmp_path), config=AugmentConfig()) for _ in range(2))
    one.batch(0, 4)
    first, second = one.batch(7, 4), other.batch(7, 4)
    assert torch.equal(first.images_BCHW, second.images_BCHW)
    assert all(
        torch.equal(a["boxes_cxcywh_N4"], b["boxes_cxcywh_N4"]) for a, b in zip(first.targets, second.targets, strict=True)
    )


def test_shares_of_a_batch_are_the_batch(tmp_path: Path) -> None:
    data = prepared(labelled(tmp_path), config=AugmentConfig())
    whole = data.batch(3, 4)
    for rank in (0, 1):
        share = data.batch(3, 4, share=slice(rank, None, 2))
        assert torch.equal(share.images_BCHW, whole.images_BCHW[rank::2])
        expected = [t["boxes_cxcywh_N4"].tolist() for t in whole.targets[rank::2]]
        assert [t["boxes_cxcywh_N4"].tolist() for t in share.targets] == expected


def test_another_seed_deals_otherwise(tmp_path: Path) -> None:
    orders = {tuple(grey_levels(prepared(labelled(tmp_path), seed).batch(0, 5))) for seed in range(4)}
    assert len(orders) > 1


def test_targets_are_shares_of_the_square(tmp_path: Path) -> None:
    batch = prepared(labelled(tmp_path)).batch(0, 1)
    assert batch.images_BCHW.shape == (1, 3, 64, 64)
    target = batch.targets[0]
    assert target["labels_N"].tolist() == [1]
    expected = np.array([12, 10.5, 16, 9]) / 40
    assert np.abs(target["boxes_cxcywh_N4"][0].numpy() - expected).max() < 0.02
    assert target["exhaustive_K"].tolist() == [True, True]


def test_partly_labelled_images_say_so(tmp_path: Path) -> None:
    batch = prepared(labelled(tmp_path, partial=frozenset({1}))).batch(0, 1)
    assert batch.targets[0]["exhaustive_K"].tolist() == [False, True]


def dealt(source: LabelledSet, config: AugmentConfig) -> tuple[list[int], list[int]]:
    """By how many quarters 40 images are turned, and how many boxes each has."""
    data = TrainSet(source, 64, config, 0)
    list(data.prepare())
    plans = [data.plan(position) for position in range(40)]
    return [plan.turns for plan in plans], [len(plan.labels) for plan in plans]


def test_turns_and_copied_boxes_come_by_themselves_only_where_examples_are_few(tmp_path: Path) -> None:
    few = labelled(tmp_path)
    many = replace(few, images=few.images * 100)
    left_open = replace(NOTHING, turn=None, copy_blend=None)
    turns, boxes = dealt(few, left_open)
    assert 10 < sum(quarters > 0 for quarters in turns) < 30
    assert 2 < sum(count == 2 for count in boxes) < 22
    assert dealt(many, left_open) == ([0] * 40, [1] * 40)


def test_turns_and_copied_boxes_that_are_asked_for_come_however_many_examples_there_are(tmp_path: Path) -> None:
    few = labelled(tmp_path)
    many = replace(few, images=few.images * 100)
    assert all(dealt(many, replace(NOTHING, turn=1.0))[0])
    assert sum(dealt(many, replace(NOTHING, copy_blend=1.0))[1]) > 60
    assert dealt(few, NOTHING) == ([0] * 40, [1] * 40)


def test_mosaics_stop_before_the_last_quarter_and_nothing_else_does(tmp_path: Path) -> None:
    data = prepared(labelled(tmp_path), config=AugmentConfig(mosaic=1.0, turn=1.0))
    pastes = {progress: [len(data.plan(n, progress).pastes) for n in range(20)] for progress in (0.0, 0.74, 0.75, 1.0)}
    assert set(pastes[0.0]) == set(pastes[0.74]) == {4}
    assert set(pastes[0.75]) == set(pastes[1.0]) == {1}
    assert all(data.plan(n, 1.0).turns for n in range(20))
    assert len({data.plan(n, 1.0).pastes[0].into for n in range(20)}) > 5


def test_the_cache_shrinks_to_what_is_needed_and_no_image_grows(tmp_path: Path) -> None:
    Image.new("RGB", (300, 150)).save(tmp_path / "large.jpg")
    Image.new("RGB", (30, 20)).save(tmp_path / "small.png")
    cache = PixelCache([tmp_path / "large.jpg", tmp_path / "small.png"], 100)
    list(cache.fill("reading"))
    assert [cache[i].shape for i in range(2)] == [(50, 100, 3), (20, 30, 3)]


def test_a_truncated_image_is_named_before_training(tmp_path: Path) -> None:
    source = labelled(tmp_path)
    path = tmp_path / "3.png"
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(InputError, match=r"3\.png"):
        list(TrainSet(source, 64, AugmentConfig(), 0).prepare())


def test_an_error_in_the_loader_reaches_the_training() -> None:
    def make(step: int) -> Batch:
        if step == 2:
            raise InputError("x", "broken", "mend")
        return Batch(torch.zeros(step), [])

    dealt = batches(make, 0)
    assert [len(next(dealt).images_BCHW) for _ in range(2)] == [0, 1]
    with pytest.raises(InputError):
        next(dealt)
