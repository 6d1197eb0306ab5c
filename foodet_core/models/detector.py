"""The detector: backbone -> MoE-FPN -> dense head, whose best cells become the queries of the decoder.

In training the decoder also gets denoising queries (jittered true boxes whose answer is known without matching) and, if
asked, several independent groups of proposals; attention masks keep the groups apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ..config import ModelConfig
from .backbone import build_backbone
from .decoder import Decoder, Queries
from .dense_head import STRIDES, Dense, DenseHead, cells_of
from .fpn import MoEFPN
from .presets import PRESETS, Preset

Targets = list[dict[str, Tensor]]
Outputs = dict[str, Any]
DENOISING_QUERIES = 60


@dataclass(frozen=True)
class Features:
    """What the decoder works on: the pyramid's maps (P3..P5), the dense head's proposals, and the gates of the experts."""

    maps: list[Tensor]
    dense: Dense
    gates: list[Tensor]


class Detector(nn.Module):
    """images_BCHW float 0..1, sides multiples of 32 -> outputs.

    outputs: pred_logits_BQK, pred_boxes_BQ4 (cxcywh in 0..1), pred_edges_BQ4R and ref_boxes_BQ4 of the last layer (with
    `distribution_edges`), `dense` (a `Dense`), `gates` (list of (B, K) for P2..P5). In training also `aux_outputs`, the
    earlier layers' dicts, `denoising`, the same for the denoising queries together with `targets`, and `query_groups`.
    """

    def __init__(self, config: ModelConfig, preset: Preset, num_classes: int) -> None:
        super().__init__()
        self.config, self.preset, self.num_classes = config, preset, num_classes
        self.backbone = build_backbone(config.backbone, preset)
        self.fpn = MoEFPN(
            self.backbone.widths, preset.neck, preset.narrow, config.moe, config.experts, config.snake, preset.snake_taps
        )
        self.dense_head = DenseHead(preset.neck, preset.box_tower, num_classes)
        self.decoder = (
            Decoder(
                num_classes,
                preset.neck,
                preset.decoder_width,
                preset.decoder_layers,
                preset.decoder_heads,
                preset.decoder_hidden,
                len(STRIDES),
                preset.decoder_points,
                config.distribution_edges,
            )
            if config.decoder == "detr"
            else None
        )

    def set_gate_temperature(self, temperature: float) -> None:
        """Soften (above 1) the experts' gates; training goes from 4 to 1, inference is at 1."""
        for moe in self.fpn.moe:
            moe.temperature = temperature  # type: ignore[assignment]

    def forward(self, images_BCHW: Tensor, denoising: Targets | None = None) -> Outputs:
        """`denoising`: the noised boxes of each image as `noised_targets` makes them, or None."""
        return self.decode(self.encode(images_BCHW), denoising)

    def encode(self, images_BCHW: Tensor) -> Features:
        """Backbone, pyramid and dense head."""
        maps, gates = self.fpn(self.backbone(images_BCHW))
        return Features(maps, self.dense_head(maps), gates)

    def decode(self, features: Features, denoising: Targets | None = None) -> Outputs:
        """The rest of `forward`. Fine-tuning calls it again and again on features that do not change."""
        maps, dense = features.maps, features.dense
        outputs: Outputs = {"dense": dense, "gates": features.gates}
        if self.decoder is None:
            return outputs
        tokens = torch.cat([x.flatten(2) for x in maps], 2).transpose(1, 2)
        groups = self.config.query_groups if self.training else 1
        queries = self._proposals(dense, tokens, groups)
        count = queries.boxes_BQ4.shape[1]
        if denoising is not None:
            queries = _join(queries, _noised_queries(dense, tokens, denoising), groups)
        elif groups > 1:
            queries = _join(queries, None, groups)
        layers = self.decoder(queries, maps)
        main = [{name: value[:, :count] for name, value in layer.items()} for layer in layers]
        outputs.update(main[-1])
        outputs["aux_outputs"] = main[:-1]
        outputs["query_groups"] = groups
        if denoising is not None:
            outputs["denoising"] = [{name: value[:, count:] for name, value in layer.items()} for layer in layers]
        return outputs

    def _proposals(self, dense: Dense, tokens: Tensor, groups: int) -> Queries:
        """The cells with the best class score, dealt out to `groups` in turn; small images have fewer cells than queries."""
        scores = dense.logits_BTK.detach().transpose(1, 2).amax(1)  # as they lie in memory
        count = min(self.preset.queries, scores.shape[1] // groups)
        best = scores.topk(count * groups, 1).indices
        dealt = best.unflatten(1, (count, groups)).transpose(1, 2).flatten(1)
        return _queries_at(dense, tokens, dealt, None)


def _queries_at(dense: Dense, tokens: Tensor, cells_BQ: Tensor, boxes_BQ4: Tensor | None) -> Queries:
    """Queries that take content and score from cells; boxes too, unless given. Dense boxes and scores are detached."""
    boxes = dense.boxes_at(cells_BQ).detach() if boxes_BQ4 is None else boxes_BQ4
    return Queries(cells_of(tokens, cells_BQ), boxes, cells_of(dense.logits_BTK.detach(), cells_BQ))


def _noised_queries(dense: Dense, tokens: Tensor, noised: Targets) -> Queries:
    """Denoising queries: noised boxes (padded over the batch) with content and score of the cell that would propose them."""
    boxes = torch.stack([t["boxes_cxcywh_N4"] for t in noised])
    return _queries_at(dense, tokens, _proposing_cells(dense, boxes), boxes)


def _proposing_cells(dense: Dense, boxes: Tensor) -> Tensor:
    """For boxes (B, D, 4) the cell (B, D) nearest to the centre, on the level whose stride fits a sixth of the box side."""
    side = boxes[..., 2:].prod(-1).sqrt()
    strides = dense.strides_T2.prod(-1).sqrt()
    level_strides = strides.unique_consecutive()
    level = (side[..., None] / 6 - level_strides).abs().argmin(-1)
    distance = torch.cdist(boxes[..., :2].contiguous(), dense.centres_T2.expand(len(boxes), -1, -1))
    other_level = strides[None, None] != level_strides[level][..., None]
    # Centres lie in 0..1, so no distance reaches the penalty of the wrong level.
    cells: Tensor = (distance + other_level * 10.0).argmin(-1)
    return cells


def _join(proposals: Queries, noised: Queries | None, groups: int) -> Queries:
    """Proposal groups and denoising queries side by side, none attending to another's."""
    parts = [proposals] if noised is None else [proposals, noised]
    count = proposals.boxes_BQ4.shape[1]
    extra = 0 if noised is None else noised.boxes_BQ4.shape[1]
    owner = torch.cat(
        [
            torch.arange(groups, device=proposals.boxes_BQ4.device).repeat_interleave(count // groups),
            torch.full((extra,), -1, device=proposals.boxes_BQ4.device),
        ]
    )
    return Queries(
        torch.cat([p.content_BQE for p in parts], 1),
        torch.cat([p.boxes_BQ4 for p in parts], 1),
        torch.cat([p.logits_BQK for p in parts], 1),
        owner[:, None] != owner[None, :],
    )


def build_detector(config: ModelConfig, num_classes: int) -> Detector:
    """The network that `config` describes, freshly initialised, for `num_classes` classes."""
    return Detector(config, PRESETS[config.preset], num_classes)
