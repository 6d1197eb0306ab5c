"""The mixture of experts and the pyramid it feeds, against the equations of the notes."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from foodet_core.models.fpn import MoEFPN
from foodet_core.models.ghost import GhostConv
from foodet_core.models.moe import PLAIN_GROUPS, FoldedPlain, MoE
from foodet_core.models.snake import SnakeConv

WIDTH = 16
KINDS = ("ghost", "plain", "snake")


def moe(mode: str = "dense", experts: tuple[str, ...] = KINDS, snake: str = "tent") -> Any:
    """In eval mode, with a gate that tells images apart and a norm that lets the experts through."""
    torch.manual_seed(0)
    module = MoE(WIDTH, mode, experts, snake, 3).eval()
    nn.init.ones_(module.norm.weight)
    if module.gate is not None:
        nn.init.normal_(module.gate.weight, std=2)
    return module


def images() -> Tensor:
    return torch.randn(3, WIDTH, 6, 7, generator=torch.Generator().manual_seed(1)) + torch.tensor([-1.0, 0, 1]).view(3, 1, 1, 1)


def explicit(module: Any, x: Tensor) -> Tensor:
    """P + norm(W_out act(shared(P') + Σ_k g_k E_k(P'))), P' = W_in P, one expert after the other and nothing folded."""
    gates = module.gates(x)
    narrow = module.reduce(x)
    total = module.shared(narrow)
    for k, kernel in enumerate(module.folded.kernels.chunk(module.plain) if module.plain else []):
        plain = functional.conv2d(narrow, kernel, padding=1, groups=PLAIN_GROUPS)
        total = total + gates[:, k].view(-1, 1, 1, 1) * plain
    for k, expert in enumerate(module.others, module.plain):
        total = total + gates[:, k].view(-1, 1, 1, 1) * expert(narrow)
    result: Tensor = x + module.norm(module.expand(module.act(total)))
    return result


def test_the_gate_is_the_softmax_of_the_averaged_level() -> None:
    module, x = moe(), images()
    averaged = x.sum((2, 3)) / (6 * 7)
    expected = (averaged @ module.gate.weight.T + module.gate.bias).softmax(1)
    torch.testing.assert_close(module(x)[1], expected)
    torch.testing.assert_close(expected.sum(1), torch.ones(3))
    assert (expected[0] - expected[2]).abs().max() > 0.1


def test_a_temperature_softens_the_gate() -> None:
    module, x = moe(), images()
    logits = module.gate(x.mean((2, 3)))
    module.temperature = 4.0
    torch.testing.assert_close(module(x)[1], (logits / 4).softmax(1))


@pytest.mark.parametrize("mode", ["dense", "mix", "top2"])
@pytest.mark.parametrize("experts", [KINDS, ("plain", "ghost", "plain", "snake"), ("ghost", "snake"), ("plain",)])
def test_the_output_is_the_gated_sum_of_experts_beside_the_shared_one(mode: str, experts: tuple[str, ...]) -> None:
    module, x = moe(mode, experts), images()
    torch.testing.assert_close(module(x)[0], explicit(module, x), atol=1e-5, rtol=1e-4)


def test_every_expert_is_of_its_kind() -> None:
    module = moe("dense", ("snake", "plain", "ghost", "plain"))
    assert module.kinds == ["plain", "plain", "snake", "ghost"]
    assert [type(expert) for expert in module.others] == [SnakeConv, GhostConv]
    assert moe("mix").kinds == ["plain"] * 3
    assert moe(snake="off").kinds == ["plain", "ghost"]


def test_top2_keeps_the_two_largest_gates_and_makes_them_sum_to_one() -> None:
    dense, top2, x = moe("dense"), moe("top2"), images()
    top2.load_state_dict(dense.state_dict())
    all_gates, gates = dense(x)[1], top2(x)[1]
    assert ((gates > 0).sum(1) == 2).all()
    for everything, kept in zip(all_gates, gates, strict=True):
        best = everything.argsort(descending=True)[:2]
        torch.testing.assert_close(kept[best], everything[best] / everything[best].sum())


def test_none_is_the_shared_expert_alone() -> None:
    module, x = moe("none"), images()
    out, gates = module(x)
    assert gates.shape == (3, 0)
    torch.testing.assert_close(out, x + module.norm(module.expand(module.act(module.shared(module.reduce(x))))))


def test_a_new_level_is_the_identity() -> None:
    x = images()
    out, _ = MoE(WIDTH, "dense", KINDS, "tent", 3)(x)
    assert torch.equal(out, x)


def test_folded_kernels_equal_the_sum_of_convolutions_image_by_image() -> None:
    torch.manual_seed(0)
    folded, x = FoldedPlain(8, 3), torch.randn(4, 8, 5, 6)
    gates = torch.rand(4, 3)
    for image in range(4):
        expected = sum(
            gates[image, k] * functional.conv2d(x[image], kernel, padding=1, groups=PLAIN_GROUPS)
            for k, kernel in enumerate(folded.kernels.chunk(3))
        )
        torch.testing.assert_close(folded(x, gates)[image], expected, atol=1e-5, rtol=1e-4)


def test_the_pyramid_is_its_fusion_equation_and_p2_is_folded_into_p3() -> None:
    torch.manual_seed(0)
    fpn: Any = MoEFPN((8, 12, 16, 24), WIDTH, 8, "dense", KINDS, "tent", 3).eval()
    for level in fpn.moe:
        nn.init.ones_(level.norm.weight)
    levels = [torch.randn(2, c, 32 // 2**i, 48 // 2**i) for i, c in enumerate((8, 12, 16, 24))]
    mixed = [fpn.moe[i](fpn.lateral[i](x)) for i, x in enumerate(levels)]

    def up(x: Tensor) -> Tensor:
        return x.repeat_interleave(2, 2).repeat_interleave(2, 3)

    p5 = fpn.fuse[3](mixed[3][0])
    p4 = fpn.fuse[2](mixed[2][0] + up(p5))
    p3 = fpn.fuse[1](mixed[1][0] + up(p4))
    p2 = fpn.fuse[0](mixed[0][0] + up(fpn.down_to_narrow(p3)))
    outs, gates = fpn(levels)
    for found, expected in zip(outs, [p3 + fpn.fold(p2), p4, p5], strict=True):
        torch.testing.assert_close(found, expected)
    for found, (_, expected) in zip(gates, mixed, strict=True):
        torch.testing.assert_close(found, expected)


def test_p2_is_narrow_and_has_no_snake() -> None:
    fpn: Any = MoEFPN((8, 12, 16, 24), WIDTH, 8, "dense", KINDS, "tent", 3)
    assert [level.kinds for level in fpn.moe] == [["plain", "ghost"]] + [["plain", "ghost", "snake"]] * 3
    assert fpn.lateral[0][0].out_channels == 8
