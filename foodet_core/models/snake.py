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
from types import EllipsisType
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from .ghost import ConvNorm

Sampler = Callable[[Tensor, Tensor, bool], Tensor]


def cross_displacements(offsets: Tensor) -> Tensor:
    """Cumulative displacements D (B, K, H, W) of K = 2·reach + 1 taps from raw offsets (B, 2·reach, H, W).

    The first half of `offsets` walks from the centre to the negative end, the second half to the positive end; the centre
    tap stays at 0. Every step is a tanh, so tap c lies within |D_c| <= |c|. All sums are one fixed 1×1 convolution.
    """
    reach = offsets.shape[1] // 2
    walk = torch.ones(reach, reach, dtype=offsets.dtype, device=offsets.device).tril()
    nothing = walk.new_zeros(reach, reach)
    still = walk.new_zeros(1, 2 * reach)
    sums = torch.cat([torch.cat([walk.flip(0), nothing], 1), still, torch.cat([nothing, walk], 1)])
    return functional.conv2d(offsets.tanh(), sums[..., None, None])


def tent_taps(x: Tensor, displacements: Tensor, vertical: bool = False) -> Tensor:
    """Samples (B, K·C, H, W) of x (B, C, H, W) at the taps of a kernel along the width, or the height; outside the map 0.

    `displacements` (B, K, H, W) move tap c by D_c rows, or columns if `vertical`; the centre tap by none. Taps are ordered
    from -reach to +reach, each with all C channels. Of a training only x and D are kept: the taps are recomputed in backward.
    """
    if torch.is_grad_enabled() and (x.requires_grad or displacements.requires_grad):
        taps: Tensor = _TentTaps.apply(x, displacements, vertical)
        return taps
    return _sampled(x, displacements, vertical)


def _sampled(x: Tensor, displacements: Tensor, vertical: bool) -> Tensor:
    reach = displacements.shape[1] // 2
    padded = functional.pad(x, (reach, reach, reach, reach))
    tents = _tents(displacements)
    taps = []
    for c in range(-reach, reach + 1):
        if c == 0:
            taps.append(x)
            continue
        total = tents[c, -abs(c)] * padded[_place(x, reach, c, -abs(c), vertical)]
        for d in range(1 - abs(c), abs(c) + 1):
            total = torch.addcmul(total, tents[c, d], padded[_place(x, reach, c, d, vertical)])
        taps.append(total)
    return torch.cat(taps, 1)


def _tents(displacements: Tensor) -> dict[tuple[int, int], Tensor]:
    """The weight (B, 1, H, W) of every tap c at every cross-shift d, by (c, d)."""
    reach = displacements.shape[1] // 2
    places = range(-reach, reach + 1)
    shifts = torch.arange(-reach, reach + 1, dtype=displacements.dtype, device=displacements.device)
    weights = (1 - (displacements.unsqueeze(2) - shifts[:, None, None]).abs()).relu()
    pairs = [(c, d) for c in places for d in places]
    return dict(zip(pairs, weights.flatten(1, 2).split(1, 1), strict=True))


def _place(x: Tensor, reach: int, along: int, across: int, vertical: bool) -> tuple[EllipsisType, slice, slice]:
    """Where the padded map holds x moved by so many pixels along the kernel and across it."""
    rows, columns = (along, across) if vertical else (across, along)
    height, width = x.shape[-2:]
    return ..., slice(reach + rows, reach + rows + height), slice(reach + columns, reach + columns + width)


class _TentTaps(torch.autograd.Function):
    """The samples with their gradient written out: autograd's own would keep every product and add up full maps per slice."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, displacements: Tensor, vertical: bool) -> Tensor:
        ctx.save_for_backward(x, displacements)
        ctx.vertical = vertical
        return _sampled(x, displacements, vertical)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_taps: Tensor) -> tuple[Tensor, Tensor, None]:
        x, displacements = ctx.saved_tensors
        reach = displacements.shape[1] // 2
        padded = functional.pad(x, (reach, reach, reach, reach))
        grad_padded = torch.zeros_like(padded)
        grad_displacements = torch.zeros_like(displacements)
        tents = _tents(displacements)
        for c, grad in zip(range(-reach, reach + 1), grad_taps.split(x.shape[1], 1), strict=True):
            displacement, moved = displacements[:, c + reach, None], grad_displacements[:, c + reach, None]
            for d in range(-abs(c), abs(c) + 1):
                place = _place(x, reach, c, d, ctx.vertical)
                grad_padded[place].addcmul_(tents[c, d], grad)
                if c:
                    slope = (d - displacement).sign() * (tents[c, d] > 0)
                    moved += (grad * padded[place]).sum(1, keepdim=True) * slope
        return grad_padded[_place(x, reach, 0, 0, ctx.vertical)], grad_displacements, None


def grid_taps(x: Tensor, displacements: Tensor, vertical: bool = False) -> Tensor:
    """The same samples as `tent_taps`, by bilinear `grid_sample`."""
    if vertical:
        return grid_taps(x.mT, displacements.mT).mT
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
    """A horizontal and a vertical snake in a bottleneck of half the width. (B, C, H, W) -> the same shape, linear end.

    `sampler` is "tent" or "grid".
    """

    def __init__(self, channels: int, taps: int, sampler: str = "tent") -> None:
        super().__init__()
        narrow = channels // 2
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
        horizontal = self.along_x(self.sample(x, cross_displacements(offsets_x), False))
        vertical = self.along_y(self.sample(x, cross_displacements(offsets_y), True))
        return torch.cat([horizontal, vertical], 1)
