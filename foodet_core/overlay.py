"""Detections drawn onto an image: a box in the class's colour and a tag with name and score.

No font ships with foodet. Latin names use the font inside Pillow; other scripts use the first system font that really has
the glyphs. Where none has them the tag says the class's number, because a row of empty squares would say nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .boxes import area, clip
from .palette import class_color, is_light
from .types import ByteArray, Detections

_SYSTEM_FONTS = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "SourceHanSansSC-Regular.otf",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
    "msyh.ttc",
    "simhei.ttf",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "STHeiti Light.ttc",
    "Arial Unicode.ttf",
    "DejaVuSans.ttf",
)
_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
_NO_GLYPH = "\U0010ffff"
_PROBE_SIZE = 16


def draw(image_hw3: ByteArray, detections: Detections, classes: Sequence[str], min_score: float) -> ByteArray:
    """A copy of the image (H, W, 3) uint8 with the detections of score >= `min_score` drawn in, the best on top.

    `classes` holds the name of each label. Boxes are cut to the image; boxes that lie outside are left out.
    """
    size_hw = image_hw3.shape[0], image_hw3.shape[1]
    shown = detections.above(min_score)
    boxes_xyxy = clip(shown.boxes_xyxy, size_hw)
    picture = Image.fromarray(image_hw3)
    pen = ImageDraw.Draw(picture)
    for i in reversed(np.flatnonzero(area(boxes_xyxy) > 0)):
        label = int(shown.labels[i])
        box = tuple(float(edge) for edge in boxes_xyxy[i])
        _draw_box(pen, picture.size, box, class_color(label))
        text = f"{_name(classes[label], label)} {shown.scores[i]:.2f}"
        _draw_tag(pen, picture.size, (box[0], box[1]), text, class_color(label))
    return np.array(picture)


def line_width(size: tuple[int, int]) -> int:
    """Width in pixels of a box line on an image of `size`."""
    return max(2, round(max(size) / 220))


def _draw_box(pen: ImageDraw.ImageDraw, size: tuple[int, int], box: tuple[float, ...], color: str) -> None:
    x0, y0, x1, y1 = box
    edges = x0, y0, max(min(x1, size[0]) - 1, x0), max(min(y1, size[1]) - 1, y0)
    seam = edges[0] - 1, edges[1] - 1, edges[2] + 1, edges[3] + 1  # sets the line off from food of its own colour
    pen.rectangle(seam, outline=_text_color(color))
    pen.rectangle(edges, outline=color, width=line_width(size))


def _draw_tag(pen: ImageDraw.ImageDraw, size: tuple[int, int], corner: tuple[float, float], text: str, color: str) -> None:
    """The tag sits on the box's upper edge, or below that edge where the picture ends."""
    runs, width, height, pad = _fitted(text, size)
    x = min(max(corner[0], 0), max(size[0] - width, 0))
    y = corner[1] - height if corner[1] >= height else corner[1]
    y = min(max(y, 0), max(size[1] - height, 0))
    pen.rectangle((x, y, x + width - 1, y + height - 1), fill=color)
    x += pad
    for part, font in runs:
        pen.text((x, y + height / 2), part, fill=_text_color(color), font=font, anchor="lm")
        x += font.getlength(part)


def _fitted(text: str, size: tuple[int, int]) -> tuple[list[tuple[str, _Font]], int, int, int]:
    """Parts with their fonts, tag width, tag height and padding, shrunk until the tag is no wider than the picture."""
    points = max(11, round(max(size) / 38))
    while True:
        # Fonts of one script may have no figures: of each letter the first font that has it.
        runs = [("".join(letters), _font(name, points)) for name, letters in groupby(text, _font_for)]
        pad = max(1, points // 4)
        width, height = round(sum(font.getlength(part) for part, font in runs)) + 2 * pad, points + 2 * pad - 1
        if width <= size[0] or points <= 6:
            return runs, width, height, pad
        points -= 1


def _text_color(color: str) -> str:
    return "black" if is_light(color) else "white"


def _name(name: str, label: int) -> str:
    return f"class {label + 1}" if None in map(_font_for, name) else name


@lru_cache(maxsize=4096)
def _font_for(letter: str) -> str | None:
    """The first font that has a letter: "" is the one inside Pillow, None is no font at all."""
    return next((name for name in ("", *_system_fonts()) if _has_glyph(name, letter)), None)


@lru_cache(maxsize=1)
def _system_fonts() -> tuple[str, ...]:
    found = []
    for name in _SYSTEM_FONTS:
        try:
            ImageFont.truetype(name, _PROBE_SIZE)
        except OSError:
            continue
        found.append(name)
    return tuple(found)


def _has_glyph(font_name: str, letter: str) -> bool:
    """A missing letter is drawn like a code point that no font has."""
    font = _font(font_name, _PROBE_SIZE)
    return letter == " " or bytes(font.getmask(letter)) != bytes(font.getmask(_NO_GLYPH))


@lru_cache(maxsize=64)
def _font(name: str | None, points: int) -> _Font:
    return ImageFont.truetype(name, points) if name else ImageFont.load_default(points)
