"""Which format a file or folder is in, told by the heads of files.

Nothing is read whole, so that a person sees at once what they chose, and nothing is guessed: what fits no format gives no
candidate, a folder of several sets gives several. Whether a file really is what its head says, reading it tells.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..errors import InputError
from ..project.scan import is_searched
from .coco import COCO
from .csv_table import CSV, layout
from .label_studio import LABEL_STUDIO
from .labelme import LABELME
from .voc import ANNOTATIONS, VOC
from .yolo import FILE, YOLO

_HEAD = 1 << 18
_MOST_FILES = 5000
_MOST_HEADS = 40
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:]', re.DOTALL)
_ANNOTATION = re.compile(r"\s*(<\?xml.*?\?>\s*)?(<!--.*?-->\s*)*<annotation[\s>]", re.DOTALL)
_NAMES, _PARTS = re.compile(r"^names\s*:", re.MULTILINE), re.compile(r"^(train|val|test)\s*:", re.MULTILINE)
_TABLES = {".csv", ".tsv", ".txt"}
SUFFIXES = frozenset({".json", ".xml", ".yaml", ".yml", ".csv", ".tsv"})
"""Of files that may be annotation files, whatever else they may be."""


@dataclass(frozen=True)
class Candidate:
    """A way to read what was given: the name of the format, and the file or folder to hand to it."""

    format: str
    path: Path


def recognise(path: Path) -> tuple[Candidate, ...]:
    """Every way in which `path` can be read. Raises InputError where it is neither a file nor a folder that can be read."""
    try:
        if path.is_dir():
            return tuple(dict.fromkeys(_of_folder(path)))
        name = _of_file(path)
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})", "Check the path of the annotation file.") from error
    return () if name is None else (Candidate(name, path),)


def _of_folder(folder: Path) -> Iterator[Candidate]:
    """What is found in a folder: data sets that are folders, and files that are sets of their own.

    A set of many small files is known by a few of them: it lies where they all lie, or is the folder itself.
    """
    places: dict[str, set[Path]] = {VOC.name: set(), LABELME.name: set()}
    looked = dict.fromkeys(SUFFIXES, 0)
    for path in islice(_files(folder), _MOST_FILES):
        suffix = path.suffix.lower()
        if suffix not in SUFFIXES or looked[suffix] >= _MOST_HEADS:
            continue
        looked[suffix] += 1
        name = _of_file(path)
        if name in places:
            places[name].add(_set_of(path))
        elif name is not None:
            yield Candidate(name, path.parent if name == YOLO.name and path.name == FILE else path)
    for name, found in places.items():
        if found:
            yield Candidate(name, found.pop() if len(found) == 1 else folder)


def _set_of(file: Path) -> Path:
    """The folder that a file of a set of many lies in, or the one around that if it is VOC's `Annotations`."""
    return next((parent.parent for parent in file.parents if parent.name == ANNOTATIONS), file.parent)


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(filter(is_searched, folders))
        yield from (Path(parent, name) for name in sorted(files) if not name.startswith("."))


def _of_file(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(_HEAD).decode("utf-8-sig", errors="replace")
    suffix = path.suffix.lower()
    if suffix == ".json":
        return _of_json(head)
    if suffix == ".xml":
        return VOC.name if _ANNOTATION.match(head) else None
    if suffix in (".yaml", ".yml"):
        return YOLO.name if _NAMES.search(head) and _PARTS.search(head) else None
    return CSV.name if suffix in _TABLES and _is_table(head, path) else None


def _of_json(head: str) -> str | None:
    of_list, keys = _keys(head)
    if of_list:
        return LABEL_STUDIO.name if {"data", "annotations"} <= keys else None
    if {"shapes", "imagePath"} & keys:
        return LABELME.name
    return COCO.name if {"images", "annotations", "categories"} & keys else None


def _keys(head: str) -> tuple[bool, set[str]]:
    """The keys of the JSON object that a text begins, or of the first object of its list (True), as far as the text goes."""
    of_list = head.lstrip().startswith("[")
    depth, text = 0, ""
    keys: set[str] = set()
    for match in _TOKEN.finditer(head):
        token = match.group()
        if token in "{[":
            depth += 1
        elif token in "}]":
            depth -= 1
            if of_list and depth == 1:
                break
        elif token == ":" and depth == 1 + of_list:
            keys.add(text[1:-1])
        text = token
    return of_list, keys


def _is_table(head: str, path: Path) -> bool:
    try:
        layout(head, path)
    except InputError:
        return False
    return True
