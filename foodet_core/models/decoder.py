"""DETR decoder over the dense head's best proposals: set prediction without NMS.

It starts as the identity: every refinement ends in a zero-initialised layer, so before the first step its boxes are the
proposals and its scores are the proposals' scores, and training can only add to that — push duplicates down, sharpen edges,
rank. Cross-attention is deformable (Zhu et al., Deformable DETR, ICLR 2021) with few points on P3..P5.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..losses.box_ops import pairwise_iou, to_xyxy
from ..losses.edges import BINS, expected_boxes, move_edges


@dataclass(frozen=True)
class Queries:
    """What the decoder starts from: content_BQE, boxes_BQ4 cxcywh in 0..1 and logits_BQK; `mask_QQ` True = may not attend."""

    content_BQE: Tensor
    boxes_BQ4: Tensor
    logits_BQK: Tensor
    mask_QQ: Tensor | None = None


def sample_level(values: Tensor, points: Tensor) -> Tensor:
    """Bilinear samples (N, C, Q, P) of values (N, C, H, W) at points (N, Q, P, 2) given in 0..1 as (x, y); 0 outside."""
    return functional.grid_sample(values, points * 2 - 1, padding_mode="zeros", align_corners=False)


class DeformableAttention(nn.Module):
    """Every query looks at `points` learned places per head and level around its box. -> (B, Q, E)."""

    def __init__(self, width: int, heads: int, levels: int, points: int) -> None:
        super().__init__()
        self.heads, self.levels, self.points = heads, levels, points
        self.offsets = nn.Linear(width, heads * levels * points * 2)
        self.weights = nn.Linear(width, heads * levels * points)
        self.out = nn.Linear(width, width)
        self._spread_points()

    def _spread_points(self) -> None:
        """Heads look in different directions, their points ever further out (the initialisation of the paper)."""
        angles = torch.arange(self.heads) * (2 * math.pi / self.heads)
        directions = torch.stack([angles.cos(), angles.sin()], -1)
        directions = directions / directions.abs().amax(-1, keepdim=True)
        steps = torch.arange(1, self.points + 1) / self.points
        grid = directions[:, None, None] * steps[None, None, :, None]
        nn.init.zeros_(self.offsets.weight)
        nn.init.zeros_(self.weights.weight)
        nn.init.zeros_(self.weights.bias)
        with torch.no_grad():
            self.offsets.bias.copy_(grid.expand(self.heads, self.levels, self.points, 2).reshape(-1))

    def forward(self, queries: Tensor, boxes: Tensor, values: Sequence[Tensor]) -> Tensor:
        """queries (B, Q, E), boxes (B, Q, 4) cxcywh, values: per level (B, E, H, W)."""
        batch, count, width = queries.shape
        shape = (batch, count, self.heads, self.levels, self.points)
        weights = self.weights(queries).view(*shape[:3], -1).softmax(-1).view(shape)
        # An offset of 1 is half a side of the query's own box. Repeated, since to broadcast over two values is slow.
        centres, sides = (part.repeat(1, 1, self.offsets.out_features // 2) for part in boxes.split(2, -1))
        places = (centres + self.offsets(queries) * sides / 2).view(*shape, 2)
        total = queries.new_zeros(batch * self.heads, width // self.heads, count)
        for level, value in enumerate(values):
            value = value.reshape(batch * self.heads, width // self.heads, *value.shape[-2:])
            points = places[:, :, :, level].transpose(1, 2).reshape(batch * self.heads, count, self.points, 2)
            weight = weights[:, :, :, level].transpose(1, 2).reshape(batch * self.heads, 1, count, self.points)
            total = total + (sample_level(value, points) * weight).sum(-1)
        attended: Tensor = self.out(total.reshape(batch, width, count).transpose(1, 2))
        return attended


class DecoderLayer(nn.Module):
    """Self-attention, deformable cross-attention, feed-forward; norms after each, as in DETR."""

    def __init__(self, width: int, heads: int, hidden: int, levels: int, points: int) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.cross = DeformableAttention(width, heads, levels, points)
        self.feed = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(inplace=True), nn.Linear(hidden, width))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))

    def forward(self, x: Tensor, position: Tensor, boxes: Tensor, values: Sequence[Tensor], mask: Tensor | None) -> Tensor:
        at = x + position
        x = self.norms[0](x + self.attention(at, at, x, attn_mask=mask, need_weights=False)[0])
        x = self.norms[1](x + self.cross(x + position, boxes, values))
        out: Tensor = self.norms[2](x + self.feed(x))
        return out


@torch.no_grad()
def rivals(scores_BQK: Tensor, boxes_BQ4: Tensor, mask_QQ: Tensor | None) -> Tensor:
    """How much of each query's place another query takes with a higher score: (B, Q, 2) in 0..1.

    The largest IoU with a better-scored query, first times the cosine of the two queries' class scores (it says the same),
    then as it is (whatever it says); `mask_QQ` is True where a query may not see another. Attention has to tell which of two
    near-equal queries is the better one before it can push the other down; this says so outright. It suppresses nothing
    itself: what to make of it is learnt.
    """
    corners = to_xyxy(boxes_BQ4)
    direction = functional.normalize(scores_BQK, dim=-1)
    best = scores_BQK.amax(-1)
    better = best.unsqueeze(-2) > best.unsqueeze(-1)
    if mask_QQ is not None:
        better = better & ~mask_QQ
    overlap = pairwise_iou(corners, corners) * better
    alike = overlap * (direction @ direction.transpose(1, 2))
    return torch.stack([alike.amax(-1), overlap.amax(-1)], -1)


class Refinement(nn.Module):
    """From a query's content to what it changes: class logits added, edges moved. Zero-initialised: no change at first."""

    def __init__(self, width: int, num_classes: int, distribution_edges: bool) -> None:
        super().__init__()
        self.score = nn.Linear(width, num_classes)
        self.edges = nn.Sequential(
            nn.Linear(width, width), nn.ReLU(inplace=True), nn.Linear(width, 4 * BINS if distribution_edges else 4)
        )
        for last in (self.score, self.edges[-1]):
            nn.init.zeros_(last.weight)  # type: ignore[arg-type]
            nn.init.zeros_(last.bias)  # type: ignore[arg-type]
        self.distribution_edges = distribution_edges

    def forward(self, x: Tensor, logits: Tensor, boxes: Tensor) -> dict[str, Tensor]:
        out = {"pred_logits_BQK": logits + self.score(x), "ref_boxes_BQ4": boxes}
        edges = self.edges(x)
        if self.distribution_edges:
            out["pred_edges_BQ4R"] = edges.unflatten(-1, (4, BINS))
            out["pred_boxes_BQ4"] = expected_boxes(out["pred_edges_BQ4R"], boxes)
        else:
            out["pred_boxes_BQ4"] = move_edges(boxes, edges.tanh())
        return out


