"""GhostNet convolution, the block of the shallow stages.

Half of the output maps come from a real convolution, the other half from a cheap depthwise operation on the first half
(Han et al., GhostNet, CVPR 2020). Here the primary convolution is k×k, as the notes write it, not the 1×1 of the paper:
from scratch it learns faster, and dense 3×3 kernels use a CPU's cores better than 1×1 followed by depthwise.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ConvNorm(nn.Sequential):
    """Convolution, batch norm and, unless `act` is false, ReLU. (B, C_in, H, W) -> (B, C_out, H/stride, W/stride)."""

    def __init__(self, c_in: int, c_out: int, kernel: int = 3, stride: int = 1, groups: int = 1, act: bool = True) -> None:
        conv = nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, groups=groups, bias=False)
        super().__init__(conv, nn.BatchNorm2d(c_out), nn.ReLU(inplace=True) if act else nn.Identity())


class GhostConv(nn.Module):
    """Y = concat(X * W_main, cheap(X * W_main)): m = C_out / 2 real maps and as many ghost maps.

    (B, C_in, H, W) -> (B, C_out, H/stride, W/stride). Against a plain k×k convolution its multiply-adds are about
    m / C_out = 1/2, since the depthwise ghosts cost next to nothing.
    """

    def __init__(self, c_in: int, c_out: int, kernel: int = 3, stride: int = 1, act: bool = True) -> None:
        super().__init__()
        if c_out % 2:
            raise ValueError(f"GhostConv makes an even number of maps, not {c_out}")
        self.main = ConvNorm(c_in, c_out // 2, kernel, stride, act=act)
        self.cheap = ConvNorm(c_out // 2, c_out // 2, 3, groups=c_out // 2, act=act)

    def forward(self, x: Tensor) -> Tensor:
        main = self.main(x)
        return torch.cat([main, self.cheap(main)], 1)
