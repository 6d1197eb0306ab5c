"""Every switch of the model's config builds a network that runs forward and backward; the presets keep to their size."""

from typing import Any

import pytest
import torch
from torch import Tensor

from foodet_core.config import ModelConfig
from foodet_core.losses.criterion import Criterion
from foodet_core.losses.denoising import noised_targets
from foodet_core.models.decoder import Decoder
from foodet_core.models.detector import Detector, build_detector
from foodet_core.models.moe import MoE
from foodet_core.models.presets import PRESETS
from foodet_core.models.snake import SnakeConv

CLASSES = 3
SWITCHES = [
    ModelConfig(),
    ModelConfig("small"),
    *(ModelConfig(backbone=kind) for kind in ("ghost", "shuffle", "plain")),
    *(ModelConfig(backbone=f"torchvision:{name}") for name in ("mobilenet_v3_small", "shufflenet_v2_x0_5")),
    *(ModelConfig(moe=mode) for mode in ("mix", "top2", "none")),
    *(ModelConfig(experts=kinds) for kinds in ((), ("snake",), ("plain", "plain"))),
    *(ModelConfig(snake=form) for form in ("grid", "off")),
    ModelConfig(decoder="none"),
    ModelConfig(denoising=True),
    ModelConfig(query_groups=3),
    ModelConfig(query_groups=3, denoising=True),
    ModelConfig(distribution_edges=False),
]
LIMITS = {"nano": 2_000_000, "small": 4_500_000}


def targets() -> list[dict[str, Tensor]]:
    """Two boxes on the first image, none on the second."""
    return [
        {
            "labels_N": torch.tensor([0, 2]),
            "boxes_cxcywh_N4": torch.tensor([[0.3, 0.4, 0.4, 0.5], [0.7, 0.6, 0.3, 0.3]]),
            "exhaustive_K": torch.ones(CLASSES, dtype=torch.bool),
        },
        {
            "labels_N": torch.zeros(0, dtype=torch.int64),
            "boxes_cxcywh_N4": torch.zeros(0, 4),
            "exhaustive_K": torch.ones(CLASSES, dtype=torch.bool),
        },
    ]


def detector(config: ModelConfig | None = None) -> Any:
    torch.manual_seed(0)
    return build_detector(config or ModelConfig(), CLASSES)


def images(height: int = 64, width: int = 96, count: int = 2) -> Tensor:
    return torch.rand(count, 3, height, width, generator=torch.Generator().manual_seed(1))


def name_of(config: ModelConfig) -> str:
    changed = {k: v for k, v in config.to_json().items() if v != ModelConfig().to_json()[k]}
    return " ".join(f"{k}={v}" for k, v in changed.items()) or "default"


@pytest.mark.parametrize("config", SWITCHES, ids=name_of)
def test_every_switch_trains_a_step_with_finite_gradients(config: ModelConfig) -> None:
    network = detector(config).train()
    denoises = config.denoising and config.decoder == "detr"
    noised = noised_targets(targets(), 12) if denoises else None
    loss, parts = Criterion()(network(images(), noised), targets(), noised)
    loss.backward()
    assert torch.isfinite(loss)
    assert all(torch.isfinite(part) for part in parts.values())
    assert any(name.startswith("denoising_") for name in parts) == denoises
    missing = [name for name, p in network.named_parameters() if p.grad is None]
    assert missing == []
    assert all(torch.isfinite(p.grad).all() for p in network.parameters())


@pytest.mark.parametrize("config", SWITCHES, ids=name_of)
def test_every_switch_changes_what_it_names(config: ModelConfig) -> None:
    network = detector(config)
    modules = [type(m) for m in network.modules()]
    assert (Decoder in modules) == (config.decoder == "detr")
    routed = [m for m in network.modules() if isinstance(m, MoE)]
    assert any(m.gate is not None for m in routed) == (config.moe != "none" and config.experts != ())
    snakes = config.moe in ("dense", "top2") and config.snake != "off" and "snake" in config.experts
    assert (SnakeConv in modules) == snakes


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("classes", [12, 80])
def test_a_preset_keeps_to_its_size(preset: str, classes: int) -> None:
    count = sum(p.numel() for p in build_detector(ModelConfig(preset), classes).parameters())
    assert 0.5 * LIMITS[preset] < count < LIMITS[preset]


@pytest.mark.parametrize(("height", "width"), [(32, 32), (64, 96), (96, 64)])
def test_images_of_any_size_give_boxes(height: int, width: int) -> None:
    outputs = detector().eval()(images(height, width))
    cells = height * width * (64 + 16 + 4) // (64 * 64)
    queries = min(PRESETS["nano"].queries, cells)
    assert outputs["pred_boxes_BQ4"].shape == (2, queries, 4)
    assert outputs["pred_logits_BQK"].shape == (2, queries, CLASSES)
    assert [gate.shape for gate in outputs["gates"]] == [(2, 2), (2, 3), (2, 3), (2, 3)]


