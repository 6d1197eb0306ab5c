"""What each of two processes does in `test_ddp.py`: a training stopped and resumed, a fine-tuning, and one that is refused.

Started by torchrun with the jobs as lines of a file; writes what it was told beside it, one file per process.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import torch

from foodet_core import worker
from foodet_core.config import Job, job_from_json
from foodet_core.errors import InputError
from foodet_core.events import Event, Step, to_line
from foodet_core.processes import leads
from foodet_core.train.engine import Engine

fit = Engine.fit


def fit_and_compare(engine: Engine) -> Iterator[Event]:
    """Also says how far the weights lie from their mean over the processes, and which pixels this one had at first."""
    yield from fit(engine)
    weights = torch.cat([p.detach().flatten() for p in engine.state.model.parameters()])
    apart = (weights - engine.fabric.all_reduce(weights.clone())).abs().max()
    say({"apart": float(apart), "pixels": int(engine._batch(0).images_BCHW.long().sum())})


def still(norm: torch.nn.BatchNorm2d, mode: bool = True) -> torch.nn.Module:
    """Batch norm by its running mean in training too: then nothing lets one share of a batch feel the other."""
    return torch.nn.Module.train(norm, False)


def say(row: dict[str, object]) -> None:
    with Path(f"{sys.argv[1]}.{os.environ['RANK']}").open("a") as file:
        file.write(json.dumps(row) + "\n")


def follow(job: Job, stop_at: int | None = None) -> None:
    """Run a job to its end, or until the process that leads has seen step `stop_at`."""
    steps = [0]

    def stop() -> bool:
        return leads() and steps[-1] == stop_at

    try:
        for event in worker.stoppable(worker.run(job), stop):
            steps += [event.step] if isinstance(event, Step) else []
            say(json.loads(to_line(event)))
    except InputError as error:
        say({"refused": str(error)})


if __name__ == "__main__":
    Engine.fit = fit_and_compare  # type: ignore[method-assign]
    torch.nn.BatchNorm2d.train = still  # type: ignore[method-assign]
    first, *others = [job_from_json(json.loads(line)) for line in Path(sys.argv[1]).read_text().splitlines()]
    follow(first, stop_at=2)
    for job in others:
        follow(job)
