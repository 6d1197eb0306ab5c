"""The policy gradient against the exact gradient by enumeration, and whether following it finds a known best action."""

from itertools import product

import pytest
import torch
from torch import Tensor, nn

from foodet_core.grpo.advantage import advantage, shuffled
from foodet_core.grpo.loss import grpo_loss, reward_event
from foodet_core.grpo.policy import Rollouts, log_prob, sample
from foodet_core.grpo.reward import REWARDS, Matches, Rewards
from foodet_core.losses.edges import BINS, chosen_boxes

CLASSES = 2
REFERENCE = torch.tensor([0.5, 0.5, 0.4, 0.3])
BEST_BINS = torch.tensor([12, 4, 9, 14])
BEST_BOX = chosen_boxes(BEST_BINS, REFERENCE)
RICE = 1
Parameters = tuple[Tensor, Tensor]


def random_parameters(seed: int, queries: int) -> Parameters:
    draw = torch.Generator().manual_seed(seed)
    logits = torch.randn(queries, CLASSES, generator=draw)
    edges = 2 * torch.randn(queries, 4, BINS, generator=draw)
    return logits.requires_grad_(), edges.requires_grad_()


def outputs_of(parameters: Parameters, images: int = 1) -> dict[str, Tensor]:
    """The same head for every image of a batch."""
    logits, edges = parameters
    return {
        "pred_logits_BQK": logits.expand(images, -1, -1),
        "pred_edges_BQ4R": edges.expand(images, -1, -1, -1),
        "ref_boxes_BQ4": REFERENCE.expand(images, len(logits), 4),
    }


def targets_of(images: int) -> tuple[list[dict[str, Tensor]], Matches]:
    """One RICE at the best box, which query 0 answers for."""
    target = {
        "labels_N": torch.tensor([RICE]),
        "boxes_cxcywh_N4": BEST_BOX[None],
        "exhaustive_K": torch.ones(CLASSES, dtype=torch.bool),
    }
    first = torch.tensor([0])
    return [target] * images, [(first, first)] * images


def every_action(queries: int) -> Rollouts:
    """All class subsets times all bins, done by every query at once; the silent action once."""
    bins = torch.cartesian_prod(*[torch.arange(BINS)] * 4)
    subsets = torch.tensor(list(product([False, True], repeat=CLASSES)))[1:]
    classes = torch.cat([torch.zeros(1, CLASSES, dtype=torch.bool), subsets.repeat_interleave(len(bins), 0)])
    bins = torch.cat([bins[:1], bins.repeat(len(subsets), 1)])
    bins = bins[:, None, None].expand(-1, 1, queries, 4)
    return Rollouts(classes[:, None, None].expand(-1, 1, queries, CLASSES), bins, chosen_boxes(bins, REFERENCE))


def exact_gradient(name: str, parameters: Parameters) -> Tensor:
    """∇E[R] = ∇ Σ_a π(a) R(a); the reward of query 0 (seed), or each query's own credit (set)."""
    actions = every_action(len(parameters[0]))
    rewards = REWARDS[name](actions, *targets_of(1))
    probabilities = log_prob(outputs_of(parameters), actions).exp()
    worth = rewards.per_query_MBQ
    if worth is None:
        worth = rewards.per_image_MB[..., None] * rewards.seen_BQ
    return flat(torch.autograd.grad((probabilities * worth).sum(), parameters))


def sampled_gradient(name: str, parameters: Parameters, members: int, images: int) -> Tensor:
    outputs = outputs_of(parameters, images)
    rollouts = sample(outputs, members, torch.Generator().manual_seed(0))
    rewards = REWARDS[name](rollouts, *targets_of(images))
    loss, _ = grpo_loss(outputs, rollouts, advantage(rewards), None, 0.0)
    return flat(torch.autograd.grad(loss, parameters))


def flat(gradients: tuple[Tensor, ...]) -> Tensor:
    return torch.cat([gradient.flatten() for gradient in gradients])


@pytest.mark.parametrize(("members", "images"), [(4, 8_000), (100_000, 1)])
def test_the_expected_gradient_of_the_seed_reward_is_the_exact_one(members: int, images: int) -> None:
    parameters = random_parameters(0, queries=2)
    exact = exact_gradient("seed", parameters)
    # R − mean(R) holds the member's own reward, which shortens the gradient by (M − 1) / M.
    found = -sampled_gradient("seed", parameters, members, images) * members / (members - 1)
    assert (found - exact).norm() < 0.1 * exact.norm()


def test_the_expected_gradient_of_the_set_reward_is_the_exact_one() -> None:
    parameters = random_parameters(1, queries=2)
    exact = exact_gradient("set", parameters)
    found = -sampled_gradient("set", parameters, 4, 8_000)
    assert (found - exact).norm() < 0.1 * exact.norm()