class Decoder(nn.Module):
    """`Queries` and P3..P5 maps -> one outputs dict per layer, the last one last.

    Each layer refines the boxes of the layer before, detached: a layer answers for its own step alone. A query knows its own
    scores, and how far a better one rivals it.
    """

    def __init__(
        self,
        num_classes: int,
        channels: int,
        width: int,
        layers: int,
        heads: int,
        hidden: int,
        levels: int,
        points: int,
        distribution_edges: bool,
    ) -> None:
        super().__init__()
        self.value = nn.ModuleList(nn.Conv2d(channels, width, 1) for _ in range(levels))
        self.content = nn.Sequential(nn.Linear(channels, width), nn.LayerNorm(width))
        self.scores = nn.Linear(3 * num_classes, width)
        self.position = nn.Sequential(nn.Linear(4, width), nn.ReLU(inplace=True), nn.Linear(width, width))
        self.layers = nn.ModuleList(DecoderLayer(width, heads, hidden, levels, points) for _ in range(layers))
        self.refine = nn.ModuleList(Refinement(width, num_classes, distribution_edges) for _ in range(layers))

    def forward(self, queries: Queries, maps: Sequence[Tensor]) -> list[dict[str, Tensor]]:
        values = [value(x) for value, x in zip(self.value, maps, strict=True)]
        x, boxes, logits = self.content(queries.content_BQE), queries.boxes_BQ4, queries.logits_BQK
        outputs = []
        for layer, refine in zip(self.layers, self.refine, strict=True):
            scores = logits.detach().sigmoid()
            rivalled = scores.unsqueeze(-2) * rivals(scores, boxes, queries.mask_QQ).unsqueeze(-1)
            x = x + self.scores(torch.cat([scores, rivalled.flatten(-2)], -1))
            x = layer(x, self.position(boxes), boxes, values, queries.mask_QQ)
            outputs.append(refine(x, logits, boxes))
            boxes = outputs[-1]["pred_boxes_BQ4"].detach()
            logits = outputs[-1]["pred_logits_BQK"]
        return outputs
