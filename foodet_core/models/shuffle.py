"""ShuffleNet's grouped convolution with channel shuffle, and the mission's hybrid of it with GhostNet for the deep stages."""

from __future__ import annotations

from torch import Tensor, nn

from .ghost import ConvNorm, GhostConv

GROUPS = 4


def channel_shuffle(x: Tensor, groups: int) -> Tensor:
    """Interleave the channels of `groups` groups, so that the next grouped convolution sees all of them.

    (B, C, H, W) -> the same shape; channel g·(C/groups) + i moves to i·groups + g (Zhang et al., ShuffleNet, CVPR 2018).
    """
    batch, channels, height, width = x.shape
    grouped = x.reshape(batch, groups, channels // groups, height, width)
    return grouped.transpose(1, 2).reshape(batch, channels, height, width)


class HybridBlock(nn.Module):
    """Ghost(in, out/2) -> 3×3 convolution in 4 groups -> ReLU -> channel shuffle. (B, C_in, H, W) -> (B, C_out, H/s, W/s)."""

    def __init__(self, c_in: int, c_out: int, stride: int = 1) -> None:
        super().__init__()
        self.ghost = GhostConv(c_in, c_out // 2, stride=stride)
        self.grouped = ConvNorm(c_out // 2, c_out, 3, groups=GROUPS)

    def forward(self, x: Tensor) -> Tensor:
        return channel_shuffle(self.grouped(self.ghost(x)), GROUPS)


class ShuffleBlock(nn.Module):
    """ShuffleNet alone, for the ablation: grouped 1×1 -> shuffle -> depthwise 3×3 -> grouped 1×1."""

    def __init__(self, c_in: int, c_out: int, stride: int = 1) -> None:
        super().__init__()
        self.squeeze = ConvNorm(c_in, c_out, 1, groups=GROUPS)
        self.depthwise = ConvNorm(c_out, c_out, 3, stride, groups=c_out, act=False)
        self.expand = ConvNorm(c_out, c_out, 1, groups=GROUPS)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.expand(self.depthwise(channel_shuffle(self.squeeze(x), GROUPS)))
        return out
