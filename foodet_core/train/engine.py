"""The optimisation loop that training and fine-tuning share.

What is minimised is an `Objective`; how far a run is, is a number from 0 to 1 that follows from its steps or, with a time
budget, from the time worked: the schedule then ends on time, fully cooled down, whatever the machine's speed turns out to be.

Where torchrun started several processes, each works on its share of every batch, and gradients and told losses are their mean.
That is the training of one process but for two things: batch norm takes its statistics from each share alone, and random
draws within a step differ. One process leads: it measures, writes and says how far the run is, since clocks differ.
"""

from __future__ import annotations

import atexit
import math
import os
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

import torch
from lightning_fabric import Fabric
from torch import Tensor

from ..config import TrainConfig
from ..data.dataset import Batch, Targets, batches
from ..errors import InputError
from ..events import CheckpointSaved, Event, Step, Validated
from ..losses.criterion import Normaliser
from ..models.weights import WeightsInfo
from ..processes import launched, leads
from .checkpoint import Run, State
from .optim import lr_factor, set_lr

_VALIDATIONS = 10
_SPEED_OVER = 20

T = TypeVar("T")


@dataclass(frozen=True)
class Loss:
    """What one step minimises, its parts by name (detached), and what else there is to tell of it."""

    total: Tensor
    parts: Mapping[str, Tensor]
    told: Sequence[Event] = ()


class Objective(Protocol):
    """images_BCHW float 0..1 and targets -> loss; `progress` 0..1 is how far the run is."""

    def __call__(self, images_BCHW: Tensor, targets: Targets, step: int, progress: float) -> Loss: ...


class Dealing(Protocol):
    """What a run learns from: batch number `step` of `count` images, or a `share` of it; `progress` is how far the run is."""

    def __len__(self) -> int: ...

    def batch(self, step: int, count: int, progress: float, share: slice) -> Batch: ...


class Measured(Protocol):
    """What a measurement found: figures by name, and one figure by class name."""

    @property
    def per_class(self) -> Mapping[str, float | None]: ...

    def summary(self) -> dict[str, float]: ...


class Measuring(Protocol):
    """What a run is measured on; the best weights are those with the highest `figure` of the summary."""

    @property
    def figure(self) -> str: ...

    def __len__(self) -> int: ...

    def measure(self, model: Any, /) -> Generator[Event, None, Measured]: ...


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


class DismissedError(Exception):
    """The process that leads has stopped the run."""


def build_fabric(config: TrainConfig) -> Fabric:
    """The device of this process, with torch set up to use `config.threads` cores, joined with the others of its launch.

    Raises InputError for a device that is not there, and for a batch that the processes cannot share equally.
    """
    if config.threads:
        torch.set_num_threads(config.threads)
    try:
        fabric = Fabric(accelerator=config.device, precision="32-true", **_processes())
        fabric.launch()
    except Exception as error:
        raise InputError("setting device", f"'{config.device}' cannot be used ({error})", "Use auto or cpu.") from error
    count = fabric.world_size
    if count > 1:
        # Its threads must be gone before the interpreter is: else a process that did all its work may end in an abort.
        atexit.register(_part)
    if config.batch % count:
        problem = f"{config.batch} images cannot be shared equally by {count} processes"
        raise InputError("setting batch", problem, f"Give a multiple of {count}.")
    return fabric


def _part() -> None:
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def _processes() -> dict[str, Any]:
    if not launched():
        return {"devices": 1}
    per_node, nodes = int(os.environ["LOCAL_WORLD_SIZE"]), int(os.environ["GROUP_WORLD_SIZE"])
    return {"devices": per_node, "num_nodes": nodes, "strategy": "ddp"}


def shared(fabric: Fabric) -> Normaliser:
    """Divides each share's sums so that the mean over the processes is the loss of the whole batch."""

    def normaliser(amount: Tensor) -> Tensor:
        whole = fabric.all_reduce(amount, reduce_op="sum")
        assert isinstance(whole, Tensor)
        return whole.clamp(min=1) / fabric.world_size

    return normaliser


def led(fabric: Fabric, act: Callable[[], T]) -> T:
    """What `act` gives on the process that leads, told to all. Its InputError is raised on all."""
    given: tuple[T | None, InputError | None] = (None, None)
    if leads():
        try:
            given = act(), None
        except InputError as error:
            given = None, error
    result, refusal = fabric.broadcast(given)
    if refusal is not None:
        raise refusal
    return result  # type: ignore[return-value]


