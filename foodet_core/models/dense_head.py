"""Dense head: every cell of P3..P5 proposes a box and scores its class.

It is trained one-to-many, which is what makes the detector learn from a few hundred photos at all, and its best cells become
the decoder's queries. Distances to the four edges are distributions over 0..REACH strides (Li et al., Generalized Focal
Loss, NeurIPS 2020); the proposal is their mean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from .ghost import ConvNorm, GhostConv

STRIDES = (8, 16, 32)
DISTANCES = 16
PRIOR = 0.01


@dataclass(frozen=True)
class Dense:
    """Raw proposals of all T cells, P3 first.

    logits_BTK; distances_BT4D, logits over D distances in strides; centres_T2 in 0..1 (x, y); strides_T2, one stride in 0..1
    of width and height.
    """

    logits_BTK: Tensor
    distances_BT4D: Tensor
    centres_T2: Tensor
    strides_T2: Tensor

    @cached_property
    def boxes_BT4(self) -> Tensor:
        """What every cell proposes, cxcywh in 0..1. Training needs them all; with a decoder, predicting never asks."""
        return _mean_boxes(self.distances_BT4D, self.centres_T2, self.strides_T2)

    def boxes_at(self, cells_BQ: Tensor) -> Tensor:
        """What these cells propose: (B, Q, 4) as in `boxes_BT4`."""
        distances = cells_of(self.distances_BT4D.flatten(2), cells_BQ).unflatten(2, (4, DISTANCES))
        return _mean_boxes(distances, self.centres_T2[cells_BQ], self.strides_T2[cells_BQ])


def cells_of(values_BTC: Tensor, cells_BQ: Tensor) -> Tensor:
    """Values (B, Q, C) of some cells. They lie channels first in memory and are picked there: few of them are moved."""
    picked = values_BTC.transpose(1, 2).gather(2, cells_BQ.unsqueeze(1).expand(-1, values_BTC.shape[2], -1))
    return picked.transpose(1, 2)


class DenseHead(nn.Module):
    """P3..P5 maps (B, C, H_i, W_i) -> `Dense`. `hidden` is the width of the box tower."""

    def __init__(self, channels: int, hidden: int, num_classes: int) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.score = nn.ModuleList(self._tower(channels, channels, num_classes) for _ in STRIDES)
        self.edges = nn.ModuleList(self._tower(channels, hidden, 4 * DISTANCES) for _ in STRIDES)
        for tower in self.score:
            nn.init.constant_(tower[-1].bias, -math.log((1 - PRIOR) / PRIOR))  # type: ignore[index]
        for tower in self.edges:
            nn.init.constant_(tower[-1].bias, 1.0)  # type: ignore[index]

    @staticmethod
    def _tower(channels: int, hidden: int, out: int) -> nn.Sequential:
        return nn.Sequential(GhostConv(channels, hidden), ConvNorm(hidden, hidden, 1), nn.Conv2d(hidden, out, 1))

    def forward(self, maps: Sequence[Tensor]) -> Dense:
        logits = torch.cat([tower(x).flatten(2) for tower, x in zip(self.score, maps, strict=True)], 2)
        edges = torch.cat([tower(x).flatten(2) for tower, x in zip(self.edges, maps, strict=True)], 2)
        distances = edges.transpose(1, 2).unflatten(2, (4, DISTANCES))
        centres, strides = _grid(maps)
        return Dense(logits.transpose(1, 2), distances, centres, strides)


def _mean_boxes(distances: Tensor, centres: Tensor, strides: Tensor) -> Tensor:
    """Boxes cxcywh (..., 4) at the mean of the distributions (..., 4, D) around `centres` (..., 2)."""
    steps = torch.arange(DISTANCES, device=distances.device, dtype=distances.dtype)
    # A sum, not a product with a vector: ONNX Runtime takes a tenth of the whole network's time for that.
    ltrb = (distances.softmax(-1) * steps).sum(-1) * torch.cat([strides, strides], -1)
    low, high = centres - ltrb[..., :2], centres + ltrb[..., 2:]
    return torch.cat([(low + high) / 2, high - low], -1)


def _grid(maps: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Cell centres (T, 2) and cell sizes (T, 2) in 0..1 as (x, y), of all maps in order."""
    centres, strides = [], []
    for x in maps:
        height, width = x.shape[-2:]
        ys = (torch.arange(height, device=x.device, dtype=x.dtype) + 0.5) / height
        xs = (torch.arange(width, device=x.device, dtype=x.dtype) + 0.5) / width
        rows, columns = torch.meshgrid(ys, xs, indexing="ij")
        centres.append(torch.stack([columns, rows], -1).reshape(-1, 2))
        strides.append(torch.stack([torch.full_like(rows, 1 / width), torch.full_like(rows, 1 / height)], -1).reshape(-1, 2))
    return torch.cat(centres), torch.cat(strides)
