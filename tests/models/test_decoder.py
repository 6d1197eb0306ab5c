"""The decoder starts as the identity over its proposals; its attention looks where it says."""

from typing import Any

import pytest
import torch
from torch import Tensor

from foodet_core.losses.edges import BINS
from foodet_core.models.decoder import Decoder, DeformableAttention, Queries, Refinement, rivals, sample_level
from foodet_core.models.dense_head import DISTANCES, STRIDES, DenseHead

CLASSES, CHANNELS, WIDTH = 3, 8, 16


def decoder(distribution_edges: bool = True) -> Any:
    torch.manual_seed(0)
    return Decoder(CLASSES, CHANNELS, WIDTH, 2, 4, 24, 3, 2, distribution_edges).eval()


def maps() -> list[Tensor]:
    draw = torch.Generator().manual_seed(1)
    return [torch.randn(2, CHANNELS, 8 // 2**i, 12 // 2**i, generator=draw) for i in range(3)]


def proposals(queries: int = 7) -> Queries:
    draw = torch.Generator().manual_seed(2)
    boxes = torch.rand(2, queries, 4, generator=draw) * 0.4 + 0.2
    logits = torch.randn(2, queries, CLASSES, generator=draw)
    return Queries(torch.randn(2, queries, CHANNELS, generator=draw), boxes, logits)


@pytest.mark.parametrize("distribution_edges", [True, False])
def test_a_new_decoder_returns_its_proposals(distribution_edges: bool) -> None:
    given = proposals()
    layers = decoder(distribution_edges)(given, maps())
    assert len(layers) == 2
    for layer in layers:
        assert torch.equal(layer["pred_logits_BQK"], given.logits_BQK)
        torch.testing.assert_close(layer["pred_boxes_BQ4"], given.boxes_BQ4, atol=1e-6, rtol=0)
        assert ("pred_edges_BQ4R" in layer) == distribution_edges


def test_every_layer_refines_the_boxes_of_the_one_before() -> None:
    module = decoder()
    for refine in module.refine:
        torch.nn.init.normal_(refine.edges[-1].weight)
        torch.nn.init.normal_(refine.score.weight)
    first, second = module(proposals(), maps())
    assert not torch.equal(first["pred_boxes_BQ4"], proposals().boxes_BQ4)
    assert torch.equal(second["ref_boxes_BQ4"], first["pred_boxes_BQ4"])
    assert not second["ref_boxes_BQ4"].requires_grad
    assert not torch.equal(second["pred_logits_BQK"], first["pred_logits_BQK"])


def test_a_refinement_adds_to_the_logits_and_moves_edges_by_its_distributions() -> None:
    refine: Any = Refinement(WIDTH, CLASSES, True)
    assert refine.edges[-1].out_features == 4 * BINS
    torch.nn.init.ones_(refine.score.bias)
    with torch.no_grad():
        # All mass on the last bin of the right edge: it moves out by half a width.
        refine.edges[-1].bias.view(4, BINS)[2, -1] = 100
    box = torch.tensor([[[0.5, 0.5, 0.2, 0.4]]])
    out = refine(torch.zeros(1, 1, WIDTH), torch.zeros(1, 1, CLASSES), box)
    torch.testing.assert_close(out["pred_boxes_BQ4"], torch.tensor([[[0.55, 0.5, 0.3, 0.4]]]))
    torch.testing.assert_close(out["pred_logits_BQK"], torch.ones(1, 1, CLASSES))


def test_a_query_is_rivalled_by_what_overlaps_it_with_more_certainty_and_told_whether_it_says_the_same() -> None:
    box, shifted, away = [0.5, 0.5, 0.2, 0.2], [0.6, 0.5, 0.2, 0.2], [0.1, 0.1, 0.1, 0.1]
    boxes = torch.tensor([[box, shifted, box, away]])
    scores = torch.tensor([[[0.9, 0.0], [0.5, 0.0], [0.0, 0.6], [0.3, 0.0]]])
    # The first is best; half of the second lies on it; the third says another class; the last overlaps nothing.
    same_class, any_class = rivals(scores, boxes, None).unbind(-1)
    torch.testing.assert_close(same_class, torch.tensor([[0.0, 1 / 3, 0.0, 0.0]]))
    torch.testing.assert_close(any_class, torch.tensor([[0.0, 1 / 3, 1.0, 0.0]]))


def test_what_a_query_may_not_see_is_no_rival() -> None:
    boxes = torch.tensor([[[0.5, 0.5, 0.2, 0.2]] * 2])
    scores = torch.tensor([[[0.9], [0.5]]])
    assert rivals(scores, boxes, None).tolist() == [[[0.0, 0.0], [1.0, 1.0]]]
    assert rivals(scores, boxes, ~torch.eye(2, dtype=torch.bool)).tolist() == [[[0.0, 0.0], [0.0, 0.0]]]


def test_a_sample_at_a_cell_centre_is_that_cell_and_outside_is_zero() -> None:
    values = torch.randn(1, 2, 3, 4)
    centre = torch.tensor([[[[2.5 / 4, 1.5 / 3], [0.5 / 4, 2.5 / 3]]]])
    torch.testing.assert_close(sample_level(values, centre)[0, :, 0], values[0, :, [1, 2], [2, 0]])
    assert torch.equal(sample_level(values, torch.tensor([[[[1.5, 0.5]]]])), torch.zeros(1, 2, 1, 1))


def test_deformable_attention_is_its_weighted_sum_of_samples() -> None:
    torch.manual_seed(3)
    heads, points = 2, 3
    attention = DeformableAttention(WIDTH, heads, 3, points)
    torch.nn.init.normal_(attention.weights.weight)
    torch.nn.init.normal_(attention.offsets.weight, std=0.2)
    queries, boxes = torch.randn(2, 5, WIDTH), torch.rand(2, 5, 4) * 0.4 + 0.3
    values = [torch.randn(2, WIDTH, *x.shape[-2:]) for x in maps()]
    weights = attention.weights(queries).view(2, 5, heads, 3 * points).softmax(-1).view(2, 5, heads, 3, points)
    offsets = attention.offsets(queries).view(2, 5, heads, 3, points, 2)
    expected = torch.zeros(2, 5, heads, WIDTH // heads)
    for head in range(heads):
        channels = slice(head * WIDTH // heads, (head + 1) * WIDTH // heads)
        for level, value in enumerate(values):
            for point in range(points):
                place = boxes[..., :2] + offsets[:, :, head, level, point] * boxes[..., 2:] / 2
                seen = sample_level(value[:, channels], place[:, :, None])[..., 0].transpose(1, 2)
                expected[:, :, head] += weights[:, :, head, level, point, None] * seen
    torch.testing.assert_close(attention(queries, boxes, values), attention.out(expected.flatten(2)))


def test_a_masked_query_is_not_attended_to() -> None:
    module = decoder()
    torch.nn.init.normal_(module.refine[1].score.weight)
    given = proposals()
    changed = given.content_BQE.clone()
    changed[:, 4:] += 1
    groups = torch.arange(7) >= 4
    mask = groups[:, None] != groups[None, :]
    apart = [
        module(Queries(content, given.boxes_BQ4, given.logits_BQK, mask), maps())[-1]["pred_logits_BQK"]
        for content in (given.content_BQE, changed)
    ]
    torch.testing.assert_close(apart[0][:, :4], apart[1][:, :4])
    assert not torch.allclose(apart[0][:, 4:], apart[1][:, 4:])


def test_a_dense_proposal_is_its_cell_moved_by_the_mean_distances() -> None:
    torch.manual_seed(0)
    head: Any = DenseHead(CHANNELS, CHANNELS, CLASSES).eval()
    dense = head(maps())
    cells = 8 * 12 + 4 * 6 + 2 * 3
    assert dense.logits_BTK.shape == (2, cells, CLASSES)
    # The second cell of the third row of P3, whose map is 8 by 12.
    t = 2 * 12 + 1
    torch.testing.assert_close(dense.centres_T2[t], torch.tensor([1.5 / 12, 2.5 / 8]))
    left, top, right, bottom = (dense.distances_BT4D[1, t].softmax(-1) * torch.arange(DISTANCES)).sum(-1)
    low = torch.stack([(1.5 - left) / 12, (2.5 - top) / 8])
    high = torch.stack([(1.5 + right) / 12, (2.5 + bottom) / 8])
    torch.testing.assert_close(dense.boxes_BT4[1, t], torch.cat([(low + high) / 2, high - low]))
    assert len(dense.centres_T2.unique(dim=0)) == cells
    assert len(head.score) == len(STRIDES)


def test_a_new_dense_head_expects_one_box_in_a_hundred_cells() -> None:
    torch.manual_seed(0)
    scores = DenseHead(CHANNELS, CHANNELS, CLASSES)(maps()).logits_BTK.sigmoid()
    assert 0.004 < scores.mean() < 0.025
