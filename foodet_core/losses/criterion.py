"""The supervised loss: L = sum over layers of lambda_cls L_cls + lambda_box (L1 + GIoU), beside the dense head's own.

Classification is matchability-aware (MAL; Huang et al., DEIM, CVPR 2025): the target of a matched query is IoU^1.5, so the
score learns to rank by box quality. A class that an image does not label exhaustively gives no negatives there, except where
a labelled box says what is there: that is then nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from .assigner import Assignment, PaddedTargets, assign
from .box_ops import paired_giou, paired_iou, to_xyxy
from .edges import edge_bins, edge_offsets
from .matcher import Match, Matcher

Targets = list[dict[str, Tensor]]
Normaliser = Callable[[Tensor], Tensor]
"""What a batch's sums are divided by, from its number of boxes or its sum of soft targets."""
_MAL_GAMMA = 1.5
# The task-aligned loss of the dense head, in the proportions of its paper's successors: scores, boxes, edge distributions.
_DENSE_SCORE, _DENSE_BOX, _DENSE_EDGE = 0.5, 7.5, 1.5


@dataclass(frozen=True)
class Weights:
    """Weights of the loss terms; `dense` scales the dense head's sum against the decoder's."""

    score: float = 1.0
    l1: float = 5.0
    giou: float = 2.0
    edge: float = 0.5
    dense: float = 1.0


def at_least_one(amount: Tensor) -> Tensor:
    """The amount of this batch alone."""
    return amount.clamp(min=1)


