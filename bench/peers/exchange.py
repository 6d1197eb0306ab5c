"""What a peer's process and the benchmark say to each other: JSON files in one folder, as bench/equal_budget.py describes them.

Runs in the peer's environment: nothing but the standard library is imported.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Detect = Callable[[Path], list[dict[str, Any]]]


def read_job(folder: Path) -> dict[str, Any]:
    """What is asked for."""
    job: dict[str, Any] = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    return job


@dataclass
class Kept:
    """Copies of the weights of the last epoch before each mark (seconds), and of the last epoch of all."""

    folder: Path
    marks: list[float]
    epochs: dict[float, dict[str, Any]] = field(default_factory=dict)

    def keep(self, weights: Path, step: int, seconds: float) -> None:
        """Called after every epoch with the weights it wrote, the steps so far and the seconds at which they were made."""
        mark = next((m for m in self.marks if seconds <= m), self.marks[-1])
        copy = self.folder / f"until-{mark:.0f}{weights.suffix}"
        shutil.copyfile(weights, copy)
        self.epochs[mark] = {"step": step, "seconds": seconds, "weights": copy}

    def detected(self, detect: Detect) -> list[dict[str, Any]]:
        """The detections of each, in place of its weights."""
        return [{"step": e["step"], "seconds": e["seconds"], "detections": detect(e["weights"])} for e in self.epochs.values()]


def write_result(folder: Path, result: dict[str, Any]) -> None:
    """Write the answer, whole or not at all."""
    scratch = folder / "result.json.part"
    scratch.write_text(json.dumps(result), encoding="utf-8")
    scratch.replace(folder / "result.json")
