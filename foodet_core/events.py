"""What a run tells, one frozen value at a time.

Every run is a generator of these. Whoever iterates it decides the pace (not asking for the next event is a pause) and the
end (closing the generator stops the run, whose `finally` writes the checkpoint). As JSON an event is one flat object with
its class name under `event`.
"""

from __future__ import annotations

import json
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import InputError


@dataclass(frozen=True)
class Started:
    """A run begins. `folder` is where it writes, empty if it writes nothing."""

    kind: str
    folder: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """How far a run is. `seconds_left` is None until it can be told; `stage` says what is being done."""

    done: int
    total: int
    stage: str = ""
    seconds_left: float | None = None


@dataclass(frozen=True)
class Step:
    """One optimisation step. `losses` holds the total under `loss` and its parts; `rates` the learning rates by group."""

    step: int
    steps: int
    losses: Mapping[str, float]
    lr: float
    images_per_second: float
    seconds: float
    seconds_left: float | None = None


@dataclass(frozen=True)
class Reward:
    """What one GRPO step saw: mean reward, its parts, and the health of the group (shares and entropies in 0..1 or nats)."""

    step: int
    reward: float
    parts: Mapping[str, float]
    spread: float
    zero_variance: float
    kl: float
    entropy: float
    kept_boxes: float


@dataclass(frozen=True)
class Validated:
    """Measured on validation images: AP, AP50, AP75, AR in 0..1, AP by class name; `weights` are the ones measured."""

    step: int
    metrics: Mapping[str, float]
    per_class: Mapping[str, float | None]
    images: int
    weights: str = ""
    best: bool = False


@dataclass(frozen=True)
class ImageDetections:
    """Detections of one image: boxes xyxy in pixels, labels, scores, best first."""

    image: str
    boxes_xyxy: tuple[tuple[float, float, float, float], ...]
    labels: tuple[int, ...]
    scores: tuple[float, ...]
    classes: tuple[str, ...]
    size_hw: tuple[int, int]
    weights: str = ""
    aliases: tuple[tuple[str, ...], ...] = ()
    """By class: what else it is called."""


@dataclass(frozen=True)
class Notice:
    """Something a person should know; `level` is info or warning."""

    text: str
    level: str = "info"


@dataclass(frozen=True)
class CheckpointSaved:
    """The run can be resumed from `path` at `step`."""

    path: str
    step: int


@dataclass(frozen=True)
class Finished:
    """The run is over. `outcome` is done or stopped; `text` says in one sentence what came out."""

    kind: str
    outcome: str
    text: str
    seconds: float
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """The run ended by an error. `input_error` tells a person's input from a bug of ours."""

    text: str
    input_error: bool
    trace: str = ""


Event = Started | Progress | Step | Reward | Validated | ImageDetections | Notice | CheckpointSaved | Finished | Failed
_KINDS: Mapping[str, type[Any]] = {kind.__name__: kind for kind in typing.get_args(Event)}


def to_line(event: Event) -> str:
    """One line of JSON, without the newline. NaN becomes null."""
    data = {"event": type(event).__name__, **vars(event)}
    try:
        return _dumps(data)
    except ValueError:  # not every value is finite: seldom, and looking at each of them costs more than the writing
        return _dumps(_finite(data))


def from_line(line: str) -> Event:
    """The event that `to_line` wrote. Raises InputError for anything else."""
    try:
        data = json.loads(line)
        kind = _KINDS[data.pop("event")]
        return kind(**{name: _tuples(value) for name, value in data.items()})  # type: ignore[no-any-return]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError("event line", f"is not an event ({error})", "Check that both sides are of one version.") from error


def _dumps(data: Mapping[str, Any]) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # A byte of a file's name that is no UTF-8 is written as JSON's own escape.
    return text.encode(errors="backslashreplace").decode()


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value