@dataclass
class Engine:
    """Everything one run needs to go on from `state` to its end. `reserve` is the time that the last validation will take."""

    run: Run
    config: TrainConfig
    state: State
    objective: Objective
    train_set: Dealing
    val_set: Measuring
    info: WeightsInfo
    steps: int | None
    clock: Clock
    fabric: Fabric
    reserve: float = 0.0
    validated_at: int = -1
    _progress: float = 0.0
    _tenths: int = 0
    _times: list[float] = field(default_factory=list)

    def fit(self) -> Iterator[Event]:
        """Optimise, validate and save to the end; when closed early, save and leave. Yields every event of it.

        Raises DismissedError where another process leads and has stopped.
        """
        saved = self.clock.seconds
        self._tenths = math.floor(self.progress() * _VALIDATIONS)
        try:
            with closing(batches(self._batch, self.state.step)) as dealt:  # type: ignore[type-var]
                # However short the time, one step is made: a run that did nothing has nothing to say.
                while (progress := self.progress()) < 1 or self.state.step == 0:
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

    def progress(self) -> float:
        """How far the run is, 0..1, by the count or the clock of the process that leads."""
        self._progress = self._heard(self._own_progress())
        return self._progress

    def dismiss(self) -> None:
        """Tell the processes that do not lead, wherever they wait for this one, that the run is stopped."""
        if leads():
            self.fabric.broadcast(None)

    def validate(self) -> Iterator[Event]:
        """Measure the running mean on the validation images and keep it, as the best if it is."""
        began = self.clock.seconds
        metrics = yield from self._measure()
        figure = metrics.summary()[self.val_set.figure]
        best = figure >= self.state.best
        self.state.best = max(figure, self.state.best)
        self.state.improved |= best and self.state.step > 0
        self.run.save_latest(self.state, replace(self.info, metrics=metrics.summary()), best)
        self.validated_at = self.state.step
        self.reserve = self.clock.seconds - began
        weights = str(self.run.latest)
        yield Validated(self.state.step, metrics.summary(), metrics.per_class, len(self.val_set), weights, best)

    def _own_progress(self) -> float:
        if self.steps is not None:
            return self.state.step / self.steps
        assert self.config.minutes is not None
        return min(self.clock.seconds / max(self.config.minutes * 60 - self.reserve, 1e-6), 1.0)

    def _heard(self, said: T | None) -> T:
        """What the process that leads said here."""
        heard = self.fabric.broadcast(said)
        if heard is None:
            raise DismissedError
        return heard

    def _measure(self) -> Generator[Event, None, Measured]:
        found = (yield from self.val_set.measure(self.state.ema.model)) if leads() else None
        return self._heard(found)

    def _batch(self, step: int) -> Batch:
        # Batches are made ahead of their step. Where steps are counted its own number decides: a resumed run makes the same.
        progress = self._progress if self.steps is None else step / self.steps
        share = slice(self.fabric.global_rank, None, self.fabric.world_size)
        return self.train_set.batch(step, self.config.batch, progress, share)

    def _optimise(self, images: Tensor, targets: Targets, progress: float) -> Iterator[Event]:
        state, config = self.state, self.config
        # Every process draws for itself; the shift is beyond all seeds and steps.
        torch.manual_seed(config.seed * 1_000_003 + state.step + (self.fabric.global_rank << 52))
        lr = set_lr(state.optimizer, lr_factor(progress, state.step, config.warmup))
        device = self.fabric.device
        floats = images.to(device).to(memory_format=torch.channels_last).float().div_(255)
        placed = [{name: value.to(device) for name, value in target.items()} for target in targets]
        loss = self.objective(floats, placed, state.step, progress)
        losses = self._mean_losses(loss)
        if not math.isfinite(losses["loss"]):
            raise InputError("setting lr", f"the loss is {losses['loss']} at step {state.step}", "Lower the learning rate.")
        state.optimizer.zero_grad(set_to_none=True)
        self.fabric.backward(loss.total)
        trained = [p for group in state.optimizer.param_groups for p in group["params"]]
        self._share_gradients(trained)
        if config.clip:
            torch.nn.utils.clip_grad_norm_(trained, config.clip)
        state.optimizer.step()
        state.ema.update(state.model, state.step)
        state.step += 1
        yield from loss.told
        yield self._told(losses, lr)

    def _mean_losses(self, loss: Loss) -> dict[str, float]:
        values = self.fabric.all_reduce(torch.stack([loss.total.detach(), *loss.parts.values()]))
        assert isinstance(values, Tensor)
        return dict(zip(("loss", *loss.parts), values.tolist(), strict=True))

    def _share_gradients(self, trained: Sequence[Tensor]) -> None:
        """Replace gradients by their mean over the processes; where one has none, it counts as zero."""
        if self.fabric.world_size == 1:
            return
        # Not by a wrapper around the network: fine-tuning calls parts of it, and a parameter without a gradient may not hang.
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in trained]
        mean = self.fabric.all_reduce(torch.cat([gradient.flatten() for gradient in gradients]))
        assert isinstance(mean, Tensor)
        for parameter, part in zip(trained, mean.split([p.numel() for p in trained]), strict=True):
            parameter.grad = part.view(parameter.shape)

    def _told(self, losses: Mapping[str, float], lr: float) -> Step:
        self._times = [*self._times[-_SPEED_OVER:], self.clock.seconds]
        steps = len(self._times) - 1
        rate = self.config.batch * steps / (self._times[-1] - self._times[0]) if steps else 0.0
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
        before, self._tenths = self._tenths, max(math.floor(self.progress() * _VALIDATIONS), self._tenths)
        return self._tenths > before

    def _save(self) -> CheckpointSaved:
        self.state.seconds = self.clock.seconds
        return self.run.save(self.state)
