"""Where the files that ship with foodet lie: in the installed package, or in `resources/` of a source checkout."""

from __future__ import annotations

from pathlib import Path

_INSTALLED = Path(__file__).parent / "_resources"
_CHECKOUT = Path(__file__).parent.parent / "resources"


BUNDLED_WEIGHTS = "models/foodet-nano.safetensors"


def resource(name: str) -> Path:
    """The path of a shipped file, by its name relative to `resources/`."""
    return (_INSTALLED if _INSTALLED.is_dir() else _CHECKOUT) / name
