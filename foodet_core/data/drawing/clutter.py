"""Things on the table that are no food: chopsticks, cutlery, napkins, cups, leaves. They get no boxes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from .patch import Layer, Patch, Plane, rgb, step


def chopsticks(p: Patch) -> Layer:
    """A pair, thinner at one end."""
    spread = p.rng.uniform(0.02, 0.07)
    thick = 0.026 - 0.012 * p.u
    first = _rod(p, -0.035, spread, thick)
    second = _rod(p, 0.035, -spread * 0.3, thick)
    edge = np.minimum(first, second)
    color = p.paint(p.pick("6b3a22", "2a2020", "b98552", "7d1f1f", "d2ab74"))
    p.over(color, p.pick("d9b24a", "1f1a18", "c7c2b8"), 0.9 * step(0.02, 0.0, np.abs(p.u + 0.72) - 0.1))
    return Layer(color, p.inside(edge), p.dome(edge, 0.03, 0.035), 0.5)


def _rod(p: Patch, offset: float, slope: float, thick: Plane) -> Plane:
    across = np.abs(p.v - offset - slope * p.u) - thick
    rod: Plane = np.maximum(across, np.abs(p.u) - 0.95)
    return rod


def fork(p: Patch) -> Layer:
    """A steel fork."""
    head = np.maximum(p.slab(0.26, 0.11, 0.1, 0.66), -_slots(p))
    return _steel(p, np.minimum(head, _handle(p)))


def _slots(p: Patch) -> Plane:
    slots = np.full_like(p.u, 9)
    for v in (-0.055, 0.0, 0.055):
        slots = np.minimum(slots, p.bar((0.68, v), (1.2, v), 0.014))
    return slots


def spoon(p: Patch) -> Layer:
    """A steel spoon, hollow side up."""
    head = np.hypot((p.u - 0.68) / 1.6, p.v) - 0.15
    layer = _steel(p, np.minimum(head, _handle(p)).astype(np.float32))
    return Layer(layer.color, layer.alpha, layer.height - 0.12 * step(0.0, -0.13, head + 0.02), layer.gloss)


def _handle(p: Patch) -> Plane:
    thick = 0.03 + 0.028 * step(0.1, -0.9, p.u)
    return np.maximum(np.abs(p.v) - thick, np.maximum(p.u - 0.55, -p.u - 0.93)).astype(np.float32)


def _steel(p: Patch, edge: Plane) -> Layer:
    color = p.paint(p.pick("b9bcc0", "a9adb3", "c9b98a"))
    p.over(color, rgb("6d7278"), 0.4 * step(0, 0.8, p.noise(4)))
    return Layer(color, p.inside(edge), p.dome(edge, 0.06, 0.05), 0.9)


def napkin(p: Patch) -> Layer:
    """A folded cloth napkin with a border."""
    edge = p.slab(0.86, 0.5, 0.03) + 0.012 * p.noise(3)
    color = p.paint(p.pick("e9e4da", "b7c4b1", "d9a79a", "8aa0b5", "e2c48a", "c7bfb2"))
    p.over(color, p.pick("ffffff", "5f6f7f", "a8513f"), 0.6 * step(0.022, 0.012, np.abs(edge + 0.09)))
    weave = np.sin(p.u * 190) * np.sin(p.v * 190)
    fold = 0.05 * step(-0.02, 0.02, p.v - 0.1 * p.rng.normal()) + 0.02 * p.noise(3)
    height = (0.05 + fold + 0.0012 * weave) * p.inside(edge, 0.05)
    return Layer(color, p.inside(edge), height.astype(np.float32), 0.03)


def cup(p: Patch) -> Layer:
    """A cup of coffee, tea or milk from above."""
    edge = np.minimum(p.r - 0.66, np.maximum(np.abs(p.circle(0.66, 0, 0.2)) - 0.055, p.r - 0.95))
    color = p.paint(p.pick("f2efe8", "3d5a6c", "d9c4a8", "8e9f8a", "b2503e", "2e2f33"))
    drink = p.circle(0, 0, 0.56)
    p.over(color, rgb("2c241e"), 0.35 * step(0.62, 0.56, p.r))
    p.over(color, p.pick("3b2216", "7a4a24", "b98a52", "9c7a2a"), p.inside(drink))
    p.over(color, rgb("d9b184"), 0.5 * p.inside(drink) * step(0.1, 0.8, p.wave_of(p.theta + 4 * p.r, 5) + p.noise(3)))
    height = 0.3 * p.inside(edge, 0.08) - 0.22 * step(0.63, 0.55, p.r)
    return Layer(color, p.inside(edge), height.astype(np.float32), 0.6)


def leaf(p: Patch) -> Layer:
    """A mint or bay leaf with veins."""
    edge = np.maximum(p.circle(0, 0.62, 1.0), p.circle(0, -0.62, 1.0)) + 0.02 * np.abs(np.sin(p.u * 16))
    side = np.abs((p.u - 1.2 * np.abs(p.v)) * 5 % 1 - 0.5)
    color = p.paint(p.pick("4f8a3a", "6a9d48", "3d7340", "7f9a55"))
    veins = np.maximum(step(0.02, 0.005, np.abs(p.v)), 0.6 * step(0.06, 0.01, side))
    p.over(color, rgb("c5d99a"), 0.55 * veins)
    height = p.dome(edge, 0.4, 0.1) - 0.05 * veins
    return Layer(color, p.inside(edge), height.astype(np.float32), 0.3)


# Length as a share of the picture's long side, from and to.
CLUTTER: Mapping[Callable[[Patch], Layer], tuple[float, float]] = {
    chopsticks: (0.5, 0.7),
    fork: (0.4, 0.52),
    spoon: (0.36, 0.48),
    napkin: (0.36, 0.55),
    cup: (0.24, 0.34),
    leaf: (0.08, 0.14),
}
