"""A picture put together: a table, dishes, food in them, clutter, and the camera's light and noise.

Everything is laid at twice the final size. `owner` remembers whose pixel is on top, so that an object is only laid where
it and all objects under it stay mostly visible; hence every object drawn is worth a box.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ...types import BoxXyxy
from .clutter import CLUTTER, chopsticks, cup, fork, leaf, napkin, spoon
from .foods import FOODS, NOODLES
from .light import Canvas, Light, Window, window
from .patch import Layer, Patch, Plane, cloud, doubled
from .table import surface
from .tableware import BOARD, BOWL, PLATE, SQUARE_PLATE, STEAMER, TRAY, Dish

SUPERSAMPLING = 2
_TRIES = 14
_GRANULE = 4
_BESIDE = 0.1
_SHAPES = (3 / 4, 3 / 4, 2 / 3, 4 / 5, 1.0)


@dataclass(frozen=True)
class Ground:
    """Where food may stand: an ellipse at (x, y) in pixels with half axes `reach`, turned; None reaches over the whole table.

    `most_crowd` is how much of the food may lie on smaller dishes there.
    """

    x: float
    y: float
    reach: tuple[float, float] | None
    turn: float = 0.0
    most_crowd: float = 1.0

    @property
    def room(self) -> float:
        """Side of the largest patch that looks well on it."""
        return np.inf if self.reach is None else 2.3 * max(self.reach)

    def holds(self, pixels: float) -> bool:
        """Whether food of this patch side finds room."""
        return pixels <= self.room


class Scene:
    """One picture in the making, at `SUPERSAMPLING` times its size; `long` is its long side in those pixels.

    Which food is seen where (`owner`) and where dishes stand is kept by granule, which is fine enough and 16 times faster:
    patches measure whole granules and lie on whole granules. Boxes come from the object's own pixels.
    """

    def __init__(self, rng: np.random.Generator, size_hw: tuple[int, int]) -> None:
        self.rng = rng
        self.size_hw = size_hw
        self.long = max(size_hw)
        light = Light(rng.uniform(-np.pi, np.pi), rng.uniform(0.7, 1.0), rng.uniform(0.42, 0.62))
        self.canvas = Canvas(_table(rng, size_hw), light)
        granules_hw = -(-size_hw[0] // _GRANULE), -(-size_hw[1] // _GRANULE)
        self.dishes = np.zeros(granules_hw, bool)
        self.owner = np.zeros(granules_hw, np.int16)
        self.areas: list[int] = []
        self.boxes: list[BoxXyxy] = []
        self.labels: list[int] = []
        self.visible = rng.uniform(0.76, 0.98)

    def patch(self, share: float, turn: float | None = None) -> Patch:
        """A fresh patch whose side is a share of the long side."""
        turn = self.rng.uniform(-np.pi, np.pi) if turn is None else turn
        return Patch(self.rng, max(round(share * self.long / _GRANULE), 4) * _GRANULE, turn)

    def suits(self, layer: Layer, left: int, top: int, most_crowd: float) -> bool:
        """Whether the layer, laid here, is mostly in the picture and not on dishes, and hides no food too much."""
        solid = _granules(layer)
        here, there = self._window(solid, left, top)
        inside = solid[there]
        count = np.count_nonzero(inside)
        if count < max(self.visible, 0.75) * np.count_nonzero(solid):
            return False
        if np.count_nonzero(self.dishes[here] & inside) > most_crowd * count:
            return False
        owner = self.owner.copy()
        owner[here][inside] = 0
        seen = np.bincount(owner.ravel(), minlength=len(self.areas) + 1)[1:]
        return bool((seen >= self.visible * np.array(self.areas)).all())

    def lay(self, layer: Layer, left: int, top: int, lift: float, label: int | None = None) -> None:
        """Lay a thing; with a label it is food and gets a box."""
        self.canvas.lay(layer, left, top, lift)
        solid = _granules(layer)
        here, there = self._window(solid, left, top)
        self.owner[here][solid[there]] = 0 if label is None else len(self.areas) + 1
        if label is not None:
            self.areas.append(int(solid[there].sum()))
            self.labels.append(label)
            self.boxes.append(self._extent(layer, left, top))

    def occupy(self, layer: Layer, left: int, top: int) -> None:
        """Remember that a dish stands here."""
        solid = _granules(layer)
        here, there = self._window(solid, left, top)
        self.dishes[here] |= solid[there]

    def _window(self, solid: npt.NDArray[np.bool_], left: int, top: int) -> tuple[Window, Window]:
        return window(self.owner.shape, len(solid), left // _GRANULE, top // _GRANULE)

    def _extent(self, layer: Layer, left: int, top: int) -> BoxXyxy:
        here, there = window(self.size_hw, len(layer.alpha), left, top)
        solid = layer.alpha[there] > 0.5
        rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
        x, y = here[1].start, here[0].start
        return x + columns[0], y + rows[0], x + columns[-1] + 1, y + rows[-1] + 1


def _granules(layer: Layer) -> npt.NDArray[np.bool_]:
    """Whether the object covers the middle of each granule."""
    covered: npt.NDArray[np.bool_] = layer.alpha[_GRANULE // 2 :: _GRANULE, _GRANULE // 2 :: _GRANULE] > 0.5
    return covered


def compose(rng: np.random.Generator, size: int) -> tuple[Plane, Plane, list[int]]:
    """A picture (H, W, 3) of about 0..1, its long side `size`; the boxes (N, 4) xyxy in its pixels and their labels."""
    short = round(size * _SHAPES[rng.integers(len(_SHAPES))])
    size_hw = (short, size) if rng.random() < 0.6 else (size, short)
    scene = Scene(rng, (size_hw[0] * SUPERSAMPLING, size_hw[1] * SUPERSAMPLING))
    wanted = int(rng.integers(3, 8))
    if rng.random() < 0.4:
        _lay_loosely(scene, napkin)
    grounds = _lay_dishes(scene, 1 + int(rng.integers(0, wanted + 1)) // 3)
    for thing in (chopsticks, fork, spoon, cup):
        if rng.random() < 0.25:
            _lay_loosely(scene, thing)
    _serve(scene, grounds, wanted)
    for _ in range(rng.integers(0, 3)):
        _lay_loosely(scene, leaf)
    picture = cv2.resize(cv2.merge(list(scene.canvas.pixels)), size_hw[::-1], interpolation=cv2.INTER_AREA)
    boxes_xyxy = np.array(scene.boxes, np.float32).reshape(-1, 4) / SUPERSAMPLING
    return expose(rng, picture), boxes_xyxy, scene.labels


def _table(rng: np.random.Generator, size_hw: tuple[int, int]) -> Plane:
    """A table has no edges to smooth: it is drawn at the final size."""
    table = surface(rng, (size_hw[0] // SUPERSAMPLING, size_hw[1] // SUPERSAMPLING))
    return np.stack([cv2.resize(plane, size_hw[::-1], interpolation=cv2.INTER_CUBIC) for plane in table])


def _lay_dishes(scene: Scene, count: int) -> list[Ground]:
    """Lay out one of a few kinds of table; returns the grounds for food, the table itself last."""
    rng, kind = scene.rng, scene.rng.random()
    grounds = []
    if kind < 0.25:
        grounds += _lay_base(scene, TRAY, rng.uniform(1.02, 1.16))
    elif kind < 0.4:
        grounds += _lay_base(scene, BOARD, rng.uniform(0.8, 1.0))
    if rng.random() < 0.36:
        _serve_noodles(scene)
    wares = (PLATE, PLATE, SQUARE_PLATE, BOWL, STEAMER)
    for _ in range(count):
        ware = wares[rng.integers(len(wares))]
        share = rng.uniform(0.34, 0.5) if kind < 0.7 else rng.uniform(0.52, 0.68)
        grounds += _lay_dish(scene, ware, share * (0.8 if ware is BOWL else 1))
    return [*grounds, Ground(0, 0, None, most_crowd=_BESIDE)]


def _lay_base(scene: Scene, dish: Dish, share: float) -> list[Ground]:
    """A tray or board in the middle, along the picture, under everything else."""
    height, width = scene.size_hw
    turn = scene.rng.normal(0, 0.06) + (np.pi / 2 if height > width else 0)
    layer = doubled(dish[0](scene.patch(share / 2 * (0.92 if height == width else 1), turn)))
    half = len(layer.alpha) / 2
    scene.lay(layer, _on_granule(width / 2 - half), _on_granule(height / 2 - half), 0.05)
    return [Ground(width / 2, height / 2, (dish[1] * half, dish[2] * half), turn, _BESIDE)]


def _lay_dish(scene: Scene, dish: Dish, share: float) -> list[Ground]:
    p = scene.patch(share / 2)
    layer, half = doubled(dish[0](p)), p.pixels
    place = _find(scene, layer, lambda: _anywhere(scene, 0.6 * half), most_crowd=0.0)
    if place is None:
        return []
    scene.lay(layer, *place, 0.09)
    scene.occupy(layer, *place)
    return [Ground(place[0] + half, place[1] + half, (dish[1] * half, dish[2] * half), p.turn)]


def _serve_noodles(scene: Scene) -> None:
    food = FOODS[NOODLES]
    p = scene.patch(scene.rng.uniform(*food.size))
    layer = food.draw(p)
    place = _find(scene, layer, lambda: _anywhere(scene, 0.35 * p.pixels), most_crowd=0.0)
    if place is not None:
        scene.lay(layer, *place, food.lift, NOODLES)
        scene.occupy(layer, *place)


def _serve(scene: Scene, grounds: list[Ground], wanted: int) -> None:
    """Bring groups of food, each to a ground that is large enough for it, until the picture has enough."""
    free = list(scene.rng.permutation(len(grounds) - 1)) * 2
    for _ in range(16):
        if len(scene.labels) >= wanted:
            return
        label = int(scene.rng.integers(NOODLES))
        room = [i for i in free if grounds[i].holds(FOODS[label].size[0] * scene.long)]
        if room and scene.rng.random() < 0.92:
            free.remove(room[0])
        ground = grounds[room[0] if room else -1]
        most = FOODS[label].group
        count = min(int(scene.rng.integers(max(most // 2, 1), most + 1)), wanted - len(scene.labels))
        _serve_group(scene, ground, label, count)


def _serve_group(scene: Scene, ground: Ground, label: int, count: int) -> None:
    food, (least, most) = FOODS[label], FOODS[label].size
    share = scene.rng.uniform(least, max(min(most, ground.room / scene.long), least))
    for _ in range(count):
        p = scene.patch(share * scene.rng.uniform(0.94, 1.06))
        layer = food.draw(p)
        place = _find(scene, layer, _spot(scene, ground, p.pixels), ground.most_crowd)
        if place is None:
            return
        scene.lay(layer, *place, food.lift, label)


def _spot(scene: Scene, ground: Ground, pixels: int) -> Callable[[], tuple[float, float]]:
    """Random middles for an object of `pixels` that stands on the ground."""
    if ground.reach is None:
        return lambda: _anywhere(scene, 0.3 * pixels)
    reach = np.maximum(np.array(ground.reach) - 0.3 * pixels, 0.12 * pixels)
    cos, sin = np.cos(ground.turn), np.sin(ground.turn)

    def spot() -> tuple[float, float]:
        angle, far = scene.rng.uniform(-np.pi, np.pi), np.sqrt(scene.rng.random())
        u, v = reach[0] * far * np.cos(angle), reach[1] * far * np.sin(angle)
        return ground.x + cos * u - sin * v, ground.y + sin * u + cos * v

    return spot


def _anywhere(scene: Scene, margin: float) -> tuple[float, float]:
    height, width = scene.size_hw
    return scene.rng.uniform(margin, width - margin), scene.rng.uniform(margin, height - margin)


def _find(scene: Scene, layer: Layer, spot: Callable[[], tuple[float, float]], most_crowd: float) -> tuple[int, int] | None:
    """The first random place (left, top) that suits, or None."""
    half = len(layer.alpha) / 2
    for _ in range(_TRIES):
        x, y = spot()
        left, top = _on_granule(x - half), _on_granule(y - half)
        if scene.suits(layer, left, top, most_crowd):
            return left, top
    return None


def _on_granule(pixels: float) -> int:
    return round(pixels / _GRANULE) * _GRANULE


def _lay_loosely(scene: Scene, thing: Callable[[Patch], Layer]) -> None:
    """Clutter anywhere that leaves the food visible."""
    p = scene.patch(scene.rng.uniform(*CLUTTER[thing]))
    layer = thing(p)
    place = _find(scene, layer, lambda: _anywhere(scene, 0.1 * p.pixels), most_crowd=0.25)
    if place is not None:
        scene.lay(layer, *place, 0.03)
        if thing is not napkin:  # dishes may stand on it
            scene.occupy(layer, *place)


def expose(rng: np.random.Generator, picture: Plane) -> Plane:
    """The camera: uneven light, sometimes shade of leaves, white balance, exposure, a soft shoulder, noise."""
    height, width = size_hw = picture.shape[0], picture.shape[1]
    angle = rng.uniform(-np.pi, np.pi)
    x, y = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
    fall = 1 + rng.uniform(0.03, 0.16) * (math.cos(angle) * x[None, :] + math.sin(angle) * y[:, None])
    fall = fall - rng.uniform(0, 0.1) * (x[None, :] ** 2 + y[:, None] ** 2)
    if rng.random() < 0.25:
        fall = fall * (1 - 0.2 / (1 + np.exp(-9 * cloud(rng, size_hw, (4, 4), 2))))
    warmth = rng.normal(0, 0.05)
    balance = np.array([1 + warmth, 1 + rng.normal(0, 0.012), 1 - warmth]) * rng.uniform(0.98, 1.24)
    lit = np.maximum(picture * (fall[..., None] * balance.astype(np.float32)).astype(np.float32), 0)
    bright = np.maximum(lit - 0.8, 0)
    lit += 0.2 * (1 - cv2.exp(bright * -5)) - bright
    grain = rng.standard_normal((height, width, 3), dtype=np.float32) * rng.uniform(0.004, 0.014)
    exposed: Plane = (lit + grain).astype(np.float32)
    return exposed
