"""Pre-training of a backbone, from folders of labelled images to weights, as a generator of events."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from ..config import PretrainJob
from ..data.likeness import difference_hash, in_all_turns, near
from ..errors import InputError
from ..events import Event, Notice
from ..formats.source import hold_out
from ..formats.whole import read_whole
from ..models.weights import WeightsInfo, warm_start
from ..pixels import read_rgb
from ..project.scan import find_images, with_progress
from ..train.checkpoint import Run, State
from ..train.engine import Clock, Engine, build_fabric
from ..train.loop import begin, step_count, story
from ..train.optim import Ema, build_optimizer
from ..types import ImageRecord, LabelledSet
from .classifier import Classifier, Classifying, HeldOut, WholeSet

_HOLD_OUT = 0.02
_MIN_STEPS, _EPOCHS = 1500, 40
_HASHED_PX = 64
_COMPARED = 1024
"""Hashes at a time: with all turns of thousands of others their products are some 100 MB."""


def pretrain(job: PretrainJob, resumed: Run | None = None) -> Iterator[Event]:
    """Teach a backbone the classes of `job.folders` into the folder `job.out`; detectors can start from its weights.

    Raises InputError, before anything is written, for folders or images that cannot be used.
    """
    clock = Clock()
    return clock.working(_pretrain(job, clock, resumed))


def _pretrain(job: PretrainJob, clock: Clock, resumed: Run | None) -> Iterator[Event]:
    config = job.config
    fabric = build_fabric(config)
    labelled = yield from read_whole(map(Path, job.folders))
    labelled, alike = yield from _without_likes(labelled, job.leave_out)
    learnt, held = hold_out(labelled, _HOLD_OUT, config.seed)
    torch.manual_seed(config.seed)
    classifier = Classifier(config.model, len(labelled.classes)).to(memory_format=torch.channels_last)
    start = _warm(classifier, labelled, job.weights)
    optimizer = build_optimizer(classifier.named_parameters(), config, config.lr)
    state = State(classifier.train(), Ema(classifier, config.ema), optimizer)
    train_set = WholeSet(learnt, config.imgsz, config.augment, config.seed, fabric.device)
    held_out = HeldOut(held, config.imgsz)
    yield from train_set.prepare()
    yield from held_out.prepare()
    run, resumption = begin(job, resumed, state, clock, fabric)
    info = WeightsInfo(config.model, labelled.classes, config.imgsz, note="a backbone, pre-trained as a classifier")
    steps = step_count(config, len(train_set), _MIN_STEPS, _EPOCHS)
    engine = Engine(run, config, state, Classifying(classifier), train_set, held_out, info, steps, clock, fabric)
    yield from run.record(story(engine, "pretrain", [alike, start, resumption], _sentence))


def _warm(classifier: Classifier, labelled: LabelledSet, weights: str) -> Notice | None:
    if weights == "none":
        return None
    taken = warm_start(classifier, labelled.classes, Path(weights))
    return Notice(f"Started from {weights}: {taken.classes} of {len(labelled.classes)} classes known.")


def _sentence(engine: Engine) -> str:
    right = f"{engine.state.best:.1%} of {len(engine.val_set)} held-out images right"
    return f"At best {right}, after {engine.state.step} steps."


def _without_likes(labelled: LabelledSet, folders: Sequence[str]) -> Generator[Event, None, tuple[LabelledSet, Notice | None]]:
    """The set without the images that show the same picture as one in the folders, in whatever turn or flip."""
    paths = [path for folder in folders for path in find_images(Path(folder))]
    if not paths:
        return labelled, None
    unseen = yield from with_progress(paths, "hashing images to leave out", lambda p: in_all_turns(read_rgb(p, _HASHED_PX)))

    def plain(image: ImageRecord) -> np.ndarray:
        return difference_hash(read_rgb(labelled.path(image), _HASHED_PX))

    ours = yield from with_progress(labelled.images, "hashing images", plain)
    theirs = np.concatenate(unseen)
    parts = np.array_split(np.array(ours), math.ceil(len(ours) / _COMPARED))
    alike = np.concatenate((yield from with_progress(parts, "comparing images", lambda part: near(part, theirs))))
    kept = tuple(image for image, left_out in zip(labelled.images, alike, strict=True) if not left_out)
    if not kept:
        raise InputError(", ".join(folders), "has the likes of all images that could be learnt from", "Give other folders.")
    return replace(labelled, images=kept), Notice(f"{alike.sum()} images left out that are like one of {len(paths)} others.")
