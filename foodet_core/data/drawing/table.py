"""Table surfaces of the sample set: wood, cloth and stone, each (height, width, 3) in 0..1."""

from __future__ import annotations

import cv2
import numpy as np

from ...types import FloatArray
from .patch import rgb, step

_WOOD = (("b5824f", "6f4522"), ("8a5c38", "4a2c17"), ("d6b98c", "a37f50"), ("5b4030", "2f1f16"), ("c9bda9", "8d7d68"))
_CLOTH = ("e8e2d4", "b9c7cc", "d8c3a5", "7f93a3", "c98f7b", "8fa08a", "39506b", "efe6da", "a24b44")
_STONE = (("e6e3df", "a9a39c"), ("d9d4cb", "8f867a"), ("4a4d50", "2b2d30"), ("9aa0a0", "6d7273"), ("efeae2", "c9b79c"))


def surface(rng: np.random.Generator, size_hw: tuple[int, int]) -> FloatArray:
    """A random table of this size."""
    kind = rng.choice(3, p=[0.45, 0.33, 0.22])
    if kind == 0 and rng.random() < 0.5:
        return np.ascontiguousarray(_wood(rng, (size_hw[1], size_hw[0])).transpose(1, 0, 2))
    return (_wood, _cloth, _stone)[kind](rng, size_hw)


def noise(rng: np.random.Generator, size_hw: tuple[int, int], cells_hw: tuple[float, float], octaves: int = 3) -> FloatArray:
    """Smooth noise of about -1..1 with `cells_hw` blobs down and across."""
    total = np.zeros(size_hw, np.float32)
    for octave in range(octaves):
        grid = [min(max(2, round(cells * 2**octave)), side) for cells, side in zip(cells_hw, size_hw, strict=True)]
        rough = rng.standard_normal(grid, dtype=np.float32)
        total += cv2.resize(rough, size_hw[::-1], interpolation=cv2.INTER_CUBIC) * np.float32(0.55 * 0.5**octave)
    return total


def mix(a: str, b: str, share: FloatArray) -> FloatArray:
    """A picture between two colours "rrggbb" by `share` (h, w) in 0..1."""
    first, second = np.array(rgb(a), np.float32), np.array(rgb(b), np.float32)
    return first + (second - first) * share[..., None]


def _wood(rng: np.random.Generator, size_hw: tuple[int, int]) -> FloatArray:
    """Planks along the width."""
    height, width = size_hw
    light, dark = _WOOD[rng.integers(len(_WOOD))]
    planks = int(rng.integers(3, 7))
    rows = np.arange(height, dtype=np.float32) * planks / height + rng.random(dtype=np.float32)
    plank = rows.astype(np.int32)
    rings = np.sin(9 * noise(rng, size_hw, (planks * 1.4, 1.6), 2) + 5.0 * plank[:, None]) * 0.35
    fibres = noise(rng, size_hw, (height / 5, 5), 2) + noise(rng, size_hw, (height / 2.2, 12), 1)
    tone = rng.uniform(-0.13, 0.13, planks + 2).astype(np.float32)[plank][:, None]
    board = mix(light, dark, np.clip(0.36 + tone + 0.22 * rings + 0.2 * fibres, 0, 1))
    gap = np.abs(rows - np.round(rows)) * height / planks
    board *= (1 - 0.62 * step(height / 260, height / 600, gap))[:, None, None]
    return board


def _cloth(rng: np.random.Generator, size_hw: tuple[int, int]) -> FloatArray:
    """Woven cloth: plain, striped, checked or dotted, with soft folds."""
    y, x = (np.arange(side, dtype=np.float32) for side in size_hw)
    pitch = max(size_hw) / rng.uniform(7, 14)
    ground, thread = rng.choice(len(_CLOTH), 2, replace=False)
    cover = _woven(rng, x[None, :] / pitch, y[:, None] / pitch)
    cloth = mix(_CLOTH[ground], _CLOTH[thread], np.broadcast_to(cover * 0.75, size_hw))
    fine = np.pi * 150 / max(size_hw)
    weave = np.sin(x * fine)[None, :] * np.sin(y * fine)[:, None] + 0.6 * noise(rng, size_hw, (90, 90), 2)
    folds = noise(rng, size_hw, (2.5, 2.5), 2)
    cloth *= (1 + 0.06 * weave + 0.05 * folds)[..., None]
    return cloth


def _woven(rng: np.random.Generator, x: FloatArray, y: FloatArray) -> FloatArray:
    """How much of the second thread shows, 0..1, over coordinates in pattern lengths."""
    kind = rng.integers(4)
    across, down = step(0.24, 0.26, np.abs(x % 1 - 0.5)), step(0.24, 0.26, np.abs(y % 1 - 0.5))
    if kind == 0:
        return 0.0 * x * y
    if kind == 1:
        return across + 0 * y
    if kind == 2:
        return (across + down) / 2
    near = np.hypot((x + 0.5 * (np.floor(y) % 2)) % 1 - 0.5, y % 1 - 0.5)
    return step(0.19, 0.16, near.astype(np.float32))


def _stone(rng: np.random.Generator, size_hw: tuple[int, int]) -> FloatArray:
    """Marble with veins, or speckled stone."""
    light, dark = _STONE[rng.integers(len(_STONE))]
    height, width = size_hw
    clouds = noise(rng, size_hw, (4, 4), 4)
    speckle = noise(rng, size_hw, (height / 6, width / 6), 2)
    share = 0.25 + 0.18 * clouds + 0.12 * speckle
    if rng.random() < 0.5:
        veins = np.abs(noise(rng, size_hw, (3, 2), 4))
        share = share + 0.55 * step(0.05, 0.0, veins) * step(-0.5, 0.6, clouds)
    else:
        share = share + 0.45 * step(0.85, 1.05, speckle + 0.2 * clouds)
    return mix(light, dark, np.clip(share, 0, 1))
