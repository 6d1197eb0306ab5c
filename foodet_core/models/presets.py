"""Every number of every architecture, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """Channels, depths and counts of one named network; a backbone of torchvision has its own in place of the first three.

    stem: channels at stride 2. widths, depths: channels and blocks of P2..P5. neck, narrow: channels of the pyramid at P3..P5
    and at P2. box_tower: hidden channels of the dense head's box tower. decoder_*: width, layers, heads, feed-forward width
    and sampling points per head and level. queries: proposals the decoder refines. snake_taps: length of a snake.
    """

    stem: int
    widths: tuple[int, int, int, int]
    depths: tuple[int, int, int, int]
    neck: int
    narrow: int
    box_tower: int
    decoder_width: int
    decoder_layers: int
    decoder_heads: int
    decoder_hidden: int
    decoder_points: int
    queries: int
    snake_taps: int


PRESETS: dict[str, Preset] = {
    "nano": Preset(
        stem=16,
        widths=(32, 64, 128, 256),
        depths=(1, 2, 3, 2),
        neck=96,
        narrow=24,
        box_tower=64,
        decoder_width=96,
        decoder_layers=2,
        decoder_heads=4,
        decoder_hidden=256,
        decoder_points=4,
        queries=100,
        snake_taps=3,
    ),
    "small": Preset(
        stem=24,
        widths=(48, 96, 192, 384),
        depths=(2, 3, 4, 3),
        neck=128,
        narrow=32,
        box_tower=64,
        decoder_width=128,
        decoder_layers=3,
        decoder_heads=8,
        decoder_hidden=384,
        decoder_points=4,
        queries=150,
        snake_taps=5,
    ),
}
