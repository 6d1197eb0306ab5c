"""One colour per class, the same in the window, in overlays and in project files.

The first seven are Okabe and Ito's colour-blind safe set (jfly.uni-koeln.de/color, black left out). Each further round of
seven takes the same hues a little turned and lighter or darker, so that neighbours in the list stay easy to tell apart.
"""

from __future__ import annotations

import colorsys

_SAFE = ("#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#0072b2", "#d55e00", "#f0e442")
_LIGHTNESS = (0.0, -0.16, 0.14, -0.08, 0.22, -0.24, 0.07)
_HUE_TURN = 0.618034 / len(_SAFE)


def class_color(index: int) -> str:
    """The colour "#rrggbb" of the class with label `index` >= 0; the first 70 differ, then they may come near each other."""
    turns, place = divmod(index, len(_SAFE))
    if turns == 0:
        return _SAFE[place]
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in rgb(_SAFE[place])))
    lightness = min(max(lightness + _LIGHTNESS[turns % len(_LIGHTNESS)], 0.22), 0.82)
    red, green, blue = colorsys.hls_to_rgb((hue + turns * _HUE_TURN) % 1, lightness, max(saturation * 0.9, 0.45))
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def rgb(color: str) -> tuple[int, int, int]:
    """Red, green and blue 0..255 of "#rrggbb"."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def is_light(color: str) -> bool:
    """Whether black text reads better than white on "#rrggbb" (relative luminance of ITU-R BT.709)."""
    red, green, blue = rgb(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 120
