"""Fruit and vegetables of the sample set. Each function draws one on a fresh patch, with its own variety."""

from __future__ import annotations

import math

import numpy as np

from .patch import Layer, Patch, Plane, rgb, smooth_max, step


def apple(p: Patch) -> Layer:
    """A whole apple seen from above: streaks run from the dimple at the stem."""
    outline = p.r - (0.86 + 0.035 * p.wave(5))
    x, y = p.rng.normal(0, 0.16, 2).tolist()
    dimple = p.circle(x, y, 0)
    streaks = p.wave_of(np.arctan2(p.v - y, p.u - x), 48)
    color = p.paint(p.pick("b3202a", "c4302b", "a81c2c", "8fae3a", "c9423a"))
    p.over(color, p.pick("e8b84a", "d9c35a", "e07a3a"), 0.5 * step(0.0, 1.3, streaks + 0.5 * p.noise(4)))
    p.over(color, p.pick("c8bd58", "b9c45c"), 0.8 * step(0.42, 0.05, dimple + 0.08 * streaks))
    p.over(color, rgb("f0d9a0"), 0.55 * step(0.022, 0.010, p.cells(90)))
    height = p.dome(outline, 0.95, 0.8) - 0.36 * np.exp(-((dimple / 0.19) ** 2))
    bend = p.rng.normal(0, 0.12)
    stem = p.bar((x, y), (x + bend + 0.1, y - 0.3), 0.035)
    p.over(color, rgb("4a3320"), p.inside(stem))
    return Layer(color, p.inside(outline), np.maximum(height, 0.75 * p.inside(stem, 0.08)), 0.75)


def banana(p: Patch) -> Layer:
    """One banana: an arc with three faces, a stem and a dark tip."""
    radius, middle = 0.98, p.rng.uniform(0.48, 0.62)
    arm = np.hypot(p.u, p.v - middle)
    along = np.arctan2(p.u, middle - p.v) / p.rng.uniform(0.84, 0.94)
    end = np.abs(along)
    thick = 0.27 - 0.1 * end**3 - 0.13 * step(0.68, 0.86, along) - 0.07 * step(0.75, 1, -along)
    across = arm - radius
    outline = smooth_max(np.abs(across) - thick, (end - 0.99) * 0.9, 0.05)
    color = p.paint(p.pick("f4cb36", "efc844", "f6d24e", "e3cb4a"))
    p.over(color, rgb("a9b04a"), 0.75 * step(0.6, 0.95, end + 0.1 * p.noise(5)))
    p.over(color, rgb("a9781f"), 0.35 * step(0.035, 0.0, np.abs(across - 0.25 * thick)) * step(0.95, 0.5, end))
    spots = step(0.05, 0.02, p.cells(int(p.rng.integers(4, 60))) + 0.02 * p.noise(24))
    p.over(color, rgb("6b4416"), 0.6 * spots)
    p.over(color, rgb("4a3420"), np.maximum(step(0.94, 0.98, along), 0.9 * step(0.92, 0.98, -along)))
    return Layer(color, p.inside(outline), _faceted(across / thick, thick), 0.3)


def _faceted(side: Plane, thick: Plane) -> Plane:
    """A round cross-section with a soft ridge off its middle."""
    round_body = np.sqrt(np.clip(1 - side * side, 0, 1))
    ridge = np.clip(1.06 - 0.75 * np.abs(side - 0.25), 0, None)
    height: Plane = thick * np.minimum(round_body * 1.1, ridge) * 1.1
    return height


def orange(p: Patch) -> Layer:
    """A whole orange with pores, or half of one with its segments."""
    return _orange_half(p) if p.rng.random() < 0.5 else _orange_whole(p)


def _orange_whole(p: Patch) -> Layer:
    outline = p.r - (0.88 + 0.015 * p.wave(4))
    pores = p.cells(max(500, p.pixels * 4))
    x, y = p.rng.normal(0, 0.2, 2).tolist()
    navel = p.circle(x, y, 0) + 0.03 * p.wave_of(np.arctan2(p.v - y, p.u - x), 7)
    color = p.paint(p.pick("f08a1c", "ee7d14", "f59a28"))
    p.over(color, rgb("d9660e"), 0.35 * step(0, 0.8, p.noise(5)))
    p.over(color, rgb("7f9a3c"), 0.9 * step(0.12, 0.06, navel))
    height = p.dome(outline, 0.95, 0.85) - 0.01 * step(0.03, 0.0, pores) - 0.07 * step(0.16, 0.02, navel)
    return Layer(color, p.inside(outline), height, 0.5)


def _orange_half(p: Patch) -> Layer:
    count = int(p.rng.integers(9, 12))
    r = p.r / (0.9 + 0.012 * p.wave(5))
    turn = (p.theta + 0.05 * p.noise(3)) * count / (2 * np.pi)
    wall = np.abs(turn - np.round(turn)) * 2 * np.pi / count * p.r
    flesh = step(0.012, 0.035, wall) * step(0.83, 0.79, r) * step(0.07, 0.11, r)
    fibres = p.wave_of(p.theta + 0.06 * p.noise(9), 90)
    color = p.paint(p.pick("f18f1f", "ee8218"))
    p.over(color, p.pick("fbe6bd", "fdebcc"), step(0.97, 0.93, r))
    juice = p.paint(p.pick("f69a23", "f58a1a", "ef7a22"))
    p.over(juice, rgb("ffd27a"), 0.55 * step(0.0, 0.9, fibres + 0.6 * p.noise(12)))
    p.over(color, juice, flesh)
    height = 0.22 * step(1.0, 0.9, r) + flesh * (0.02 + 0.012 * fibres)
    return Layer(color, p.inside((r - 1) * 0.9), height, 0.25 + 0.5 * flesh)


