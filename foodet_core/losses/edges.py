"""Box edges as discrete distributions over how far each edge moves from a reference box.

An edge's offset is a share of the reference box's width or height. The bins lie denser around 0, where the refinement of a
good proposal happens (Fine-grained Distribution Refinement of D-FINE, Peng et al. 2024). All-zero logits give the uniform
distribution, whose mean over the symmetric bins is 0: a zero-initialised layer leaves the box where it is, exactly.
For GRPO the same logits are a policy: one bin per edge is an action, with an exact log-probability.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .box_ops import to_cxcywh, to_xyxy

BINS = 17
REACH = 0.5
_POWER = 1.5
# Outwards is positive: a positive offset moves the left and top edges to smaller coordinates.
_OUTWARDS = (-1.0, -1.0, 1.0, 1.0)


def edge_bins(device: torch.device | str = "cpu") -> Tensor:
    """Offsets (R,) of the bins, symmetric around 0, in -REACH..REACH of the reference box's side."""
    even = torch.linspace(-1, 1, BINS, device=device)
    return REACH * even.sign() * even.abs() ** _POWER


def expected_boxes(edges_logits: Tensor, ref_boxes: Tensor) -> Tensor:
    """Boxes cxcywh (..., 4) at the mean of the edge distributions (..., 4, R) around `ref_boxes` cxcywh (..., 4)."""
    offsets = (edges_logits.softmax(-1) * edge_bins(edges_logits.device)).sum(-1)
    return move_edges(ref_boxes, offsets)


def chosen_boxes(bin_indices: Tensor, ref_boxes: Tensor) -> Tensor:
    """Boxes cxcywh (..., 4) with every edge at one chosen bin (..., 4) int64 of its distribution."""
    return move_edges(ref_boxes, edge_bins(ref_boxes.device)[bin_indices])


def move_edges(ref_boxes: Tensor, offsets: Tensor) -> Tensor:
    """Move the left, top, right, bottom edges outwards by `offsets` (..., 4), shares of the reference box's sides."""
    sides = ref_boxes[..., [2, 3, 2, 3]]
    signs = torch.tensor(_OUTWARDS, device=ref_boxes.device)
    return to_cxcywh(to_xyxy(ref_boxes) + signs * offsets * sides)


def edge_offsets(boxes: Tensor, ref_boxes: Tensor) -> Tensor:
    """The offsets (..., 4) that `move_edges` would need to turn `ref_boxes` into `boxes` (both cxcywh)."""
    sides = ref_boxes[..., [2, 3, 2, 3]].clamp(min=1e-6)
    signs = torch.tensor(_OUTWARDS, device=boxes.device)
    return signs * (to_xyxy(boxes) - to_xyxy(ref_boxes)) / sides
