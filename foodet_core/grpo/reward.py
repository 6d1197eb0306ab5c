"""How good a sampled prediction is, with its breakdown: two rewards behind one value.

Both take the Hungarian match of queries to targets, made ONCE on the deterministic outputs: the members of a group share
their queries, so a second matching per member would only move credit around (our simplification against the text). A query
that emits no class has no box and earns no IoU. Letters: M group, B batch, Q query, K class, N targets, P matched pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..losses.box_ops import paired_iou, pairwise_iou, to_xyxy
from .policy import Rollouts

Target = Mapping[str, Tensor]
Matches = Sequence[tuple[Tensor, Tensor]]

FALSE_POSITIVE = 0.25
DUPLICATE = 0.5
_DUPLICATE_IOU = 0.5
_AP_THRESHOLDS = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


@dataclass(frozen=True)
class Rewards:
    """Reward of every group member: per_image_MB (M, B), and `parts` (M, B) each, which add up to it.

    seen_BQ (B, Q) bool marks the queries whose actions the reward depends on. per_query_MBQ (M, B, Q), where a reward has
    it, divides per_image_MB into each query's own credit, which no other query's action changes.
    """

    per_image_MB: Tensor
    parts: Mapping[str, Tensor]
    seen_BQ: Tensor
    per_query_MBQ: Tensor | None = None


def seed_reward(rollouts: Rollouts, targets: Sequence[Target], matches: Matches) -> Rewards:
    """`R_m = IoU + cls_acc`, in 0..2, both means over the matched pairs of an image; 0 where nothing is matched.

    The text writes IoU_3D: on a flat photo the depth extents coincide, so the ratio of volumes *is* the IoU. cls_acc is the
    share of matched queries whose action has the target's class on and all others off, as far as the image labels them
    exhaustively. False positives, duplicates and ranking do not count: see `set_reward`.
    """
    pairs = _pair(rollouts, targets, matches)
    iou = pairs.mean_per_image(pairs.iou_MP)
    right = pairs.mean_per_image(pairs.right_MP.float())
    return Rewards(iou + right, {"iou": iou, "class_right": right}, pairs.matched_BQ)


def set_reward(rollouts: Rollouts, targets: Sequence[Target], matches: Matches) -> Rewards:
    """An AP-like reward of the whole set, as each query's own credit divided by the image's number of targets (at least 1).

    Matched: the mean over t = .5:.05:.95 of [IoU ≥ t and class right]. Any class on that is not the query's target:
    − FALSE_POSITIVE, once per query; if the query is unmatched and lies (IoU ≥ .5) on a target of that class, which another
    query is matched to: − DUPLICATE instead. Classes that an image does not label exhaustively cost nothing there.
    """
    pairs = _pair(rollouts, targets, matches)
    found = torch.zeros(rollouts.boxes.shape[:-1], device=rollouts.boxes.device)
    thresholds = torch.tensor(_AP_THRESHOLDS, device=found.device)
    passed = (pairs.iou_MP.unsqueeze(-1) >= thresholds).float().mean(-1)
    found[:, pairs.image_P, pairs.query_P] = passed * pairs.right_MP

    wrong = _wrong_classes(rollouts, targets, pairs)
    duplicates = _duplicates(rollouts, targets, wrong) & ~pairs.matched_BQ
    false_positives = wrong.any(-1) & ~duplicates
    counts = torch.tensor([max(len(t["labels_N"]), 1) for t in targets], device=found.device).unsqueeze(-1)
    credits = {
        "found": found / counts,
        "false_positives": -FALSE_POSITIVE * false_positives / counts,
        "duplicates": -DUPLICATE * duplicates / counts,
    }
    per_query = torch.stack(list(credits.values())).sum(0)
    parts = {name: credit.sum(-1) for name, credit in credits.items()}
    return Rewards(per_query.sum(-1), parts, torch.ones_like(pairs.matched_BQ), per_query)


REWARDS: Mapping[str, Callable[[Rollouts, Sequence[Target], Matches], Rewards]] = {"seed": seed_reward, "set": set_reward}


@dataclass(frozen=True)
class _Pairs:
    """The matched pairs of all images in one row of P."""

    image_P: Tensor
    query_P: Tensor
    label_P: Tensor
    iou_MP: Tensor
    right_MP: Tensor
    matched_BQ: Tensor

    def mean_per_image(self, values_MP: Tensor) -> Tensor:
        images = len(self.matched_BQ)
        sums = values_MP.new_zeros(len(values_MP), images).index_add_(1, self.image_P, values_MP)
        return sums / torch.bincount(self.image_P, minlength=images).clamp(min=1)


def _pair(rollouts: Rollouts, targets: Sequence[Target], matches: Matches) -> _Pairs:
    device = rollouts.boxes.device
    image = torch.cat([torch.full_like(query, b) for b, (query, _) in enumerate(matches)]).to(device)
    query = torch.cat([query for query, _ in matches]).to(device)
    label = torch.cat([t["labels_N"][index.to(device)] for t, (_, index) in zip(targets, matches, strict=True)])
    boxes = torch.cat([t["boxes_cxcywh_N4"][index.to(device)] for t, (_, index) in zip(targets, matches, strict=True)])
    iou = paired_iou(to_xyxy(rollouts.boxes[:, image, query]), to_xyxy(boxes)) * rollouts.kept[:, image, query]
    classes = rollouts.classes[:, image, query]
    wanted = label.unsqueeze(-1) == torch.arange(classes.shape[-1], device=device)
    # A class that the image does not label exhaustively is neither right nor wrong there.
    unknown = ~torch.stack([t["exhaustive_K"] for t in targets])[image] & ~wanted
    matched = torch.zeros(rollouts.boxes.shape[1:3], dtype=torch.bool, device=device)
    matched[image, query] = True
    return _Pairs(image, query, label, iou, ((classes == wanted) | unknown).all(-1), matched)


def _wrong_classes(rollouts: Rollouts, targets: Sequence[Target], pairs: _Pairs) -> Tensor:
    """Classes (M, B, Q, K) that are on, are not the query's target, and whose absence from the labels is evidence."""
    exhaustive = torch.stack([t["exhaustive_K"] for t in targets]).unsqueeze(1)
    wrong = rollouts.classes & exhaustive
    wrong[:, pairs.image_P, pairs.query_P, pairs.label_P] = False
    return wrong


def _duplicates(rollouts: Rollouts, targets: Sequence[Target], wrong: Tensor) -> Tensor:
    """Queries (M, B, Q) that have a class wrongly on and lie on a target of that class."""
    found = []
    for b, target in enumerate(targets):
        iou = pairwise_iou(to_xyxy(rollouts.boxes[:, b]), to_xyxy(target["boxes_cxcywh_N4"]))
        found.append(((iou >= _DUPLICATE_IOU) & wrong[:, b][:, :, target["labels_N"]]).any(-1))
    return torch.stack(found, 1)
