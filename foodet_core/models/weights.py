"""Weights as safetensors with a JSON description in the header; nothing is ever unpickled."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from ..config import BUNDLED, WEIGHTS_NAME, ModelConfig
from ..errors import InputError
from ..resources import BUNDLED_WEIGHTS, resource
from ..types import ClassList, FoodClass
from .detector import Detector, build_detector

KEY = "foodet"
"""Where a file's header or metadata holds its description."""
_CLASS_COLUMNS = "decoder.scores.weight"
_REMEDY = "Give a weights file (.safetensors), a run folder or an exported file (.onnx) that foodet wrote."


@dataclass(frozen=True)
class WeightsInfo:
    """What a weights file says of itself: the network, its classes, the input size and what was measured."""

    model: ModelConfig
    classes: ClassList
    imgsz: int
    metrics: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        classes = [{"name": c.name, "name_zh": c.name_zh, "color": c.color, "aliases": c.aliases} for c in self.classes]
        return {
            "model": self.model.to_json(),
            "classes": classes,
            "imgsz": self.imgsz,
            "metrics": dict(self.metrics),
            "note": self.note,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> WeightsInfo:
        rows = data["classes"]
        classes = tuple(
            FoodClass(c["name"], c.get("name_zh", ""), c.get("color", ""), tuple(c.get("aliases", ()))) for c in rows
        )
        model = ModelConfig.from_json(data["model"])
        return cls(model, ClassList(classes), int(data["imgsz"]), data.get("metrics", {}), str(data.get("note", "")))


def find_weights(path: Path) -> Path:
    """The weights file of a run folder, the file itself, or the one that ships with foodet for `bundled`.

    Raises InputError where there is none.
    """
    if str(path) == BUNDLED:
        return resource(BUNDLED_WEIGHTS)
    if path.is_dir():
        path = path / WEIGHTS_NAME
    if not path.is_file():
        raise InputError(path, "does not exist", _REMEDY)
    return path


def write_tensors(path: Path, tensors: Mapping[str, Tensor], header: Mapping[str, Any]) -> None:
    """Write tensors and a JSON header atomically. Raises InputError where the disk refuses."""
    scratch = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        save_file(contiguous, scratch, {KEY: json.dumps(header, ensure_ascii=False)})
        # Windows flushes only what is open for writing.
        with scratch.open("r+b") as written:
            os.fsync(written.fileno())
        scratch.replace(path)
    except (OSError, SafetensorError) as error:
        scratch.unlink(missing_ok=True)
        raise InputError(path, f"cannot be written ({error})", "Free some space or choose another folder.") from error


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and header that `write_tensors` wrote. Raises InputError for anything else, a pickle among them."""
    try:
        with safe_open(path, "pt") as file:
            header = _header(path, file.metadata())
            return {name: file.get_tensor(name) for name in file.keys()}, header  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise InputError(path, "is not a foodet weights file", _REMEDY) from error


def _header(path: Path, metadata: Mapping[str, str] | None) -> dict[str, Any]:
    if not metadata or KEY not in metadata:
        raise InputError(path, "carries no foodet description", _REMEDY)
    try:
        return dict(json.loads(metadata[KEY]))
    except (ValueError, TypeError) as error:
        raise InputError(path, f"has a damaged description ({error})", _REMEDY) from error


def save_weights(path: Path, tensors: Mapping[str, Tensor], info: WeightsInfo) -> None:
    """Write a detector's state dict with its description, atomically."""
    write_tensors(path, tensors, info.to_json())


def read_info(path: Path) -> WeightsInfo:
    """The description alone, without loading the tensors."""
    path = find_weights(path)
    try:
        with safe_open(path, "pt") as file:
            return read_description(path, file.metadata())
    except (OSError, SafetensorError) as error:
        raise InputError(path, "is not a foodet weights file", _REMEDY) from error


def read_description(path: Path, metadata: Mapping[str, str] | None) -> WeightsInfo:
    """What the header or the metadata of the file at `path` says. Raises InputError where that is damaged or missing."""
    return _info(path, _header(path, metadata))


def load_weights(path: Path) -> tuple[Detector, WeightsInfo]:
    """The detector in eval mode, and its description; `path` is a file or a run folder.

    Raises InputError where the file is no weights file or its tensors do not fit the network that it describes.
    """
    path = find_weights(path)
    tensors, header = read_tensors(path)
    info = _info(path, header)
    if not any(name.startswith("dense_head.") for name in tensors):
        raise InputError(path, "holds a backbone and no detector", "Train one that starts from it: foodet train --weights.")
    detector = build_detector(info.model, len(info.classes))
    try:
        detector.load_state_dict(
            {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in tensors.items()}
        )
    except RuntimeError as error:
        raise InputError(
            path, f"does not fit the network it describes ({str(error).splitlines()[-1].strip()})", _REMEDY
        ) from error
    return detector.eval(), info


def _info(path: Path, header: Mapping[str, Any]) -> WeightsInfo:
    try:
        return WeightsInfo.from_json(header)
    except (InputError, KeyError, TypeError, ValueError) as error:
        raise InputError(path, f"has a damaged description ({error})", _REMEDY) from error


@dataclass(frozen=True)
class Taken:
    """What a warm start took over: parts of the network (backbone, fpn, ...), and how many classes kept their rows."""

    parts: frozenset[str]
    classes: int


def warm_start(model: nn.Module, classes: ClassList, path: Path) -> Taken:
    """Take over the weights at `path`, those of a detector or of a backbone alone, as far as they fit a model for `classes`.

    Everything but what belongs to a class is copied; that is copied where both have a class of one of its names. Raises
    InputError for a file that is none of ours, and where nothing in it fits.
    """
    path = find_weights(path)
    theirs, header = read_tensors(path)
    info = _info(path, header)
    pairs = [(label, info.classes.find_like(c)) for label, c in enumerate(classes)]
    known = [(to, of) for to, of in pairs if of is not None]
    numbers, taken = Counter[str](), Counter[str]()
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            part, other = name.split(".")[0], theirs.get(name)
            numbers[part] += tensor.numel()
            if other is None:
                continue
            if name == _CLASS_COLUMNS:
                _copy_columns(tensor, other, known, len(info.classes))
            elif has_class_rows(name):
                _copy_rows(tensor, other, known, len(info.classes))
            elif other.shape == tensor.shape:
                tensor.copy_(other)
                taken[part] += tensor.numel()
    # Counters and a few biases fit any network.
    parts = frozenset(part for part in numbers if taken[part] > numbers[part] / 2)
    if not parts:
        raise InputError(path, "does not fit the network that is to be trained", "Choose its preset, or other weights.")
    return Taken(parts, len(known))


def _copy_rows(tensor: Tensor, other: Tensor, known: list[tuple[int, int]], theirs: int) -> None:
    """A row per class."""
    if len(other) == theirs and other.shape[1:] == tensor.shape[1:]:
        for to, of in known:
            tensor[to] = other[of]


def _copy_columns(tensor: Tensor, other: Tensor, known: list[tuple[int, int]], theirs: int) -> None:
    """The decoder's view of scores: a column per class for the scores, and two per class for the rivals."""
    if other.shape == (len(tensor), 3 * theirs):
        columns, others = tensor.unflatten(1, (3, -1)), other.unflatten(1, (3, -1))
        for to, of in known:
            columns[:, :, to] = others[:, :, of]


def has_class_rows(name: str) -> bool:
    """Whether a tensor's first axis is the class: the last layer of a score tower, a refinement, or a classifier."""
    parts = name.split(".")
    if parts[0] == "head":
        return True
    if parts[0] == "dense_head":
        return parts[1] == "score" and parts[3] == "2"
    return parts[0] == "decoder" and parts[1] == "refine" and parts[3] == "score"
