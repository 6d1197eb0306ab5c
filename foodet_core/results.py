"""The result file of a prediction, which a stop or a crash does not undo.

While the run goes on, each image is one line of OUT.part; the same run picks that up again. OUT appears when all is done.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from .errors import InputError
from .events import ImageDetections, from_line, to_line

_REMEDY = "Delete it, or give another --out."


class Results:
    """Detections by image, those of an earlier part of the same run among them.

    `made_by` is what they depend on. Without `out` they are kept in memory only. Raises InputError where OUT.part was made by
    something else.
    """

    def __init__(self, out: Path | None, made_by: Mapping[str, Any]) -> None:
        self.found: dict[str, ImageDetections] = {}
        self._out, self._made_by = out, dict(made_by)
        self._part = None if out is None else out.with_name(out.name + ".part")
        self._file: IO[bytes] | None = None
        self._length = 0
        if self._part is not None and self._part.exists():
            self._read(self._part)

    def add(self, found: ImageDetections) -> None:
        """Keep the detections of one image, in OUT.part too. Raises InputError where the disk refuses."""
        self.found[found.image] = found
        if self._part is None:
            return
        try:
            if self._file is None:
                self._file = self._part.open("ab")
                self._file.truncate(self._length)
                if not self._length:
                    self._file.write(json.dumps(self._made_by).encode() + b"\n")
            self._file.write(to_line(found).encode() + b"\n")
            self._file.flush()
        except OSError as error:
            raise _unwritable(self._part, error) from error

    def finish(self, images: Sequence[str]) -> None:
        """Write OUT with these images, in this order, in place of OUT.part. Raises InputError where the disk refuses."""
        if self._out is None or self._part is None:
            return
        scratch = self._out.with_name(self._out.name + ".new")
        try:
            rows = ",\n".join(json.dumps(_row(self.found[image]), ensure_ascii=False) for image in images)
            scratch.write_text(f"[\n{rows}\n]\n", encoding="utf-8")
            scratch.replace(self._out)
            self.close()
            self._part.unlink(missing_ok=True)
        except OSError as error:
            scratch.unlink(missing_ok=True)
            raise _unwritable(self._out, error) from error

    def close(self) -> None:
        """Leave OUT.part as it is."""
        if self._file is not None:
            self._file.close()

    def _read(self, part: Path) -> None:
        try:
            whole, _, _ = part.read_bytes().rpartition(b"\n")  # a line that a crash cut off does not count
            if not whole:
                return
            head, *lines = whole.decode().split("\n")
            made_by, told = json.loads(head), [from_line(line) for line in lines]
        except (OSError, ValueError, InputError) as error:
            raise InputError(part, "is not the beginning of a result", _REMEDY) from error
        if made_by != self._made_by:
            raise InputError(part, "was begun with other weights, --score or --overlay", _REMEDY)
        self._length = len(whole) + 1
        self.found = {found.image: found for found in told if isinstance(found, ImageDetections)}


def _row(found: ImageDetections) -> dict[str, Any]:
    return {
        "file_name": found.image,
        "width": found.size_hw[1],
        "height": found.size_hw[0],
        "detections": [
            {"category": found.classes[label], "bbox": [x0, y0, round(x1 - x0, 2), round(y1 - y0, 2)], "score": score}
            for (x0, y0, x1, y1), label, score in zip(found.boxes_xyxy, found.labels, found.scores, strict=True)
        ],
    }


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(path, f"cannot be written ({error})", "Free some space or choose another file.")
