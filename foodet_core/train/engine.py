"""The optimisation loop that training and fine-tuning share.

What is minimised is an `Objective`; how far a run is, is a number from 0 to 1 that follows from its steps or, with a time
budget, from the time worked: the schedule then ends on time, fully cooled down, whatever the machine's speed turns out to be.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Protocol

import torch
from lightning_fabric import Fabric
from torch import Tensor

from ..config import TrainConfig
from ..data.dataset import Batch, Targets, TrainSet, batches
from ..errors import InputError
from ..evaluate.run import ValSet
from ..events import CheckpointSaved, Event, Step, Validated
from ..models.weights import WeightsInfo
from .checkpoint import Run, State
from .optim import lr_factor, set_lr

# The last quarter sees images as they are at prediction.
_VARIED_UNTIL = 0.75
_VALIDATIONS = 10
_SPEED_OVER = 20


@dataclass(frozen=True)
class Loss:
    """What one step minimises, its parts by name (detached), and what else there is to tell of it."""

    total: Tensor
    parts: Mapping[str, Tensor]
    told: Sequence[Event] = ()


class Objective(Protocol):
    """images_BCHW float 0..1 and targets -> loss; `progress` 0..1 is how far the run is."""

    def __call__(self, images_BCHW: Tensor, targets: Targets, step: int, progress: float) -> Loss: ...


class Clock:
    """Seconds worked, with what is not work left out."""

    def __init__(self) -> None:
        self._before, self._since = 0.0, time.monotonic()

    @property
    def seconds(self) -> float:
        return self._before + time.monotonic() - self._since

    def set(self, seconds: float) -> None:
        """Go on from a number of seconds."""
        self._before, self._since = seconds, time.monotonic()

    def working(self, events: Iterator[Event]) -> Iterator[Event]:
        """Pass events on with the clock stopped while the consumer has them, so that a pause is no work."""
        with closing(events):  # type: ignore[type-var]
            for event in events:
                worked = self.seconds
                yield event
                self.set(worked)


def build_fabric(config: TrainConfig) -> Fabric:
    """The device, with torch set up to use `config.threads` cores. Raises InputError for a device that is not there."""
    if config.threads:
        torch.set_num_threads(config.threads)
    try:
        return Fabric(accelerator=config.device, devices=1, precision="32-true")
    except Exception as error:
        raise InputError("setting device", f"'{config.device}' cannot be used ({error})", "Use auto or cpu.") from error


@dataclass
class Engine:
    """Everything one run needs to go on from `state` to its end. `reserve` is the time that the last validation will take."""

    run: Run
    config: TrainConfig
    state: State
    objective: Objective
    train_set: TrainSet
    val_set: ValSet
    info: WeightsInfo
    steps: int | None
    clock: Clock
    fabric: Fabric
    reserve: float = 0.0
    validated_at: int = -1
    _tenths: int = 0
    _times: list[float] = field(default_factory=list)

    def fit(self) -> Iterator[Event]:
        """Optimise, validate and save to the end; when closed early, save and leave. Yields every event of it."""
        saved = self.clock.seconds
        self._tenths = math.floor(self.progress * _VALIDATIONS)
        try:
            with closing(batches(self._batch, self.state.step)) as dealt:  # type: ignore[type-var]
                # However short the time, one step is made: a run that did nothing has nothing to say.
                while (progress := self.progress) < 1 or self.state.step == 0:
                    batch = next(dealt)
                    yield from self._optimise(batch.images_BCHW, batch.targets, progress)
                    if self._validation_due():
                        yield from self.validate()
                    if self.clock.seconds - saved >= self.config.checkpoint_seconds:
                        yield self._save()
                        saved = self.clock.seconds
            if self.validated_at != self.state.step:
                yield from self.validate()
            self.state.done = True
        finally:
            self._save()
            if not self.run.weights.exists():
                # Stopped before the first validation: what was learnt is kept, unmeasured.
                self.run.save_latest(self.state, self.info, best=True)

    @property
    def progress(self) -> float:
        """How far the run is, 0..1."""
        if self.steps is not None:
            return self.state.step / self.steps
        assert self.config.minutes is not None
        return min(self.clock.seconds / max(self.config.minutes * 60 - self.reserve, 1e-6), 1.0)

    def validate(self) -> Iterator[Event]:
        """Measure the running mean on the validation images and keep it, as the best if it is."""
        began = self.clock.seconds
        metrics = yield from self.val_set.measure(self.state.ema.detector)
        ap = metrics.AP
        best = ap >= self.state.best_ap
        self.state.best_ap = max(ap, self.state.best_ap)
        self.state.improved |= best and self.state.step > 0
        self.run.save_latest(self.state, replace(self.info, metrics=metrics.summary()), best)
        self.validated_at = self.state.step
        self.reserve = self.clock.seconds - began
        weights = str(self.run.latest)
        yield Validated(self.state.step, metrics.summary(), metrics.per_class, len(self.val_set), weights, best)

    def _batch(self, step: int) -> Batch:
        # Batches are made ahead of their step: a step's own number decides, so that a resumed run makes the same ones.
        progress = self.progress if self.steps is None else step / self.steps
        return self.train_set.batch(step, self.config.batch, progress < _VARIED_UNTIL)

    def _optimise(self, images: Tensor, targets: Targets, progress: float) -> Iterator[Event]:
        state, config = self.state, self.config
        torch.manual_seed(config.seed * 1_000_003 + state.step)
        lr = set_lr(state.optimizer, lr_factor(progress, state.step, config.warmup))
        device = self.fabric.device
        floats = images.to(device).to(memory_format=torch.channels_last).float().div_(255)
        placed = [{name: value.to(device) for name, value in target.items()} for target in targets]
        loss = self.objective(floats, placed, state.step, progress)
        value = loss.total.item()
        if not math.isfinite(value):
            raise InputError("setting lr", f"the loss is {value} at step {state.step}", "Lower the learning rate.")
        state.optimizer.zero_grad(set_to_none=True)
        self.fabric.backward(loss.total)
        if config.clip:
            trained = [p for group in state.optimizer.param_groups for p in group["params"]]
            torch.nn.utils.clip_grad_norm_(trained, config.clip)
        state.optimizer.step()
        state.ema.update(state.detector, state.step)
        state.step += 1
        yield from loss.told
        yield self._told(value, loss.parts, lr)

    def _told(self, total: float, parts: Mapping[str, Tensor], lr: float) -> Step:
        self._times = [*self._times[-_SPEED_OVER:], self.clock.seconds]
        steps = len(self._times) - 1
        rate = self.config.batch * steps / (self._times[-1] - self._times[0]) if steps else 0.0
        losses = {"loss": total, **{name: value.item() for name, value in parts.items()}}
        left = self._seconds_left(rate)
        expected = self.steps or self.state.step + round((left or 0.0) * rate / self.config.batch)
        return Step(self.state.step, expected, losses, lr, rate, self.clock.seconds, left)

    def _seconds_left(self, rate: float) -> float | None:
        if self.steps is None:
            return max((self.config.minutes or 0.0) * 60 - self.clock.seconds, 0.0)
        return (self.steps - self.state.step) * self.config.batch / rate + self.reserve if rate else None

    def _validation_due(self) -> bool:
        if self.config.validate_every is not None:
            return self.state.step % self.config.validate_every == 0
        before, self._tenths = self._tenths, max(math.floor(self.progress * _VALIDATIONS), self._tenths)
        return self._tenths > before

    def _save(self) -> CheckpointSaved:
        self.state.seconds = self.clock.seconds
        return self.run.save(self.state)
