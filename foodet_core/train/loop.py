"""Supervised training, from a labelled source to weights, as a generator of events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from lightning_fabric import Fabric
from torch import Tensor

from ..config import BUNDLED, IMAGENET, Source, TrainConfig, TrainJob
from ..data.dataset import Targets, TrainSet
from ..errors import InputError
from ..evaluate.run import ValSet, in_classes
from ..events import Event, Finished, Notice, Progress, Started
from ..formats.source import hold_out, open_source
from ..losses.criterion import Criterion, Normaliser
from ..losses.denoising import noised_targets
from ..models.detector import DENOISING_QUERIES, Detector, Outputs, build_detector
from ..models.public_backbone import start_from_imagenet
from ..models.weights import WeightsInfo, read_info, warm_start
from ..types import ClassList, LabelledSet, Split
from .checkpoint import Run, RunJob, State
from .engine import Clock, DismissedError, Engine, Loss, Objective, build_fabric, led, shared
from .optim import NEW_CLASSES, Ema, build_optimizer

_HOLD_OUT = 0.1
_MIN_STEPS, _EPOCHS = 1500, 40
_DENOISED_UNTIL = 0.8
_SOFT_GATES_UNTIL, _SOFTEST_GATES = 1 / 3, 4.0


@dataclass(frozen=True)
class Supervised:
    """The Hungarian loss with denoising queries, and the dense head's own."""

    detector: Detector
    criterion: Criterion

    def __call__(self, images_BCHW: Tensor, targets: Targets, step: int, progress: float) -> Loss:
        _, loss = self.outputs(images_BCHW, targets, progress)
        return loss

    def outputs(self, images_BCHW: Tensor, targets: Targets, progress: float) -> tuple[Outputs, Loss]:
        """The raw outputs too, for objectives that add to this one."""
        config = self.detector.config
        softened = _SOFTEST_GATES - (_SOFTEST_GATES - 1) * progress / _SOFT_GATES_UNTIL
        self.detector.set_gate_temperature(max(softened, 1.0))
        noised = None
        if config.denoising and config.decoder == "detr" and progress < _DENOISED_UNTIL:
            noised = noised_targets(targets, DENOISING_QUERIES)
        outputs = self.detector(images_BCHW, denoising=noised)
        total, parts = self.criterion(outputs, targets, noised)
        return outputs, Loss(total, parts)


@dataclass(frozen=True)
class Data:
    """What a run learns from and is measured on, in one class list."""

    train: LabelledSet
    val: LabelledSet
    notices: tuple[Notice, ...] = ()

    @property
    def classes(self) -> ClassList:
        return self.train.classes


def train_with(
    job: TrainJob, objective: Callable[[Detector, Normaliser], Objective], resumed: Run | None = None
) -> Iterator[Event]:
    """Train a detector into the folder `job.out`, or go on with the run `resumed`.

    Raises InputError, before anything is written, for labels or images that cannot be used.
    """
    clock = Clock()
    return clock.working(_train(job, objective, resumed, clock))


def supervised(detector: Detector, normaliser: Normaliser) -> Supervised:
    """The objective of plain training."""
    return Supervised(detector, Criterion(normaliser=normaliser))


def _train(
    job: TrainJob, objective: Callable[[Detector, Normaliser], Objective], resumed: Run | None, clock: Clock
) -> Iterator[Event]:
    config = job.config
    fabric = build_fabric(config)
    data = open_data(job.source, job.val, config.seed)
    begun = resumed is not None and resumed.begun
    if job.weights == IMAGENET and not begun:
        yield Progress(0, 1, "fetching weights")
    detector, state, notice = _fresh(job, data.classes, begun)
    train_set = TrainSet(data.train, config.imgsz, config.augment, config.seed, fabric.device)
    val_set = ValSet(data.val, config.imgsz)
    yield from train_set.prepare()
    yield from val_set.prepare()
    run, resumption = begin(job, resumed, state, clock, fabric)
    info = WeightsInfo(config.model, data.classes, config.imgsz)
    steps = step_count(config, len(train_set))
    told = objective(detector, shared(fabric))
    engine = Engine(run, config, state, told, train_set, val_set, info, steps, clock, fabric)
    yield from run.record(story(engine, "train", [*data.notices, notice, resumption], _sentence))


def begin(job: RunJob, resumed: Run | None, state: State, clock: Clock, fabric: Fabric) -> tuple[Run, Notice | None]:
    """The folder of a run, new for `job`; or the one that is resumed, with state and clock where its checkpoint was.

    Raises InputError for a folder that cannot be used or a damaged checkpoint.
    """
    fabric.to_device(state.model)
    fabric.to_device(state.ema.model)
    run = resumed or led(fabric, lambda: Run.create(Path(job.out), job))
    notice = run.load(state) if resumed else None
    # What was read before is no work: minutes of it would leave a short budget nothing to learn in.
    clock.set(state.seconds)
    return run, notice


def story(
    engine: Engine,
    kind: str,
    notices: Iterable[Notice | None],
    sentence: Callable[[Engine], str],
    first: Callable[[Engine], Iterator[Event]] | None = None,
) -> Iterator[Event]:
    """All that a run tells once it can no longer fail for its input.

    `first` is done before a fresh run's first step; `sentence` says at the end what came out.
    """
    try:
        yield from _story(engine, kind, notices, sentence, first)
    except GeneratorExit:
        engine.dismiss()
        raise
    except DismissedError:
        yield Finished(kind, "stopped", "", engine.clock.seconds)


