"""Noised boxes for denoising queries: the decoder learns to mend a box whose answer is known without matching.

After Li et al. (DN-DETR, CVPR 2022). A query here is a jittered true box with the features of the cell that would propose it,
just as it is at inference, so no label embedding is needed and nothing in training is unlike prediction.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from .box_ops import to_cxcywh, to_xyxy

NOISE = 0.4


def noised_targets(targets: Sequence[dict[str, Tensor]], queries: int) -> list[dict[str, Tensor]]:
    """For every image `queries` noised boxes, its true boxes repeated; all random draws from torch's global generator.

    Each dict has boxes_cxcywh_N4 (queries, 4), in 0..1, every edge moved by up to NOISE / 2 of the box's side, and source_N
    (queries,) int64, the index of the true box, or -1 where the image has none.
    """
    return [_noised(target["boxes_cxcywh_N4"], queries) for target in targets]


def _noised(boxes: Tensor, queries: int) -> dict[str, Tensor]:
    count = len(boxes)
    if count == 0:
        empty = boxes.new_tensor([0.5, 0.5, 0.1, 0.1]).expand(queries, 4)
        return {"boxes_cxcywh_N4": empty, "source_N": torch.full((queries,), -1, device=boxes.device)}
    # Where there are more boxes than queries, a random part of them is taken.
    source = torch.randperm(count, device=boxes.device).repeat(-(-queries // count))[:queries]
    true = boxes[source]
    moves = (torch.rand(queries, 4, device=boxes.device) - 0.5) * NOISE
    noised = to_xyxy(true) + moves * true[:, [2, 3, 2, 3]]
    return {"boxes_cxcywh_N4": to_cxcywh(noised.clamp(0, 1)), "source_N": source}
