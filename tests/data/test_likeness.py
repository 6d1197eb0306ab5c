"""Difference hashes: the same photo is found again, another one is not."""

import cv2
import numpy as np
import pytest

from foodet_core.data.likeness import NEAR, difference_hash, in_all_turns, near


def photo(seed: int) -> np.ndarray:
    """Smooth blobs, as photos have them."""
    coarse = np.random.default_rng(seed).integers(0, 255, (9, 12, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (320, 240), interpolation=cv2.INTER_CUBIC), np.uint8)


def found(image: np.ndarray, others: list[np.ndarray]) -> bool:
    return bool(near(difference_hash(image)[None], np.concatenate([in_all_turns(other) for other in others]))[0])


def test_a_shrunk_and_compressed_copy_is_found() -> None:
    image = photo(0)
    small = cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA)
    copy = cv2.imdecode(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_COLOR)
    assert found(copy, [photo(1), image])


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_turned_or_mirrored_copy_is_found(turn: int, mirrored: bool) -> None:
    image = photo(0)
    copy = np.ascontiguousarray(np.rot90(image[:, ::-1] if mirrored else image, turn))
    assert found(copy, [image])


def test_other_photos_are_not_found() -> None:
    others = [photo(seed) for seed in range(1, 30)]
    assert not found(photo(0), others)


def test_near_counts_bits() -> None:
    zeros = np.zeros((1, 4), np.uint64)
    bits = np.zeros((5000, 256), np.uint8)
    for n, row in enumerate(bits):
        row[: n % 60] = 1
    hashes = np.packbits(bits, axis=1).view(np.uint64)
    assert np.array_equal(near(hashes, zeros), bits.sum(1) <= NEAR)
