"""Decoded pixels of a set of images, each file read once.

They lie in one nameless temporary file that is mapped into memory: the operating system decides how much of it stays in RAM,
and nothing of it is left behind, whatever ends the process.
"""

from __future__ import annotations

import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import IO, TypeVar

import numpy as np

from ..errors import InputError
from ..events import Progress
from ..pixels import read_rgb
from ..types import ByteArray
from .transforms import resize

_DECODERS = 2
_AHEAD = 16

T = TypeVar("T")
R = TypeVar("R")


def shrink(image_hw3: ByteArray, fit: int) -> ByteArray:
    """The image with its long side at most `fit` pixels; a smaller image as it is."""
    height, width = image_hw3.shape[:2]
    scale = fit / max(height, width)
    if scale >= 1:
        return image_hw3
    return resize(image_hw3, (max(round(width * scale), 1), max(round(height * scale), 1)))


def in_order(pool: Executor, task: Callable[[T], R], items: Iterable[T], ahead: int) -> Iterator[R]:
    """`task` of every item, in their order, begun `ahead` items early: no more than that wait, none begin after an error."""
    coming = iter(items)
    begun = deque(pool.submit(task, item) for item in islice(coming, ahead))
    while begun:
        done = begun.popleft().result()
        begun.extend(pool.submit(task, item) for item in islice(coming, 1))
        yield done


class PixelCache:
    """Images by index, shrunk to a long side of at most `fit`; usable once `fill` has run to its end."""

    def __init__(self, paths: Sequence[Path], fit: int) -> None:
        self._paths, self.fit = paths, fit
        self._shapes: list[tuple[int, ...]] = []
        self._starts: list[int] = []
        self._pixels: ByteArray = np.zeros(0, np.uint8)

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: int) -> ByteArray:
        """Image `index` as (H, W, 3) uint8 RGB, read-only."""
        start, shape = self._starts[index], self._shapes[index]
        return self._pixels[start : start + int(np.prod(shape))].reshape(shape)

    def fill(self, stage: str) -> Iterator[Progress]:
        """Decode all images. Raises InputError naming the file that cannot be read, or the full disk."""
        begin, end = time.monotonic(), 0
        with ThreadPoolExecutor(_DECODERS) as pool, tempfile.TemporaryFile(prefix="foodet-") as file:
            for index, image in enumerate(in_order(pool, self._read, self._paths, _AHEAD)):
                self._shapes.append(image.shape)
                self._starts.append(end)
                _write(file, image)
                end += image.size
                left = (time.monotonic() - begin) / (index + 1) * (len(self) - index - 1)
                yield Progress(index + 1, len(self), stage, left)
            if end:
                file.flush()
                # The mapping outlives the file object, and the file has no name: it vanishes with the mapping.
                self._pixels = np.memmap(file, np.uint8, "r", shape=(end,))

    def _read(self, path: Path) -> ByteArray:
        return shrink(read_rgb(path, self.fit), self.fit)


def _write(file: IO[bytes], image: ByteArray) -> None:
    try:
        file.write(image.tobytes())
    except OSError as error:
        remedy = "Free some space there, or set TMPDIR to a folder on another disk."
        raise InputError(tempfile.gettempdir(), f"cannot hold the decoded images ({error})", remedy) from error
