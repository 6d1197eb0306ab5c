"""The numpy boxes and the torch boxes are two implementations of one arithmetic: each is the other's reference."""

import numpy as np
import torch
import torchvision
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from foodet_core import boxes
from foodet_core.losses import box_ops

SIZE = (480, 640)


def whole_boxes(count: st.SearchStrategy[int]) -> st.SearchStrategy[np.ndarray]:
    """Boxes xyxy (N, 4) of at least 1 pixel."""
    corners = count.flatmap(lambda n: arrays(np.float32, (n, 2), elements=st.floats(0, 300, width=32)))
    sides = st.floats(1, 300, width=32)
    return corners.flatmap(
        lambda low: arrays(np.float32, low.shape, elements=sides).map(lambda side: np.concatenate([low, low + side], 1))
    )


SOME = whole_boxes(st.integers(0, 5))


@given(SOME)
def test_centre_form_and_back_is_the_same_box(xyxy: np.ndarray) -> None:
    back = boxes.to_xyxy(boxes.to_cxcywh(xyxy, SIZE), SIZE)
    np.testing.assert_allclose(back, xyxy, atol=1e-3)
    assert back.dtype == np.float32


@given(SOME)
def test_both_conversions_agree(xyxy: np.ndarray) -> None:
    height, width = SIZE
    shares = torch.from_numpy(xyxy) / torch.tensor([width, height, width, height])
    np.testing.assert_allclose(box_ops.to_cxcywh(shares).numpy(), boxes.to_cxcywh(xyxy, SIZE), atol=1e-6)
    centred = torch.from_numpy(boxes.to_cxcywh(xyxy, SIZE))
    np.testing.assert_allclose(box_ops.to_xyxy(centred).numpy(), shares.numpy(), atol=1e-6)


@given(SOME, SOME)
def test_iou_agrees_with_torch_and_torchvision(a: np.ndarray, b: np.ndarray) -> None:
    ours = boxes.iou(a, b)
    np.testing.assert_allclose(ours, box_ops.pairwise_iou(torch.from_numpy(a), torch.from_numpy(b)).numpy(), atol=1e-5)
    np.testing.assert_allclose(ours, torchvision.ops.box_iou(torch.from_numpy(a), torch.from_numpy(b)).numpy(), atol=1e-5)


@given(st.integers(1, 5).flatmap(lambda n: st.tuples(whole_boxes(st.just(n)), whole_boxes(st.just(n)))))
def test_paired_iou_and_giou_agree_with_torchvision(pair: tuple[np.ndarray, np.ndarray]) -> None:
    a, b = map(torch.from_numpy, pair)
    torch.testing.assert_close(box_ops.paired_iou(a, b), torchvision.ops.box_iou(a, b).diagonal(), atol=1e-5, rtol=0)
    giou = torchvision.ops.generalized_box_iou(a, b).diagonal()
    torch.testing.assert_close(box_ops.paired_giou(a, b), giou, atol=1e-5, rtol=0)


def test_giou_of_known_boxes() -> None:
    unit = torch.tensor([0.0, 0.0, 1.0, 1.0])
    apart = torch.tensor([2.0, 0.0, 3.0, 1.0])
    torch.testing.assert_close(box_ops.paired_giou(unit, unit), torch.tensor(1.0))
    # The hull is 3, the boxes cover 2 of it and share nothing.
    torch.testing.assert_close(box_ops.paired_giou(unit, apart), torch.tensor(-1 / 3))


def test_empty_boxes_have_iou_0_and_no_area() -> None:
    point = np.zeros((1, 4), np.float32)
    inverted = np.array([[10, 10, 5, 5]], np.float32)
    assert boxes.iou(point, point) == 0
    assert boxes.area(inverted) == 0
    assert box_ops.area(torch.from_numpy(inverted)) == 0
    assert box_ops.pairwise_iou(torch.from_numpy(point), torch.from_numpy(point)) == 0


def test_clip_cuts_to_the_image() -> None:
    cut = boxes.clip(np.array([[-5, 10, 900, 500]], np.float32), SIZE)
    np.testing.assert_array_equal(cut, [[0, 10, 640, 480]])