def test_the_queries_are_the_best_cells_and_a_new_decoder_keeps_them() -> None:
    outputs = detector().eval()(images(128, 128))
    scores = outputs["dense"].logits_BTK.amax(-1)
    best = scores.topk(PRESETS["nano"].queries, 1)
    torch.testing.assert_close(outputs["pred_logits_BQK"].amax(-1), best.values)
    boxes = outputs["dense"].boxes_BT4.gather(1, best.indices[..., None].expand(-1, -1, 4))
    torch.testing.assert_close(outputs["pred_boxes_BQ4"], boxes, atol=1e-5, rtol=0)


def test_query_groups_share_no_cell_and_only_train() -> None:
    network = detector(ModelConfig(query_groups=3))
    network.train()
    outputs = network(images(64, 64))
    assert outputs["query_groups"] == 3
    assert outputs["pred_boxes_BQ4"].shape[1] == 84 // 3 * 3
    boxes = outputs["aux_outputs"][0]["ref_boxes_BQ4"][0]
    assert len(boxes.unique(dim=0)) == len(boxes)
    # Dealt out in turn: every group starts with one of the three best.
    starts = outputs["pred_logits_BQK"][0].amax(-1).unflatten(0, (3, -1))[:, 0]
    torch.testing.assert_close(starts.sort().values, outputs["pred_logits_BQK"][0].amax(-1).topk(3).values.sort().values)
    network.eval()
    assert network(images(64, 64))["query_groups"] == 1


def trained(config: ModelConfig) -> Any:
    """A detector whose decoder no longer is the identity."""
    network = detector(config)
    for refine in network.decoder.refine:
        torch.nn.init.normal_(refine.score.weight)
        torch.nn.init.normal_(refine.edges[-1].weight)
    return network.train()


@pytest.mark.parametrize("groups", [1, 3])
def test_denoising_queries_leave_the_proposals_alone(groups: int) -> None:
    network = trained(ModelConfig(query_groups=groups))
    torch.manual_seed(1)
    first, second = noised_targets(targets(), 10), noised_targets(targets(), 10)
    runs = [network(images(), noised) for noised in (first, second, None)]
    for other in runs[1:]:
        torch.testing.assert_close(runs[0]["pred_boxes_BQ4"], other["pred_boxes_BQ4"], atol=1e-5, rtol=0)
    assert not torch.allclose(runs[0]["denoising"][-1]["pred_boxes_BQ4"], runs[1]["denoising"][-1]["pred_boxes_BQ4"])


def test_groups_and_denoising_queries_attend_to_their_own_kind_alone() -> None:
    network = detector(ModelConfig(query_groups=3)).train()
    seen = []
    network.decoder.register_forward_pre_hook(lambda _, given: seen.append(given[0].mask_QQ))
    network(images(64, 64), noised_targets(targets(), 12))
    owner = torch.tensor([0] * 28 + [1] * 28 + [2] * 28 + [3] * 12)
    assert torch.equal(~seen[0], owner[:, None] == owner[None, :])


def test_a_denoising_query_takes_its_content_from_the_cell_that_would_propose_it() -> None:
    network = detector().train()
    large, small = [0.5, 0.5, 0.98, 0.98], [0.1, 0.3, 0.1, 0.1]
    noised = [{"boxes_cxcywh_N4": torch.tensor([large, small])}] * 2
    outputs = network(images(256, 256), noised)
    dense, found = outputs["dense"], outputs["denoising"][0]
    p5_centre = (dense.strides_T2[:, 0] == 1 / 8) & ((dense.centres_T2 - 0.5).abs().amax(1) < 0.1)
    p3_nearest = (dense.centres_T2 - torch.tensor([0.1, 0.3])).norm(dim=1).add(dense.strides_T2[:, 0] * 10).argmin()
    logits = dense.logits_BTK[0]
    assert any(torch.allclose(found["pred_logits_BQK"][0, 0], one) for one in logits[p5_centre])
    torch.testing.assert_close(found["pred_logits_BQK"][0, 1], logits[p3_nearest])
    torch.testing.assert_close(found["ref_boxes_BQ4"][0], noised[0]["boxes_cxcywh_N4"])


def test_the_gate_temperature_reaches_every_level() -> None:
    network = detector()
    network.eval()
    sharp = network(images())["gates"]
    network.set_gate_temperature(1000.0)
    for before, soft in zip(sharp, network(images())["gates"], strict=True):
        torch.testing.assert_close(soft, torch.full_like(soft, 1 / soft.shape[1]), atol=0.01, rtol=0)
        assert not torch.allclose(before, soft, atol=1e-3)


def test_images_of_a_batch_do_not_touch_one_another() -> None:
    # In double precision, where no two cells of a new network tie for a place among the queries.
    network = trained(ModelConfig()).eval().double()
    both = network(images().double())
    for i in range(2):
        alone = network(images()[i : i + 1].double())
        torch.testing.assert_close(alone["pred_boxes_BQ4"][0], both["pred_boxes_BQ4"][i], atol=1e-3, rtol=0)


def test_the_same_seed_builds_the_same_network() -> None:
    first, second = (Detector(ModelConfig(), PRESETS["nano"], 2) for _ in range(2) if torch.manual_seed(7))
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(a, b)
