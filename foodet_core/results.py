"""The result file of a prediction, which a stop or a crash does not undo.

While the run goes on, each image is one line of OUT.part; the same run picks that up again. OUT appears when all is done.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from .errors import InputError
from .events import ImageDetections

_REMEDY = "Delete it, or give another --out."
# Filled in, they take a third of the time that the library takes to go through an object for each of a hundred detections.
_IMAGE = '{"file_name": %s, "width": %d, "height": %d, "detections": [%s]}\n'
_DETECTION = '{"category": %s, "bbox": [%.2f, %.2f, %.2f, %.2f], "score": %.4f}'


class Results:
    """How many detections each image has, those of an earlier part of the same run among them; in OUT.part, what they are.

    `score` is the least of a detection that counts, `made_by` what else the detections depend on. Without `out` nothing is
    written. Raises InputError where OUT.part was made by something else.
    """

    def __init__(self, out: Path | None, score: float, made_by: Mapping[str, Any]) -> None:
        self.counts: dict[str, int] = {}
        self._out, self._score, self._made_by = out, score, {**made_by, "score": score}
        self._part = None if out is None else out.with_name(out.name + ".part")
        self._file: IO[bytes] | None = None
        self._places: dict[str, tuple[int, int]] = {}
        """By image: where its line in OUT.part begins, and where it ends."""
        self._length = 0
        if self._part is not None and self._part.exists():
            self._read(self._part)

    def add(self, found: ImageDetections, line: bytes) -> None:
        """Keep the detections of one image, and `line_of` them. Raises InputError where the disk refuses."""
        if self._part is not None:
            try:
                self._places[found.image] = self._append(self._part, line)
            except OSError as error:
                raise _unwritable(self._part, error) from error
        self.counts[found.image] = sum(score >= self._score for score in found.scores)

    def finish(self, images: Sequence[str]) -> None:
        """Write OUT with these images, in this order, in place of OUT.part. Raises InputError where the disk refuses."""
        if self._out is None or self._part is None:
            return
        self.close()
        scratch = self._out.with_name(self._out.name + ".new")
        try:
            with self._part.open("rb") as part, scratch.open("wb") as whole:
                for index, image in enumerate(images):
                    begin, end = self._places[image]
                    part.seek(begin)
                    whole.write((b",\n" if index else b"[\n") + part.read(end - begin))
                whole.write(b"\n]\n")
            scratch.replace(self._out)
            self._part.unlink()
        except OSError as error:
            scratch.unlink(missing_ok=True)
            raise _unwritable(self._out, error) from error

    def close(self) -> None:
        """Leave OUT.part as it is."""
        if self._file is not None:
            with suppress(OSError):  # `add` has told of what could not be written, and closing tries it again
                self._file.close()

    def _append(self, part: Path, line: bytes) -> tuple[int, int]:
        if self._file is None:
            self._file = part.open("ab")
            self._file.truncate(self._length)
            if not self._length:
                self._length = self._file.write(_json_line(self._made_by))
        begin = self._length
        self._length += self._file.write(line)
        self._file.flush()
        return begin, self._length - 1

    def _read(self, part: Path) -> None:
        try:
            with part.open("rb") as lines:
                for line in lines:
                    if not line.endswith(b"\n"):  # a crash cut it off: it does not count
                        break
                    begin, self._length = self._length, self._length + len(line)
                    self._take(part, json.loads(line), begin)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(part, "is not the beginning of a result", _REMEDY) from error

    def _take(self, part: Path, told: Any, begin: int) -> None:
        if begin:
            image = told["file_name"]
            self.counts[image] = sum(one["score"] >= self._score for one in told["detections"])
            self._places[image] = begin, self._length - 1
        elif told != self._made_by:
            raise InputError(part, "was begun with other weights, --score or --overlay", _REMEDY)


def line_of(found: ImageDetections) -> bytes:
    """What is kept of one image, as JSON. Making it takes several times as long as adding it, and may be done by any thread."""
    kept = ", ".join(
        [
            _DETECTION % (_quoted(found.classes[label]), x0, y0, x1 - x0, y1 - y0, score)
            for (x0, y0, x1, y1), label, score in zip(found.boxes_xyxy, found.labels, found.scores, strict=True)
        ]
    )
    return _encoded(_IMAGE % (json.dumps(found.image, ensure_ascii=False), found.size_hw[1], found.size_hw[0], kept))


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _json_line(told: Mapping[str, Any]) -> bytes:
    return _encoded(json.dumps(told, ensure_ascii=False) + "\n")


def _encoded(line: str) -> bytes:
    # A byte of a file's name that is no UTF-8 is written as JSON's own escape.
    return line.encode(errors="backslashreplace")


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(path, f"cannot be written ({error})", "Free some space or choose another file.")
