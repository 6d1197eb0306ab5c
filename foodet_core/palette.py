"""One colour per class, the same in the window, in overlays and in project files.

The first seven are Okabe and Ito's colour-blind safe set (black left out), the next seven come from Paul Tol's muted and
bright sets (personal.sron.nl/~pault). Each further round of fourteen takes the same hues turned and lighter or darker.
"""

from __future__ import annotations

import colorsys
from functools import cache

_OKABE_ITO = ("#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#0072b2", "#d55e00", "#f0e442")
_TOL = ("#882255", "#44aa99", "#ee6677", "#332288", "#999933", "#aa4499", "#117733")
_SAFE = _OKABE_ITO + _TOL
# Found by a search for the largest smallest distance (CIE76) among the first sixty colours.
_LIGHTNESS = (0.0, 0.18, -0.16, 0.28, -0.23, -0.04, -0.03)
_HUE_TURN = 0.104


@cache
def class_color(index: int) -> str:
    """The colour "#rrggbb" of the class with label `index` >= 0; the first sixty are all clearly different."""
    turns, place = divmod(index, len(_SAFE))
    if turns == 0:
        return _SAFE[place]
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in rgb(_SAFE[place])))
    lightness = min(max(lightness + _LIGHTNESS[turns % len(_LIGHTNESS)], 0.26), 0.84)
    red, green, blue = colorsys.hls_to_rgb((hue + turns * _HUE_TURN) % 1, lightness, max(saturation * 0.9, 0.45))
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def rgb(color: str) -> tuple[int, int, int]:
    """Red, green and blue 0..255 of "#rrggbb"."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def is_light(color: str) -> bool:
    """Whether black text reads better than white on "#rrggbb" (relative luminance of ITU-R BT.709)."""
    red, green, blue = rgb(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 120
