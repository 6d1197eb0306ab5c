"""Settings and jobs as frozen dataclasses.

Field metadata (title, unit, range, help) is written once and builds the command-line help, the window's form and the docs.
Numbers of a network's architecture live in `models/presets.py`, not here. A job is all that one run needs: the command line,
the window and the tests build the same values and hand them to `worker.run`.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from .errors import InputError

WEIGHTS_NAME = "weights.safetensors"
"""The file in a run's folder that holds its best weights."""
PUBLIC = "torchvision:"
"""What the name of a backbone of torchvision begins with."""
IMAGENET = "imagenet"
"""In place of a file of weights: those that torchvision offers for its backbone."""
BUNDLED = "bundled"
"""In place of a file of weights: those that ship with foodet."""
_STRIDE = 32


def option(
    default: Any,
    title: str,
    help: str,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    advanced: bool = False,
) -> Any:
    """A dataclass field with a default and what a form or a help text says of it; `low` and `high` are inclusive."""
    metadata = {"title": title, "help": help, "unit": unit, "low": low, "high": high, "advanced": advanced}
    if isinstance(default, list):
        return field(default_factory=lambda: tuple(default), metadata=metadata)
    return field(default=default, metadata=metadata)


class Config:
    """What all config values can do: check their ranges, become JSON, take overrides."""

    def __post_init__(self) -> None:
        for f in dataclasses.fields(self):  # type: ignore[arg-type]
            _check(f, getattr(self, f.name))

    def to_json(self) -> dict[str, Any]:
        """All fields, nested configs as objects."""
        return json.loads(json.dumps(dataclasses.asdict(self)))  # type: ignore[call-overload, no-any-return]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`; missing fields take their defaults.

        Raises InputError for an unknown field, and for a missing one that has no default.
        """
        hints = typing.get_type_hints(cls)
        values = {}
        for name, value in data.items():
            if name not in hints:
                raise InputError(f"setting {name}", "is not known", f"Known are: {', '.join(hints)}.")
            values[name] = _load(hints[name], value)
        for f in dataclasses.fields(cls):  # type: ignore[arg-type]
            if f.name not in values and f.default is f.default_factory is dataclasses.MISSING:
                raise InputError(f"setting {f.name}", "is missing", "Give it a value.")
        return cls(**values)

    def override(self, settings: Mapping[str, str]) -> Self:
        """A copy with `key=value` texts applied, as `--set` gives them.

        A key is a dotted path (`augment.mosaic`) or, where only one setting has that name, the name alone.
        """
        config = self
        for key, text in settings.items():
            config = config._with(_find(type(self), key), text)
        return config

    def _with(self, path: tuple[str, ...], text: str) -> Self:
        name, *rest = path
        hint = typing.get_type_hints(type(self))[name]
        if rest:
            value = getattr(self, name)._with(tuple(rest), text)
        else:
            value = _parse(name, hint, text)
        return dataclasses.replace(self, **{name: value})  # type: ignore[type-var]


def options(config: type[Config]) -> Iterator[tuple[tuple[str, ...], dataclasses.Field[Any], Any]]:
    """Every leaf setting as (path, field, type), top level first."""
    hints = typing.get_type_hints(config)
    nested = []
    for f in dataclasses.fields(config):  # type: ignore[arg-type]
        if isinstance(hints[f.name], type) and issubclass(hints[f.name], Config):
            nested.append((f.name, hints[f.name]))
        else:
            yield (f.name,), f, hints[f.name]
    for name, inner in nested:
        for path, f, hint in options(inner):
            yield (name, *path), f, hint


def _find(config: type[Config], key: str) -> tuple[str, ...]:
    paths = [path for path, _, _ in options(config)]
    parts = tuple(key.split("."))
    exact = [p for p in paths if p == parts]
    found = exact or [p for p in paths if p[-len(parts) :] == parts]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(f"--set {key}", "is ambiguous", f"Write one of: {', '.join('.'.join(p) for p in found)}.")
    raise InputError(f"--set {key}", "is not a setting", f"Settings are: {', '.join('.'.join(p) for p in paths)}.")


def _parse(name: str, hint: Any, text: str) -> Any:
    kind = _plain(hint)
    try:
        if text == "none" and kind is not hint:
            return None
        if kind is bool:
            return {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}[text.lower()]
        if kind in (int, float):
            return kind(text)
        if typing.get_origin(kind) is tuple:
            return tuple(part.strip() for part in text.split(",") if part.strip())
        return text
    except (ValueError, KeyError):
        raise InputError(f"setting {name}", f"'{text}' is not a {kind.__name__}", "Correct the value.") from None


def _plain(hint: Any) -> Any:
    """`X` of `X | None`; any other type as it is."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return next(a for a in typing.get_args(hint) if a is not type(None))
    return hint