def climb(name: str, seed: int, placebo: bool) -> tuple[float, Tensor]:
    """600 steps of gradient ascent from an undecided policy; the expected reward and the likeliest bins of query 0."""
    parameters = nn.Parameter(torch.zeros(2, CLASSES)), nn.Parameter(torch.zeros(2, 4, BINS))
    optimizer = torch.optim.SGD(parameters, lr=2.0)
    draw = torch.Generator().manual_seed(seed)
    target = targets_of(1)
    for _ in range(600):
        outputs = outputs_of(parameters)
        rollouts = sample(outputs, 64, draw)
        advantages = advantage(REWARDS[name](rollouts, *target))
        if placebo:
            advantages = shuffled(advantages, draw)
        loss, _ = grpo_loss(outputs, rollouts, advantages, None, 0.0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    final = REWARDS[name](sample(outputs_of(parameters), 2000, draw), *target)
    return final.per_image_MB.mean().item(), parameters[1][0].argmax(-1)


@pytest.mark.parametrize(("name", "best"), [("seed", 2.0), ("set", 1.0)])
@pytest.mark.parametrize("seed", [0, 1])
def test_gradient_ascent_finds_the_known_best_action(name: str, best: float, seed: int) -> None:
    reward, bins = climb(name, seed, placebo=False)
    assert reward > 0.95 * best
    assert (bins - BEST_BINS).abs().max() <= 1


@pytest.mark.parametrize(("name", "best"), [("seed", 2.0), ("set", 1.0)])
@pytest.mark.parametrize("seed", [0, 1])
def test_with_shuffled_advantages_it_finds_nothing(name: str, best: float, seed: int) -> None:
    reward, bins = climb(name, seed, placebo=True)
    assert reward < 0.6 * best
    assert (bins - BEST_BINS).abs().max() > 2


@pytest.mark.parametrize("reward", [0.1, 1.7])
def test_equal_rewards_give_exactly_no_policy_gradient(reward: float) -> None:
    parameters = random_parameters(2, queries=3)
    outputs = outputs_of(parameters)
    rollouts = sample(outputs, 7, torch.Generator().manual_seed(0))
    equal = Rewards(torch.full((7, 1), reward), {}, torch.ones(1, 3, dtype=torch.bool))
    loss, parts = grpo_loss(outputs, rollouts, advantage(equal), None, 0.0)
    for gradient in torch.autograd.grad(loss, parameters):
        assert torch.equal(gradient, torch.zeros_like(gradient))
    assert parts["policy"] == 0


def test_the_kl_term_pulls_back_and_is_weighted() -> None:
    start, moved = random_parameters(3, queries=2), random_parameters(4, queries=2)
    outputs, reference = outputs_of(moved, images=3), outputs_of(start, images=3)
    rollouts = sample(outputs, 4, torch.Generator().manual_seed(0))
    nothing = torch.zeros(4, 3, 2)
    at_start, _ = grpo_loss(outputs_of(start, images=3), rollouts, nothing, reference, 0.5)
    assert at_start == 0
    loss, parts = grpo_loss(outputs, rollouts, nothing, reference, 0.5)
    assert parts["kl"] > 0
    torch.testing.assert_close(loss.detach(), 0.5 * parts["kl"])
    # A step down the gradient brings the policy nearer to the reference.
    logits_step, edges_step = torch.autograd.grad(loss, moved)
    nearer = moved[0] - 0.01 * logits_step, moved[1] - 0.01 * edges_step
    _, after = grpo_loss(outputs_of(nearer, images=3), rollouts, nothing, reference, 0.5)
    assert after["kl"] < parts["kl"]


def test_the_loss_is_a_mean_over_members_and_images_and_a_sum_over_queries() -> None:
    parameters = random_parameters(5, queries=2)
    outputs = outputs_of(parameters, images=3)
    rollouts = sample(outputs, 4, torch.Generator().manual_seed(0))
    advantages = torch.randn(4, 3, 2, generator=torch.Generator().manual_seed(1))
    loss, _ = grpo_loss(outputs, rollouts, advantages, None, 1.0)
    log_p = log_prob(outputs, rollouts)
    by_hand = sum(advantages[m, b, q] * log_p[m, b, q] for m, b, q in product(range(4), range(3), range(2)))
    torch.testing.assert_close(loss, -torch.as_tensor(by_hand) / 12)


def test_the_event_tells_the_means_of_the_step() -> None:
    classes = torch.tensor([[[True, False], [False, False]], [[True, True], [False, True]]])[:, None]
    rollouts = Rollouts(classes, torch.zeros(2, 1, 2, 4, dtype=torch.int64), torch.zeros(2, 1, 2, 4))
    rewards = Rewards(torch.tensor([[1.0], [2.0]]), {"iou": torch.tensor([[0.5], [1.0]])}, torch.ones(1, 2, dtype=torch.bool))
    parts = {"kl": torch.tensor(0.25), "entropy": torch.tensor(3.0)}
    event = reward_event(7, rewards, rollouts, advantage(rewards), parts)
    assert (event.step, event.reward, event.parts, event.spread) == (7, 1.5, {"iou": 0.75}, 0.5)
    assert (event.zero_variance, event.kl, event.entropy, event.kept_boxes) == (0.0, 0.25, 3.0, 1.5)
