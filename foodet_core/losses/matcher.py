"""Hungarian matching of predicted queries to targets, the heart of DETR (Carion et al., ECCV 2020)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from .box_ops import paired_giou, to_xyxy

Match = tuple[Tensor, Tensor]
_ALPHA, _GAMMA = 0.25, 2.0


@dataclass(frozen=True)
class Matcher:
    """Finds, per image, the one-to-one assignment of least total cost.

    cost = class · focal(p of the target's class) + l1 · |box - box*|_1 - giou · GIoU(box, box*), boxes cxcywh in 0..1.
    """

    cost_class: float = 2.0
    cost_l1: float = 5.0
    cost_giou: float = 2.0

    @torch.no_grad()
    def cost(self, logits: Tensor, boxes: Tensor, labels: Tensor, target_boxes: Tensor) -> Tensor:
        """Cost (..., Q, N) of logits (..., Q, K) and boxes (..., Q, 4) against N targets."""
        p = logits[..., labels].float().sigmoid()
        positive = _ALPHA * (1 - p) ** _GAMMA * -(p + 1e-8).log()
        negative = (1 - _ALPHA) * p**_GAMMA * -(1 - p + 1e-8).log()
        l1 = (boxes.unsqueeze(-2) - target_boxes).abs().sum(-1)
        giou = paired_giou(to_xyxy(boxes).unsqueeze(-2), to_xyxy(target_boxes))
        return self.cost_class * (positive - negative) + self.cost_l1 * l1 - self.cost_giou * giou

    def __call__(self, logits_BQK: Tensor, boxes_BQ4: Tensor, targets: Sequence[dict[str, Tensor]]) -> list[Match]:
        """Per image (query indices, target indices), both (min(Q, N),) int64; every target gets a query while there are any."""
        return self.match_layers(logits_BQK[None], boxes_BQ4[None], targets)[0]

    def match_layers(self, logits_LBQK: Tensor, boxes_LBQ4: Tensor, targets: Sequence[dict[str, Tensor]]) -> list[list[Match]]:
        """The same for a stack of L independent predictions (decoder layers, query groups): one list per prediction.

        All costs of an image are computed at once and leave the device together.
        """
        per_image = []
        for i, target in enumerate(targets):
            boxes = target["boxes_cxcywh_N4"]
            cost = self.cost(logits_LBQK[:, i], boxes_LBQ4[:, i], target["labels_N"], boxes).cpu().numpy()
            per_image.append([linear_sum_assignment(c) for c in cost])
        return [[_on(image[layer], logits_LBQK.device) for image in per_image] for layer in range(len(logits_LBQK))]


def _on(match: Sequence[object], device: torch.device) -> Match:
    query, target = (torch.as_tensor(indices, dtype=torch.int64, device=device) for indices in match)
    return query, target
