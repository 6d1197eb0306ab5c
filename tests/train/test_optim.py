"""The learning rate over a run, the groups, and the running mean."""

import pytest
import torch

from foodet_core.config import ModelConfig, TrainConfig
from foodet_core.models.detector import build_detector
from foodet_core.train.optim import (
    NEW_CLASSES,
    Ema,
    build_optimizer,
    load_optimizer,
    lr_factor,
    optimizer_tensors,
    set_lr,
)


def test_the_rate_rises_by_steps_stays_and_falls_by_progress() -> None:
    assert lr_factor(0.0, 0, 99) == pytest.approx(0.01)
    assert lr_factor(0.3, 99, 99) == lr_factor(0.5, 500, 99) == pytest.approx(1.0)
    assert lr_factor(0.75, 500, 99) == pytest.approx(0.51)
    assert lr_factor(1.0, 500, 99) == pytest.approx(0.02)


@pytest.mark.parametrize("class_share", [1.0, NEW_CLASSES])
def test_norms_biases_and_gates_do_not_decay_and_classes_learn_as_fast_as_they_are_told(class_share: float) -> None:
    detector = build_detector(ModelConfig(), 2)
    optimizer = build_optimizer(detector.named_parameters(), TrainConfig(), 1e-3, class_share)
    by_id = {id(p): group for group in optimizer.param_groups for p in group["params"]}
    names = dict(detector.named_parameters())
    assert len(by_id) == len(names)
    shares = set()
    for name, parameter in names.items():
        group = by_id[id(parameter)]
        assert (group["weight_decay"] == 0) == (parameter.ndim <= 1 or "gate" in name), name
        share = class_share if parameter.shape[0] == 2 and ".score" in name else 1.0
        assert group["peak"] == pytest.approx(share * 1e-3), name
        shares.add(share)
    assert shares == {class_share, 1.0}


def test_the_rate_that_is_told_is_the_highest() -> None:
    detector = build_detector(ModelConfig(), 2)
    optimizer = build_optimizer(detector.named_parameters(), TrainConfig(), 1e-3, NEW_CLASSES)
    assert set_lr(optimizer, 0.5) == pytest.approx(1e-3)


def test_the_running_mean_follows_fast_at_first_and_slowly_later() -> None:
    detector = build_detector(ModelConfig(), 2)
    ema = Ema(detector, 0.99)
    name = "backbone.stem.0.conv.weight"
    name = name if name in detector.state_dict() else next(iter(detector.state_dict()))
    before = detector.state_dict()[name].clone()
    with torch.no_grad():
        detector.state_dict()[name].add_(1.0)
    ema.update(detector, 0)
    assert torch.allclose(ema.model.state_dict()[name], before + 0.9)
    late = Ema(detector, 0.99)
    with torch.no_grad():
        detector.state_dict()[name].add_(1.0)
    late.update(detector, 10_000)
    assert torch.allclose(late.model.state_dict()[name], before + 1.01)


def test_an_optimizer_survives_the_checkpoint() -> None:
    def fresh() -> tuple[torch.nn.Linear, torch.optim.AdamW]:
        torch.manual_seed(0)
        layer = torch.nn.Linear(3, 2)
        named = [("decoder.x.weight", layer.weight), ("decoder.x.bias", layer.bias)]
        return layer, build_optimizer(named, TrainConfig(), 0.1)

    def step(layer: torch.nn.Linear, optimizer: torch.optim.AdamW, seed: int) -> None:
        optimizer.zero_grad()
        layer(torch.full((1, 3), float(seed))).square().sum().backward()
        optimizer.step()

    layer, optimizer = fresh()
    step(layer, optimizer, 1)
    weights, tensors = {k: v.clone() for k, v in layer.state_dict().items()}, optimizer_tensors(optimizer)
    tensors = {name: value.clone() for name, value in tensors.items()}
    step(layer, optimizer, 2)
    again, other = fresh()
    again.load_state_dict(weights)
    load_optimizer(other, tensors)
    step(again, other, 2)
    assert torch.equal(layer.weight, again.weight)
