"""What moves the weights: AdamW with groups, the learning rate over a run, and the running mean of the weights."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from ..config import TrainConfig
from ..models.weights import has_class_rows

_FLAT_UNTIL = 0.5
_LAST_LR = 0.02
NEW_CLASSES = 2.0
"""The share for rows of classes where these are all that is new: a training on few images is over soon."""


def build_optimizer(
    named: Iterable[tuple[str, nn.Parameter]], config: TrainConfig, lr: float, class_share: float = 1.0
) -> torch.optim.AdamW:
    """AdamW over the parameters given; norms, biases and gates do not decay. Rows of classes learn at their share of `lr`."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in named:
        decay = config.weight_decay if parameter.ndim > 1 and "gate" not in name else 0.0
        share = class_share if has_class_rows(name) else 1.0
        groups.setdefault((decay, share), []).append(parameter)
    rows: list[dict[str, Any]] = [
        {"params": params, "weight_decay": decay, "lr": lr * share, "peak": lr * share}
        for (decay, share), params in groups.items()
    ]
    return torch.optim.AdamW(rows, lr=lr, betas=(0.9, 0.999))


def lr_factor(progress: float, step: int, warmup: int) -> float:
    """Share of the peak rate: linear warm-up by steps, flat to the middle of the run, then a cosine down to 2 %."""
    rise = min(1.0, (step + 1) / (warmup + 1))
    fall = min(max((progress - _FLAT_UNTIL) / (1 - _FLAT_UNTIL), 0.0), 1.0)
    return rise * (_LAST_LR + (1 - _LAST_LR) * (1 + math.cos(math.pi * fall)) / 2)


def set_lr(optimizer: torch.optim.Optimizer, factor: float) -> float:
    """Set every group to `factor` times its peak; returns the highest rate."""
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * factor
    return max(float(group["lr"]) for group in optimizer.param_groups)


class Ema:
    """The running mean of a model's weights; this is what is measured, saved and used."""

    def __init__(self, model: nn.Module, ceiling: float) -> None:
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        self._ceiling = ceiling

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Take in the weights after optimisation step number `step` (from 0); early steps are forgotten faster."""
        decay = min(self._ceiling, (1 + step) / (10 + step))
        ours, theirs = self.model.state_dict(), model.state_dict()
        floats = [name for name, value in ours.items() if value.is_floating_point()]
        torch._foreach_lerp_([ours[name] for name in floats], [theirs[name] for name in floats], 1 - decay)
        for name in ours.keys() - set(floats):
            ours[name].copy_(theirs[name])


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The optimizer's moments and step counts by name, for a checkpoint."""
    state = optimizer.state_dict()["state"]
    return {f"{index}.{name}": value for index, values in state.items() for name, value in values.items()}


def load_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Put back what `optimizer_tensors` took; the groups are those that the code builds anew."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        index, name = key.split(".", 1)
        state.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
