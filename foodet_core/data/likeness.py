"""Which images show the same picture: difference hashes, compared in all turns and flips.

A photo that is measured on must not be learnt from, in whatever size, format or orientation it comes.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from ..types import ByteArray

SIDE = 16
NEAR = 28
"""Bits of 256 by which two hashes of one photo may differ."""

Hash = npt.NDArray[np.uint64]


def difference_hash(image_hw3: ByteArray) -> Hash:
    """(4,) uint64: a bit for each cell of a grid of 16 by 16, whether it is darker than the cell to its right."""
    return _hash(_grey(image_hw3))


def in_all_turns(image_hw3: ByteArray) -> Hash:
    """The difference hashes (8, 4) of an image in its four turns, plain and mirrored."""
    grey = _grey(image_hw3)
    # Turned before it is shrunk: the grid is one cell wider than high.
    return np.stack([_hash(np.rot90(side, turn)) for side in (grey, grey[:, ::-1]) for turn in range(4)])


def near(hashes_N4: Hash, others_M4: Hash) -> npt.NDArray[np.bool_]:
    """Which of N hashes differ from any of M by `NEAR` bits or fewer: (N,)."""
    # Bits as -1 and 1: the product of two hashes is 256, less 2 for each bit that differs. The processor is at its best there.
    return np.asarray((_signs(hashes_N4) @ _signs(others_M4).T).max(1, initial=-SIDE * SIDE) >= SIDE * SIDE - 2 * NEAR)


def _signs(hashes_N4: Hash) -> npt.NDArray[np.float32]:
    return np.unpackbits(hashes_N4.view(np.uint8), axis=1).astype(np.float32) * 2 - 1


def _grey(image_hw3: ByteArray) -> npt.NDArray[np.generic]:
    return cv2.cvtColor(image_hw3, cv2.COLOR_RGB2GRAY)


def _hash(grey_hw: npt.NDArray[np.generic]) -> Hash:
    cells = cv2.resize(np.ascontiguousarray(grey_hw), (SIDE + 1, SIDE), interpolation=cv2.INTER_AREA).astype(np.int16)
    return np.packbits(cells[:, :-1] < cells[:, 1:]).view(np.uint64)
