"""Pre-training of a backbone on whole images."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from foodet_core import worker
from foodet_core.config import AugmentConfig, ModelConfig, PretrainJob, ResumeJob, Source, TrainConfig, TrainJob
from foodet_core.errors import InputError
from foodet_core.events import Event, Finished, Notice, Step, Validated
from foodet_core.formats.whole import read_whole
from foodet_core.models.weights import read_tensors
from foodet_core.pretrain.classifier import Classifier, WholeSet, among
from foodet_core.types import LabelledSet

CONFIG = TrainConfig(steps=30, imgsz=64, batch=8, lr=3e-3, warmup=3, ema=0.9, threads=1, augment=AugmentConfig(photometric=0.0))
COLORS = {"red": (200, 40, 40), "green": (40, 190, 60), "blue": (40, 60, 210)}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Two sources: one tells three colours apart, the other two brightnesses."""
    folder = tmp_path_factory.mktemp("whole")
    rng = np.random.default_rng(0)
    for number in range(60):
        name, color = list(COLORS.items())[number % 3]
        save(folder / "colors" / name / f"{number}.png", color, rng)
        grey = 60 if number % 2 else 190
        save(folder / "greys" / ("dark" if number % 2 else "bright") / f"{number}.png", (grey,) * 3, rng)
    return str(folder / "colors"), str(folder / "greys")


def save(path: Path, color: tuple[int, ...], rng: np.random.Generator) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = rng.integers(-30, 30, (48, 64, 1))
    Image.fromarray((np.array(color) + noise).clip(0, 255).astype(np.uint8)).save(path)


@pytest.fixture(scope="module")
def pretrained(folders: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Event]]:
    out = tmp_path_factory.mktemp("run") / "backbone"
    return out, list(worker.run(PretrainJob(folders, str(out), config=CONFIG)))


def whole_set(folders: tuple[str, str]) -> LabelledSet:
    def read() -> Iterator[LabelledSet]:
        yield (yield from read_whole(map(Path, folders)))  # type: ignore[misc]

    return next(e for e in read() if isinstance(e, LabelledSet))


def test_a_backbone_learns_to_tell_whole_images_apart(pretrained: tuple[Path, list[Event]]) -> None:
    _, events = pretrained
    last = [e for e in events if isinstance(e, Validated)][-1]
    assert last.metrics["top1"] == 1.0
    assert set(last.per_class) == {"colors", "greys"}
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert "100.0%" in finished.text


def test_a_detector_starts_from_it(pretrained: tuple[Path, list[Event]], toy: Any, tmp_path: Path) -> None:
    run, _ = pretrained
    images = str(toy.images)
    config = TrainConfig(steps=1, imgsz=64, batch=2, lr=1e-8, warmup=0, threads=1)
    source, val = Source(str(toy.train), images), Source(str(toy.val), images)
    job = TrainJob(source, str(tmp_path / "detector"), val, str(run), config)
    notices = [e.text for e in worker.run(job) if isinstance(e, Notice)]
    assert any("backbone taken over" in text for text in notices)
    learnt, _ = read_tensors(run / "weights.safetensors")
    started, _ = read_tensors(tmp_path / "detector" / "latest.safetensors")
    name = next(n for n, tensor in learnt.items() if n.startswith("backbone.stages.3.") and tensor.ndim == 4)
    torch.testing.assert_close(started[name], learnt[name], atol=1e-5, rtol=0)


def test_a_stopped_pretraining_goes_on_to_the_weights_of_an_unbroken_one(
    pretrained: tuple[Path, list[Event]], folders: tuple[str, str], tmp_path: Path
) -> None:
    job = PretrainJob(folders, str(tmp_path / "run"), config=CONFIG)
    events = worker.run(job)
    for event in events:
        if isinstance(event, Step) and event.step == 10:
            break
    events.close()  # type: ignore[attr-defined]
    list(worker.run(ResumeJob(job.out)))
    unbroken, _ = read_tensors(pretrained[0] / "latest.safetensors")
    resumed, _ = read_tensors(tmp_path / "run" / "latest.safetensors")
    for name, tensor in unbroken.items():
        torch.testing.assert_close(resumed[name], tensor)


def test_pretraining_starts_from_earlier_weights(
    pretrained: tuple[Path, list[Event]], folders: tuple[str, str], tmp_path: Path
) -> None:
    config = TrainConfig(steps=1, imgsz=64, batch=2, lr=1e-8, warmup=0, threads=1)
    job = PretrainJob(folders, str(tmp_path / "run"), weights=str(pretrained[0]), config=config)
    first = next(e for e in worker.run(job) if isinstance(e, Validated))
    assert first.metrics["top1"] == 1.0


def test_images_like_those_left_out_are_not_learnt_from(folders: tuple[str, str], tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    picture = rng.integers(0, 255, (40, 40, 3), np.uint8)
    for folder in ("source/odd", "measured"):
        (tmp_path / folder).mkdir(parents=True)
        Image.fromarray(np.rot90(picture)).save(tmp_path / folder / "same.png")
    config = TrainConfig(steps=1, imgsz=64, batch=2, threads=1)
    sources = (*folders, str(tmp_path / "source"))
    job = PretrainJob(sources, str(tmp_path / "run"), (str(tmp_path / "measured"),), config=config)
    assert any(e.text.startswith("1 images left out") for e in worker.run(job) if isinstance(e, Notice))


def test_nothing_but_images_to_leave_out_is_refused(folders: tuple[str, str], tmp_path: Path) -> None:
    job = PretrainJob(folders, str(tmp_path / "run"), folders, config=CONFIG)
    with pytest.raises(InputError, match="the likes of all images"):
        list(worker.run(job))
    assert not (tmp_path / "run").exists()


def test_a_softmax_is_among_the_classes_that_a_source_knows() -> None:
    known = torch.tensor([[True, True, False], [False, False, True]])
    shares = among(torch.tensor([[1.0, 1.0, 9.0], [5.0, 5.0, 0.0]]), known).softmax(1)
    torch.testing.assert_close(shares, torch.tensor([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]))


def test_a_classifier_has_the_backbone_of_a_detector() -> None:
    classifier = Classifier(ModelConfig(), 5)
    assert classifier(torch.zeros(2, 3, 64, 64)).shape == (2, 5)


def test_parts_lie_inside_their_image_and_keep_its_label(folders: tuple[str, str]) -> None:
    labelled = whole_set(folders)
    dealt = WholeSet(labelled, 64, AugmentConfig(), 0)
    for _ in dealt.prepare():
        pass
    plans = [dealt.plan(position) for position in range(200)]
    cuts = np.array([plan.pastes[0].cut for plan in plans])
    assert (cuts[:, :2] >= 0).all()
    assert (cuts[:, 2:] <= (64, 48)).all()
    areas = (cuts[:, 2:] - cuts[:, :2]).prod(1) / (64 * 48)
    assert 0.2 < areas.min() < 0.4
    assert areas.max() > 0.9
    assert all(plan.pastes[0].into == (0, 0, 64, 64) and len(plan.labels) == 1 for plan in plans)
    assert 30 < sum(plan.pastes[0].cut == (0, 0, 64, 48) for plan in plans) < 70
