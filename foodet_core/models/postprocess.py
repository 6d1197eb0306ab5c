"""From raw outputs to scored boxes: the one place where a set of detections is chosen."""

from __future__ import annotations

import torch
from torch import Tensor
from torchvision.ops import batched_nms

from ..losses.box_ops import to_xyxy
from .detector import Outputs

NMS_IOU = 0.7
CANDIDATES = 300
SECOND_CLASS = 0.25


def postprocess(outputs: Outputs, top: int = 100) -> tuple[Tensor, Tensor, Tensor]:
    """The best (query, class) pairs: scores (B, T), labels (B, T) int64, boxes (B, T, 4) cxcywh in 0..1, best first.

    The decoder's outputs are a set already. Without a decoder the dense head's boxes go through NMS; suppressed places
    then have score 0. A place is one object: what else it might be is kept, in its order, at SECOND_CLASS at the most, so that
    nobody sees one object named twice.
    """
    if "pred_logits_BQK" not in outputs:
        return _suppressed(outputs, top)
    return _best(outputs["pred_logits_BQK"].sigmoid(), outputs["pred_boxes_BQ4"], top)


def _best(scores_BQK: Tensor, boxes_BQ4: Tensor, top: int) -> tuple[Tensor, Tensor, Tensor]:
    classes = scores_BQK.shape[2]
    best = scores_BQK == scores_BQK.amax(-1, keepdim=True)
    flat = torch.where(best, scores_BQK, scores_BQK.clamp(max=SECOND_CLASS)).flatten(1)
    scores, index = flat.topk(min(top, flat.shape[1]), 1)
    query = torch.div(index, classes, rounding_mode="floor")
    return scores, index % classes, boxes_BQ4.gather(1, query[..., None].expand(-1, -1, 4))


def _suppressed(outputs: Outputs, top: int) -> tuple[Tensor, Tensor, Tensor]:
    dense = outputs["dense"]
    scores, labels, boxes = _best(dense.logits_BTK.sigmoid(), dense.boxes_BT4, CANDIDATES)
    kept = torch.zeros_like(scores)
    for image in range(len(scores)):
        keep = batched_nms(to_xyxy(boxes[image]).float(), scores[image].float(), labels[image], NMS_IOU)
        kept[image, keep] = scores[image, keep]
    order = kept.topk(min(top, kept.shape[1]), 1).indices
    return kept.gather(1, order), labels.gather(1, order), boxes.gather(1, order[..., None].expand(-1, -1, 4))
