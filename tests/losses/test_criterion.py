"""The set loss and the dense loss on cases small enough for paper, and what partial labels and empty images do to them."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from foodet_core.losses.assigner import PaddedTargets, assign
from foodet_core.losses.criterion import Criterion, Weights, at_least_one, dense_loss, matchability_loss
from foodet_core.losses.edges import BINS
from foodet_core.models.dense_head import DISTANCES, Dense

Outputs = dict[str, Any]
TRUE = [0.5, 0.5, 0.4, 0.2]
# Twice as high as TRUE: IoU and GIoU one half, L1 distance 0.2.
FOUND = [0.5, 0.5, 0.4, 0.4]
AWAY = [0.1, 0.1, 0.1, 0.1]
LOGITS = [[0.7, -0.4], [0.2, -1.5]]


def target(labels: list[int], boxes: list[list[float]], exhaustive: tuple[bool, bool] = (True, True)) -> dict[str, Tensor]:
    return {
        "labels_N": torch.tensor(labels, dtype=torch.int64),
        "boxes_cxcywh_N4": torch.tensor(boxes).reshape(-1, 4),
        "exhaustive_K": torch.tensor(exhaustive),
    }


def dense(images: int = 1) -> Dense:
    """One cell in the middle of the image, a quarter of it wide, that proposes a box of half its sides."""
    heads = Dense(
        torch.tensor([[[0.3, -0.8]]]).repeat(images, 1, 1).requires_grad_(),
        torch.zeros(images, 1, 4, DISTANCES).requires_grad_(),
        torch.tensor([[0.5, 0.5]]),
        torch.tensor([[0.25, 0.25]]),
    )
    # In place of what the distances would say, so that the box can be told from its edges' distributions.
    vars(heads)["boxes_BT4"] = torch.tensor([[[0.5, 0.5, 0.5, 0.5]]]).repeat(images, 1, 1).requires_grad_()
    return heads


def grid(side: int) -> Dense:
    """Two images of cells with random scores and distances."""
    draw = torch.Generator().manual_seed(0)
    at = (torch.arange(side) + 0.5) / side
    return Dense(
        torch.randn(2, side * side, 2, generator=draw).requires_grad_(),
        torch.randn(2, side * side, 4, DISTANCES, generator=draw).requires_grad_(),
        torch.cartesian_prod(at, at),
        torch.full((side * side, 2), 1 / side),
    )


def layer(images: int = 1) -> dict[str, Tensor]:
    """Two queries: one finds TRUE half, the other looks away; edge distributions uniform."""
    boxes = torch.tensor([[FOUND, AWAY]]).repeat(images, 1, 1)
    return {
        "pred_logits_BQK": torch.tensor([LOGITS]).repeat(images, 1, 1).requires_grad_(),
        "pred_boxes_BQ4": boxes.clone().requires_grad_(),
        "pred_edges_BQ4R": torch.zeros(images, 2, 4, BINS).requires_grad_(),
        "ref_boxes_BQ4": boxes,
    }


def outputs(images: int = 1, aux: int = 0) -> Outputs:
    return {"dense": dense(images), **layer(images), "aux_outputs": [layer(images) for _ in range(aux)], "query_groups": 1}


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def negative(z: float) -> float:
    """p^1.5 · −log(1 − p)."""
    return float(sigmoid(z) ** 1.5 * -math.log(1 - sigmoid(z)))


def positive(z: float, iou: float) -> float:
    q = float(iou**1.5)
    return -q * math.log(sigmoid(z)) - (1 - q) * math.log(1 - sigmoid(z))


def test_the_set_loss_by_hand() -> None:
    _, parts = Criterion()(outputs(), [target([0], [TRUE])])
    score = positive(LOGITS[0][0], 0.5) + negative(LOGITS[0][1]) + negative(LOGITS[1][0]) + negative(LOGITS[1][1])
    assert parts["score"].item() == pytest.approx(score, rel=1e-5)
    assert parts["l1"].item() == pytest.approx(5 * 0.2, rel=1e-5)
    assert parts["giou"].item() == pytest.approx(2 * (1 - 0.5), rel=1e-5)
    # Any edge costs log BINS under the uniform distribution; a box counts by its IoU.
    assert parts["edge"].item() == pytest.approx(0.5 * math.log(BINS) * 0.5, rel=1e-5)


def test_the_dense_loss_by_hand() -> None:
    # The cell's box is [.5, .5, .5, .5]: IoU and GIoU one half with a box of half its height; soft target one half.
    parts = dense_loss(dense(), PaddedTargets.of([target([1], [[0.5, 0.5, 0.5, 0.25]])]))
    z_other, z_label = 0.3, -0.8
    soft = -0.5 * math.log(sigmoid(z_label)) - 0.5 * math.log(1 - sigmoid(z_label))
    assert parts["score"].item() == pytest.approx(0.5 * (soft - math.log(1 - sigmoid(z_other))), rel=1e-5)
    assert parts["giou"].item() == pytest.approx(7.5 * 0.5 * 0.5, rel=1e-5)
    assert parts["edge"].item() == pytest.approx(1.5 * math.log(DISTANCES) * 0.5, rel=1e-5)


@pytest.mark.parametrize("exhaustive", [(True, True), (False, True), (False, False)])
def test_the_dense_scores_are_a_cross_entropy_over_what_is_known(exhaustive: tuple[bool, bool]) -> None:
    heads = grid(8)
    boxes = [[0.5, 0.5, 0.5, 0.25], [0.2, 0.2, 0.3, 0.3]]
    targets = PaddedTargets.of([target([1, 0], boxes, exhaustive), target([1], boxes[:1])])
    assigned = assign(heads.logits_BTK, heads.boxes_BT4, heads.centres_T2, targets)
    soft_BTK = torch.zeros_like(heads.logits_BTK).scatter(2, assigned.labels_BT[..., None], assigned.scores_BT[..., None])
    known = targets.exhaustive_BK[:, None] | (soft_BTK > 0).any(-1, keepdim=True)
    plain = functional.binary_cross_entropy_with_logits(heads.logits_BTK, soft_BTK, known.float(), reduction="sum")
    expected = 0.5 * plain / at_least_one(soft_BTK.sum())
    assert soft_BTK.sum() > 0
    score = dense_loss(heads, targets)["score"]
    torch.testing.assert_close(score, expected)
    for ours, theirs in zip(*(torch.autograd.grad(loss, [heads.logits_BTK]) for loss in (score, expected)), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_dense_distances_are_pulled_to_the_true_ones_in_strides() -> None:
    heads = dense()
    parts = dense_loss(heads, PaddedTargets.of([target([1], [[0.5, 0.5, 0.5, 0.25]])]))
    [gradient] = torch.autograd.grad(parts["edge"], [heads.distances_BT4D])
    # 1.5 · soft target / 4 edges stands before p − target.
    aim = heads.distances_BT4D.softmax(-1) - gradient / (1.5 * 0.5 / 4)
    means = aim[0, 0] @ torch.arange(DISTANCES, dtype=torch.float32)
    torch.testing.assert_close(means, torch.tensor([1.0, 0.5, 1.0, 0.5]))


def test_the_total_is_the_sum_of_its_weighted_parts() -> None:
    criterion = Criterion(Weights(score=2, l1=3, giou=4, edge=5, dense=0.5))
    loss, parts = criterion(outputs(), [target([0], [TRUE])])
    _, plain = Criterion(Weights(1, 1, 1, 1, 1))(outputs(), [target([0], [TRUE])])
    factors = {"score": 2, "l1": 3, "giou": 4, "edge": 5, "dense_score": 0.5, "dense_giou": 0.5, "dense_edge": 0.5}
    assert parts.keys() == factors.keys()
    for name, factor in factors.items():
        torch.testing.assert_close(parts[name], factor * plain[name])
    torch.testing.assert_close(loss.detach(), torch.stack(list(parts.values())).sum())
    assert not any(part.requires_grad for part in parts.values())


def test_layers_add_up_and_query_groups_are_averaged() -> None:
    targets = [target([0], [TRUE])]
    _, one = Criterion()(outputs(), targets)
    _, three = Criterion()(outputs(aux=2), targets)
    grouped = outputs()
    grouped |= {name: torch.cat([value, value], 1) for name, value in layer().items()} | {"query_groups": 2}
    _, both = Criterion()(grouped, targets)
    for name in ("score", "l1", "giou", "edge"):
        torch.testing.assert_close(three[name], 3 * one[name])
        torch.testing.assert_close(both[name], one[name])


def test_denoising_queries_are_matched_to_the_boxes_they_came_from() -> None:
    targets = [target([1, 0], [AWAY, TRUE])]
    noised = [{"source_N": torch.tensor([1, 0])}]
    _, parts = Criterion()(outputs() | {"denoising": [layer()]}, targets, noised)
    score = positive(LOGITS[0][0], 0.5) + negative(LOGITS[0][1]) + negative(LOGITS[1][0]) + positive(LOGITS[1][1], 1)
    assert parts["denoising_score"].item() == pytest.approx(score / 2, rel=1e-4)
    assert parts["denoising_l1"].item() == pytest.approx(5 * 0.2 / 2, rel=1e-4)
    assert parts["denoising_giou"].item() == pytest.approx(2 * 0.5 / 2, rel=1e-4)


def test_matchability_of_a_sure_hit_and_of_a_sure_miss() -> None:
    everything = torch.ones(1, 1, dtype=torch.bool)
    sure = torch.tensor([[[20.0]]])
    assert matchability_loss(sure, torch.ones(1, 1, 1), everything) < 1e-6
    assert matchability_loss(sure, torch.zeros(1, 1, 1), everything) > 19
    assert matchability_loss(-sure, torch.zeros(1, 1, 1), everything) < 1e-6


def class_gradients(given: Outputs, targets: list[dict[str, Tensor]], noised: Any = None) -> list[Tensor]:
    """Gradients of every logit there is: dense head, last and earlier layers, denoising queries."""
    every = [given["dense"].logits_BTK, given["pred_logits_BQK"]]
    every += [o["pred_logits_BQK"] for o in [*given["aux_outputs"], *given.get("denoising", [])]]
    loss, _ = Criterion()(given, targets, noised)
    return list(torch.autograd.grad(loss, every))


def test_a_class_that_is_not_labelled_exhaustively_gives_no_negatives_where_nothing_is_labelled() -> None:
    given = outputs(aux=1) | {"denoising": [layer()]}
    noised = [{"source_N": torch.tensor([0, -1])}]
    for gradient in class_gradients(given, [target([0], [TRUE], (True, False))], noised)[1:]:
        assert gradient[0, 1, 1] == 0
        assert (gradient[..., 0] != 0).all()
    dense_gradient = class_gradients(outputs(), [target([0], [AWAY], (True, False))])[0]
    assert dense_gradient[0, 0, 1] == 0
    assert dense_gradient[0, 0, 0] > 0


def test_a_labelled_box_is_no_other_class_even_of_those_not_labelled_exhaustively() -> None:
    given = outputs(aux=1) | {"denoising": [layer()]}
    for gradient in class_gradients(given, [target([0], [TRUE], (True, False))], [{"source_N": torch.tensor([0, -1])}]):
        assert gradient[0, 0, 1] > 0


def test_its_boxes_still_are_positives() -> None:
    dense_gradient, gradient = class_gradients(outputs(), [target([1], [TRUE], (True, False))])
    # The gradient of a cross-entropy with target q.
    assert gradient[0, 0, 1].item() == pytest.approx(sigmoid(LOGITS[0][1]) - 0.5**1.5, rel=1e-4)
    assert gradient[0, 1, 1] == 0
    assert dense_gradient[0, 0, 1] != 0
    assert (gradient[..., 0] > 0).all()


def test_partial_labels_are_each_image_s_own() -> None:
    both = [target([0], [TRUE], (True, False)), target([0], [TRUE], (True, True))]
    _, gradient = class_gradients(outputs(2), both)
    assert gradient[0, 1, 1] == 0
    assert (gradient[1, :, 1] > 0).all()


@pytest.mark.parametrize("images", [1, 3])
def test_images_without_boxes_give_a_finite_loss_of_negatives_alone(images: int) -> None:
    given = outputs(images, aux=1) | {"denoising": [layer(images)]}
    noised = [{"source_N": torch.tensor([-1, -1])}] * images
    loss, parts = Criterion()(given, [target([], [])] * images, noised)
    loss.backward()
    assert math.isfinite(loss.item())
    assert {name for name, part in parts.items() if part != 0} == {"score", "dense_score", "denoising_score"}
    assert (given["pred_logits_BQK"].grad > 0).all()
    assert torch.isfinite(given["pred_boxes_BQ4"].grad).all()


def test_an_image_that_says_nothing_teaches_nothing() -> None:
    loss, _ = Criterion()(outputs(), [target([], [], (False, False))])
    assert loss.item() == 0


def test_without_a_decoder_the_dense_head_is_all_there_is() -> None:
    loss, parts = Criterion()({"dense": dense()}, [target([0], [TRUE])])
    assert parts.keys() == {"dense_score", "dense_giou", "dense_edge"}
    assert loss > 0


def test_more_boxes_than_queries_are_no_problem() -> None:
    loss, _ = Criterion()(outputs(), [target([0, 1, 0], [TRUE, AWAY, FOUND])])
    loss.backward()
    assert math.isfinite(loss.item())


def test_degenerate_boxes_keep_the_gradients_finite() -> None:
    given = outputs()
    given["pred_boxes_BQ4"] = torch.tensor([[[0.5, 0.5, 0.0, 0.0], [2.0, 2.0, 1e-9, 1e-9]]], requires_grad=True)
    loss, _ = Criterion()(given, [target([0, 1], [[0.5, 0.5, 0.0, 0.0], TRUE])])
    loss.backward()
    assert math.isfinite(loss.item())
    assert torch.isfinite(given["pred_boxes_BQ4"].grad).all()
