"""Dynamic snake convolution: a 1-D kernel whose taps wander across its axis, following thin curved food.

Tap c of a kernel along one axis samples at the integer along-position c and the learned cross-displacement D_c, the sum of
tanh offsets from the centre outwards, so that |D_c| <= |c| (Qi et al., DSCNet, ICCV 2023). Since the along-position is an
integer, bilinear sampling there *is* a sum over integer cross-shifts d with tent weights:

    S(x)_p = sum_c W_c sum_{|d| <= |c|} relu(1 - |D_c(p) - d|) x_{p + (c, d)}

Only pad, slice, multiply and add: exact, deterministic, any ONNX opset, and several times faster on a CPU than the
`grid_sample` form, which stays here as the ablation and the tests' reference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from .ghost import ConvNorm

Sampler = Callable[[Tensor, Tensor], Tensor]


def cross_displacements(offsets: Tensor) -> Tensor:
    """Cumulative displacements D (B, K, H, W) of K = 2·reach + 1 taps from raw offsets (B, 2·reach, H, W).

    The first half of `offsets` walks from the centre to the negative end, the second half to the positive end; the centre
    tap stays at 0. Every step is a tanh, so tap c lies within |D_c| <= |c|.
    """
    steps = offsets.tanh()
    negative, positive = steps.chunk(2, 1)
    centre = torch.zeros_like(steps[:, :1])
    return torch.cat([negative.cumsum(1).flip(1), centre, positive.cumsum(1)], 1)


def tent_taps(x: Tensor, displacements: Tensor) -> Tensor:
    """Samples (B, K·C, H, W) of x (B, C, H, W) at the taps of a kernel along the width axis, outside the map 0.

    `displacements` (B, K, H, W) move tap c by D_c rows, the centre tap by none. Taps are ordered from -reach to +reach, each
    with all C channels. Of a training only x and D are kept: the taps are recomputed in backward.
    """
    if torch.is_grad_enabled() and (x.requires_grad or displacements.requires_grad):
        taps: Tensor = _TentTaps.apply(x, displacements)
        return taps
    return _sampled(x, displacements)


def _sampled(x: Tensor, displacements: Tensor) -> Tensor:
    reach = displacements.shape[1] // 2
    height, width = x.shape[-2:]
    padded = functional.pad(x, (reach, reach, reach, reach))
    taps = []
    for c in range(-reach, reach + 1):
        if c == 0:
            taps.append(x)
            continue
        displacement = displacements[:, c + reach, None]
        columns = padded[..., reach + c : reach + c + width]
        shifted = [(d, columns[..., reach + d : reach + d + height, :]) for d in range(-abs(c), abs(c) + 1)]
        total = _tent(displacement, shifted[0][0]) * shifted[0][1]
        for d, rows in shifted[1:]:
            total = torch.addcmul(total, _tent(displacement, d), rows)
        taps.append(total)
    return torch.cat(taps, 1)


def _tent(displacement: Tensor, d: int) -> Tensor:
    return (1 - (displacement - d).abs()).relu()


class _TentTaps(torch.autograd.Function):
    """The samples with their gradient written out: autograd's own would keep every product and add up full maps per slice."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, displacements: Tensor) -> Tensor:
        ctx.save_for_backward(x, displacements)
        return _sampled(x, displacements)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_taps: Tensor) -> tuple[Tensor, Tensor]:
        x, displacements = ctx.saved_tensors
        reach = displacements.shape[1] // 2
        height, width = x.shape[-2:]
        padded = functional.pad(x, (reach, reach, reach, reach))
        grad_padded = torch.zeros_like(padded)
        grad_displacements = torch.zeros_like(displacements)
        for c, grad in zip(range(-reach, reach + 1), grad_taps.split(x.shape[1], 1), strict=True):
            displacement = displacements[:, c + reach, None]
            for d in range(-abs(c), abs(c) + 1):
                place = (..., slice(reach + d, reach + d + height), slice(reach + c, reach + c + width))
                weight = _tent(displacement, d)
                grad_padded[place].addcmul_(weight, grad)
                if c:
                    slope = (d - displacement).sign() * (weight > 0)
                    grad_displacements[:, c + reach] += ((grad * padded[place]).sum(1, keepdim=True) * slope)[:, 0]
        return grad_padded[..., reach : reach + height, reach : reach + width], grad_displacements


def grid_taps(x: Tensor, displacements: Tensor) -> Tensor:
    """The same samples as `tent_taps`, by bilinear `grid_sample`."""
    batch, taps, height, width = displacements.shape
    rows = torch.arange(height, device=x.device, dtype=x.dtype)[None, :, None]
    columns = torch.arange(width, device=x.device, dtype=x.dtype)[None, None, :]
    out = []
    for k in range(taps):
        y = (2 * (rows + displacements[:, k]) + 1) / height - 1
        x_ = (2 * (columns + (k - taps // 2)) + 1).expand(batch, height, width) / width - 1
        out.append(functional.grid_sample(x, torch.stack([x_, y], -1), padding_mode="zeros", align_corners=False))
    return torch.cat(out, 1)


SAMPLERS: dict[str, Sampler] = {"tent": tent_taps, "grid": grid_taps}


class SnakeConv(nn.Module):
    """A horizontal and a vertical snake in a bottleneck of a quarter of the width. (B, C, H, W) -> the same shape, linear end.

    `sampler` is "tent" or "grid".
    """

    def __init__(self, channels: int, taps: int, sampler: str = "tent") -> None:
        super().__init__()
        narrow = channels // 4
        reach = taps // 2
        self.sample = SAMPLERS[sampler]
        self.reduce = ConvNorm(channels, narrow, 1)
        self.offsets = nn.Conv2d(narrow, 4 * reach, 3, padding=1)
        # Nearly straight, but not exactly: at 0 every tap sits on the tip of its tent, where no gradient could ever bend it.
        nn.init.normal_(self.offsets.weight, std=0.01)
        nn.init.zeros_(self.offsets.bias)  # type: ignore[arg-type]
        self.along_x = nn.Conv2d(taps * narrow, narrow, 1, bias=False)
        self.along_y = nn.Conv2d(taps * narrow, narrow, 1, bias=False)
        self.expand = nn.Conv2d(2 * narrow, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.reduce(x)
        offsets_x, offsets_y = self.offsets(x).chunk(2, 1)
        out: Tensor = self.expand(self._snakes(x, offsets_x, offsets_y))
        return out

    def _snakes(self, x: Tensor, offsets_x: Tensor, offsets_y: Tensor) -> Tensor:
        horizontal = self.along_x(self.sample(x, cross_displacements(offsets_x)))
        # A vertical snake is a horizontal one on the transposed map.
        taps = self.sample(x.transpose(2, 3), cross_displacements(offsets_y.transpose(2, 3)))
        vertical = self.along_y(taps.transpose(2, 3))
        return torch.cat([horizontal, vertical], 1)
