"""Twenty steps of a training on the toy set, against the losses they had when the recipe was settled."""

from pathlib import Path
from typing import Any

import pytest

from foodet_core import worker
from foodet_core.config import Source, TrainConfig, TrainJob
from foodet_core.events import Step

# A change of network, loss, schedule or augmentation moves these: then they are read anew, and the change says so.
GOLDEN = {1: 42.619, 5: 44.727, 10: 45.611, 15: 40.670, 20: 35.571}
# Slow enough that no match flips early on: at the usual rate two processors are 5 % apart after ten steps, at this one 1 %.
LR = 1e-4


def test_twenty_seeded_steps_have_the_losses_they_always_had(toy: Any, tmp_path: Path) -> None:
    config = TrainConfig(steps=20, imgsz=96, batch=4, lr=LR, warmup=5, threads=1, validate_every=20)
    images = str(toy.images)
    job = TrainJob(Source(str(toy.train), images), str(tmp_path / "run"), Source(str(toy.val), images), config=config)
    losses = {event.step: event.losses["loss"] for event in worker.run(job) if isinstance(event, Step)}
    assert {step: losses[step] for step in GOLDEN} == pytest.approx(GOLDEN, rel=0.02)
