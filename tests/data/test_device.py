"""Drawing in batches, as a device does it, against the drawing of one image after the other on the processor."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from foodet_core.config import AugmentConfig
from foodet_core.data import device
from foodet_core.data.cache import PixelCache
from foodet_core.data.dataset import TrainSet
from foodet_core.data.device import DevicePixels, draw_all, resampling
from foodet_core.data.plan import Frame, Plan, place
from foodet_core.data.transforms import draw
from foodet_core.types import Annotation, ClassList, ImageRecord, LabelledSet

CPU = torch.device("cpu")
SIZES = [(90, 60), (60, 96), (40, 40), (130, 100)]
NOTHING = AugmentConfig(flip=0.0, turn=0.0, photometric=0.0, zoom_out=0.0, crop=0.0, mosaic=0.0, copy_blend=0.0)


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> LabelledSet:
    """Blurred noise of several sizes, some larger and some smaller than the square, with two boxes each."""
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    records, boxes = [], {}
    for n, (width, height) in enumerate(SIZES):
        noise = cv2.GaussianBlur(rng.integers(0, 256, (height, width, 3), np.uint8), (5, 5), 0)
        Image.fromarray(cv2.normalize(noise, None, 0, 255, cv2.NORM_MINMAX)).save(folder / f"{n}.png")
        records.append(ImageRecord(n, f"{n}.png", (height, width)))
        boxes[n] = (Annotation(2 * n, n, 0, (2.0, 3.0, 18.5, 20.0)), Annotation(2 * n + 1, n, 1, (20.0, 22.0, 38.0, 39.6)))
    return LabelledSet(folder, ClassList.of(["egg", "bun"]), tuple(records), boxes)


@pytest.fixture(scope="module")
def cache(labelled: LabelledSet) -> PixelCache:
    found = PixelCache([labelled.path(image) for image in labelled.images], 96)
    list(found.fill("reading"))
    return found


def plans(labelled: LabelledSet, config: AugmentConfig) -> list[Plan]:
    data = TrainSet(labelled, 64, config, 0)
    list(data.prepare())
    return [data.plan(position) for position in range(16)]


def differences(plans: Sequence[Plan], cache: PixelCache) -> np.ndarray:
    """|device - processor| of every value (B, 3, S, S)."""
    squares = np.stack([draw(plan, cache.__getitem__) for plan in plans]).transpose(0, 3, 1, 2).astype(int)
    return np.abs(draw_all(plans, DevicePixels(cache, CPU)).numpy().astype(int) - squares)


@pytest.mark.parametrize("name", ["flip", "turn", "photometric", "zoom_out", "mosaic", "copy_blend"])
def test_each_variation_is_drawn_alike(name: str, labelled: LabelledSet, cache: PixelCache) -> None:
    assert differences(plans(labelled, NOTHING.override({name: "1"})), cache).max() <= 2


def test_crops_are_drawn_nearly_alike(labelled: LabelledSet, cache: PixelCache) -> None:
    """They are stretched: where one side grows while the other shrinks, the two weigh the pixels a little otherwise."""
    assert differences(plans(labelled, NOTHING.override({"crop": "1"})), cache).mean() < 0.5


def test_all_variations_at_once_are_drawn_alike(labelled: LabelledSet, cache: PixelCache) -> None:
    assert differences(plans(labelled, AugmentConfig()), cache).mean() < 0.3


def test_an_image_that_is_not_varied_is_drawn_alike(labelled: LabelledSet, cache: PixelCache) -> None:
    assert differences(plans(labelled, NOTHING), cache).max() <= 1


def test_a_square_that_nothing_is_pasted_into_is_grey(cache: PixelCache) -> None:
    frame = Frame(0, (60, 90), np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.ones(1, bool))
    beside = place(frame, (100, 0, 200, 100), 32)
    assert (draw_all([beside], DevicePixels(cache, CPU)) == 114).all()


@pytest.mark.parametrize("areas", [True, False])
@pytest.mark.parametrize(("cut", "into"), [((3, 40), (5, 12)), ((3, 10), (0, 50)), ((0, 64), (0, 64)), ((7, 8), (2, 30))])
def test_every_pixel_of_a_rectangle_is_a_mean_of_pixels_of_its_window(
    cut: tuple[int, int], into: tuple[int, int], areas: bool
) -> None:
    weights = resampling(torch.tensor([cut]).float(), torch.tensor([into]).float(), 64, 64, torch.tensor([areas]))[0]
    sums = torch.zeros(64)
    sums[into[0] : into[1]] = 1
    assert torch.allclose(weights.sum(1), sums, atol=1e-5)
    assert weights.min() >= 0
    outside = torch.cat([weights[:, : cut[0]], weights[:, cut[1] :]], 1)
    assert outside.abs().max() < 1e-4 if outside.numel() else True


def test_pixels_that_do_not_fit_the_device_cross_over_as_they_are_needed(
    cache: PixelCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    crossing = DevicePixels(cache, CPU)[[2, 0, 2]]
    monkeypatch.setattr(device, "_free_memory", lambda _: 2**40)
    assert torch.equal(DevicePixels(cache, CPU)[[2, 0, 2]], crossing)
    assert crossing.shape == (3, 3, 96, 96)


def test_the_set_draws_on_the_device_it_is_given(labelled: LabelledSet) -> None:
    here, there = TrainSet(labelled, 64, NOTHING, 0), TrainSet(labelled, 64, NOTHING, 0, torch.device("meta"))
    list(here.prepare())
    list(there.prepare())
    assert there.batch(0, 2).images_BCHW.device.type == "meta"
    one, other = here.batch(0, 2).targets, there.batch(0, 2).targets
    assert all(torch.equal(a["boxes_cxcywh_N4"], b["boxes_cxcywh_N4"]) for a, b in zip(one, other, strict=True))
