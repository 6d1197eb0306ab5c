import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from foodet_core.losses.criterion import distribution_loss
from foodet_core.losses.edges import BINS, REACH, chosen_boxes, edge_bins, edge_offsets, expected_boxes, move_edges

SHARE = st.floats(0.0625, 0.875, width=32)
BOX = st.tuples(SHARE, SHARE, SHARE, SHARE).map(lambda box: torch.tensor([box]))
OFFSETS = st.tuples(*[st.floats(-REACH, REACH, width=32)] * 4).map(lambda offsets: torch.tensor([offsets]))


def test_bins_are_symmetric_rise_and_lie_denser_in_the_middle() -> None:
    bins = edge_bins()
    assert len(bins) == BINS
    torch.testing.assert_close(bins, -bins.flip(0))
    assert (bins[0].item(), bins[BINS // 2].item(), bins[-1].item()) == (-REACH, 0, REACH)
    gaps = bins.diff()
    assert (gaps > 0).all()
    assert (gaps[BINS // 2 :].diff() > 0).all()


@given(BOX, st.floats(-5, 5))
def test_uniform_logits_leave_the_box_where_it_is(box: Tensor, level: float) -> None:
    torch.testing.assert_close(expected_boxes(torch.full((1, 4, BINS), level), box), box, atol=1e-6, rtol=0)


@given(BOX, OFFSETS)
def test_offsets_and_moves_are_inverse(box: Tensor, offsets: Tensor) -> None:
    torch.testing.assert_close(edge_offsets(move_edges(box, offsets), box), offsets, atol=1e-4, rtol=0)


@given(BOX, BOX)
def test_moving_by_the_offsets_of_a_box_arrives_at_it(reference: Tensor, box: Tensor) -> None:
    torch.testing.assert_close(move_edges(reference, edge_offsets(box, reference)), box, atol=1e-5, rtol=0)


def test_positive_offsets_move_edges_outwards_by_shares_of_the_box() -> None:
    reference = torch.tensor([0.5, 0.5, 0.2, 0.4])
    # xyxy .4 .3 .6 .7; left out by a tenth of .2, top in by a quarter of .4, bottom out by a half.
    moved = move_edges(reference, torch.tensor([0.1, -0.25, 0.0, 0.5]))
    torch.testing.assert_close(moved, torch.tensor([(0.38 + 0.6) / 2, (0.4 + 0.9) / 2, 0.22, 0.5]))


def test_a_certain_distribution_and_the_chosen_bin_are_the_same_box() -> None:
    reference = torch.tensor([[0.5, 0.5, 0.2, 0.4]])
    bins = torch.tensor([[0, 5, 8, 16]])
    certain = torch.nn.functional.one_hot(bins, BINS).float() * 200
    torch.testing.assert_close(expected_boxes(certain, reference), chosen_boxes(bins, reference))


@given(st.floats(-REACH, REACH, width=32))
def test_the_best_distribution_of_an_edge_has_the_true_offset_as_its_mean(offset: float) -> None:
    logits = torch.zeros(1, 1, BINS, requires_grad=True)
    distribution_loss(logits, torch.tensor([[offset]])).sum().backward()
    assert logits.grad is not None
    # The gradient of a cross-entropy is p − target.
    target = logits.softmax(-1) - logits.grad
    assert (target @ edge_bins()).item() == pytest.approx(offset, abs=1e-5)
    assert (target > 1e-5).sum() <= 2


def test_the_edge_loss_of_a_bin_is_its_negative_log_probability_and_beyond_the_last_bin_it_is_that_one() -> None:
    logits = torch.randn(1, 4, BINS)
    log_p = logits.log_softmax(-1)[0]
    found = distribution_loss(logits, torch.tensor([[-3.0, 0.0, REACH, 7.0]]))[0]
    torch.testing.assert_close(found, -torch.stack([log_p[0, 0], log_p[1, BINS // 2], log_p[2, -1], log_p[3, -1]]))


def test_the_edge_loss_of_uniform_logits() -> None:
    found = distribution_loss(torch.zeros(1, 4, BINS), torch.rand(1, 4) - 0.5)
    torch.testing.assert_close(found, torch.full((1, 4), math.log(BINS)))
