"""Backbone: Ghost blocks in the shallow stages (P2, P3), Hybrid blocks in the deep ones (P4, P5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor, nn

from ..config import PUBLIC
from .ghost import ConvNorm, GhostConv
from .presets import Preset
from .public_backbone import PublicBackbone, public_backbone
from .shuffle import HybridBlock, ShuffleBlock

Block = Callable[[int, int, int], nn.Module]
SHALLOW = 2


def _ghost(c_in: int, c_out: int, stride: int) -> nn.Module:
    return GhostConv(c_in, c_out, stride=stride)


def _plain(c_in: int, c_out: int, stride: int) -> nn.Module:
    return ConvNorm(c_in, c_out, stride=stride)


# What the shallow and the deep stages are made of, by the config's name of the backbone.
BLOCKS: dict[str, tuple[Block, Block]] = {
    "hybrid": (_ghost, HybridBlock),
    "ghost": (_ghost, _ghost),
    "shuffle": (ShuffleBlock, ShuffleBlock),
    "plain": (_plain, _plain),
}


class Residual(nn.Module):
    """x + block(x)."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.block = block

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.block(x)
        return out


class Backbone(nn.Module):
    """Images (B, 3, H, W) in 0..1 -> feature maps P2..P5 at strides 4, 8, 16, 32 with `widths` channels."""

    def __init__(self, kind: str, stem: int, widths: Sequence[int], depths: Sequence[int]) -> None:
        super().__init__()
        self.widths = tuple(widths)
        shallow, deep = BLOCKS[kind]
        self.stem = ConvNorm(3, stem, 3, 2)
        stages = []
        c_in = stem
        for i, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            block = shallow if i < SHALLOW else deep
            later = [Residual(block(width, width, 1)) for _ in range(depth - 1)]
            stages.append(nn.Sequential(block(c_in, width, 2), *later))
            c_in = width
        self.stages = nn.ModuleList(stages)

    def forward(self, images: Tensor) -> list[Tensor]:
        x = self.stem(images)
        levels = []
        for stage in self.stages:
            x = stage(x)
            levels.append(x)
        return levels


def build_backbone(kind: str, preset: Preset) -> Backbone | PublicBackbone:
    """The backbone of that name, freshly initialised: one of ours in the preset's size, or torchvision's in its own.

    Raises InputError for a name that torchvision does not have.
    """
    if kind.startswith(PUBLIC):
        return public_backbone(kind.removeprefix(PUBLIC))
    return Backbone(kind, preset.stem, preset.widths, preset.depths)
