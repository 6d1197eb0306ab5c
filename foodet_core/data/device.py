"""Pixels and plans on the device that trains, so that one card is kept busy without the processor drawing for it.

Resizing a window into a rectangle of the square is linear in the pixels, rows and columns apart: square = Y · image · Xᵀ. So
all windows of a batch are two batched matrix products, mirrored and lit in one go. Where a window shrinks to less than a half,
a row of the matrix is the share that each pixel has in the area it comes from; else the two weights of linear interpolation.
Letters: B square, P paste, S side of the square, F side of the padded images.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from .cache import PixelCache
from .plan import Copy, Paste, Plan
from .transforms import GREY, fade

# The rest is for the network; what does not fit stays in the cache and crosses over batch by batch.
_SHARE_OF_MEMORY = 0.4


class DevicePixels:
    """The images of a filled cache as (P, 3, F, F) uint8 on a device, each in the top left of its padded square."""

    def __init__(self, cache: PixelCache, device: torch.device) -> None:
        self._cache, self.device = cache, device
        size = len(cache) * 3 * cache.fit**2
        self._all = self._padded(range(len(cache))) if size <= _SHARE_OF_MEMORY * _free_memory(device) else None

    def __getitem__(self, indices: Sequence[int]) -> Tensor:
        """Images by their numbers, a copy."""
        if self._all is None:
            return self._padded(indices)
        return self._all[torch.tensor(indices, dtype=torch.int64, device=self.device)]

    def _padded(self, indices: Sequence[int]) -> Tensor:
        side = self._cache.fit
        padded = np.zeros((len(indices), side, side, 3), np.uint8)
        for square, index in zip(padded, indices, strict=True):
            image = self._cache[index]
            square[: image.shape[0], : image.shape[1]] = image
        return torch.from_numpy(padded).to(self.device).permute(0, 3, 1, 2).contiguous()


def draw_all(plans: Sequence[Plan], pixels: DevicePixels) -> Tensor:
    """The squares (B, 3, S, S) uint8 that the plans describe, on the device of `pixels`."""
    pastes = [paste for plan in plans for paste in plan.pastes]
    side, device = plans[0].imgsz, pixels.device
    owner = torch.tensor([b for b, plan in enumerate(plans) for _ in plan.pastes], dtype=torch.int64, device=device)
    images = _with_copies(pixels, pastes)
    cuts = torch.tensor([paste.cut for paste in pastes], dtype=torch.float32, device=device).reshape(-1, 4)
    into = torch.tensor([paste.into for paste in pastes], dtype=torch.float32, device=device).reshape(-1, 4)
    # As in `transforms.resize`, both sides alike.
    areas = ((cuts[:, 2:] - cuts[:, :2]) / (into[:, 2:] - into[:, :2])).amax(1) > 2
    columns = resampling(cuts[:, 0::2], into[:, 0::2], side, images.shape[-1], areas)
    rows = resampling(cuts[:, 1::2], into[:, 1::2], side, images.shape[-1], areas)
    drawn = rows[:, None] @ images @ columns[:, None].transpose(2, 3)
    covered = rows.sum(2)[:, None, :, None] * columns.sum(2)[:, None, None, :]
    squares = torch.full((len(plans), 3, side, side), float(GREY), device=device)
    squares = squares.index_add(0, owner, drawn - GREY * covered).round()
    mirrored = torch.tensor([plan.mirrored for plan in plans], device=device)[:, None, None, None]
    squares = torch.where(mirrored, squares.flip(3), squares)
    for square, plan in zip(squares, plans, strict=True):
        if plan.turns:
            square.copy_(torch.rot90(square, plan.turns, (1, 2)))
    return _lit(squares, plans).to(torch.uint8)


def resampling(cut_P2: Tensor, into_P2: Tensor, side: int, source: int, areas_P: Tensor) -> Tensor:
    """Matrices (P, side, source) that resize [from, to) of `source` pixels into [from, to) of `side`; 0 outside.

    Where `areas_P` and the side shrinks, pixels count by area, else by interpolation.
    """
    place = torch.arange(side, device=cut_P2.device)[None, :, None] - into_P2[:, :1, None]
    size = into_P2.diff(dim=1)[..., None]
    step = cut_P2.diff(dim=1)[..., None] / size
    begin, end = cut_P2[:, :1, None], cut_P2[:, 1:, None]
    pixel = torch.arange(source, device=cut_P2.device)[None, None, :]
    low = begin + place * step
    shared = (torch.minimum(low + step, pixel + 1) - torch.maximum(low, pixel)).clamp(min=0) / step
    centre = torch.minimum(torch.maximum(low + (step - 1) / 2, begin), end - 1)
    between = (1 - (centre - pixel).abs()).clamp(min=0)
    inside = (place >= 0) & (place < size)
    return torch.where(areas_P[:, None, None] & (step > 1), shared, between) * inside


def _with_copies(pixels: DevicePixels, pastes: Sequence[Paste]) -> Tensor:
    """The images (P, 3, F, F) float that are pasted, copies of other images' boxes laid over them."""
    images = pixels[[paste.index for paste in pastes]].float()
    for image, paste in zip(images, pastes, strict=True):
        for copied in paste.copies:
            _lay(image, copied, pixels)
    return images


def _lay(image: Tensor, copied: Copy, pixels: DevicePixels) -> None:
    x0, y0, x1, y1 = copied.cut
    cut = pixels[[copied.index]][0, :, y0:y1, x0:x1]
    x, y = copied.at
    ground = image[:, y : y + y1 - y0, x : x + x1 - x0]
    alpha = torch.from_numpy(fade(y1 - y0, x1 - x0)).to(image)
    ground.copy_((alpha * cut + (1 - alpha) * ground).floor())


def _lit(squares: Tensor, plans: Sequence[Plan]) -> Tensor:
    matrices = np.stack([np.eye(3) if plan.light is None else plan.light.matrix_33 for plan in plans])
    shifts = torch.tensor([0.0 if plan.light is None else plan.light.shift for plan in plans], device=squares.device)
    offset = (squares.mean((1, 2, 3)) * shifts)[:, None, None]
    lit = torch.from_numpy(matrices).to(squares) @ squares.flatten(2) + offset
    return lit.clamp(0, 255).round().view_as(squares)


def _free_memory(device: torch.device) -> int:
    """Bytes that can still be taken on a device; without a card of its own there is nothing to gain from a second copy."""
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else 0
