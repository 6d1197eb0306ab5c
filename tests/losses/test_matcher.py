"""Hungarian matching against all permutations, and its cost against the formula."""

import math
from itertools import permutations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from foodet_core.losses.box_ops import paired_giou, to_xyxy
from foodet_core.losses.matcher import Matcher

CLASSES = 3


def random_case(seed: int, queries: int, count: int) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    draw = torch.Generator().manual_seed(seed)
    logits = torch.randn(1, queries, CLASSES, generator=draw) * 2
    boxes = torch.rand(1, queries, 4, generator=draw) * 0.4 + 0.3
    target = {
        "labels_N": torch.randint(CLASSES, (count,), generator=draw),
        "boxes_cxcywh_N4": torch.rand(count, 4, generator=draw) * 0.4 + 0.3,
    }
    return logits, boxes, target


def cheapest(cost: Tensor) -> float:
    """The least total cost of all one-to-one assignments, one by one."""
    if cost.shape[0] < cost.shape[1]:
        cost = cost.T
    rows, columns = cost.shape
    return min(sum(cost[row, column].item() for column, row in enumerate(p)) for p in permutations(range(rows), columns))


@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(0, 4))
def test_the_match_is_the_cheapest_of_all(seed: int, queries: int, count: int) -> None:
    logits, boxes, target = random_case(seed, queries, count)
    matcher = Matcher()
    [(query, index)] = matcher(logits, boxes, [target])
    assert len(query) == len(index) == min(queries, count)
    assert len(set(query.tolist())) == len(query)
    assert len(set(index.tolist())) == len(index)
    cost = matcher.cost(logits[0], boxes[0], target["labels_N"], target["boxes_cxcywh_N4"])
    found = cost[query, index].sum().item()
    assert found == pytest.approx(cheapest(cost) if count else 0, abs=1e-4)


def test_the_cost_is_focal_plus_l1_minus_giou() -> None:
    logits, boxes, target = random_case(3, 2, 1)
    label, true = int(target["labels_N"][0]), target["boxes_cxcywh_N4"][0]
    cost = Matcher(2, 5, 3).cost(logits[0], boxes[0], target["labels_N"], target["boxes_cxcywh_N4"])
    for q in range(2):
        p = 1 / (1 + math.exp(-logits[0, q, label].item()))
        focal = 0.25 * (1 - p) ** 2 * -math.log(p) - 0.75 * p**2 * -math.log(1 - p)
        l1 = (boxes[0, q] - true).abs().sum().item()
        giou = paired_giou(to_xyxy(boxes[0, q]), to_xyxy(true)).item()
        assert cost[q, 0].item() == pytest.approx(2 * focal + 5 * l1 - 3 * giou, rel=1e-4)


def test_every_image_and_layer_is_matched_on_its_own() -> None:
    (logits, boxes, first), (more_logits, more_boxes, second) = random_case(0, 4, 2), random_case(1, 4, 3)
    batch, batch_boxes = torch.cat([logits, more_logits]), torch.cat([boxes, more_boxes])
    layers = Matcher().match_layers(
        torch.stack([batch, batch.flip(1)]), torch.stack([batch_boxes, batch_boxes.flip(1)]), [first, second]
    )
    assert [len(layer) for layer in layers] == [2, 2]
    alone = [Matcher()(logits, boxes, [first])[0], Matcher()(more_logits, more_boxes, [second])[0]]
    for image in range(2):
        assert torch.equal(layers[0][image][0], alone[image][0])
        assert torch.equal(layers[0][image][1], alone[image][1])
        # With the queries in reverse order the same queries answer.
        turned = dict(zip((3 - layers[1][image][0]).tolist(), layers[1][image][1].tolist(), strict=True))
        assert turned == dict(zip(alone[image][0].tolist(), alone[image][1].tolist(), strict=True))
