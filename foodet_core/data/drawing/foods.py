"""The classes of the sample set: names, how each is drawn, and how it usually lies on a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import cooked, dough, produce
from .patch import Layer, Patch


@dataclass(frozen=True)
class Food:
    """One class. `size` is the patch side as a share of the picture's long side (from, to); `group` how many lie together."""

    name: str
    name_zh: str
    draw: Callable[[Patch], Layer]
    size: tuple[float, float]
    group: int = 2
    lift: float = 0.2


FOODS = (
    Food("apple", "苹果", produce.apple, (0.19, 0.32), 3, lift=0.45),
    Food("banana", "香蕉", produce.banana, (0.34, 0.46)),
    Food("orange", "橙子", produce.orange, (0.18, 0.31), 3, lift=0.35),
    Food("strawberry", "草莓", produce.strawberry, (0.14, 0.24), 3, lift=0.3),
    Food("broccoli", "西兰花", produce.broccoli, (0.17, 0.29), 3, lift=0.3),
    Food("steamed bun", "包子", dough.bun, (0.19, 0.31), 3, lift=0.35),
    Food("dumpling", "饺子", dough.dumpling, (0.2, 0.3), 4),
    Food("cookie", "饼干", dough.cookie, (0.16, 0.28), 4, lift=0.12),
    Food("pizza slice", "披萨", dough.pizza, (0.34, 0.48), lift=0.08),
    Food("fried egg", "煎蛋", cooked.fried_egg, (0.24, 0.38), lift=0.06),
    Food("boiled egg", "水煮蛋", cooked.boiled_egg, (0.17, 0.27), 3, lift=0.15),
    Food("shrimp", "虾", cooked.shrimp, (0.18, 0.28), 3, lift=0.15),
    Food("sushi", "寿司", cooked.sushi, (0.18, 0.28), 4, lift=0.25),
    Food("noodles", "面条", cooked.noodles, (0.36, 0.46), 1),
)
NOODLES = len(FOODS) - 1
