"""Feature pyramid over P2..P5 with a mixture of experts at every level.

The notes' fusion: P̂_i = sum_k g_{i,k} E_k(P_i), then P_i_out = Conv(P̂_i + Upsample(P_{i+1}_out)). P2 is narrow, has no snake
(a quarter of the network's pixels would pay for it) and is folded into P3 by a stride-2 convolution: its detail reaches the
heads, its tokens do not.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional

from .ghost import ConvNorm, GhostConv
from .moe import MoE


class MoEFPN(nn.Module):
    """Maps P2..P5 of `widths` channels -> (P3..P5 outputs of `width` channels, gates (B, K_i) of every level P2..P5)."""

    def __init__(
        self,
        widths: Sequence[int],
        width: int,
        narrow: int,
        mode: str,
        experts: Sequence[str],
        snake: str,
        snake_taps: int,
    ) -> None:
        super().__init__()
        outs = [narrow] + [width] * (len(widths) - 1)
        flat = [kind for kind in experts if kind != "snake"]
        self.lateral = nn.ModuleList(ConvNorm(c, out, 1, act=False) for c, out in zip(widths, outs, strict=True))
        self.moe = nn.ModuleList(
            MoE(out, mode, flat if level == 0 else experts, snake, snake_taps) for level, out in enumerate(outs)
        )
        self.fuse = nn.ModuleList(GhostConv(out, out) for out in outs)
        self.down_to_narrow = ConvNorm(width, narrow, 1, act=False)
        self.fold = ConvNorm(narrow, width, 3, 2, act=False)

    def forward(self, levels: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        outs: list[Tensor] = []
        gates: list[Tensor] = []
        for i in reversed(range(len(levels))):
            mixed, gate = self.moe[i](self.lateral[i](levels[i]))
            if outs:
                above = self.down_to_narrow(outs[0]) if i == 0 else outs[0]
                mixed = mixed + functional.interpolate(above, size=mixed.shape[-2:], mode="nearest")
            outs.insert(0, self.fuse[i](mixed))
            gates.insert(0, gate)
        p2, p3, *deeper = outs
        return [p3 + self.fold(p2), *deeper], gates
