"""How much better a prediction was than the others of its group. No division by the group's standard deviation
(Dr. GRPO, Liu et al. 2025): that would give easy and hard images the same weight and blow up tiny differences.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .reward import Rewards


def advantage(rewards: Rewards) -> Tensor:
    """Advantage (M, B, Q) of every query's action; sums to 0 over the group, and is exactly 0 where all rewards are equal.

    One reward per image: `A_m = R_m − mean(R)` for the queries that the reward sees, 0 for the others. Their actions cannot
    change the reward, so their expected policy gradient is 0 anyway; leaving them out removes noise and nothing else.
    Credit per query: the credit minus the mean of the other members' (leave-one-out), query by query.
    """
    if rewards.per_query_MBQ is None:
        return _centred(rewards.per_image_MB).unsqueeze(-1) * rewards.seen_BQ
    members = len(rewards.per_query_MBQ)
    return _centred(rewards.per_query_MBQ) * (members / (members - 1))


def zero_variance(advantages_MBQ: Tensor) -> Tensor:
    """Images (B,) bool whose group teaches nothing: every advantage is exactly 0."""
    return (advantages_MBQ == 0).all(-1).all(0)


def shuffled(advantages_MBQ: Tensor, generator: torch.Generator) -> Tensor:
    """The placebo: each image's advantages dealt out to its group members at random; the expected gradient is 0."""
    members, images, _ = advantages_MBQ.shape
    draws = torch.rand((members, images, 1), device=advantages_MBQ.device, generator=generator)
    return advantages_MBQ.gather(0, draws.argsort(0).expand_as(advantages_MBQ))


def _centred(values: Tensor) -> Tensor:
    # The mean of M equal floats may differ from them in the last bit; that of M zeros does not.
    relative = values - values[:1]
    return relative - relative.mean(0)
