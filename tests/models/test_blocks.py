"""Ghost, shuffle and hybrid blocks against their formulas, written out with plain tensor operations."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from foodet_core.models.backbone import BLOCKS, Backbone, Residual
from foodet_core.models.ghost import ConvNorm, GhostConv
from foodet_core.models.shuffle import GROUPS, HybridBlock, ShuffleBlock, channel_shuffle


def settled(module: nn.Module) -> Any:
    """In eval mode, with batch norms that do something."""
    torch.manual_seed(0)
    for norm in module.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.normal_(norm.get_buffer("running_mean"))
            nn.init.uniform_(norm.get_buffer("running_var"), 0.5, 2)
            nn.init.normal_(norm.weight)
            nn.init.normal_(norm.bias)
    return module.eval()


def by_hand(part: Any, x: Tensor, relu: bool = True) -> Tensor:
    """Convolution, batch norm and ReLU of one part, from its tensors alone."""
    conv, norm = part[0], part[1]
    y = functional.conv2d(x, conv.weight, stride=conv.stride, padding=conv.padding, groups=conv.groups)
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    y = (y - norm.running_mean[:, None, None]) * scale[:, None, None] + norm.bias[:, None, None]
    return functional.relu(y) if relu else y


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("kernel", [1, 3])
def test_ghost_is_its_primary_maps_and_a_cheap_depthwise_copy_of_them(kernel: int, stride: int) -> None:
    ghost = settled(GhostConv(6, 8, kernel, stride))
    x = torch.randn(2, 6, 9, 10)
    main = by_hand(ghost.main, x)
    # Cheap: every ghost map comes from one primary map by its own 3×3 kernel.
    assert ghost.cheap[0].weight.shape == (4, 1, 3, 3)
    cheap = by_hand(ghost.cheap, main)
    torch.testing.assert_close(ghost(x), torch.cat([main, cheap], 1))


def test_ghost_costs_half_of_a_plain_convolution() -> None:
    def weights(module: nn.Module) -> int:
        return sum(m.weight.numel() for m in module.modules() if isinstance(m, nn.Conv2d))

    ratio = weights(GhostConv(64, 64)) / weights(ConvNorm(64, 64))
    assert ratio == pytest.approx(0.5, abs=0.02)


def test_ghost_refuses_an_odd_number_of_maps() -> None:
    with pytest.raises(ValueError, match="even number of maps, not 7"):
        GhostConv(4, 7)


@pytest.mark.parametrize("groups", [1, 2, 3, 4])
def test_channel_shuffle_is_the_permutation_of_the_paper(groups: int) -> None:
    channels = 12
    x = torch.randn(2, channels, 3, 5)
    expected = torch.empty_like(x)
    each = channels // groups
    for g in range(groups):
        for i in range(each):
            expected[:, i * groups + g] = x[:, g * each + i]
    assert torch.equal(channel_shuffle(x, groups), expected)


def test_after_a_shuffle_every_group_holds_channels_of_all_groups() -> None:
    groups, each = 4, 8
    origin = torch.arange(groups).repeat_interleave(each).view(1, -1, 1, 1)
    for part in channel_shuffle(origin, groups).flatten().chunk(groups):
        assert part.bincount().tolist() == [each // groups] * groups


@pytest.mark.parametrize("stride", [1, 2])
def test_the_hybrid_block_is_ghost_then_grouped_convolution_then_relu_then_shuffle(stride: int) -> None:
    block = settled(HybridBlock(8, 16, stride))
    x = torch.randn(2, 8, 6, 6)
    ghost = block.ghost(x)
    assert ghost.shape[1] == 8
    grouped = torch.cat(
        [
            functional.conv2d(part, kernel, padding=1)
            for part, kernel in zip(ghost.chunk(GROUPS, 1), block.grouped[0].weight.chunk(GROUPS), strict=True)
        ],
        1,
    )
    relu = functional.relu(block.grouped[1](grouped))
    torch.testing.assert_close(block(x), channel_shuffle(relu, GROUPS))


def test_the_shuffle_block_is_grouped_shuffle_depthwise_grouped() -> None:
    block = settled(ShuffleBlock(8, 16, 2))
    x = torch.randn(1, 8, 6, 6)
    squeezed = channel_shuffle(by_hand(block.squeeze, x), GROUPS)
    expected = by_hand(block.expand, by_hand(block.depthwise, squeezed, relu=False))
    torch.testing.assert_close(block(x), expected)
    assert (block.squeeze[0].groups, block.depthwise[0].groups, block.expand[0].groups) == (4, 16, 4)


def test_a_residual_adds_its_input() -> None:
    block = settled(GhostConv(4, 4))
    x = torch.randn(1, 4, 5, 5)
    torch.testing.assert_close(Residual(block)(x), x + block(x))


@pytest.mark.parametrize("kind", BLOCKS)
def test_the_backbone_gives_p2_to_p5_of_its_widths(kind: str) -> None:
    backbone = Backbone(kind, 8, (8, 16, 24, 32), (1, 2, 1, 1)).eval()
    levels = backbone(torch.randn(1, 3, 64, 96))
    assert [tuple(x.shape[1:]) for x in levels] == [(8, 16, 24), (16, 8, 12), (24, 4, 6), (32, 2, 3)]


def test_shallow_stages_are_ghost_and_deep_ones_hybrid() -> None:
    backbone = Backbone("hybrid", 8, (8, 16, 24, 32), (1, 1, 1, 1))
    kinds = [type(stage.get_submodule("0")) for stage in backbone.stages]
    assert kinds == [GhostConv, GhostConv, HybridBlock, HybridBlock]
