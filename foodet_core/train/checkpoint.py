"""A run's folder: what it was asked, what it told, its weights, and the point from which it can go on.

    job.json                  what was asked
    events.jsonl              what it told
    weights.safetensors       the best weights so far, by the figure measured on the validation images
    latest.safetensors        the newest
    checkpoint.safetensors    weights, their running mean, the optimizer's moments; the counters lie in its header

Every file is replaced as a whole, so that a killed run leaves the one before. There is no random state to save: every draw
of a training is a function of (seed, step). Of several processes the one that leads writes; all of them read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..config import WEIGHTS_NAME, FinetuneJob, PretrainJob, TrainJob, job_from_json
from ..errors import InputError
from ..events import CheckpointSaved, Event, Notice, Progress, to_line
from ..models.weights import WeightsInfo, read_tensors, save_weights, write_tensors
from ..processes import leads
from .optim import Ema, load_optimizer, optimizer_tensors

_JOB, _EVENTS, _LATEST, _CHECKPOINT = "job.json", "events.jsonl", "latest.safetensors", "checkpoint.safetensors"
_COUNTERS: dict[str, type] = {
    "step": int, "seconds": float, "best": float, "start": float, "improved": bool, "done": bool
}  # fmt: skip

RunJob = TrainJob | FinetuneJob | PretrainJob


@dataclass
class State:
    """All that changes while a run optimises.

    `seconds` is the time worked on it, pauses left out. `best` is the highest figure measured so far (AP, but for a
    classifier) in 0..1, -1 before the first validation; `start` is that of the weights a fine-tuning started from, and
    `improved` says whether it has come up to it since.
    """

    model: nn.Module
    ema: Ema
    optimizer: torch.optim.Optimizer
    step: int = 0
    seconds: float = 0.0
    best: float = -1.0
    start: float = -1.0
    improved: bool = False
    done: bool = False


class Run:
    """The folder of one training, fine-tuning or pre-training."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.weights = folder / WEIGHTS_NAME
        self.latest = folder / _LATEST

    @property
    def begun(self) -> bool:
        """Whether there is a checkpoint to go on from."""
        return (self.folder / _CHECKPOINT).exists()

    @classmethod
    def create(cls, folder: Path, job: RunJob) -> Run:
        """Start in a new or empty folder. Raises InputError where it holds something or cannot be made."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise InputError(folder, "is not empty", "Choose another folder for the run, or `foodet resume` it.")
            (folder / _JOB).write_text(json.dumps(job.to_json(), ensure_ascii=False, indent=1), encoding="utf-8")
        except OSError as error:
            raise InputError(folder, f"cannot hold a run ({error})", "Choose another folder.") from error
        return cls(folder)

    @classmethod
    def open(cls, folder: Path) -> tuple[Run, RunJob]:
        """An existing run and what it was asked. Raises InputError where it is none."""
        remedy = "Give the folder of a training or fine-tuning."
        try:
            job = job_from_json(json.loads((folder / _JOB).read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise InputError(folder, f"is not a run ({error})", remedy) from error
        if not isinstance(job, RunJob):
            raise InputError(folder, "is not a run that can be resumed", remedy)
        return cls(folder), job

    def record(self, events: Iterator[Event]) -> Iterator[Event]:
        """Pass events on, writing each to the run's log first (but for mere progress); closing closes both."""
        if not leads():
            yield from events
            return
        with closing(events), (self.folder / _EVENTS).open("a", encoding="utf-8") as log:  # type: ignore[type-var]
            for event in events:
                if not isinstance(event, Progress):
                    log.write(to_line(event) + "\n")
                    log.flush()
                yield event

    def save_latest(self, state: State, info: WeightsInfo, best: bool) -> None:
        """Write the running mean as the newest weights, and as the best ones if they are."""
        if not leads():
            return
        tensors = state.ema.model.state_dict()
        save_weights(self.latest, tensors, info)
        if best:
            save_weights(self.weights, tensors, info)

    def save(self, state: State) -> CheckpointSaved:
        """Write the checkpoint."""
        tensors = {f"model.{name}": value for name, value in state.model.state_dict().items()}
        tensors |= {f"ema.{name}": value for name, value in state.ema.model.state_dict().items()}
        tensors |= {f"optimizer.{name}": value for name, value in optimizer_tensors(state.optimizer).items()}
        counters = {name: getattr(state, name) for name in _COUNTERS}
        path = self.folder / _CHECKPOINT
        if leads():
            write_tensors(path, tensors, counters)
        return CheckpointSaved(str(path), state.step)

    def load(self, state: State) -> Notice:
        """Put a state where the checkpoint was; without one the run starts over. Raises InputError for a damaged one."""
        path = self.folder / _CHECKPOINT
        if not path.exists():
            return Notice("No checkpoint had been written yet: the run starts from its beginning.")
        tensors, counters = read_tensors(path)
        try:
            state.model.load_state_dict(_below(tensors, "model."))
            state.ema.model.load_state_dict(_below(tensors, "ema."))
            load_optimizer(state.optimizer, _below(tensors, "optimizer."))
            for name, kind in _COUNTERS.items():
                setattr(state, name, kind(counters[name]))
        except (KeyError, ValueError, RuntimeError) as error:
            raise InputError(path, f"does not fit its run ({_first_line(error)})", "Start the training anew.") from error
        return Notice(f"Going on at step {state.step}.")


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
