"""The policy against brute force: on a head small enough, every action there is can be written down."""

import math
from itertools import product

import pytest
import torch
from torch import Tensor

from foodet_core.grpo.policy import Rollouts, entropy, kl, log_prob, sample
from foodet_core.losses.edges import BINS, chosen_boxes

CLASSES, FEW_BINS = 3, 5
Head = dict[str, Tensor]
Action = tuple[tuple[bool, ...], tuple[int, ...]]


def random_head(seed: int, queries: int = 1, classes: int = CLASSES, bins: int = FEW_BINS) -> Head:
    """Outputs of one image, in double precision."""
    draw = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=draw).mul(1.5)

    references = torch.tensor([0.5, 0.4, 0.2, 0.3]).expand(1, queries, 4)
    return {
        "pred_logits_BQK": normal(1, queries, classes),
        "pred_edges_BQ4R": normal(1, queries, 4, bins),
        "ref_boxes_BQ4": references,
    }


def all_actions() -> list[Action]:
    """Every class subset times every choice of bins; without a class there is no box, so that is one action."""
    actions: list[Action] = [((False,) * CLASSES, (0, 0, 0, 0))]
    for classes in product([False, True], repeat=CLASSES):
        if any(classes):
            actions += [(classes, bins) for bins in product(range(FEW_BINS), repeat=4)]
    return actions


def rollouts_of(actions: list[Action]) -> Rollouts:
    classes = torch.tensor([classes for classes, _ in actions])[:, None, None]
    bins = torch.tensor([bins for _, bins in actions])[:, None, None]
    return Rollouts(classes, bins, torch.zeros(bins.shape))


def probability(head: Head, action: Action) -> float:
    """The definition, written out in plain Python: independent classes, and bins only where there is a box."""
    classes, bins = action
    scores = head["pred_logits_BQK"][0, 0].double().sigmoid().tolist()
    result: float = math.prod(p if on else 1 - p for p, on in zip(scores, classes, strict=True))
    if any(classes):
        edges = head["pred_edges_BQ4R"][0, 0].double().softmax(-1).tolist()
        result *= math.prod(edges[edge][chosen] for edge, chosen in enumerate(bins))
    return result


@pytest.fixture(scope="module")
def actions() -> list[Action]:
    return all_actions()


@pytest.mark.parametrize("seed", [0, 1])
def test_every_action_has_the_probability_of_its_definition(actions: list[Action], seed: int) -> None:
    head = random_head(seed)
    expected = torch.tensor([probability(head, action) for action in actions])
    found = log_prob(head, rollouts_of(actions)).exp().flatten()
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-9)
    assert found.double().sum().item() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("seed", [2, 3])
def test_entropy_is_the_sum_over_all_actions(actions: list[Action], seed: int) -> None:
    log_p = log_prob(random_head(seed), rollouts_of(actions)).double()
    assert entropy(random_head(seed)).item() == pytest.approx(-(log_p.exp() * log_p).sum().item(), rel=1e-4)


@pytest.mark.parametrize("seed", [4, 5])
def test_kl_is_the_sum_over_all_actions(actions: list[Action], seed: int) -> None:
    ours, theirs = random_head(seed), random_head(seed + 10)
    log_p, log_q = (log_prob(head, rollouts_of(actions)).double() for head in (ours, theirs))
    assert kl(ours, theirs).item() == pytest.approx((log_p.exp() * (log_p - log_q)).sum().item(), rel=1e-4)


def test_kl_is_exactly_zero_at_the_start_and_so_is_its_gradient() -> None:
    head = random_head(6, queries=4)
    frozen = {name: value.clone() for name, value in head.items()}
    leaves = [head["pred_logits_BQK"].requires_grad_(), head["pred_edges_BQ4R"].requires_grad_()]
    divergence = kl(head, frozen)
    assert torch.equal(divergence, torch.zeros(1, 4))
    for gradient in torch.autograd.grad(divergence.sum(), leaves):
        torch.testing.assert_close(gradient, torch.zeros_like(gradient), atol=1e-6, rtol=0)


def test_the_edges_of_a_query_that_emits_nothing_are_no_part_of_its_action() -> None:
    head = random_head(7)
    silent = torch.zeros(2, 1, 1, CLASSES, dtype=torch.bool)
    bins = torch.tensor([[0, 1, 2, 3], [4, 4, 0, 1]])[:, None, None]
    first, second = log_prob(head, Rollouts(silent, bins, torch.zeros(2, 1, 1, 4)))
    assert torch.equal(first, second)


def test_extreme_logits_keep_everything_finite() -> None:
    head = random_head(8, queries=2, bins=BINS)
    head["pred_logits_BQK"] = torch.tensor([[[-80.0, 80.0, 0.0], [-200.0, -200.0, -200.0]]])
    head["pred_edges_BQ4R"] = head["pred_edges_BQ4R"] * 60
    rollouts = sample(head, 4, torch.Generator().manual_seed(0))
    assert torch.isfinite(log_prob(head, rollouts)).all()
    assert torch.isfinite(entropy(head)).all()
    assert torch.isfinite(kl(head, random_head(9, queries=2, bins=BINS))).all()


def test_samples_come_as_often_as_they_are_likely() -> None:
    head = random_head(10, queries=2, bins=BINS)
    members = 20_000
    rollouts = sample(head, members, torch.Generator().manual_seed(0))
    assert rollouts.classes.shape == (members, 1, 2, CLASSES)
    torch.testing.assert_close(rollouts.classes.float().mean(0), head["pred_logits_BQK"].sigmoid(), atol=0.02, rtol=0)
    often = torch.nn.functional.one_hot(rollouts.bins, BINS).float().mean(0)
    torch.testing.assert_close(often, head["pred_edges_BQ4R"].softmax(-1), atol=0.02, rtol=0)
    torch.testing.assert_close(rollouts.boxes, chosen_boxes(rollouts.bins, head["ref_boxes_BQ4"]))


def test_members_differ_and_the_same_generator_draws_the_same() -> None:
    head = random_head(11, queries=3, bins=BINS)
    first, again = (sample(head, 8, torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(first.bins, again.bins)
    assert torch.equal(first.classes, again.classes)
    assert not torch.equal(first.bins[0], first.bins[1])
    assert torch.equal(first.kept, first.classes.any(-1))
