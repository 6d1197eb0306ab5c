import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from foodet_core.grpo.advantage import advantage, shuffled, zero_variance
from foodet_core.grpo.reward import Rewards

MEMBERS = st.integers(2, 9)


def random_rewards(members: int, seed: int, per_query: bool) -> Rewards:
    draw = torch.Generator().manual_seed(seed)
    credit = torch.rand(members, 3, 4, generator=draw) - 0.3
    seen = torch.rand(3, 4, generator=draw) < 0.7
    return Rewards(credit.sum(-1), {}, seen, credit if per_query else None)


@given(MEMBERS, st.integers(0, 1000), st.booleans())
def test_the_advantages_of_a_group_sum_to_zero(members: int, seed: int, per_query: bool) -> None:
    sums = advantage(random_rewards(members, seed, per_query)).sum(0)
    torch.testing.assert_close(sums, torch.zeros(3, 4), atol=1e-5, rtol=0)


@given(MEMBERS, st.floats(-2, 2, width=32), st.booleans())
def test_equal_rewards_give_exactly_zero(members: int, reward: float, per_query: bool) -> None:
    credit = torch.full((members, 2, 3), reward)
    rewards = Rewards(credit[..., 0], {}, torch.ones(2, 3, dtype=torch.bool), credit if per_query else None)
    advantages = advantage(rewards)
    assert torch.equal(advantages, torch.zeros(members, 2, 3))
    assert zero_variance(advantages).tolist() == [True, True]


def test_one_reward_per_image_is_compared_with_the_mean_for_the_queries_it_sees() -> None:
    rewards = Rewards(torch.tensor([[1.0], [2.0], [6.0]]), {}, torch.tensor([[True, False]]))
    torch.testing.assert_close(advantage(rewards)[:, 0], torch.tensor([[-2.0, 0.0], [-1.0, 0.0], [3.0, 0.0]]))


def test_credit_per_query_is_compared_with_the_mean_of_the_others() -> None:
    rewards = random_rewards(5, 0, per_query=True)
    credit = rewards.per_query_MBQ
    assert credit is not None
    for member in range(5):
        others = [m for m in range(5) if m != member]
        torch.testing.assert_close(advantage(rewards)[member], credit[member] - credit[others].mean(0))


def test_an_image_teaches_as_soon_as_one_query_does() -> None:
    advantages = torch.zeros(2, 2, 3)
    advantages[:, 1, 2] = torch.tensor([-0.5, 0.5])
    assert zero_variance(advantages).tolist() == [True, False]


def test_the_placebo_deals_whole_members_out_anew_image_by_image() -> None:
    advantages = advantage(random_rewards(8, 3, per_query=True))
    dealt = shuffled(advantages, torch.Generator().manual_seed(0))
    assert not torch.equal(dealt, advantages)
    for image in range(3):
        assert sorted(dealt[:, image].tolist()) == sorted(advantages[:, image].tolist())


@pytest.mark.parametrize("per_query", [False, True])
def test_the_placebo_is_nothing_on_average(per_query: bool) -> None:
    draw = torch.Generator().manual_seed(0)
    advantages = advantage(random_rewards(4, 1, per_query))
    mean = torch.stack([shuffled(advantages, draw) for _ in range(2000)]).mean(0)
    assert mean.abs().max() < 0.1 * advantages.abs().max()
