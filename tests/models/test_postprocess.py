import torch

from foodet_core.models.dense_head import Dense
from foodet_core.models.postprocess import postprocess


def spread_boxes(count: int) -> torch.Tensor:
    """Boxes that do not overlap, one image."""
    centres = (torch.arange(count) + 0.5) / count
    size = torch.full((count,), 0.5 / count)
    return torch.stack([centres, centres, size, size], -1)[None]


def dense_outputs(scores: torch.Tensor, boxes: torch.Tensor) -> dict[str, Dense]:
    none = torch.zeros(0)
    dense = Dense(scores.logit(), none, none, none)
    vars(dense)["boxes_BT4"] = boxes  # in place of what its distances would say
    return {"dense": dense}


def test_the_best_pairs_of_query_and_class_come_first_and_what_else_a_query_might_be_stays_low() -> None:
    scores = torch.tensor([[[0.1, 0.9], [0.8, 0.2], [0.35, 0.4]]])
    boxes = spread_boxes(3)
    found, labels, where = postprocess({"pred_logits_BQK": scores.logit(), "pred_boxes_BQ4": boxes}, top=5)
    torch.testing.assert_close(found, torch.tensor([[0.9, 0.8, 0.4, 0.25, 0.2]]))
    assert labels.tolist() == [[1, 0, 1, 0, 1]]
    torch.testing.assert_close(where[0], boxes[0, [0, 1, 2, 2, 1]])


def test_no_place_names_two_classes_with_certainty() -> None:
    boxes = spread_boxes(200)
    outputs = {"pred_logits_BQK": torch.randn(1, 200, 5, generator=torch.Generator().manual_seed(0)), "pred_boxes_BQ4": boxes}
    scores, _, where = postprocess(outputs, top=1000)
    centres = where[0, scores[0] > 0.25, 0]
    assert len(centres) == len(centres.unique()) > 100


def test_fewer_pairs_than_asked_for_are_all_given() -> None:
    outputs = {"pred_logits_BQK": torch.zeros(2, 3, 2), "pred_boxes_BQ4": spread_boxes(3).expand(2, -1, -1)}
    scores, labels, boxes = postprocess(outputs, top=100)
    assert (scores.shape, labels.shape, boxes.shape) == ((2, 6), (2, 6), (2, 6, 4))
    assert labels.dtype == torch.int64


def test_the_decoder_s_set_keeps_overlapping_boxes() -> None:
    boxes = torch.tensor([0.5, 0.5, 0.2, 0.2]).expand(1, 2, 4)
    scores, _, _ = postprocess({"pred_logits_BQK": torch.tensor([[[2.0], [1.0]]]), "pred_boxes_BQ4": boxes})
    assert (scores > 0.5).all()


def test_without_a_decoder_a_duplicate_is_suppressed_to_score_0_and_stands_last() -> None:
    box, nearly, elsewhere = [0.5, 0.5, 0.2, 0.2], [0.505, 0.5, 0.2, 0.2], [0.2, 0.2, 0.1, 0.1]
    outputs = dense_outputs(torch.tensor([[[0.9], [0.8], [0.3]]]), torch.tensor([[box, nearly, elsewhere]]))
    scores, _, boxes = postprocess(outputs)
    torch.testing.assert_close(scores, torch.tensor([[0.9, 0.3, 0.0]]))
    torch.testing.assert_close(boxes[0, :2], torch.tensor([box, elsewhere]))


def test_suppression_looks_at_one_class_and_one_image_at_a_time() -> None:
    same = torch.tensor([0.5, 0.5, 0.2, 0.2]).expand(2, 2, 4)
    scores = torch.tensor([[[0.9, 0.01], [0.01, 0.8]], [[0.7, 0.01], [0.01, 0.6]]])
    found, labels, _ = postprocess(dense_outputs(scores, same), top=2)
    torch.testing.assert_close(found, torch.tensor([[0.9, 0.8], [0.7, 0.6]]))
    assert labels.tolist() == [[0, 1], [0, 1]]
