"""Task-aligned one-to-many assignment for the dense head (Feng et al., TOOD, ICCV 2021).

A cell is a candidate for a box whose inside holds the cell's centre; the TOP cells by score^ALPHA · IoU^BETA become its
positives. The classification target is the alignment, scaled so that a box's best cell gets the box's best IoU.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from .box_ops import pairwise_iou, to_xyxy

TOP = 10
ALPHA, BETA = 0.5, 6.0


@dataclass(frozen=True)
class Assignment:
    """positive_BT: bool; and of each positive cell labels_BT, its class, scores_BT, the soft target in 0..1 of that class, and
    boxes_BT4, its box cxcywh. Of all other cells the soft target is 0."""

    positive_BT: Tensor
    labels_BT: Tensor
    scores_BT: Tensor
    boxes_BT4: Tensor


@dataclass(frozen=True)
class PaddedTargets:
    """Targets of a batch as rectangles: labels_BN, boxes_BN4 cxcywh, valid_BN bool, exhaustive_BK bool."""

    labels_BN: Tensor
    boxes_BN4: Tensor
    valid_BN: Tensor
    exhaustive_BK: Tensor

    @classmethod
    def of(cls, targets: list[dict[str, Tensor]]) -> PaddedTargets:
        """Pad the images of a batch to the largest number of boxes."""
        labels = pad_sequence([t["labels_N"] for t in targets], batch_first=True)
        boxes = pad_sequence([t["boxes_cxcywh_N4"] for t in targets], batch_first=True)
        counts = torch.tensor([len(t["labels_N"]) for t in targets], device=labels.device)
        valid = torch.arange(labels.shape[1], device=labels.device) < counts[:, None]
        return cls(labels, boxes, valid, torch.stack([t["exhaustive_K"] for t in targets]))


@torch.no_grad()
def assign(logits_BTK: Tensor, boxes_BT4: Tensor, centres_T2: Tensor, targets: PaddedTargets) -> Assignment:
    """Soft class targets and boxes for every cell, from the dense head's present scores and boxes (B, T, ·)."""
    batch, cells, _ = logits_BTK.shape
    count = targets.labels_BN.shape[1]
    if count == 0:
        none = torch.zeros(batch, cells, dtype=torch.bool, device=logits_BTK.device)
        return Assignment(none, none.long(), none.float(), torch.zeros_like(boxes_BT4))
    true = to_xyxy(targets.boxes_BN4)
    iou_BNT = pairwise_iou(true, to_xyxy(boxes_BT4).float())
    theirs_BNT = logits_BTK.transpose(1, 2).gather(1, targets.labels_BN[..., None].expand(-1, -1, cells))
    score_BNT = theirs_BNT.float().sigmoid()
    aligned = score_BNT**ALPHA * iou_BNT**BETA * _inside(centres_T2, true) * targets.valid_BN[..., None]
    positive_BNT = _top(aligned)
    # A cell that several boxes claim goes to the one it overlaps most.
    claims = iou_BNT.masked_fill(~positive_BNT, -1)
    owner = claims.argmax(1)
    positive_BNT &= torch.zeros_like(positive_BNT).scatter_(1, owner[:, None], True)
    aligned = aligned * positive_BNT
    best_iou = (iou_BNT * positive_BNT).amax(2, keepdim=True)
    strength = (aligned / aligned.amax(2, keepdim=True).clamp(min=1e-9) * best_iou).amax(1)
    boxes_BT4 = targets.boxes_BN4.gather(1, owner[..., None].expand(-1, -1, 4))
    return Assignment(positive_BNT.any(1), targets.labels_BN.gather(1, owner), strength, boxes_BT4)


def _inside(centres_T2: Tensor, boxes_xyxy: Tensor) -> Tensor:
    low, high = boxes_xyxy[..., None, :2], boxes_xyxy[..., None, 2:]
    return ((centres_T2 > low) & (centres_T2 < high)).all(-1)


def _top(aligned_BNT: Tensor) -> Tensor:
    best = aligned_BNT.topk(min(TOP, aligned_BNT.shape[2]), 2)
    mask = torch.zeros_like(aligned_BNT, dtype=torch.bool).scatter_(2, best.indices, True)
    return mask & (aligned_BNT > 0)
