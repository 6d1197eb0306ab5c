"""The whole way on drawn food, with no download: draw, train, fine-tune by GRPO, evaluate, look."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from .config import BUNDLED, EvaluateJob, FinetuneJob, Job, PredictJob, SampleJob, Source, TrainConfig, TrainJob
from .data.sample import PROJECT_NAME
from .errors import EXIT_OK, EXIT_STOPPED
from .events import Finished
from .project.store import Project
from .terminal import console, follow
from .types import Split

_IMGSZ = 192
_FINETUNE_SHARE = 0.15
_OVERLAYS = 12


class _StoppedError(Exception):
    """The person asked to stop."""


def make_sample(folder: Path, images: int) -> Path | None:
    """Draw the sample set into `folder` and return its project, or None if stopped; one that is there is used as it is."""
    project = folder / PROJECT_NAME
    if project.is_dir() or follow(SampleJob(str(folder), images)).outcome == "done":
        return project
    return None


def headless_demo(folder: Path, project: Path, minutes: float) -> int:
    """Train on the sample, fine-tune, measure on its test images, write overlays, print a summary. Returns the exit code."""
    began = time.monotonic()
    source = Source(str(project))
    try:
        console.print(f"1/4 training for {minutes:g} minutes")
        trained = _new_run(project, "train")
        _follow(TrainJob(source, trained, weights=BUNDLED, config=TrainConfig(minutes=minutes, imgsz=_IMGSZ)))
        console.print(f"2/4 fine-tuning by GRPO for {minutes * _FINETUNE_SHARE:.1f} minutes")
        tuned = _new_run(project, "finetune")
        last = _follow(FinetuneJob(trained, source, tuned, config=TrainConfig(minutes=minutes * _FINETUNE_SHARE)))
        console.print("3/4 measuring on held-out images")
        test = Source(str(project), split=Split.TEST.value)
        measured = [_follow(EvaluateJob(weights, test)).detail for weights in (trained, tuned)]
        console.print("4/4 drawing detections")
        overlays = folder / "overlays"
        _follow(PredictJob(tuned, _test_images(project)[:_OVERLAYS], overlay=str(overlays)))
    except _StoppedError:
        return EXIT_STOPPED
    _summarise(("trained", "fine-tuned"), measured)
    print(last.text)
    print(f"Overlays: {overlays}")
    print(f"Project:  {project}  (open it: foodet gui {project})")
    print(f"Took {(time.monotonic() - began) / 60:.1f} minutes.")
    return EXIT_OK


def _follow(job: Job) -> Finished:
    finished = follow(job)
    if finished.outcome == "stopped":
        raise _StoppedError
    return finished


def _new_run(project: Path, kind: str) -> str:
    with closing(Project.open(project)) as opened:
        return str(opened.new_run(kind))


def _test_images(project: Path) -> tuple[str, ...]:
    with closing(Project.open(project)) as opened:
        return tuple(str(opened.path(image)) for image in opened.images() if image.split == Split.TEST)


def _summarise(names: Sequence[str], measured: Sequence[Mapping[str, Any]]) -> None:
    table = Table("weights", "AP", "AP50", "AP75", "AR", title=f"{measured[0]['images']} held-out images", box=None)
    for name, found in zip(names, measured, strict=True):
        table.add_row(name, *(f"{found[key]:.3f}" for key in ("AP", "AP50", "AP75", "AR")))
    Console().print(table)
