"""Both rewards on sets of boxes whose worth can be said by hand."""

import pytest
import torch
from torch import Tensor

from foodet_core.grpo.policy import Rollouts
from foodet_core.grpo.reward import DUPLICATE, FALSE_POSITIVE, REWARDS, Matches, seed_reward, set_reward

LEFT = (0.25, 0.5, 0.2, 0.2)
RIGHT = (0.75, 0.5, 0.2, 0.2)
# Half of LEFT: IoU exactly one half.
HALF = (0.25, 0.5, 0.1, 0.2)
MIDDLE = (0.5, 0.1, 0.1, 0.1)
RICE, EGG, SOUP = range(3)
Query = tuple[tuple[float, ...], set[int]]


def target(*found: Query, exhaustive: tuple[int, ...] = (RICE, EGG, SOUP)) -> dict[str, Tensor]:
    return {
        "labels_N": torch.tensor([next(iter(classes)) for _, classes in found], dtype=torch.int64),
        "boxes_cxcywh_N4": torch.tensor([box for box, _ in found]).reshape(-1, 4),
        "exhaustive_K": torch.tensor([label in exhaustive for label in range(3)]),
    }


def rollouts(*members: list[Query]) -> Rollouts:
    """One image; every member lists its queries as (box, classes that are on)."""
    boxes = torch.tensor([[box for box, _ in member] for member in members])[:, None]
    classes = torch.tensor([[[label in on for label in range(3)] for _, on in member] for member in members])[:, None]
    return Rollouts(classes, torch.zeros(boxes.shape, dtype=torch.int64), boxes)


def matched(*pairs: tuple[int, int]) -> Matches:
    query, index = torch.tensor(pairs, dtype=torch.int64).reshape(-1, 2).unbind(1)
    return [(query, index)]


TWO = target((LEFT, {RICE}), (RIGHT, {EGG}))


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ((LEFT, {RICE}), 2.0),
        ((HALF, {RICE}), 1.75),
        ((LEFT, {EGG}), 1.5),
        ((LEFT, {RICE, SOUP}), 1.5),
        ((RIGHT, {RICE}), 1.5),
        ((LEFT, set()), 1.0),
    ],
)
def test_the_seed_reward_is_mean_iou_plus_mean_class_right(first: Query, expected: float) -> None:
    rewards = seed_reward(rollouts([first, (RIGHT, {EGG})]), [TWO], matched((0, 0), (1, 1)))
    assert rewards.per_image_MB.item() == pytest.approx(expected)


def test_the_seed_reward_sees_matched_queries_alone() -> None:
    right, noise = [(LEFT, {RICE}), (RIGHT, {EGG})], (MIDDLE, {SOUP})
    rewards = seed_reward(rollouts([*right, noise]), [TWO], matched((0, 0), (1, 1)))
    assert rewards.per_image_MB.item() == pytest.approx(2)
    assert rewards.seen_BQ.tolist() == [[True, True, False]]


def test_an_image_without_boxes_earns_nothing_and_is_seen_by_nobody() -> None:
    rewards = seed_reward(rollouts([(LEFT, {RICE})]), [target()], matched())
    assert rewards.per_image_MB.item() == 0
    assert not rewards.seen_BQ.any()


def test_every_image_of_a_batch_gets_its_own_reward() -> None:
    boxes = torch.tensor([LEFT, RIGHT]).reshape(1, 2, 1, 4)
    classes = torch.tensor([[True, False, False], [False, True, False]]).reshape(1, 2, 1, 3)
    both = Rollouts(classes, torch.zeros(1, 2, 1, 4, dtype=torch.int64), boxes)
    pair = matched((0, 0))[0]
    rewards = seed_reward(both, [target((LEFT, {RICE})), target((LEFT, {EGG}))], [pair, pair])
    torch.testing.assert_close(rewards.per_image_MB, torch.tensor([[2.0, 1.0]]))


