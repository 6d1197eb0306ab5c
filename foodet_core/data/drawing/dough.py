"""What is made of dough in the sample set: buns, dumplings, cookies and pizza."""

from __future__ import annotations

import numpy as np

from .patch import Layer, Patch, Plane, rgb, smooth_max, step


def bun(p: Patch) -> Layer:
    """A steamed bun: a dome whose pleats turn into the pinch on top."""
    outline = p.r - (0.88 + 0.02 * p.wave(6))
    folds, twist = int(p.rng.integers(11, 17)), p.rng.uniform(1.0, 1.9) * (1 if p.rng.random() < 0.5 else -1)
    turn = p.theta + twist * p.r + 0.1 * p.noise(3)
    pleat = np.abs(np.sin(turn * folds / 2)).astype(np.float32)
    zone = step(0.78, 0.5, p.r) * step(0.04, 0.12, p.r)
    color = p.paint(p.pick("f7f0e0", "f4ead4", "f9f3e6", "efe0c2", "e3c9a0"))
    p.over(color, rgb("cfae82"), 0.35 * zone * step(0.45, 0.0, pleat))
    p.over(color, rgb("e6cfa4"), 0.3 * step(0.0, 0.9, p.noise(4)))
    p.over(color, rgb("b98d5c"), 0.7 * step(0.14, 0.03, p.r))
    body = p.dome(outline, 0.9, 0.66) - 0.16 * step(0.2, 0.0, p.r)
    return Layer(color, p.inside(outline), body + 0.034 * zone * pleat + 0.003 * p.noise(20), 0.12)


def dumpling(p: Patch) -> Layer:
    """A half-moon dumpling with a pressed, pleated rim; steamed, or fried brown on its belly."""
    arch = np.hypot(p.u, (p.v - 0.42) * 1.06)
    folds = int(p.rng.integers(7, 11))
    pleat = np.abs(np.sin(np.arctan2(p.u, 0.42 - p.v) * folds)).astype(np.float32)
    below = p.v - 0.42 - 0.2 * np.cos(np.clip(p.u * 1.7, -1.6, 1.6)) + 0.015 * p.noise(3)
    outline = smooth_max(arch - (0.9 + 0.03 * pleat), below, 0.12)
    belly = smooth_max(arch - 0.72, below, 0.2)
    color = p.paint(p.pick("f6ead0", "f3e5c4", "f4ecd9", "eef0da"))
    p.over(color, rgb("c3cf92"), p.rng.uniform(0.0, 0.4) * step(0.0, 0.8, p.noise(4)) * step(0.0, -0.3, belly))
    if p.rng.random() < 0.5:
        p.over(color, p.pick("c98636", "b8742e"), 0.8 * step(0.12, 0.55, p.v + 0.16 * p.noise(6)))
    ruffle = step(0.66, 0.76, arch) * step(0.04, -0.05, outline)
    p.over(color, rgb("c79f68"), 0.5 * ruffle * step(0.5, 0.05, pleat))
    body = p.dome(belly, 0.6, 0.4) + p.dome(outline, 0.16, 0.1)
    return Layer(color, p.inside(outline), body + 0.035 * ruffle * pleat + 0.006 * p.noise(12), 0.24)


def cookie(p: Patch) -> Layer:
    """A cookie with cracks and chocolate chips, light or dark dough."""
    outline = p.r - (0.88 + 0.045 * p.wave(7)) + 0.015 * p.noise(14)
    rough = p.noise(9, 4)
    cracks = np.abs(p.noise(4) + 0.25 * rough) + 0.35 * step(0.45, 0.95, p.r)
    dark = p.rng.random() < 0.25
    color = p.paint(p.pick("5a3420", "4d2c1c") if dark else p.pick("d19a52", "c98d48", "dba863"))
    p.over(color, rgb("2f1a10" if dark else "8f5524"), 0.6 * step(0.55, 0.92, p.r + 0.1 * rough))
    p.over(color, rgb("24130c" if dark else "94602c"), 0.6 * step(0.07, 0.0, cracks))
    height = p.dome(outline, 0.35, 0.2) + 0.025 * rough - 0.05 * step(0.09, 0.0, cracks)
    chips = _chips(p)
    p.over(color, rgb("ecdcc0") if dark else p.pick("3a2014", "4b2a19"), p.inside(chips))
    height = height + p.dome(chips, 0.08, 0.07)
    return Layer(color, p.inside(outline), height, 0.06 + 0.5 * p.inside(chips))


