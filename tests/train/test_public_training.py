"""Detectors on backbones of torchvision train, stop, resume and come back from their files; nothing is downloaded unasked."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
from torchvision import models

from foodet_core import worker
from foodet_core.config import FinetuneJob, GrpoConfig, ModelConfig, ResumeJob, Source, TrainConfig, TrainJob
from foodet_core.errors import InputError
from foodet_core.events import Event, Finished, Notice, Step
from foodet_core.models.weights import load_weights, read_tensors

SMALL, SMALL_FILE = "mobilenet_v3_small", "mobilenet_v3_small-047dcff4.pth"
CHECKPOINT = "checkpoint.safetensors"


def job(toy: Any, out: Path, name: str = SMALL, weights: str = "none", **changes: Any) -> TrainJob:
    model = ModelConfig(backbone=f"torchvision:{name}")
    config = TrainConfig(steps=3, imgsz=64, batch=2, warmup=1, validate_every=3, model=model)
    source, val = Source(str(toy.train), str(toy.images)), Source(str(toy.val), str(toy.images))
    return TrainJob(source, str(out), val, weights, dataclasses.replace(config, **changes))


@pytest.fixture
def downloaded(torch_cache: Path) -> Path:
    """A file that stands for torchvision's weights of `SMALL`, in torch's cache."""
    torch.manual_seed(5)
    torch.save(models.get_model(SMALL).state_dict(), torch_cache / SMALL_FILE)
    return torch_cache / SMALL_FILE


def stopped_after(step: int, asked: TrainJob) -> None:
    events = worker.run(asked)
    next(e for e in events if isinstance(e, Step) and e.step == step)
    events.close()  # type: ignore[attr-defined]


def latest(run: Path) -> dict[str, torch.Tensor]:
    return read_tensors(run / "latest.safetensors")[0]


def notices(events: list[Event]) -> str:
    return " ".join(e.text for e in events if isinstance(e, Notice))


@pytest.mark.parametrize("network", [SMALL, "shufflenet_v2_x0_5"])
def test_it_trains_and_is_fine_tuned_without_any_download(network: str, toy: Any, tmp_path: Path, torch_cache: Path) -> None:
    asked = job(toy, tmp_path / "a", network)
    told = list(worker.run(asked))
    assert [e.step for e in told if isinstance(e, Step)] == [1, 2, 3]
    detector, info = load_weights(tmp_path / "a")
    assert info.model.backbone == f"torchvision:{network}"
    written = read_tensors(tmp_path / "a" / "weights.safetensors")[0]
    assert all(torch.equal(tensor, written[name]) for name, tensor in detector.state_dict().items())
    config = dataclasses.replace(asked.config, steps=1, policy=GrpoConfig(groups=2))
    tuned = list(worker.run(FinetuneJob(str(tmp_path / "a"), asked.source, str(tmp_path / "b"), asked.val, config)))
    assert isinstance(tuned[-1], Finished)
    assert list(torch_cache.iterdir()) == []


def test_it_starts_from_imagenet_when_asked(toy: Any, tmp_path: Path, downloaded: Path) -> None:
    told = list(worker.run(job(toy, tmp_path / "a", weights="imagenet", steps=1, lr=1e-8)))
    assert "The backbone starts from torchvision's MobileNet_V3_Small_Weights.IMAGENET1K_V1." in notices(told)
    first = torch.load(downloaded, weights_only=True)["features.0.0.weight"]
    torch.testing.assert_close(latest(tmp_path / "a")["backbone.stages.0.0.0.weight"], first, atol=1e-6, rtol=0)


def test_a_run_that_started_from_imagenet_goes_on_without_them(toy: Any, tmp_path: Path, downloaded: Path) -> None:
    list(worker.run(job(toy, tmp_path / "a", weights="imagenet")))
    stopped_after(2, job(toy, tmp_path / "b", weights="imagenet"))
    downloaded.unlink()
    told = list(worker.run(ResumeJob(str(tmp_path / "b"))))
    assert "Going on at step 2." in notices(told)
    unbroken, resumed = latest(tmp_path / "a"), latest(tmp_path / "b")
    assert all(torch.equal(tensor, resumed[name]) for name, tensor in unbroken.items())


def test_a_run_that_was_killed_before_its_first_checkpoint_starts_from_them_again(
    toy: Any, tmp_path: Path, downloaded: Path
) -> None:
    stopped_after(1, job(toy, tmp_path / "a", weights="imagenet"))
    (tmp_path / "a" / CHECKPOINT).unlink()
    downloaded.unlink()
    with pytest.raises(InputError, match=f"torchvision:{SMALL}: .*cannot be had"):
        list(worker.run(ResumeJob(str(tmp_path / "a"))))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weights": "imagenet"}, rf"torchvision:{SMALL}: the weights .* cannot be had"),
        ({"weights": "imagenet", "model": ModelConfig()}, "weights imagenet: are for a backbone of torchvision"),
        ({"name": "resnet19"}, "has no network 'resnet19'"),
    ],
)
def test_what_cannot_be_built_is_refused_before_anything_is_written(
    changes: dict[str, Any], said: str, toy: Any, tmp_path: Path, torch_cache: Path
) -> None:
    with pytest.raises(InputError, match=said):
        list(worker.run(job(toy, tmp_path / "a", **changes)))
    assert not (tmp_path / "a").exists()


def test_a_run_starts_from_another_with_the_same_backbone(toy: Any, tmp_path: Path, torch_cache: Path) -> None:
    list(worker.run(job(toy, tmp_path / "a", steps=1)))
    list(worker.run(job(toy, tmp_path / "b", weights=str(tmp_path / "a"), steps=1, lr=1e-8, seed=1)))
    before, after = latest(tmp_path / "a"), latest(tmp_path / "b")
    first = "backbone.stages.0.0.0.weight"
    torch.testing.assert_close(after[first], before[first], atol=1e-6, rtol=0)
