import torch
from torch import Tensor

from foodet_core.losses.assigner import ALPHA, BETA, TOP, Assignment, PaddedTargets, assign
from foodet_core.losses.box_ops import pairwise_iou, to_xyxy

CLASSES = 3
GRID = 8


def centres() -> Tensor:
    """Cell centres (64, 2) of an 8 by 8 map."""
    at = (torch.arange(GRID) + 0.5) / GRID
    rows, columns = torch.meshgrid(at, at, indexing="ij")
    return torch.stack([columns, rows], -1).reshape(-1, 2)


def target(*found: tuple[int, list[float]]) -> dict[str, Tensor]:
    return {
        "labels_N": torch.tensor([label for label, _ in found], dtype=torch.int64),
        "boxes_cxcywh_N4": torch.tensor([box for _, box in found]).reshape(-1, 4),
        "exhaustive_K": torch.ones(CLASSES, dtype=torch.bool),
    }


def proposals(images: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Random scores, and boxes a little around every cell."""
    draw = torch.Generator().manual_seed(seed)
    logits = torch.randn(images, GRID * GRID, CLASSES, generator=draw)
    sizes = torch.rand(images, GRID * GRID, 2, generator=draw) * 0.3 + 0.3
    return logits, torch.cat([centres().expand(images, -1, -1), sizes], -1)


def assigned(targets: list[dict[str, Tensor]], seed: int = 0) -> tuple[Assignment, Tensor, Tensor]:
    logits, boxes = proposals(len(targets), seed)
    return assign(logits, boxes, centres(), PaddedTargets.of(targets)), logits, boxes


BOX = [0.45, 0.5, 0.5, 0.6]
ELSEWHERE = [0.85, 0.15, 0.25, 0.25]


def test_the_best_aligned_cells_inside_a_box_become_positive() -> None:
    result, logits, boxes = assigned([target((1, BOX))])
    iou = pairwise_iou(to_xyxy(torch.tensor([BOX])), to_xyxy(boxes[0]))[0]
    low, high = to_xyxy(torch.tensor(BOX)).chunk(2)
    inside = ((centres() > low) & (centres() < high)).all(1)
    aligned = logits[0, :, 1].sigmoid() ** ALPHA * iou**BETA * inside
    expected = torch.zeros(GRID * GRID, dtype=torch.bool)
    expected[aligned.topk(TOP).indices] = True
    assert inside.sum() > TOP
    assert torch.equal(result.positive_BT[0], expected)
    # The soft target: the alignment, scaled so that the best cell has the best IoU.
    soft = aligned / aligned.max() * iou[expected].max() * expected
    torch.testing.assert_close(result.scores_BT[0], soft)
    assert (result.labels_BT[0, expected] == 1).all()
    assert torch.equal(result.boxes_BT4[0, expected], torch.tensor(BOX).expand(TOP, 4))


def test_a_cell_outside_a_box_is_no_candidate_however_well_it_guesses() -> None:
    cells = torch.tensor([[0.05, 0.5], [0.45, 0.5]])
    boxes = torch.tensor([[BOX, [0.5, 0.5, 0.4, 0.4]]])
    result = assign(torch.zeros(1, 2, CLASSES), boxes, cells, PaddedTargets.of([target((0, BOX))]))
    assert result.positive_BT.tolist() == [[False, True]]


def test_a_cell_that_two_boxes_claim_goes_to_the_one_it_overlaps_most() -> None:
    large, small = [0.5, 0.5, 0.8, 0.8], [0.5, 0.5, 0.4, 0.4]
    # Four cells inside both boxes, too few for either to pass one over; two propose something large, two something small.
    cells = torch.tensor([[0.45, 0.45], [0.55, 0.45], [0.45, 0.55], [0.55, 0.55]])
    sides = torch.tensor([0.75, 0.35, 0.35, 0.75])[:, None].expand(4, 2)
    boxes = torch.cat([cells, sides], 1)[None]
    result = assign(torch.zeros(1, 4, CLASSES), boxes, cells, PaddedTargets.of([target((0, large), (2, small))]))
    assert result.positive_BT.all()
    assert result.labels_BT.tolist() == [[0, 2, 2, 0]]
    assert (result.scores_BT > 0).all()
    torch.testing.assert_close(result.boxes_BT4[0], torch.tensor([large, small, small, large]))


def test_images_with_different_numbers_of_boxes_are_assigned_as_if_alone() -> None:
    full, bare = target((1, BOX), (2, ELSEWHERE)), target()
    result, logits, boxes = assigned([full, bare, target((0, ELSEWHERE))])
    alone = assign(logits[:1], boxes[:1], centres(), PaddedTargets.of([full]))
    torch.testing.assert_close(result.scores_BT[:1], alone.scores_BT)
    assert torch.equal(result.labels_BT[:1], alone.labels_BT)
    assert torch.equal(result.positive_BT[:1], alone.positive_BT)
    assert not result.positive_BT[1].any()
    assert result.scores_BT[1].sum() == 0
    assert result.scores_BT[2].sum() > 0
    assert (result.labels_BT[2] == 0).all()


def test_a_batch_without_boxes_has_no_positives() -> None:
    result, _, _ = assigned([target(), target()])
    assert not result.positive_BT.any()
    assert result.scores_BT.shape == result.labels_BT.shape == (2, GRID * GRID)
    assert result.scores_BT.sum() == 0


def test_fewer_cells_than_the_top_count_are_no_problem() -> None:
    logits, boxes = proposals(1)
    few = assign(logits[:, :4], boxes[:, :4], centres()[:4], PaddedTargets.of([target((0, [0.25, 0.1, 0.5, 0.2]))]))
    assert 0 < few.positive_BT.sum() <= 4