def _chips(p: Patch) -> Plane:
    chips = np.full_like(p.r, 9)
    for x, y in p.spread(int(p.rng.integers(7, 14)), 0.7, 0.26):
        chips = np.minimum(chips, p.circle(x, y, p.rng.uniform(0.07, 0.13)))
    return chips + 0.025 * p.noise(14, 2)


def pizza(p: Patch) -> Layer:
    """A slice of pizza: browned crust, cheese over tomato, salami, basil or olives on it."""
    y = p.v + 0.86
    far, angle = np.hypot(p.u, y), np.arctan2(p.u, y)
    half = p.rng.uniform(0.35, 0.43)
    sides = (np.abs(angle) - half) * np.minimum(far, 1) + 0.012 * p.noise(10)
    outline = np.maximum(sides, far - 1.68 - 0.02 * p.noise(5))
    bake = p.noise(8)
    color = p.paint(p.pick("f2c14e", "efb94a", "f5cf68"))
    p.over(color, rgb("fbe7ae"), 0.75 * step(0.1, 0.7, p.noise(6)))
    p.over(color, p.pick("c8401f", "b93418"), 0.85 * step(0.25, 0.75, p.noise(5)))
    p.over(color, rgb("a3541c"), 0.7 * step(0.45, 0.9, bake))
    toppings = _toppings(p, color)
    crust = 1.68 - 0.28 - 0.03 * p.noise(6) - far
    p.over(color, p.pick("d69a4c", "c98a3e"), step(0.01, -0.03, crust))
    p.over(color, rgb("7d4517"), 0.75 * step(0.3, 0.9, bake + 0.3) * step(0.0, -0.08, crust))
    height = 0.06 * step(0.0, -0.05, sides) + 0.02 * bake + toppings
    height = np.where(crust < 0, p.dome(np.maximum(crust, outline), 0.15, 0.17) + 0.05, height)
    return Layer(color, p.inside(outline), height.astype(np.float32), 0.34 * step(0, 0.1, crust))


def _toppings(p: Patch, color: Plane) -> Plane:
    """Paint salami, then leaves or olive rings; returns what they add to the height."""
    height = np.zeros_like(p.r)
    for x, y in ((-0.02, -0.28), (-0.2, 0.17), (0.2, 0.1), (0.03, 0.42), (0.28, 0.44))[: p.rng.integers(2, 6)]:
        disc = p.circle(x + p.rng.normal(0, 0.04), y + p.rng.normal(0, 0.04), p.rng.uniform(0.14, 0.18))
        p.over(color, p.pick("b5341f", "a52b1d", "bf4128"), p.inside(disc))
        p.over(color, rgb("e08a62"), 0.7 * p.inside(disc) * step(0.3, 0.8, p.noise(22, 2)))
        p.over(color, rgb("741a12"), 0.7 * p.inside(np.abs(disc + 0.012), 0.04))
        height += 0.03 * step(0.0, -0.03, disc)
    green = p.rng.random() < 0.6
    for x, y in p.spread(int(p.rng.integers(2, 6)), 0.5, 0.3):
        if green:
            bit = np.maximum(p.circle(x - 0.08, y + 0.08, 0.15), p.circle(x + 0.08, y - 0.02, 0.15))
        else:
            bit = np.abs(p.circle(x, y, 0.07)) - 0.03
        p.over(color, rgb("3f7d2c" if green else "2c2a33"), p.inside(bit))
        height += p.dome(bit, 0.06, 0.03)
    return height
