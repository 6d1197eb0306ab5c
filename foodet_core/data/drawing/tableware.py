"""What food lies on or in: plates, bowls, trays, boards; and their colours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .patch import Color, Layer, Patch, Plane, rgb, step

_CHINA = ("f4f1ea", "eef0ee", "f2ebdd", "dfe6e6", "c9d6d4", "e9d9cf")
_GLAZE = ("3f5568", "46504a", "7a8f86", "a9b8a0", "30353b", "8aa4b5", "c79f8a", "d9c7a4")
_PATTERN = ("2f5f9a", "6a7f4f", "b5563f", "3d3a3a", "c8a04a", "4f8f94")


def plate(p: Patch) -> Layer:
    """A round plate with a raised rim, plain or with painted rings."""
    radius = 0.93
    edge = p.r - radius
    well = p.rng.uniform(0.64, 0.72)
    color = p.paint(_ceramic(p))
    _rings(p, color, well)
    p.over(color, rgb("6f6a60"), 0.16 * step(0.05, 0.0, np.abs(p.r - well)))
    p.over(color, rgb("ffffff"), 0.10 * step(-0.1, 0.6, p.noise(2)))
    height = 0.10 * step(well - 0.05, radius - 0.02, p.r) + 0.03 * step(radius - 0.06, radius - 0.02, p.r)
    height = height * step(0.004, -0.02, edge) + 0.02 * step(0.0, -0.03, edge)
    return Layer(color, p.inside(edge), height.astype(np.float32), 0.45)


def square_plate(p: Patch) -> Layer:
    """A flat rectangular dish with rounded corners and a thin raised rim."""
    edge = p.slab(0.8, 0.56, 0.14)
    color = p.paint(_ceramic(p))
    p.over(color, _pattern(p), (p.rng.random() < 0.4) * 0.8 * step(0.02, 0.012, np.abs(edge + 0.05)))
    p.over(color, rgb("6f6a60"), 0.2 * step(0.04, 0.0, np.abs(edge + 0.13)))
    speckle = step(0.012, 0.006, p.cells(120)) * (p.rng.random() < 0.5)
    p.over(color, rgb("5a5148"), 0.5 * speckle)
    height = 0.09 * step(-0.16, -0.02, edge) * step(0.004, -0.02, edge)
    return Layer(color, p.inside(edge), height.astype(np.float32), 0.5)


def bowl(p: Patch) -> Layer:
    """A deep round bowl: a rim, and a wall that goes down inside it."""
    edge = p.r - 0.93
    color = p.paint(_ceramic(p))
    rim = step(0.05, 0.03, np.abs(p.r - 0.89))
    p.over(color, _pattern(p), (p.rng.random() < 0.55) * 0.85 * rim)
    p.over(color, rgb("4a4742"), 0.22 * step(0.86, 0.5, p.r))
    height = 0.11 * step(0.004, -0.05, edge) - 0.2 * step(0.88, 0.5, p.r)
    return Layer(color, p.inside(edge), height.astype(np.float32), 0.6)


def tray(p: Patch) -> Layer:
    """A serving tray with a raised border: lacquer or wood."""
    edge = p.slab(0.82, 0.56, 0.09)
    color = p.paint(p.pick("8a5a36", "6e4428", "b98a5a", "2f2b2c", "5b1f20", "3c4a45"))
    grain = _grain(p)
    p.over(color, rgb("1d120b"), 0.28 * step(0.0, 0.9, grain))
    p.over(color, rgb("ffe2b8"), 0.12 * step(0.0, -0.9, grain))
    p.over(color, rgb("140c08"), 0.35 * step(0.05, 0.0, np.abs(edge + 0.1)))
    height = 0.11 * step(-0.10, -0.07, edge) * step(0.004, -0.02, edge)
    return Layer(color, p.inside(edge), height.astype(np.float32), 0.22)


def board(p: Patch) -> Layer:
    """A wooden cutting board with a handle and a hole in it."""
    body = p.slab(0.78, 0.6, 0.14)
    grip = np.maximum(p.bar((0.7, 0), (0.9, 0), 0.1), -p.circle(0.9, 0, 0.045))
    edge = np.minimum(body, grip)
    color = p.paint(p.pick("c99a64", "b98550", "d8b07c", "a56f42"))
    grain = _grain(p)
    p.over(color, rgb("6b4020"), 0.4 * step(0.0, 0.9, grain))
    p.over(color, rgb("f3d9ae"), 0.25 * step(0.0, -0.9, grain))
    seams = np.abs((p.v * 3.1) % 1 - 0.5)
    p.over(color, rgb("5a3418"), 0.3 * step(0.02, 0.0, seams))
    return Layer(color, p.inside(edge), p.dome(edge, 0.06, 0.05), 0.12)


def steamer(p: Patch) -> Layer:
    """A bamboo steamer: a wooden ring around slats on paper."""
    edge = p.r - 0.94
    slats = np.abs((p.v * 6.5) % 1 - 0.5) * 2
    color = p.paint(p.pick("d9b678", "e2c48c", "cba465"))
    p.over(color, rgb("7a5526"), 0.75 * step(0.2, 0.02, slats))
    p.over(color, rgb("b48a4a"), 0.3 * step(0.0, 0.9, _grain(p)))
    ring = step(0.79, 0.81, p.r)
    p.over(color, p.pick("c39552", "b58446"), ring)
    p.over(color, rgb("6f4a1e"), 0.7 * ring * step(0.012, 0.0, np.abs(p.r - 0.87)))
    p.over(color, rgb("3f2a12"), 0.5 * step(0.62, 0.8, p.r) * (1 - ring))
    height = 0.16 * ring * step(0.004, -0.03, edge) + 0.025 * slats * (1 - ring)
    return Layer(color, p.inside(edge), height.astype(np.float32), 0.1)


# A dish with the half axes of the ground in it on which food may stand.
Dish = tuple[Callable[[Patch], Layer], float, float]
PLATE: Dish = (plate, 0.62, 0.62)
SQUARE_PLATE: Dish = (square_plate, 0.62, 0.38)
BOWL: Dish = (bowl, 0.42, 0.42)
TRAY: Dish = (tray, 0.7, 0.44)
BOARD: Dish = (board, 0.66, 0.5)
STEAMER: Dish = (steamer, 0.62, 0.62)


def _ceramic(p: Patch) -> Color:
    return p.pick(*(_CHINA if p.rng.random() < 0.65 else _GLAZE))


def _pattern(p: Patch) -> Color:
    return p.pick(*_PATTERN)


def _rings(p: Patch, color: Plane, well: float) -> None:
    """Painted decoration of a rim: nothing, lines, a band, or dabs."""
    kind, paint = p.rng.integers(5), _pattern(p)
    if kind == 1:
        for at in (0.9, 0.85):
            p.over(color, paint, 0.85 * step(0.011, 0.006, np.abs(p.r - at)))
    if kind == 2:
        p.over(color, paint, 0.8 * step(well + 0.05, well + 0.06, p.r))
    if kind == 3:
        dabs = np.abs(np.sin(p.theta * 12)) * step(0.07, 0.03, np.abs(p.r - 0.82))
        p.over(color, paint, 0.85 * step(0.55, 0.75, dabs))


def _grain(p: Patch) -> Plane:
    """Wood grain along u."""
    bend = 0.05 * p.noise(3, 2)
    coarse, fine = p.wave_of(((p.v + bend) * 3.0).astype(np.float32), 14), p.wave_of((p.v + 0.3 * bend) * 3.1, 120)
    return (coarse + 0.7 * fine + 0.3 * p.noise(8)).astype(np.float32)
