"""Mixture of experts for one pyramid level, in the spirit of DeepSeek-MoE: a shared expert beside gated ones.

The experts differ in kind (ghost, plain, snake). The gate looks at the whole level, g = softmax(W_g · GAP(P) / temperature),
one weight per expert and image: at this size, per-pixel routing and balancing losses changed nothing measurable. Experts
that are linear in x fold into one convolution with the kernel sum_k g_k W_k, whatever their number.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from .ghost import ConvNorm, GhostConv
from .snake import SnakeConv

PLAIN_GROUPS = 4


class FoldedPlain(nn.Module):
    """K linear 3×3 grouped convolutions mixed per image: sum_k g_k (W_k * x) computed as (sum_k g_k W_k) * x."""

    def __init__(self, channels: int, experts: int) -> None:
        super().__init__()
        self.experts = experts
        self.kernels = nn.Parameter(torch.empty(experts * channels, channels // PLAIN_GROUPS, 3, 3))
        nn.init.kaiming_uniform_(self.kernels, a=5**0.5)

    def forward(self, x: Tensor, gates: Tensor) -> Tensor:
        """x (B, C, H, W) and gates (B, K) -> (B, C, H, W)."""
        batch, channels, height, width = x.shape
        kernels = (gates @ self.kernels.reshape(self.experts, -1)).reshape(batch * channels, -1, 3, 3)
        folded = functional.conv2d(
            x.reshape(1, batch * channels, height, width), kernels, padding=1, groups=batch * PLAIN_GROUPS
        )
        return folded.reshape(batch, channels, height, width)


class MoE(nn.Module):
    """P̂ = P + norm(W_out act(shared(W_in P) + sum_k g_k E_k(W_in P))): experts at half the level's width C.

    The norm starts at 0, so that the level starts as the identity. `mode`: dense (all experts), mix (as many plain ones,
    folded), top2 (the two largest gates, renormalised), none (the shared expert alone). `experts` are kinds out of ghost,
    plain, snake. `snake_taps` is the length of a snake. (B, C, H, W) -> ((B, C, H, W), gates (B, K)).
    """

    def __init__(self, channels: int, mode: str, experts: Sequence[str], snake: str, snake_taps: int) -> None:
        super().__init__()
        kinds = [k for k in experts if not (k == "snake" and snake == "off")]
        if mode == "mix":
            kinds = ["plain"] * len(kinds)
        if mode == "none":
            kinds = []
        self.top = 2 if mode == "top2" else 0
        # Foldable experts stand first, so that gates[:, :plain] are theirs.
        self.plain = kinds.count("plain")
        self.kinds = ["plain"] * self.plain + [k for k in kinds if k != "plain"]
        width = channels // 2
        self.reduce = ConvNorm(channels, width, 1)
        self.shared = nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False)
        self.folded = FoldedPlain(width, self.plain) if self.plain else None
        self.others = nn.ModuleList(
            SnakeConv(width, snake_taps, snake) if kind == "snake" else GhostConv(width, width)
            for kind in self.kinds[self.plain :]
        )
        self.act = nn.Sequential(nn.BatchNorm2d(width), nn.ReLU(inplace=True))
        self.expand = nn.Conv2d(width, channels, 1, bias=False)
        self.gate = nn.Linear(channels, len(self.kinds)) if self.kinds else None
        self.norm = nn.BatchNorm2d(channels)
        nn.init.zeros_(self.norm.weight)
        self.temperature = 1.0

    def gates(self, x: Tensor) -> Tensor:
        """g (B, K) of the notes' softmax(W_g · GAP(P)); of `top2` all but the two largest are 0 and the rest sum to 1."""
        if self.gate is None:
            return x.new_zeros(len(x), 0)
        gates: Tensor = (self.gate(x.mean((2, 3))) / self.temperature).softmax(-1)
        if self.top and len(self.kinds) > self.top:
            smallest_kept = gates.topk(self.top, -1).values[:, -1:]
            gates = gates * (gates >= smallest_kept)
            gates = gates / gates.sum(-1, keepdim=True)
        return gates

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        gates = self.gates(x)
        narrow = self.reduce(x)
        mixed = self.shared(narrow)
        if self.folded is not None:
            mixed = mixed + self.folded(narrow, gates[:, : self.plain])
        for k, expert in enumerate(self.others, self.plain):
            mixed = mixed + gates[:, k, None, None, None] * expert(narrow)
        return x + self.norm(self.expand(self.act(mixed))), gates