@pytest.mark.parametrize(
    ("third", "expected"),
    [
        ((MIDDLE, set()), 1.0),
        ((MIDDLE, {SOUP}), 1 - FALSE_POSITIVE / 2),
        ((MIDDLE, {SOUP, RICE}), 1 - FALSE_POSITIVE / 2),
        ((LEFT, {RICE}), 1 - DUPLICATE / 2),
        ((LEFT, {SOUP}), 1 - FALSE_POSITIVE / 2),
    ],
)
def test_the_set_reward_of_an_unmatched_query(third: Query, expected: float) -> None:
    rewards = set_reward(rollouts([(LEFT, {RICE}), (RIGHT, {EGG}), third]), [TWO], matched((0, 0), (1, 1)))
    assert rewards.per_image_MB.item() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("first", "credit"),
    [
        ((LEFT, {RICE}), 1.0),
        # IoU one half passes the first of the ten thresholds.
        ((HALF, {RICE}), 0.1),
        ((LEFT, set()), 0.0),
        ((LEFT, {EGG}), -FALSE_POSITIVE),
        ((LEFT, {RICE, SOUP}), -FALSE_POSITIVE),
    ],
)
def test_the_set_reward_of_a_matched_query(first: Query, credit: float) -> None:
    rewards = set_reward(rollouts([first, (RIGHT, set())]), [TWO], matched((0, 0), (1, 1)))
    assert rewards.per_image_MB.item() == pytest.approx(credit / 2)


def test_a_matched_query_is_never_a_duplicate() -> None:
    # Rice and egg in one place; the query that answers for the rice says egg as well.
    both = target((LEFT, {RICE}), (LEFT, {EGG}))
    rewards = set_reward(rollouts([(LEFT, {RICE, EGG}), (LEFT, {EGG})]), [both], matched((0, 0), (1, 1)))
    assert rewards.per_image_MB.item() == pytest.approx((1 - FALSE_POSITIVE) / 2)
    assert rewards.parts["duplicates"].item() == 0


def test_a_class_that_is_not_labelled_exhaustively_costs_nothing() -> None:
    partial = target((LEFT, {RICE}), exhaustive=(EGG,))
    found = rollouts([(LEFT, {RICE, SOUP}), (MIDDLE, {SOUP}), (LEFT, {RICE})])
    assert seed_reward(found, [partial], matched((0, 0))).per_image_MB.item() == pytest.approx(2)
    assert set_reward(found, [partial], matched((0, 0))).per_image_MB.item() == pytest.approx(1)
    egg = rollouts([(LEFT, {RICE, EGG}), (MIDDLE, set()), (MIDDLE, set())])
    assert seed_reward(egg, [partial], matched((0, 0))).per_image_MB.item() == pytest.approx(1)


def random_rollouts(seed: int, members: int = 16, queries: int = 5) -> Rollouts:
    draw = torch.Generator().manual_seed(seed)
    boxes = torch.rand(members, 1, queries, 4, generator=draw) * 0.1 + torch.tensor(LEFT)
    classes = torch.rand(members, 1, queries, 3, generator=draw) < 0.4
    return Rollouts(classes, torch.zeros(boxes.shape, dtype=torch.int64), boxes)


@pytest.mark.parametrize("name", REWARDS)
def test_the_parts_add_up_to_the_reward(name: str) -> None:
    rewards = REWARDS[name](random_rollouts(0), [TWO], matched((3, 0), (1, 1)))
    torch.testing.assert_close(sum(rewards.parts.values()), rewards.per_image_MB)
    assert rewards.per_image_MB.unique().numel() > 1


def test_a_query_s_credit_does_not_depend_on_what_the_others_do() -> None:
    ours, others = random_rollouts(1), random_rollouts(2)
    mixed = Rollouts(others.classes.clone(), others.bins, others.boxes.clone())
    mixed.classes[:, :, 2], mixed.boxes[:, :, 2] = ours.classes[:, :, 2], ours.boxes[:, :, 2]
    before, after = (set_reward(r, [TWO], matched((2, 0), (4, 1))).per_query_MBQ for r in (ours, mixed))
    assert before is not None
    assert after is not None
    assert torch.equal(before[:, :, 2], after[:, :, 2])
    assert not torch.equal(before, after)
