"""Backbones of torchvision: its classification networks, cut into a stage for each stride.

Only families whose forward pass is a plain chain of modules up to the pooling are offered: such a chain needs no tracing, so a
stage is copied, switched between training and evaluation, and exported like any module. Weights are fetched only when asked
for, and a file that holds anything but tensors is refused.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torchvision import models

from ..config import IMAGENET, PUBLIC
from ..errors import InputError

FAMILIES = (
    "convnext_*",
    "efficientnet_*",
    "mnasnet*",
    "mobilenet_*",
    "regnet_*",
    "resnet*",
    "resnext*",
    "shufflenet_*",
    "wide_resnet*",
)
# Its only ImageNet weights are SWAG's, under a licence of their own.
_LEFT_OUT = ("regnet_y_128gf",)
_STRIDES = (4, 8, 16, 32)
_HEADS = (nn.AdaptiveAvgPool2d, nn.Dropout, nn.Linear)
_PROBE = 64


class PublicBackbone(nn.Module):
    """Images (B, 3, H, W) in 0..1 -> the last feature maps at strides 4, 8, 16, 32, with `widths` channels.

    `network` classifies: its modules, in their order, make these maps one after another, before a pooling and a classifier
    that are cut off. `mean` and `std` of its channels are those of the images, in 0..1, that it was trained on.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(3, 1, 1), persistent=False)
        stages, self.widths = _cut(network)
        self.stages = nn.ModuleList(stages)

    def forward(self, images: Tensor) -> list[Tensor]:
        x = (images - self.mean) / self.std
        levels = []
        for stage in self.stages:
            x = stage(x)
            levels.append(x)
        return levels


def public_names() -> list[str]:
    """The networks of torchvision that can be a backbone."""
    names: list[str] = models.list_models(models, include=FAMILIES, exclude=_LEFT_OUT)
    return names


def public_backbone(name: str, state: dict[str, Tensor] | None = None) -> PublicBackbone:
    """The network of torchvision of that name as a backbone: with the state dict of its whole network, or freshly initialised.

    Raises InputError, listing the names that work, for another one.
    """
    if name not in public_names():
        problem = f"torchvision has no network '{name}' that can be a backbone"
        raise InputError("setting backbone", problem, f"After {PUBLIC} put one of: {', '.join(public_names())}.")
    network = models.get_model(name)
    if state is not None:
        network.load_state_dict(state)
    seen = _weights(name).transforms()
    return PublicBackbone(network, seen.mean, seen.std)


def start_from_imagenet(backbone: nn.Module, kind: str) -> str:
    """Give the backbone named `kind` torchvision's weights for it, downloaded unless they lie in torch's cache.

    Returns the name of these weights. Raises InputError where the backbone is not torchvision's or they cannot be had.
    """
    if not kind.startswith(PUBLIC):
        remedy = f"Set backbone={PUBLIC}NAME too, or start from other weights."
        raise InputError(f"weights {IMAGENET}", f"are for a backbone of torchvision, not for '{kind}'", remedy)
    name = kind.removeprefix(PUBLIC)
    weights = _weights(name)
    try:
        # What torch says of a download would stand between the events of a run.
        with contextlib.redirect_stdout(io.StringIO()):
            state = weights.get_state_dict(progress=False, check_hash=True, weights_only=True)
        given = public_backbone(name, state).state_dict()
    except Exception as error:  # whatever a network, a disk and a file have to offer
        cache, file = Path(torch.hub.get_dir()) / "checkpoints", weights.url.rsplit("/", 1)[-1]
        problem = f"the weights {weights} cannot be had ({error})"
        raise InputError(kind, problem, f"Go online, put a good {file} into {cache}, or start from other weights.") from error
    backbone.load_state_dict(given)
    return str(weights)


def _weights(name: str) -> Any:
    """What torchvision says of the weights of a network; nothing is downloaded."""
    return models.get_model_weights(name).DEFAULT


def _cut(network: nn.Module) -> tuple[list[nn.Sequential], tuple[int, ...]]:
    """The modules before the pooling as one stage for each stride, and the channels that these end with."""
    stages: list[list[nn.Module]] = [[] for _ in _STRIDES]
    widths = [0 for _ in _STRIDES]
    x = torch.zeros(1, 3, _PROBE, _PROBE)
    network.eval()
    with torch.no_grad():
        for module in takewhile(lambda module: not isinstance(module, _HEADS), _chain(network)):
            x = module(x)
            level = _STRIDES.index(max(_PROBE // x.shape[-1], _STRIDES[0]))
            stages[level].append(module)
            widths[level] = x.shape[1]
    network.train()
    return [nn.Sequential(*stage) for stage in stages], tuple(widths)


def _chain(network: nn.Module) -> Iterator[nn.Module]:
    for module in network.children():
        if type(module) is nn.Sequential:
            yield from _chain(module)
        else:
            yield module
