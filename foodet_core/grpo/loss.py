"""The GRPO loss and what one step tells about itself.

One gradient step per group of fresh rollouts: the policy that samples is the policy that learns, so the likelihood ratio
is 1 and clipping (as in PPO) has nothing to do. Letters: M group, B batch, Q query.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from ..events import Reward
from .advantage import zero_variance
from .policy import Outputs, Rollouts, entropy, kl, log_prob
from .reward import Rewards


def grpo_loss(
    outputs: Outputs, rollouts: Rollouts, advantages_MBQ: Tensor, reference_outputs: Outputs | None, kl_coef: float
) -> tuple[Tensor, dict[str, Tensor]]:
    """`− mean_{m,image} Σ_q A · log π + kl_coef · mean_image Σ_q KL`, and its parts `policy`, `kl`, `entropy` (detached).

    Both rewards are means per target already, so nothing is normalised again: the expected gradient is that of
    `kl_coef · KL − E[R]` per image, where KL is of the image's whole action (for the seed's `R − mean(R)`, which has the
    member's own reward in its mean, the reward's part times (M − 1) / M). Without a reference the KL is 0.
    """
    policy = -(advantages_MBQ * log_prob(outputs, rollouts)).sum(-1).mean()
    divergence = torch.zeros_like(policy) if reference_outputs is None else kl(outputs, reference_outputs).sum(-1).mean()
    with torch.no_grad():
        nats = entropy(outputs).sum(-1).mean()
    parts = {"policy": policy.detach(), "kl": divergence.detach(), "entropy": nats}
    return policy + kl_coef * divergence, parts


def reward_event(
    step: int, rewards: Rewards, rollouts: Rollouts, advantages_MBQ: Tensor, parts: Mapping[str, Tensor]
) -> Reward:
    """What the curves show of one step; `parts` come from `grpo_loss`, KL and entropy are nats per image."""
    return Reward(
        step=step,
        reward=rewards.per_image_MB.mean().item(),
        parts={name: part.mean().item() for name, part in rewards.parts.items()},
        spread=rewards.per_image_MB.std(0, correction=0).mean().item(),
        zero_variance=zero_variance(advantages_MBQ).float().mean().item(),
        kl=parts["kl"].item(),
        entropy=parts["entropy"].item(),
        kept_boxes=rollouts.kept.sum(-1).float().mean().item(),
    )
