"""What a person chooses for an export, and what the window proposes: values and pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from itertools import count
from pathlib import Path
from typing import Any, Self

from foodet_core.config import ExportJob

WHICH = ("labelled", "done", "listed")
"""All images that are labelled, only finished ones, or those of the list as the search left it."""


@dataclass(frozen=True)
class ExportChoice:
    """The choices of the last export. `val` and `test` are per cent, and count where `split` is set."""

    format: str = "coco"
    which: str = "labelled"
    split: bool = False
    val: int = 10
    test: int = 10
    target: str = ""

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """What `to_json` wrote; whatever does not fit is as in the beginning."""
        start, given = cls(), data if isinstance(data, dict) else {}
        kept = {f.name: given[f.name] for f in fields(cls) if type(given.get(f.name)) is type(getattr(start, f.name))}
        return cls(**kept)

    def to_json(self) -> dict[str, Any]:
        """The choices as JSON."""
        return asdict(self)

    def job(self, project: Path, listed: Sequence[int]) -> ExportJob:
        """The export of a project; `listed` are the ids of the images that the list shows."""
        val, test = (self.val / 100, self.test / 100) if self.split else (None, None)
        images = tuple(listed) if self.which == "listed" else None
        done = self.which == "done"
        return ExportJob(str(project), self.target, self.format, done=done, images=images, val=val, test=test)


def proposed_target(name: str, root: Path, format: str, suffix: str) -> Path:
    """Where an export of the project `name` of images under `root` may go: a file among them, or a new folder beside them.

    `suffix` is that of the file, empty for a folder. A folder among the images would bring copies of them there.
    """
    if suffix:
        return root / (f"{name}{suffix}" if suffix == f".{format}" else f"{name}-{format}{suffix}")
    folders = (root.parent / f"{name}-{format}{'' if n == 1 else f'-{n}'}" for n in count(1))
    return next(folder for folder in folders if not is_taken(folder))


def is_taken(folder: Path) -> bool:
    """Whether no new folder can be made there: something stands there, or it cannot be looked; an empty folder is none."""
    try:
        return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError:
        return True
