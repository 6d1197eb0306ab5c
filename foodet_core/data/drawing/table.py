"""Table surfaces of the sample set: wood, cloth and stone, each (3, height, width) in 0..1."""

from __future__ import annotations

import numpy as np

from .patch import Plane, cloud, rgb, step

_WOOD = (("d29b62", "8d5c30"), ("a97346", "603a20"), ("e6cc9f", "b9935f"), ("7d5a41", "463022"), ("dccdb4", "a8967c"))
_CLOTH = ("f3eee2", "c9dbe2", "ead7b8", "93aec4", "e3a48c", "a9bf9e", "4f6f94", "f6f0e4", "c4655a", "f0c987")
_STONE = (("f1efec", "bdb7b0"), ("e6e1d8", "a59b8d"), ("5f6468", "3d4043"), ("b4bdbf", "858d90"), ("f6f1e8", "d4c2a5"))


def surface(rng: np.random.Generator, size_hw: tuple[int, int]) -> Plane:
    """A random table of this size."""
    kind = rng.choice(3, p=[0.45, 0.33, 0.22])
    if kind == 0 and rng.random() < 0.5:
        return np.ascontiguousarray(_wood(rng, (size_hw[1], size_hw[0])).transpose(0, 2, 1))
    return (_wood, _cloth, _stone)[kind](rng, size_hw)


def mix(a: str, b: str, share: Plane) -> Plane:
    """A picture between two colours "rrggbb" by `share` (h, w) in 0..1."""
    return np.stack([first + (second - first) * share for first, second in zip(rgb(a), rgb(b), strict=True)])


def _wood(rng: np.random.Generator, size_hw: tuple[int, int]) -> Plane:
    """Planks along the width."""
    height = size_hw[0]
    light, dark = _WOOD[rng.integers(len(_WOOD))]
    planks = int(rng.integers(3, 7))
    rows = np.arange(height, dtype=np.float32) * planks / height + rng.random(dtype=np.float32)
    plank = rows.astype(np.int32)
    rings = np.sin(9 * cloud(rng, size_hw, (planks * 1.4, 1.6), 2) + 5.0 * plank[:, None]) * 0.35
    fibres = cloud(rng, size_hw, (height / 5, 5), 2) + cloud(rng, size_hw, (height / 2.2, 12), 1)
    tone = rng.uniform(-0.13, 0.13, planks + 2).astype(np.float32)[plank][:, None]
    board = mix(light, dark, np.clip(0.36 + tone + 0.22 * rings + 0.2 * fibres, 0, 1))
    gap = np.abs(rows - np.round(rows)) * height / planks
    board *= (1 - 0.62 * step(height / 260, height / 600, gap))[:, None]
    return board


def _cloth(rng: np.random.Generator, size_hw: tuple[int, int]) -> Plane:
    """Woven cloth: plain, striped, checked or dotted, with soft folds."""
    y, x = (np.arange(side, dtype=np.float32) for side in size_hw)
    pitch = max(size_hw) / rng.uniform(7, 14)
    ground, thread = rng.choice(len(_CLOTH), 2, replace=False)
    cover = _woven(rng, x[None, :] / pitch, y[:, None] / pitch)
    cloth = mix(_CLOTH[ground], _CLOTH[thread], cover * 0.75)
    fine = np.pi * 120 / max(size_hw)
    weave = np.sin(x * fine)[None, :] * np.sin(y * fine)[:, None] + 0.6 * cloud(rng, size_hw, (90, 90), 2)
    folds = cloud(rng, size_hw, (2.5, 2.5), 2)
    cloth *= 1 + 0.06 * weave + 0.05 * folds
    return cloth


def _woven(rng: np.random.Generator, x: Plane, y: Plane) -> Plane:
    """How much of the second thread shows, 0..1, over coordinates in pattern lengths."""
    across, down = step(0.24, 0.26, np.abs(x % 1 - 0.5)), step(0.24, 0.26, np.abs(y % 1 - 0.5))
    near = np.hypot((x + 0.5 * (np.floor(y) % 2)) % 1 - 0.5, y % 1 - 0.5)
    patterns = np.zeros_like(near), across + 0 * down, (across + down) / 2, step(0.19, 0.16, near)
    return patterns[rng.integers(4)]


def _stone(rng: np.random.Generator, size_hw: tuple[int, int]) -> Plane:
    """Marble with veins, or speckled stone."""
    light, dark = _STONE[rng.integers(len(_STONE))]
    height, width = size_hw
    clouds = cloud(rng, size_hw, (4, 4), 4)
    speckle = cloud(rng, size_hw, (height / 6, width / 6), 2)
    share = 0.25 + 0.18 * clouds + 0.12 * speckle
    if rng.random() < 0.5:
        veins = np.abs(cloud(rng, size_hw, (3, 2), 4))
        share = share + 0.55 * step(0.05, 0.0, veins) * step(-0.5, 0.6, clouds)
    else:
        share = share + 0.45 * step(0.85, 1.05, speckle + 0.2 * clouds)
    return mix(light, dark, np.clip(share, 0, 1))
