"""Cooked food of the sample set: eggs, shrimp, sushi and a bowl of noodles."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ...types import ByteArray
from .patch import Color, Layer, Patch, Plane, rgb, smooth_max, step
from .tableware import bowl


def fried_egg(p: Patch) -> Layer:
    """A fried egg: a wavy white with a browned lace edge and a shining yolk."""
    outline = p.r - (0.76 + 0.11 * p.wave(6)) + 0.03 * p.noise(9)
    x, y = p.rng.normal(0, 0.1, 2).tolist()
    yolk = p.circle(x, y, p.rng.uniform(0.29, 0.36)) + 0.012 * p.wave(3)
    crisp = p.rng.uniform(0.0, 0.16)
    color = p.paint(p.pick("fbf8ef", "f8f4e8"))
    p.over(color, rgb("e9dfc6"), 0.5 * step(0.1, 0.9, p.noise(5)))
    p.over(color, p.pick("c98a3a", "b3722c"), 0.85 * step(-0.05 - crisp, 0.02, outline + 0.07 * p.noise(12)))
    p.over(color, rgb("ece2c8"), 0.8 * step(0.1, 0.0, yolk))
    p.over(color, p.pick("f9a81c", "f7b731", "f28c14"), p.inside(yolk))
    if p.rng.random() < 0.5:
        p.over(color, rgb("3b3128"), 0.8 * step(0.016, 0.008, p.cells(70)))
    white = p.dome(outline, 0.3, 0.08) + 0.012 * p.noise(6) + 0.05 * step(0.16, -0.02, yolk)
    height = smooth_max(white, white + p.dome(yolk, 0.34, 0.22) - 0.01, 0.02)
    return Layer(color, p.inside(outline), height, 0.5 + 0.5 * p.inside(yolk))


def boiled_egg(p: Patch) -> Layer:
    """Half of a boiled egg, cut face up: from runny orange to dry pale yolk, white or soaked in soy sauce."""
    taper = 1 + 0.16 * p.v
    outline = np.hypot(p.u * taper / 0.68, p.v / 0.9) - 1
    yolk = np.hypot(p.u / 0.38, (p.v - 0.14) / 0.42) - p.rng.uniform(0.92, 1.05) + 0.02 * p.wave(4)
    color = p.paint(p.pick("fdfbf5", "faf6ec"))
    if p.rng.random() < 0.35:
        p.over(color, p.pick("a86a34", "8f5526"), 0.9 * step(-0.16, -0.02, outline + 0.02 * p.noise(6)))
    grain = p.noise(26, 2)
    p.over(color, p.pick("f5b323", "f2c24a", "f08a1a", "f3cf6b"), p.inside(yolk * 0.4, 0.03))
    p.over(color, rgb("e58a12"), 0.55 * step(-0.3, -0.95, yolk + 0.3 * grain))
    p.over(color, rgb("fbe199"), 0.25 * step(0.2, 0.9, grain) * p.inside(yolk))
    height = p.dome(outline * 0.68, 0.07, 0.13) - 0.03 * p.inside(yolk, 0.1) + 0.006 * grain * p.inside(yolk)
    return Layer(color, p.inside(outline * 0.68), height, 0.55 - 0.25 * p.inside(yolk))


def shrimp(p: Patch) -> Layer:
    """A cooked, peeled shrimp: a curled body in bands, thinner towards the tail fan."""
    arm = np.hypot(p.u, p.v)
    along = (np.arctan2(p.u, -p.v) / np.pi + 1) / 2
    along = (along - 0.1) / 0.74
    thick = 0.3 - 0.17 * np.clip(along, 0, 1) ** 1.3
    across = arm - (0.56 + 0.06 * np.clip(along, 0, 1))
    open_end = np.maximum(along - 0.98, -along) * 2.2
    outline = np.where(along < 0.25, np.hypot(across, np.maximum(0.12 - along, 0) * 2.4) - thick, np.abs(across) - thick)
    outline = np.maximum(outline, open_end).astype(np.float32)
    band = np.abs((along * 7 - 0.35 * across / thick) % 1 - 0.5) * 2
    color = p.paint(p.pick("f7b98f", "f5a983", "f9c6a2"))
    p.over(color, p.pick("e8693a", "e5572f", "ec7a4a"), 0.85 * step(0.35, 0.85, band + 0.15 * p.noise(10)))
    p.over(color, rgb("fff0e2"), 0.65 * step(0.0, 0.9, -across / thick + 0.2 * p.noise(8)))
    body = thick * np.sqrt(np.clip(1 - (across / thick) ** 2, 0, 1)) - 0.05 * step(0.25, 0.0, band)
    fan = _tail_fan(p, 2 * np.pi * (0.1 + 0.74 - 0.5))
    p.over(color, p.pick("d9402a", "cf3a26"), p.inside(fan) * (outline > -0.02))
    height = np.maximum(body * 1.15, p.dome(fan, 0.08, 0.1))
    return Layer(color, p.inside(np.minimum(outline, fan)), height.astype(np.float32), 0.55)


def _tail_fan(p: Patch, angle: float) -> Plane:
    """Three petals where the body ends, `angle` clockwise from up."""
    x, y = 0.62 * math.sin(angle), -0.62 * math.cos(angle)
    fan = np.full_like(p.r, 9)
    for bend in (-0.6, 0.0, 0.6):
        heading = angle + math.pi / 2 + bend
        tip = x + 0.27 * math.sin(heading), y - 0.27 * math.cos(heading)
        fan = np.minimum(fan, p.bar((x, y), tip, 0.075))
    return fan


def sushi(p: Patch) -> Layer:
    """Nigiri with fish or omelette, or a maki roll seen from above."""
    return _maki(p) if p.rng.random() < 0.45 else _nigiri(p)


def _rice(p: Patch, color: Plane, cover: Plane) -> Plane:
    """Paint rice where `cover` is; returns its grainy height."""
    grains = p.cells(max(60, p.pixels * 2))
    p.over(color, rgb("f8f5ec"), cover)
    p.over(color, rgb("d3c8b0"), 0.7 * cover * step(0.03, 0.075, grains))
    return (cover * (0.06 - 0.6 * np.minimum(grains, 0.09))).astype(np.float32)


def _nigiri(p: Patch) -> Layer:
    rice = p.slab(0.8, 0.38, 0.3) + 0.02 * p.noise(10)
    bend = p.v - 0.05 * np.cos(p.u * 2)
    fish = np.maximum(np.abs(p.u) - 0.92, np.abs(bend) - 0.34 - 0.05 * p.wave(3))
    fish = smooth_max(fish, np.hypot(p.u * 0.75, bend) - 0.72, 0.1)
    color = p.paint(rgb("f8f5ec"))
    height = _rice(p, color, p.inside(rice)) + p.dome(rice, 0.3, 0.2)
    kind = p.rng.choice(3, p=[0.55, 0.2, 0.25])
    top = p.paint(p.pick(*(("f5824c", "f27a4e", "f68f5c"), ("b8303a", "a8283a"), ("f5cf55", "f2c647"))[kind]))
    stripe = np.abs((p.u * 0.9 + bend * 0.8 + 0.05 * p.noise(4)) * 4.2 % 1 - 0.5) * 2
    p.over(top, rgb("fdd9bd"), (0.85, 0.25, 0.0)[kind] * step(0.62, 0.9, stripe))
    p.over(color, top, p.inside(fish))
    if kind == 2:
        p.over(color, rgb("20281f"), step(0.17, 0.15, np.abs(p.u)) * p.inside(np.minimum(fish, rice)))
    height = np.maximum(height, p.dome(fish, 0.3, 0.38) + 0.01 * p.inside(fish) * stripe)
    return Layer(color, p.inside(np.minimum(rice, fish)), height, 0.1 + 0.5 * p.inside(fish))


def _maki(p: Patch) -> Layer:
    r = p.r / (0.9 + 0.015 * p.wave(4))
    color = p.paint(p.pick("1f2a22", "18231f", "232f27"))
    rice = p.inside(p.r - 0.78)
    height = p.dome(r - 1, 0.1, 0.3) + _rice(p, color, rice) * 1.2
    for x, y in p.spread(int(p.rng.integers(1, 4)), 0.24, 0.24):
        core = p.slab(0.21, 0.2, 0.09) if (x, y) == (0, 0) else p.circle(x, y, p.rng.uniform(0.17, 0.24))
        core = core + 0.02 * p.noise(6)
        p.over(color, p.pick("f27a4a", "8fb84a", "b9303a", "f4d25a", "e9643a", "6f9d3c"), p.inside(core))
        height = height + p.dome(core, 0.08, 0.03)
    return Layer(color, p.inside((r - 1) * 0.9), height, 0.15)


def noodles(p: Patch) -> Layer:
    """A bowl of noodles in broth, with spring onion and sesame; the bowl belongs to it."""
    dish = bowl(p)
    pool = p.inside(p.circle(0, 0, 0.73), 0.03)
    color = dish.color
    soup = p.paint(p.pick("b86a2a", "c98a3f", "a9551f", "d3a35a"))
    p.over(soup, rgb("f0c274"), 0.6 * step(0.02, 0.05, p.cells(40)) * step(0.09, 0.05, p.cells(40)))
    p.over(color, soup, pool)
    strands, relief = _strands(p)
    nest = p.inside(p.r - (0.64 + 0.05 * p.wave(7)), 0.04) * (strands > 0.05)
    pasta = p.paint(p.pick("f3d98b", "f0cf74", "f6e2a4", "eec45f"))
    p.over(pasta, rgb("a86b25"), 0.75 * step(0.75, 0.2, strands))
    p.over(color, pasta, nest)
    height = dish.height + nest * (0.06 * relief + 0.05)
    height = height + _spring_onion(p, color)
    return Layer(color, dish.alpha, height.astype(np.float32), np.maximum(0.35 * pool, 0.45))


def _strands(p: Patch) -> tuple[Plane, Plane]:
    """Roundness 0..1 across the topmost strand, and the height of the pile."""
    picture = np.zeros((p.pixels, p.pixels), np.uint8)
    width = max(3, round(p.pixels * 0.036))
    shades: tuple[tuple[int, float], ...] = ((60, 1.0), (170, 0.62), (255, 0.3))
    for _ in range(46):
        path = _strand(p)
        for value, share in shades:
            cv2.polylines(picture, [path], False, value, max(1, round(width * share)), cv2.LINE_AA)
    strands = picture.astype(np.float32) / 255
    return strands, cv2.GaussianBlur(strands, (0, 0), width * 0.16)


def _strand(p: Patch) -> ByteArray:
    """One noodle as a curve of points: an arc about a random centre, a little wavy."""
    turn = np.linspace(0, p.rng.uniform(1.2, 3.2), 18) + p.rng.uniform(0, 6.3)
    x, y = p.rng.normal(0, 0.2, 2).tolist()
    reach = p.rng.uniform(0.15, 0.62) + 0.03 * np.sin(turn * p.rng.uniform(3, 6))
    points = np.stack([x + reach * np.cos(turn), y + reach * np.sin(turn)], -1)
    return np.round((points + 1) * p.pixels / 2).astype(np.int32)


def _spring_onion(p: Patch, color: Plane) -> Plane:
    height = np.zeros_like(p.r)
    for x, y in p.spread(int(p.rng.integers(5, 12)), 0.5, 0.12):
        ring = np.abs(p.circle(x, y, p.rng.uniform(0.04, 0.06))) - 0.022
        green: Color = p.pick("5f9e3a", "7ab84c", "4b8a30")
        p.over(color, green, p.inside(ring))
        height += p.dome(ring, 0.03, 0.05)
    return height
