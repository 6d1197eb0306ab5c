"""The detector's last decoder layer read as a policy: what one independent prediction of an image is, and how likely.

The action of a query is a class action, one independent Bernoulli draw per class (which is how sigmoid scores are meant),
and, only where some class is on ("kept"), one bin per box edge from the edge distributions. A query that emits nothing
has no box, so its edges are no part of the action: log-probability, KL and entropy all follow this one definition, exactly.
The M predictions of a group are drawn from ONE forward pass. Letters: M group, B batch, Q query, K class, R bins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

from ..losses.edges import chosen_boxes

Outputs = Mapping[str, Tensor]


@dataclass(frozen=True)
class Rollouts:
    """M predictions of every image: classes (M, B, Q, K) bool, bins (M, B, Q, 4) int64, boxes (M, B, Q, 4) cxcywh in 0..1."""

    classes: Tensor
    bins: Tensor
    boxes: Tensor

    @property
    def kept(self) -> Tensor:
        """Queries (M, B, Q) that emit a box: some class is on."""
        return self.classes.any(-1)


@torch.no_grad()
def sample(outputs: Outputs, groups: int, generator: torch.Generator) -> Rollouts:
    """Draw `groups` independent predictions per image; `generator` lives on the outputs' device.

    Reads `pred_logits_BQK`, `pred_edges_BQ4R` and `ref_boxes_BQ4`. Bins are drawn for all queries, and mean something only
    where `kept`.
    """
    scores = outputs["pred_logits_BQK"].float().sigmoid()
    draws = torch.rand((groups, *scores.shape), device=scores.device, generator=generator)
    edges = outputs["pred_edges_BQ4R"].float().softmax(-1)
    flat = torch.multinomial(edges.flatten(0, -2), groups, replacement=True, generator=generator)
    bins = flat.T.reshape(groups, *edges.shape[:-1])
    return Rollouts(draws < scores, bins, chosen_boxes(bins, outputs["ref_boxes_BQ4"].float()))


def log_prob(outputs: Outputs, rollouts: Rollouts) -> Tensor:
    """Log-probability (M, B, Q) in nats of each query's action; differentiable.

    `log π = Σ_k log Bernoulli(a_k; σ(z_k)) + kept · Σ_edges log softmax(e)[bin]`, with `log Bernoulli = a·z − softplus(z)`.
    """
    logits = outputs["pred_logits_BQK"].float()
    classes = (rollouts.classes * logits).sum(-1) - softplus(logits).sum(-1)
    log_edges = outputs["pred_edges_BQ4R"].float().log_softmax(-1)
    # The group goes last for the gather, so that (M, B, Q, 4, R) never exists.
    chosen = log_edges.gather(-1, rollouts.bins.permute(1, 2, 3, 0)).sum(-2)
    return classes + rollouts.kept * chosen.permute(2, 0, 1)


def kl(outputs: Outputs, reference_outputs: Outputs) -> Tensor:
    """KL(policy ‖ reference) per query (B, Q) in nats, closed form: `KL(class) + P(kept) · Σ_edges KL(edge)`.

    Both must speak of the same queries in the same order, with edges around the same reference boxes: freeze what selects
    and moves the queries.
    """
    logits, reference = outputs["pred_logits_BQK"].float(), reference_outputs["pred_logits_BQK"].float()
    classes = logits.sigmoid() * (logits - reference) - softplus(logits) + softplus(reference)
    log_edges = outputs["pred_edges_BQ4R"].float().log_softmax(-1)
    log_reference = reference_outputs["pred_edges_BQ4R"].float().log_softmax(-1)
    edges = (log_edges.exp() * (log_edges - log_reference)).sum((-2, -1))
    return classes.sum(-1) + _kept_probability(logits) * edges


def entropy(outputs: Outputs) -> Tensor:
    """Entropy per query (B, Q) in nats: `H(class) + P(kept) · Σ_edges H(edge)`."""
    logits = outputs["pred_logits_BQK"].float()
    classes = softplus(logits) - logits.sigmoid() * logits
    log_edges = outputs["pred_edges_BQ4R"].float().log_softmax(-1)
    edges = -(log_edges.exp() * log_edges).sum((-2, -1))
    return classes.sum(-1) + _kept_probability(logits) * edges


def _kept_probability(logits_BQK: Tensor) -> Tensor:
    # 1 − Π(1 − p_k), where log(1 − p) = −softplus(z).
    return -torch.expm1(-softplus(logits_BQK).sum(-1))
