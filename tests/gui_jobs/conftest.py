"""Jobs whose children are the fake worker, and training jobs for it."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

from foodet_core.config import Source, TrainConfig, TrainJob
from foodet_gui.jobs import Jobs


@pytest.fixture
def command() -> tuple[str, ...]:
    """The command line of the fake worker."""
    return sys.executable, str(Path(__file__).with_name("fake_worker.py"))


@pytest.fixture
def jobs(qapp: object, command: tuple[str, ...]) -> Iterator[Jobs]:
    made = Jobs(command=command)
    yield made
    made.close()


@pytest.fixture
def job(tmp_path: Path) -> Callable[[int], TrainJob]:
    """A training that the fake worker plays as its seed says."""
    return lambda seed: TrainJob(Source(str(tmp_path)), str(tmp_path / "0001-train"), config=TrainConfig(seed=seed))