def _story(
    engine: Engine,
    kind: str,
    notices: Iterable[Notice | None],
    sentence: Callable[[Engine], str],
    first: Callable[[Engine], Iterator[Event]] | None,
) -> Iterator[Event]:
    yield Started(kind, str(engine.run.folder), describe(engine))
    yield from (n for n in notices if n is not None)
    if first is not None and engine.state.step == 0:
        yield from first(engine)
    if not engine.state.done:
        yield from engine.fit()
    detail = {"weights": str(engine.run.weights), engine.val_set.figure: engine.state.best}
    yield Finished(kind, "done", sentence(engine), engine.clock.seconds, detail)


def _sentence(engine: Engine) -> str:
    return f"Best AP {engine.state.best:.3f} on {len(engine.val_set)} validation images after {engine.state.step} steps."


def describe(engine: Engine) -> dict[str, object]:
    """What a person wants to know of a run as it starts."""
    config = engine.config
    return {
        "preset": config.model.preset,
        "images": len(engine.train_set),
        "val_images": len(engine.val_set),
        "classes": list(engine.info.classes.names),
        "imgsz": config.imgsz,
        "minutes": config.minutes,
        "steps": engine.steps,
        "parameters": sum(p.numel() for p in engine.state.model.parameters()),
        "step": engine.state.step,
    }


def open_data(source: Source, val: Source | None, seed: int) -> Data:
    """Training and validation sets: `val`, or the source's own val split, or a tenth of the images held out.

    Raises InputError where there is too little to train on.
    """
    data = _parted(source, val, seed)
    if not _has_boxes(data.train):
        raise InputError(source.path, "has no box to learn from", "Draw boxes on images to train on, or import annotations.")
    if _has_boxes(data.val):
        return data
    text = "No validation image has a box, so AP stays 0: the newest weights count as the best."
    return replace(data, notices=(*data.notices, Notice(text, "warning")))


def _parted(source: Source, val: Source | None, seed: int) -> Data:
    labelled = open_source(source)
    # A project's own val and test images are never trained on, unless a split is asked for by name.
    unseen = () if source.split else (Split.VAL, Split.TEST)
    learnt = tuple(image for image in labelled.images if image.split not in unseen)
    own_val = () if source.split else tuple(image for image in labelled.images if image.split == Split.VAL)
    if not learnt:
        raise InputError(source.path, "has labelled images in its val and test splits only", "Label some for training too.")
    train_part = replace(labelled, images=learnt)
    if val is not None:
        return Data(train_part, in_classes(open_source(val), labelled.classes, val.path))
    if own_val:
        return Data(train_part, replace(labelled, images=own_val))
    kept, held = hold_out(train_part, _HOLD_OUT, seed)
    text = f"No validation images were named: {len(held.images)} of {len(learnt)} are held out for it."
    return Data(kept, held, (Notice(text),))


def _has_boxes(labelled: LabelledSet) -> bool:
    return any(len(labelled.boxes(image)[0]) for image in labelled.images)


def step_count(config: TrainConfig, images: int, least: int = _MIN_STEPS, epochs: int = _EPOCHS) -> int | None:
    """Steps of a run: as asked, else `epochs` passes over the images, but `least` at the least. None with a time budget."""
    if config.minutes is not None:
        return None
    return config.steps or max(least, epochs * images // config.batch)


def _fresh(job: TrainJob, classes: ClassList, begun: bool) -> tuple[Detector, State, Notice | None]:
    """`begun`: the weights will come from a checkpoint."""
    config = job.config
    torch.manual_seed(config.seed)
    detector = build_detector(config.model, len(classes)).to(memory_format=torch.channels_last)
    notice, class_share = _start(detector, job, classes, begun)
    optimizer = build_optimizer(detector.named_parameters(), config, config.lr, class_share)
    return detector, State(detector.train(), Ema(detector, config.ema), optimizer), notice


def _start(detector: Detector, job: TrainJob, classes: ClassList, begun: bool) -> tuple[Notice | None, float]:
    """Give a new detector the weights that the job asks for; returns what to tell of it and the classes' share of the rate."""
    if job.weights == "none":
        return None, 1.0
    if job.weights == IMAGENET:
        if begun:
            return None, 1.0  # nothing is downloaded for weights that a checkpoint replaces
        name = start_from_imagenet(detector.backbone, job.config.model.backbone)
        return Notice(f"The backbone starts from torchvision's {name}."), 1.0
    if job.weights == BUNDLED and (preset := read_info(Path(BUNDLED)).model.preset) != job.config.model.preset:
        return Notice(f"The bundled weights are for the preset {preset}: this network starts from random ones."), 1.0
    taken = warm_start(detector, classes, Path(job.weights))
    known = f"{taken.classes} of {len(classes)} classes known"
    class_share = NEW_CLASSES if "dense_head" in taken.parts and taken.classes < len(classes) else 1.0
    return Notice(f"Started from {job.weights}: {', '.join(sorted(taken.parts))} taken over, {known}."), class_share