def _load(hint: Any, value: Any) -> Any:
    kind = _plain(hint)
    if isinstance(kind, type) and issubclass(kind, Config) and isinstance(value, Mapping):
        return kind.from_json(value)
    if isinstance(value, list):
        return tuple(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def _check(f: dataclasses.Field[Any], value: Any) -> None:
    low, high = f.metadata.get("low"), f.metadata.get("high")
    number = isinstance(value, int | float) and not isinstance(value, bool)
    # Written so that NaN, which compares to nothing, is outside every range.
    inside = number and (low is None or value >= low) and (high is None or value <= high)
    if number and not inside:
        bounds = f"{'-inf' if low is None else low} to {'inf' if high is None else high}"
        raise InputError(f"setting {f.name}", f"{value} is out of range", f"Give a value from {bounds}.")
    allowed, prefix = f.metadata.get("choices", ()), f.metadata.get("prefix", "")
    if allowed and value not in allowed and not (prefix and _names(str(value), prefix)):
        words = [*allowed, *([f"{prefix}NAME"] if prefix else [])]
        raise InputError(f"setting {f.name}", f"'{value}' is not a choice", f"Choose one of: {', '.join(words)}.")


def _names(value: str, prefix: str) -> bool:
    return value.startswith(prefix) and value.removeprefix(prefix).isidentifier()


def check_imgsz(imgsz: int) -> None:
    """Raises InputError, naming the nearest sizes, for a side that is not a multiple of 32."""
    # The cells of the deepest map would reach beyond the image, and every box would lie a little off.
    if imgsz < _STRIDE or imgsz % _STRIDE:
        below = max(imgsz // _STRIDE, 1) * _STRIDE
        remedy = f"Give {below} or {below + _STRIDE}."
        raise InputError("setting imgsz", f"{imgsz} is not a multiple of {_STRIDE}", remedy)


def choice(default: str, values: tuple[str, ...], title: str, help: str, *, prefix: str = "", advanced: bool = False) -> Any:
    """A field that takes one of a few words or, where there is a `prefix`, a name behind it; annotate it `str`."""
    metadata = {"title": title, "help": help, "choices": values, "prefix": prefix, "unit": "", "advanced": advanced}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class ModelConfig(Config):
    """Which network: a preset and the switches that remove one idea each."""

    preset: str = choice("nano", ("nano", "small"), "Model", "Size of the network; small finds more and is slower.")
    backbone: str = choice(
        "hybrid",
        ("hybrid", "ghost", "shuffle", "plain"),
        "Backbone",
        "Block of the deep stages; or torchvision:NAME, a network of torchvision, such as mobilenet_v3_small.",
        prefix=PUBLIC,
        advanced=True,
    )
    moe: str = choice(
        "dense", ("dense", "mix", "top2", "none"), "Experts in the FPN", "How the gate mixes experts.", advanced=True
    )
    experts: tuple[str, ...] = option(
        ["ghost", "plain", "snake"], "Expert kinds", "ghost, plain, snake; in this order.", advanced=True
    )
    snake: str = choice("tent", ("tent", "grid", "off"), "Snake convolution", "How it samples.", advanced=True)
    decoder: str = choice("detr", ("detr", "none"), "Decoder", "DETR set prediction, or dense head + NMS.", advanced=True)
    denoising: bool = option(False, "Denoising queries", "Train the decoder on noised boxes too.", advanced=True)
    query_groups: int = option(1, "Query groups", "Independent query sets in training.", low=1, high=8, advanced=True)
    distribution_edges: bool = option(
        True, "Edge distributions", "Box edges as discrete distributions; GRPO needs them.", advanced=True
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        unknown = [kind for kind in self.experts if kind not in ("ghost", "plain", "snake")]
        if unknown:
            raise InputError("setting experts", f"'{unknown[0]}' is not a choice", "Choose from: ghost, plain, snake.")


FEW_IMAGES = 500
# Turns and copied boxes help where examples are few, and are one more untruth where they are many.
TURN_FEW, COPY_FEW = 0.5, 0.3


@dataclass(frozen=True)
class AugmentConfig(Config):
    """How training images are varied; probabilities per image, the same from the first step to the last but for mosaics."""

    flip: float = option(0.5, "Flip", "Mirror left and right.", low=0, high=1, advanced=True)
    turn: float | None = option(
        None,
        "Turn",
        f"Turn by quarters: for food seen from above. Default: {TURN_FEW} below {FEW_IMAGES} images, else 0.",
        low=0,
        high=1,
        advanced=True,
    )
    photometric: float = option(0.5, "Light", "Brightness, contrast, saturation; hue hardly.", low=0, high=1, advanced=True)
    zoom_out: float = option(0.3, "Zoom out", "Place the image on a larger ground.", low=0, high=1, advanced=True)
    crop: float = option(0.5, "Crop", "Cut a part that keeps boxes.", low=0, high=1, advanced=True)
    mosaic: float = option(0.5, "Mosaic", "Join four images to one; not in the last quarter.", low=0, high=1, advanced=True)
    copy_blend: float | None = option(
        None,
        "Copy boxes",
        f"Paste boxes of other images. Default: {COPY_FEW} below {FEW_IMAGES} images, else 0.",
        low=0,
        high=1,
        advanced=True,
    )


@dataclass(frozen=True)
class GrpoConfig(Config):
    """GRPO, joined to the DETR loss or as fine-tuning after it."""

    groups: int = option(8, "Predictions per image", "Independent predictions M of a group.", low=2, high=64)
    reward: str = choice("seed", ("seed", "set"), "Reward", "seed: IoU + class right; set: AP-like with penalties.")
    beta: float = option(0.2, "Weight", "Weight of the GRPO loss beside the Hungarian loss.", low=0, high=10)
    kl_coef: float = option(0.05, "KL weight", "Pull towards the frozen start.", low=0, high=10)
    lr: float = option(1e-4, "Learning rate", "Of the decoder heads while fine-tuning.", low=0, high=1)
    supervised: bool = option(True, "Keep Hungarian loss", "Add the supervised loss while fine-tuning.", advanced=True)
    shuffle_advantages: bool = option(
        False, "Placebo", "Shuffle advantages within a group: the control arm of an experiment.", advanced=True
    )


@dataclass(frozen=True)
class TrainConfig(Config):
    """One supervised training; exactly one of `minutes` and `steps` may be given, else the step count follows the data."""

    minutes: float | None = option(None, "Time", "Train this long, schedule included.", unit="min", low=0.001, high=100000)
    steps: int | None = option(None, "Steps", "Train this many batches.", low=1, high=10_000_000)
    imgsz: int = option(320, "Image size", "Side of the network's input, a multiple of 32.", unit="px", low=64, high=1280)
    batch: int = option(8, "Batch", "Images per step.", low=1, high=256)
    seed: int = option(0, "Seed", "Same seed, same run.", low=0, high=2**31 - 1)
    lr: float = option(1e-3, "Learning rate", "At the peak of the schedule.", low=1e-8, high=1, advanced=True)
    weight_decay: float = option(0.05, "Weight decay", "Not on norms, biases and gates.", low=0, high=1, advanced=True)
    warmup: int = option(100, "Warm-up", "Steps until the peak learning rate.", unit="steps", low=0, advanced=True)
    ema: float = option(0.999, "Averaging", "Upper decay of the weights' running mean.", low=0, high=1, advanced=True)
    clip: float = option(1.0, "Gradient clip", "Largest gradient norm.", low=0, advanced=True)
    validate_every: int | None = option(
        None, "Validate every", "Steps between validations; default: a tenth.", unit="steps", low=1, advanced=True
    )
    checkpoint_seconds: float = option(60, "Checkpoint every", "Longest loss in a crash.", unit="s", low=0, advanced=True)
    threads: int = option(0, "Threads", "CPU threads; 0 takes all cores.", low=0, high=256, advanced=True)
    device: str = option("auto", "Device", "auto, cpu, cuda, mps.", advanced=True)
    grpo: str = choice("off", ("off", "joint"), "GRPO", "joint adds the GRPO loss to every step.")
    model: ModelConfig = field(default_factory=ModelConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    policy: GrpoConfig = field(default_factory=GrpoConfig)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.minutes is not None and self.steps is not None:
            raise InputError("training length", "both minutes and steps are given", "Give one of them.")
        check_imgsz(self.imgsz)


@dataclass(frozen=True)
class Source(Config):
    """Where labelled images come from: a project folder, or a COCO file with the folder of its images."""

    path: str
    images: str | None = None
    split: str | None = None


@dataclass(frozen=True)
class TrainJob(Config):
    """Train on `source` into the folder `out`; without `val`, a project's val split or a tenth of the images is held out.

    `weights`: none, a file or run to start from, bundled for those that ship with foodet, or imagenet, which gives a backbone
    of torchvision the weights that torchvision offers for it; they are downloaded unless they lie in torch's cache.
    """

    source: Source
    out: str
    val: Source | None = None
    weights: str = "none"
    config: TrainConfig = field(default_factory=TrainConfig)
    kind: str = "train"


@dataclass(frozen=True)
class FinetuneJob(Config):
    """Fine-tune the run or weights at `start` by GRPO into `out`. `config.minutes` or `config.steps` give the length."""

    start: str
    source: Source
    out: str
    val: Source | None = None
    config: TrainConfig = field(default_factory=TrainConfig)
    kind: str = "finetune"


@dataclass(frozen=True)
class ResumeJob(Config):
    """Go on with a stopped or killed training or fine-tuning."""

    run: str
    kind: str = "resume"


@dataclass(frozen=True)
class EvaluateJob(Config):
    """Measure weights on labelled images."""

    weights: str
    source: Source
    imgsz: int | None = None
    kind: str = "evaluate"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.imgsz is not None:
            check_imgsz(self.imgsz)


@dataclass(frozen=True)
class PredictJob(Config):
    """Detect on image files or folders; overlays and a COCO-style result file are optional."""

    weights: str
    images: tuple[str, ...]
    out: str | None = None
    overlay: str | None = None
    score: float = option(0.3, "Score", "Lowest score drawn on overlays.", low=0, high=1)
    engine: str = choice("auto", ("auto", "torch", "onnx"), "Engine", "What computes; auto takes the faster one.")
    kind: str = "predict"


@dataclass(frozen=True)
class PretrainJob(Config):
    """Teach the backbone to tell apart what whole images show; a detector can start from it.

    `folders` hold labelled images; images like one in the folders of `leave_out` are not learnt from.
    """

    folders: tuple[str, ...]
    out: str
    leave_out: tuple[str, ...] = ()
    weights: str = "none"
    config: TrainConfig = field(default_factory=TrainConfig)
    kind: str = "pretrain"


@dataclass(frozen=True)
class ExportModelJob(Config):
    """Write weights as a model file for other programs, `out` being .onnx or .xml (OpenVINO).

    `int8` needs images to `calibrate` on. AP is measured on `val`, else on those, if any are given.
    """

    weights: str
    out: str
    int8: bool = False
    calibrate: Source | None = None
    val: Source | None = None
    imgsz: int | None = None
    kind: str = "export-model"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.int8 and self.calibrate is None:
            raise InputError("--int8", "needs images to calibrate on", "Give --calibrate COCO_OR_PROJECT.")
        if self.imgsz is not None:
            check_imgsz(self.imgsz)


AUTO = "auto"
"""The format of an import that is to be recognised."""


@dataclass(frozen=True)
class AddJob(Config):
    """Add image files, and all images under folders, to a project."""

    project: str
    images: tuple[str, ...]
    kind: str = "add"


@dataclass(frozen=True)
class ImportJob(Config):
    """Read an annotation file, or a folder of annotation files, into a project."""

    project: str
    file: str
    format: str = AUTO
    images: str | None = None
    split: str | None = None
    kind: str = "import"


@dataclass(frozen=True)
class ExportJob(Config):
    """Write a project's accepted annotations to a file, or to a new folder where the format is one.

    Of the labelled images: those of `split`, only finished ones if `done`, those with the ids `images`. `val` and `test` are
    shares of the images of no split to put there; the others go to train.
    """

    project: str
    file: str
    format: str = "coco"
    split: str | None = None
    done: bool = False
    images: tuple[int, ...] | None = None
    val: float | None = None
    test: float | None = None
    kind: str = "export"


@dataclass(frozen=True)
class SampleJob(Config):
    """Draw the sample food set into a folder and make a project of it."""

    folder: str
    images: int = option(240, "Images", "How many to draw.", low=4, high=100000)
    size: int = option(384, "Image size", "Long side.", unit="px", low=64, high=2048)
    seed: int = 0
    kind: str = "sample"


Job = (
    TrainJob
    | FinetuneJob
    | PretrainJob
    | ResumeJob
    | EvaluateJob
    | PredictJob
    | ExportModelJob
    | AddJob
    | ImportJob
    | ExportJob
    | SampleJob
)
JOBS: Mapping[str, type[Any]] = {j.kind: j for j in typing.get_args(Job)}


def job_from_json(data: Mapping[str, Any]) -> Job:
    """A job from its `to_json` form, told apart by `kind`."""
    kind = JOBS.get(str(data.get("kind")))
    if kind is None:
        raise InputError("job", f"'{data.get('kind')}' is not a kind of run", f"Kinds are: {', '.join(JOBS)}.")
    return kind.from_json(data)  # type: ignore[no-any-return]
