"""The exact tent form of the dynamic snake convolution against bilinear sampling, and what it becomes when it is straight."""

from math import floor

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from foodet_core.models.snake import SAMPLERS, SnakeConv, cross_displacements, grid_taps, tent_taps


def random_input(seed: int, batch: int, reach: int, height: int, width: int) -> tuple[Tensor, Tensor]:
    """A map of two channels and the raw offsets of a snake, in double precision."""
    draw = torch.Generator().manual_seed(seed)
    x = torch.randn(batch, 2, height, width, generator=draw, dtype=torch.float64)
    return x, 2 * torch.randn(batch, 2 * reach, height, width, generator=draw, dtype=torch.float64)


def bilinear(x: Tensor, row: float, column: int) -> Tensor:
    """The channels of x (C, H, W) at a fractional row; 0 outside."""
    low = floor(row)
    total = torch.zeros(x.shape[0], dtype=x.dtype)
    for r, weight in ((low, 1 - (row - low)), (low + 1, row - low)):
        if 0 <= r < x.shape[1] and 0 <= column < x.shape[2]:
            total = total + weight * x[:, r, column]
    return total


def test_taps_are_bilinear_samples_along_the_snake() -> None:
    reach = 2
    x, offsets = random_input(0, 2, reach, 4, 6)
    displacements = cross_displacements(offsets)
    taps = tent_taps(x, displacements).unflatten(1, (2 * reach + 1, 2))
    for b in range(2):
        for k in range(2 * reach + 1):
            for i in range(4):
                for j in range(6):
                    expected = bilinear(x[b], i + displacements[b, k, i, j].item(), j + k - reach)
                    torch.testing.assert_close(taps[b, k, :, i, j], expected)


@given(st.integers(0, 999), st.integers(1, 3), st.integers(1, 4), st.integers(1, 7), st.integers(1, 7), st.booleans())
def test_the_tent_form_equals_grid_sample_forward_and_in_both_gradients(
    seed: int, batch: int, reach: int, height: int, width: int, vertical: bool
) -> None:
    x, offsets = random_input(seed, batch, reach, height, width)
    x.requires_grad_()
    offsets.requires_grad_()
    results = [sample(x, cross_displacements(offsets), vertical) for sample in (tent_taps, grid_taps)]
    weight = torch.randn(results[0].shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    torch.testing.assert_close(*results)
    tent, grid = (torch.autograd.grad((taps * weight).sum(), (x, offsets)) for taps in results)
    torch.testing.assert_close(tent, grid)


@given(st.integers(0, 999), st.integers(1, 4))
def test_displacements_grow_from_the_centre_outwards_by_less_than_a_pixel(seed: int, reach: int) -> None:
    _, offsets = random_input(seed, 1, reach, 3, 3)
    displacements = cross_displacements(offsets)
    steps = offsets.tanh()
    assert torch.equal(displacements[:, reach], torch.zeros(1, 3, 3, dtype=torch.float64))
    for c in range(1, reach + 1):
        torch.testing.assert_close(displacements[:, reach - c], steps[:, :c].sum(1))
        torch.testing.assert_close(displacements[:, reach + c], steps[:, reach : reach + c].sum(1))
        assert (displacements[:, [reach - c, reach + c]].abs() <= c).all()


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_straight_snake_is_an_ordinary_1d_convolution(sampler: str) -> None:
    module = SnakeConv(16, 5, sampler).eval()
    torch.nn.init.zeros_(module.offsets.weight)
    x = torch.randn(2, 16, 6, 7)
    narrow = module.reduce(x)
    # The taps stand one after the other, each with all channels: (out, K, in) -> (out, in, K).
    along_x = module.along_x.weight.reshape(8, 5, 8).transpose(1, 2)
    along_y = module.along_y.weight.reshape(8, 5, 8).transpose(1, 2)
    horizontal = functional.conv2d(narrow, along_x[:, :, None, :], padding=(0, 2))
    vertical = functional.conv2d(narrow, along_y[:, :, :, None], padding=(2, 0))
    expected = module.expand(torch.cat([horizontal, vertical], 1))
    torch.testing.assert_close(module(x), expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("taps", [3, 5])
def test_a_bent_snake_is_the_same_with_both_samplers(taps: int) -> None:
    tent, grid = SnakeConv(16, taps, "tent").eval(), SnakeConv(16, taps, "grid").eval()
    torch.nn.init.normal_(tent.offsets.weight)
    grid.load_state_dict(tent.state_dict())
    x = torch.randn(2, 16, 6, 7)
    torch.testing.assert_close(tent(x), grid(x), atol=1e-4, rtol=1e-4)


def test_every_image_of_a_batch_samples_from_itself() -> None:
    module = SnakeConv(16, 5).eval()
    torch.nn.init.normal_(module.offsets.weight)
    x = torch.randn(3, 16, 6, 6)
    alone = torch.cat([module(image[None]) for image in x])
    torch.testing.assert_close(module(x), alone, atol=1e-5, rtol=1e-4)


def test_turning_the_image_swaps_the_two_snakes() -> None:
    module = SnakeConv(8, 3).eval()
    x, offsets_x, offsets_y = torch.randn(1, 4, 5, 7), torch.randn(1, 2, 5, 7), torch.randn(1, 2, 5, 7)
    module.along_y.load_state_dict(module.along_x.state_dict())
    horizontal, vertical = module._snakes(x, offsets_x, offsets_y).chunk(2, 1)
    turned = module._snakes(x.mT, offsets_y.mT, offsets_x.mT).mT
    torch.testing.assert_close(turned, torch.cat([vertical, horizontal], 1))


def test_a_training_keeps_what_went_in_and_no_tap() -> None:
    x, offsets = random_input(0, 2, 2, 6, 6)
    displacements = cross_displacements(offsets).requires_grad_()
    kept: list[Tensor] = []

    def keep(tensor: Tensor) -> Tensor:
        kept.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        tent_taps(x.requires_grad_(), displacements)
    assert sum(tensor.numel() for tensor in kept) == x.numel() + displacements.numel()


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_new_snake_is_nearly_straight_and_can_learn_to_bend(sampler: str) -> None:
    torch.manual_seed(0)
    module = SnakeConv(32, 3, sampler)
    x = torch.randn(2, 32, 8, 8)
    assert cross_displacements(module.offsets(module.reduce(x)).chunk(2, 1)[0]).abs().max() < 0.5
    module(x).square().sum().backward()
    assert module.offsets.weight.grad is not None
    assert module.offsets.weight.grad.abs().max() > 1e-3
