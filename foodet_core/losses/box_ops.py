"""Box arithmetic on torch tensors, differentiable; the last axis is the box. Boxes are cxcywh in 0..1 unless named xyxy.

The numpy counterpart is `foodet_core.boxes`; the tests hold the two against each other.
"""

from __future__ import annotations

import torch
from torch import Tensor

EPSILON = 1e-7


def to_xyxy(boxes_cxcywh: Tensor) -> Tensor:
    """cxcywh (..., 4) to xyxy in the same unit."""
    centre, size = boxes_cxcywh[..., :2], boxes_cxcywh[..., 2:]
    return torch.cat([centre - size / 2, centre + size / 2], -1)


def to_cxcywh(boxes_xyxy: Tensor) -> Tensor:
    """xyxy (..., 4) to cxcywh in the same unit."""
    low, high = boxes_xyxy[..., :2], boxes_xyxy[..., 2:]
    return torch.cat([(low + high) / 2, high - low], -1)


def area(boxes_xyxy: Tensor) -> Tensor:
    """Area (...,); an inverted box has area 0."""
    sides = (boxes_xyxy[..., 2:] - boxes_xyxy[..., :2]).clamp(min=0)
    return sides[..., 0] * sides[..., 1]


def paired_iou(a_xyxy: Tensor, b_xyxy: Tensor) -> Tensor:
    """IoU (...,) of boxes that stand at the same place in both tensors; broadcasting gives pairwise IoU."""
    inter, union = _overlap(a_xyxy, b_xyxy)
    return inter / union.clamp(min=EPSILON)


def pairwise_iou(a_xyxy: Tensor, b_xyxy: Tensor) -> Tensor:
    """IoU (..., A, B) of boxes (..., A, 4) and (..., B, 4)."""
    return paired_iou(a_xyxy.unsqueeze(-2), b_xyxy.unsqueeze(-3))


def paired_giou(a_xyxy: Tensor, b_xyxy: Tensor) -> Tensor:
    """Generalised IoU (...,) in -1..1: IoU minus the share of the hull that neither box covers (Rezatofighi et al. 2019)."""
    inter, union = _overlap(a_xyxy, b_xyxy)
    low = torch.minimum(a_xyxy[..., :2], b_xyxy[..., :2])
    high = torch.maximum(a_xyxy[..., 2:], b_xyxy[..., 2:])
    hull = area(torch.cat([low, high], -1)).clamp(min=EPSILON)
    return inter / union.clamp(min=EPSILON) - (hull - union) / hull


def _overlap(a_xyxy: Tensor, b_xyxy: Tensor) -> tuple[Tensor, Tensor]:
    """Intersection and union. A coordinate at a time: with the four last, the innermost loop of a pairwise one is two long."""
    left_a, top_a, right_a, bottom_a = a_xyxy.unbind(-1)
    left_b, top_b, right_b, bottom_b = b_xyxy.unbind(-1)
    width = (torch.minimum(right_a, right_b) - torch.maximum(left_a, left_b)).clamp(min=0)
    height = (torch.minimum(bottom_a, bottom_b) - torch.maximum(top_a, top_b)).clamp(min=0)
    inter = width * height
    return inter, area(a_xyxy) + area(b_xyxy) - inter