def strawberry(p: Patch) -> Layer:
    """A strawberry lying on its side, with seeds in dimples and a green calyx."""
    width = 0.66 * np.sqrt(np.clip((p.v + 0.72) / 0.3, 0, 1)) * np.clip(1 - ((p.v + 0.3) / 1.32) ** 2, 0, 1) ** 0.75
    width = np.maximum(width * p.rng.uniform(0.92, 1.12), 1e-3).astype(np.float32)
    side = p.u / width
    outline = np.maximum((np.abs(side) - 1) * width, np.abs(p.v - 0.1) - 0.86)
    color = p.paint(p.pick("cf1f2a", "d92b32", "c01b2c"))
    p.over(color, rgb("f08a6a"), 0.6 * step(-0.35, -0.68, p.v + 0.1 * p.noise(4)))
    p.over(color, rgb("8f1020"), 0.35 * step(0.1, 0.8, p.noise(5)))
    seeds = _seed_distance(p, np.arcsin(np.clip(side, -0.98, 0.98)))
    p.over(color, rgb("8f0f1c"), 0.5 * step(0.085, 0.05, seeds))
    p.over(color, p.pick("f0cf6a", "e2b95a"), step(0.047, 0.03, seeds))
    height = 0.62 * width * np.sqrt(np.clip(1 - side * side, 0, 1)) / 0.62 - 0.02 * step(0.09, 0.04, seeds)
    leaves = _calyx(p)
    p.over(color, p.pick("4f8f34", "5d9e3a"), p.inside(leaves))
    p.over(color, rgb("2f6a25"), 0.4 * p.inside(leaves + 0.06))
    height = np.where(leaves < 0, 0.6 + 0.25 * np.minimum(-leaves, 0.1), height).astype(np.float32)
    return Layer(color, p.inside(np.minimum(outline, leaves)), height, 0.55 * (leaves > 0))


def _seed_distance(p: Patch, around: Plane) -> Plane:
    """Distance to the nearest of seeds in shifted rows."""
    row = p.v / 0.2
    shift = (around * 2.2 + 0.5 * (np.round(row) % 2)) % 1 - 0.5
    rise = row - np.round(row)
    return np.hypot(shift * 0.3, rise * 0.14).astype(np.float32)


def _calyx(p: Patch) -> Plane:
    x, y = p.u, p.v + 0.66
    angle, spikes = np.arctan2(y, x * 0.8), p.rng.integers(6, 9)
    reach = 0.17 + 0.14 * np.abs(np.cos(angle * spikes / 2 + p.rng.uniform(0, 3))) ** 1.5
    return (np.hypot(x * 0.8, y) - reach).astype(np.float32)


def broccoli(p: Patch) -> Layer:
    """A floret: a pale forked stem under a bumpy crown."""
    stem = p.bar((0, 0.0), (p.rng.normal(0, 0.06), 0.72), 0.2) + 0.03 * p.noise(5)
    for x in (-0.36, 0.36):
        stem = np.minimum(stem, p.bar((0, 0.5), (x, 0.0), 0.11))
    crown, bumps = _crown(p)
    fine = p.cells(max(300, p.pixels * 3))
    color = p.paint(p.pick("a9c46c", "b4cc7c"))
    p.over(color, rgb("d9e3ae"), 0.6 * step(0.45, 0.75, p.v))
    green = p.paint(p.pick("3f7a2c", "4a8a34", "386e30", "568f36"))
    p.over(green, rgb("86b552"), 0.75 * step(0.16, 0.42, bumps + 0.06 * p.noise(30, 2)))
    p.over(green, rgb("1d4a1c"), 0.8 * step(0.2, 0.04, bumps))
    p.over(green, rgb("234f1e"), 0.4 * step(0.018, 0.045, fine))
    cover = p.inside(crown)
    p.over(color, green, cover)
    height = np.where(crown < 0, 0.3 + bumps - 0.35 * np.minimum(fine, 0.07), p.dome(stem, 0.2, 0.24)).astype(np.float32)
    return Layer(color, np.maximum(cover, p.inside(stem)), height, 0.08)


def _crown(p: Patch) -> tuple[Plane, Plane]:
    """Outline and height of many small heads heaped to one."""
    outline = np.full_like(p.r, 9)
    bumps = np.zeros_like(p.r)
    for x, y in p.spread(17, 0.56, 0.2):
        radius = p.rng.uniform(0.2, 0.29)
        head = p.circle(x * 1.1, y * 0.8 - 0.2, radius)
        outline = np.minimum(outline, head)
        centre = 0.22 * np.float32(math.exp(-1.6 * (x * x + y * y)))
        bumps = smooth_max(bumps, p.dome(head, radius, 0.2) + centre * (head < 0), 0.02)
    return outline + 0.035 * p.noise(26, 2), bumps
