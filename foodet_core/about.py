"""What a file or folder is, in a few lines a person can read."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from .config import BUNDLED
from .errors import InputError
from .formats import FORMATS
from .models.weights import WeightsInfo, find_weights, read_info
from .project.store import Project
from .runtime import SUFFIX as ONNX
from .runtime import OnnxModel


def describe(path: Path) -> dict[str, str]:
    """Facts by name about weights, a run, an exported or annotation file, a project. Raises InputError for anything else."""
    if str(path) == BUNDLED:
        path = find_weights(path)
    if not path.exists():
        raise InputError(path, "does not exist", "Give weights, a run, a project or an annotation file.")
    if path.suffix == ".foodet":
        return _project(path)
    if path.is_dir() or path.suffix == ".safetensors":
        path = find_weights(path)
        return _weights(path, read_info(path))
    if path.suffix == ONNX:
        return _weights(path, OnnxModel.open(path).info)
    if path.suffix == ".json":
        return _annotations(path)
    raise InputError(path, "is of no kind that foodet knows", "Give weights, a run, a project or an annotation file.")


def _project(path: Path) -> dict[str, str]:
    with closing(Project.open(path)) as project:
        counts = project.class_counts()
        classes = [f"{c.name} ({counts.get(label, 0)})" for label, c in enumerate(project.classes())]
        states = [f"{number} {state.value.replace('_', ' ')}" for state, number in project.state_counts().items() if number]
        return {
            "kind": "project",
            "images": ", ".join(states) or "none",
            "photos in": str(project.root),
            "classes (boxes)": ", ".join(classes) or "none",
            "runs": ", ".join(folder.name for folder in project.run_folders()) or "none",
        }


def _weights(path: Path, info: WeightsInfo) -> dict[str, str]:
    facts = {
        "kind": "exported model" if path.suffix == ONNX else "weights",
        "model": f"{info.model.preset}, backbone {info.model.backbone}",
        "classes": ", ".join(info.classes.names),
        "input size": f"{info.imgsz} px",
        "size": f"{path.stat().st_size / 1e6:.1f} MB",
    }
    facts.update({name: f"{value:.3f}" for name, value in info.metrics.items()})
    return {**facts, "note": info.note} if info.note else facts


def _annotations(path: Path) -> dict[str, str]:
    beside = path.parent / "images"
    labelled = FORMATS["coco"].read(path, beside if beside.is_dir() else None)
    boxes = sum(len(found) for found in labelled.annotations.values())
    return {
        "kind": "COCO annotations",
        "images": str(len(labelled.images)),
        "boxes": str(boxes),
        "classes": ", ".join(labelled.classes.names),
    }
