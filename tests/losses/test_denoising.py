import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from foodet_core.losses.box_ops import to_xyxy
from foodet_core.losses.denoising import NOISE, noised_targets


def target(count: int) -> dict[str, Tensor]:
    """Boxes of different sizes that noise keeps inside the image."""
    at = torch.linspace(0.3, 0.7, count) if count else torch.zeros(0)
    return {"boxes_cxcywh_N4": torch.stack([at, 1 - at, 0.1 + at / 10, 0.2 - at / 10], -1)}


@given(st.integers(0, 5), st.integers(1, 12), st.integers(0, 99))
def test_every_query_is_a_true_box_whose_edges_moved_a_little(count: int, queries: int, seed: int) -> None:
    torch.manual_seed(seed)
    [noised] = noised_targets([target(count)], queries)
    assert noised["boxes_cxcywh_N4"].shape == (queries, 4)
    if count == 0:
        assert (noised["source_N"] == -1).all()
        return
    true = target(count)["boxes_cxcywh_N4"][noised["source_N"]]
    moved = (to_xyxy(noised["boxes_cxcywh_N4"]) - to_xyxy(true)) / true[:, [2, 3, 2, 3]]
    assert moved.abs().max() <= NOISE / 2 + 1e-4
    assert moved.abs().max() > 0


@given(st.integers(1, 5), st.integers(1, 12))
def test_the_boxes_take_turns(count: int, queries: int) -> None:
    [noised] = noised_targets([target(count)], queries)
    often = noised["source_N"].bincount(minlength=count)
    assert often.max() - often.min() <= 1


def test_noised_boxes_stay_in_the_image() -> None:
    edge = {"boxes_cxcywh_N4": torch.tensor([[0.05, 0.95, 0.1, 0.1], [0.5, 0.5, 1.0, 1.0]])}
    [noised] = noised_targets([edge], 200)
    corners = to_xyxy(noised["boxes_cxcywh_N4"])
    assert corners.min() >= -1e-6
    assert corners.max() <= 1 + 1e-6
    assert (noised["boxes_cxcywh_N4"][:, 2:] > 0).all()


def test_the_noise_follows_torch_s_seed() -> None:
    def boxes(seed: int) -> Tensor:
        torch.manual_seed(seed)
        return noised_targets([target(3)], 6)[0]["boxes_cxcywh_N4"]

    assert torch.equal(boxes(1), boxes(1))
    assert not torch.equal(boxes(1), boxes(2))