@dataclass(frozen=True)
class Criterion:
    """outputs and targets -> total loss and its parts by name (detached)."""

    weights: Weights = field(default_factory=Weights)
    matcher: Matcher = field(default_factory=Matcher)
    normaliser: Normaliser = at_least_one

    def __call__(
        self, outputs: Mapping[str, Any], targets: Targets, noised: Targets | None = None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """`noised`: the denoising queries' boxes as `noised_targets` made them, with `source_N`."""
        padded = PaddedTargets.of(targets)
        dense = dense_loss(outputs["dense"], padded, self.normaliser)
        parts = {f"dense_{name}": value * self.weights.dense for name, value in dense.items()}
        if "pred_logits_BQK" in outputs:
            layers = [*outputs["aux_outputs"], {k: v for k, v in outputs.items() if k.endswith(("K", "4", "R"))}]
            _add(parts, "", self._decoder_loss(layers, outputs["query_groups"], targets, padded))
        if noised is not None:
            matches = [_known_match(n["source_N"]) for n in noised]
            layers = outputs["denoising"]
            _add(parts, "denoising_", _mean([self._layer_loss(o, matches, targets, padded) for o in layers]))
        total = torch.stack(list(parts.values())).sum()
        return total, {name: value.detach() for name, value in parts.items()}

    def _decoder_loss(
        self, layers: list[dict[str, Tensor]], groups: int, targets: Targets, padded: PaddedTargets
    ) -> dict[str, Tensor]:
        split = [group for layer in layers for group in _split(layer, groups)]
        logits = torch.stack([o["pred_logits_BQK"] for o in split])
        boxes = torch.stack([o["pred_boxes_BQ4"] for o in split])
        matches = self.matcher.match_layers(logits, boxes, targets)
        losses = [self._layer_loss(o, m, targets, padded) for o, m in zip(split, matches, strict=True)]
        # Layers add up, groups are alternatives of one another.
        return {name: value * len(layers) for name, value in _mean(losses).items()}

    def _layer_loss(
        self, outputs: Mapping[str, Tensor], matches: list[Match], targets: Targets, padded: PaddedTargets
    ) -> dict[str, Tensor]:
        """Weighted terms of one set of queries against its matches."""
        image = torch.cat([torch.full_like(q, i) for i, (q, _) in enumerate(matches)])
        query = torch.cat([q for q, _ in matches])
        labels = torch.cat([t["labels_N"][n] for t, (_, n) in zip(targets, matches, strict=True)])
        true = torch.cat([t["boxes_cxcywh_N4"][n] for t, (_, n) in zip(targets, matches, strict=True)])
        boxes = outputs["pred_boxes_BQ4"][image, query]
        iou = paired_iou(to_xyxy(boxes), to_xyxy(true)).detach()
        logits = outputs["pred_logits_BQK"]
        count = self.normaliser(logits.new_tensor(float(len(query))))
        quality = torch.zeros_like(logits).index_put((image, query, labels), iou.to(logits.dtype))
        w = self.weights
        parts = {
            "score": w.score * matchability_loss(logits, quality, padded.exhaustive_BK) / count,
            "l1": w.l1 * functional.l1_loss(boxes, true, reduction="sum") / count,
            "giou": w.giou * (1 - paired_giou(to_xyxy(boxes), to_xyxy(true))).sum() / count,
        }
        if "pred_edges_BQ4R" in outputs:
            reference = outputs["ref_boxes_BQ4"][image, query]
            edges = distribution_loss(outputs["pred_edges_BQ4R"][image, query], edge_offsets(true, reference))
            parts["edge"] = w.edge * (edges.mean(-1) * iou).sum() / count
        return parts


def matchability_loss(logits_BQK: Tensor, quality_BQK: Tensor, exhaustive_BK: Tensor) -> Tensor:
    """MAL summed over all queries: -q^g log p - (1 - q^g) log(1 - p) where q > 0, else -p^g log(1 - p), g = 1.5.

    `quality_BQK` is the IoU of a matched query at its target's class and 0 elsewhere. Negatives of classes that an image does
    not label exhaustively count only for the matched queries.
    """
    target = quality_BQK**_MAL_GAMMA
    positive = quality_BQK > 0
    weight = torch.where(positive, 1.0, logits_BQK.detach().sigmoid() ** _MAL_GAMMA)
    # What is labelled is of one class; elsewhere only some are looked for.
    weight = weight * (exhaustive_BK[:, None] | positive.any(-1, keepdim=True))
    return functional.binary_cross_entropy_with_logits(logits_BQK, target, weight, reduction="sum")


def distribution_loss(edges_logits: Tensor, offsets: Tensor) -> Tensor:
    """Cross-entropy (..., 4) of edge distributions (..., 4, R) with the two bins around the true offset (..., 4).

    The target's mass is shared between its two neighbours in proportion to nearness, so that the mean of the target is the
    true offset (Generalized Focal Loss, eq. 6, on uneven bins). Offsets beyond the last bin count as the last bin.
    """
    bins = edge_bins(offsets.device)
    offsets = offsets.detach().clamp(bins[0], bins[-1])
    right = torch.searchsorted(bins, offsets.contiguous()).clamp(1, len(bins) - 1)
    share = (offsets - bins[right - 1]) / (bins[right] - bins[right - 1])
    log_p = edges_logits.log_softmax(-1)
    left_term = log_p.gather(-1, (right - 1)[..., None]).squeeze(-1) * (1 - share)
    return -(left_term + log_p.gather(-1, right[..., None]).squeeze(-1) * share)


def dense_loss(dense: Any, targets: PaddedTargets, normaliser: Normaliser = at_least_one) -> dict[str, Tensor]:
    """Score, box and edge terms of the one-to-many head, normalised by the sum of soft targets."""
    assigned = assign(dense.logits_BTK, dense.boxes_BT4, dense.centres_T2, targets)
    norm = normaliser(assigned.scores_BT.sum())
    score = _dense_scores(dense.logits_BTK, assigned, targets.exhaustive_BK)
    box, edge = _dense_boxes(dense, assigned)
    return {"score": _DENSE_SCORE * score / norm, "giou": _DENSE_BOX * box / norm, "edge": _DENSE_EDGE * edge / norm}


def _dense_scores(logits_BTK: Tensor, assigned: Assignment, exhaustive_BK: Tensor) -> Tensor:
    """Binary cross-entropy with the soft targets, summed over the classes of which it is known whether they are in a cell.

    With a logit x and a target t that is softplus(x) - t x. Where there are many classes most of a loss's work is here: no more
    than the first term is made of all cells and classes.
    """
    image, cell = assigned.positive_BT.nonzero(as_tuple=True)
    positive_PK = logits_BTK[image, cell].float()
    looked_for = (functional.softplus(logits_BTK.float()).sum(1) * exhaustive_BK).sum()
    others = (functional.softplus(positive_PK) * ~exhaustive_BK[image]).sum()  # what is labelled is of one class
    theirs = positive_PK.gather(1, assigned.labels_BT[image, cell][:, None]).squeeze(1)
    return looked_for + others - (theirs * assigned.scores_BT[image, cell]).sum()


def _dense_boxes(dense: Any, assigned: Assignment) -> tuple[Tensor, Tensor]:
    """GIoU and distance-distribution terms of the positive cells, weighted by their soft class target."""
    image, cell = assigned.positive_BT.nonzero(as_tuple=True)
    weight = assigned.scores_BT[image, cell]
    true = to_xyxy(assigned.boxes_BT4[image, cell])
    giou = paired_giou(to_xyxy(dense.boxes_BT4[image, cell]), true)
    centres, strides = dense.centres_T2[cell], dense.strides_T2[cell]
    distances = torch.cat([centres - true[:, :2], true[:, 2:] - centres], -1) / strides.repeat(1, 2)
    logits = dense.distances_BT4D[image, cell]
    last = logits.shape[-1] - 1
    distances = distances.clamp(0, last - 0.01)
    left = distances.long()
    share = distances - left
    log_p = logits.log_softmax(-1)
    near = (
        log_p.gather(-1, left[..., None]).squeeze(-1) * (1 - share) + log_p.gather(-1, left[..., None] + 1).squeeze(-1) * share
    )
    return ((1 - giou) * weight).sum(), (-near.mean(-1) * weight).sum()


def _known_match(source_N: Tensor) -> Match:
    query = (source_N >= 0).nonzero().squeeze(1)
    return query, source_N[query]


def _split(layer: Mapping[str, Tensor], groups: int) -> list[dict[str, Tensor]]:
    chunks = {name: value.chunk(groups, 1) for name, value in layer.items()}
    return [{name: parts[g] for name, parts in chunks.items()} for g in range(groups)]


def _mean(losses: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    return {name: torch.stack([part[name] for part in losses]).mean() for name in losses[0]}


def _add(parts: dict[str, Tensor], prefix: str, more: Mapping[str, Tensor]) -> None:
    parts.update({prefix + name: value for name, value in more.items()})
