"""JSON as annotation files hold it: loaded whole, its values taken out one by one, every flaw named by its place."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from ..errors import InputError

Object = dict[str, Any]
AGAIN = "Correct the file, or export it again."


def load(path: Path) -> tuple[Any, list[str]]:
    """The file's value, and the constants in it that Python reads but JSON does not have (NaN, Infinity), as NaN."""
    constants: list[str] = []

    def constant(name: str) -> float:
        constants.append(name)
        return math.nan

    try:
        return json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=constant), constants
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})", "Check the path of the annotation file.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(path, f"is not valid JSON ({error})", "It may be cut off: export or download it again.") from error


def check_constants(path: Path, constants: list[str]) -> None:
    """Raise InputError where `load` met a constant; to be called late, after what can name the place better."""
    if constants:
        raise InputError(path, f"holds {constants[0]}, which is not a number of JSON", "Write a finite number or null.")


def take(entry: Object, key: str, where: str) -> Any:
    """Remove and return a value. Raises InputError where there is none."""
    if key not in entry:
        raise InputError(where, f"has no '{key}'", AGAIN)
    return entry.pop(key)


def take_text(entry: Object, key: str, where: str) -> str:
    """Remove and return a text. Raises InputError for anything else."""
    text = take(entry, key, where)
    try:
        text.encode()  # JSON can spell half a character, which no file name or database takes
    except (AttributeError, UnicodeEncodeError):
        raise InputError(where, f"has '{key}' that is not a text", AGAIN) from None
    return str(text)


def take_whole(entry: Object, key: str, where: str) -> int:
    """Remove and return a whole number. Raises InputError for anything else."""
    number = take(entry, key, where)
    if not is_number(number) or number != number // 1:  # 3.0 is written by tools that know floats only
        raise InputError(where, f"has '{key}' that is not a whole number", AGAIN)
    return int(number)


def take_objects(entry: Object, key: str, where: str) -> list[Object]:
    """Remove a list of objects and return a copy of each. Raises InputError for anything else."""
    listed = take(entry, key, where)
    if not isinstance(listed, list):
        raise InputError(where, f"has '{key}' that is not a list", AGAIN)
    for n, inner in enumerate(listed):
        if not isinstance(inner, dict):
            raise InputError(f"{where}, {key}[{n}]", "is not an object", AGAIN)
    return [dict(inner) for inner in listed]


def is_number(value: Any) -> bool:
    """Whether it is a finite number of a size that can mean something."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -(2.0**63) < value < 2.0**63
