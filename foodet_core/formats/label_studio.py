"""Label Studio's JSON export: a list of tasks, boxes in percent of the image.

Of a task the completed annotation counts; cancelled ones, drafts and predictions do not. A turned rectangle or a polygon
becomes the box around it, other results are left out, each with a remark. Written tasks name their images as files of a local
storage whose root is the project's folder of images (LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT), and fit the labelling interface
`<RectangleLabels name="label" toName="image"/>` with `<Image name="image" value="$image"/>`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from ..errors import InputError
from ..pixels import read_size_hw
from ..types import Annotation, ImageRecord, LabelledSet, Split
from .format import (
    Format,
    Found,
    Tick,
    check_name,
    cut_to_image,
    find_image,
    name_under,
    root_of,
    ticking,
    told,
    unheard,
    without_crowds,
    write_whole,
)
from .json_file import AGAIN, Object, check_constants, is_number, load, take, take_objects, take_text, take_whole
from .named import NamedBox, NamedImage, assemble, tell_unused

_LOCAL, _UPLOAD = "/data/local-files/?d=", "/data/upload/"
_RECTANGLE, _POLYGON = "rectanglelabels", "polygonlabels"
_EXPORT = "Export the project from Label Studio as JSON (not JSON-MIN)."

_Points = Sequence[tuple[float, float]]


def read(path: Path, images: Path | None = None, tick: Tick = unheard) -> LabelledSet:
    """The annotated images of an export.

    `images` is the root of the local storage, or the folder of the uploaded files, with or without the prefix that an upload
    gives them. Raises InputError, naming the task, for everything that does not fit.
    """
    tasks, constants = load(path)
    check_constants(path, constants)
    if not isinstance(tasks, list):
        raise InputError(path, f"is a JSON {type(tasks).__name__} instead of a list of tasks", _EXPORT)
    root = root_of(path, images)
    found = Found(list)
    read_images = [_read_task(task, path, n, root, found) for n, task in enumerate(ticking(tasks, tick))]
    return assemble(path, root, [image for image in read_images if image is not None], (), found)


def write(labelled: LabelledSet, path: Path, tick: Tick = unheard) -> LabelledSet:
    """Write tasks, whole or not at all; tasks and boxes have the ids of images and annotations."""
    found = Found(list)
    labelled = without_crowds(labelled, found)
    tell_unused(labelled, found)
    tasks = [_task(labelled, image) for image in ticking(labelled.images, tick)]
    write_whole(path, json.dumps(tasks, ensure_ascii=False, allow_nan=False, indent=1) + "\n")
    return replace(labelled, remarks=told(found))


LABEL_STUDIO = Format("labelstudio", "Label Studio JSON", read, write, suffix=".json", splits=True)


def _read_task(task: Any, path: Path, n: int, root: Path, found: Found) -> NamedImage | None:
    where = f"{path}, task {n + 1}"
    if not isinstance(task, dict) or not isinstance(task.get("data"), dict) or "annotations" not in task:
        raise InputError(where, "has no 'data' and 'annotations'", _EXPORT)
    data = dict(task["data"])
    name = take_text(data, "image", where)
    if task.get("predictions"):
        found["Tasks whose predictions are left out"].append(name)
    annotation = _chosen(take_objects(dict(task), "annotations", where), name, found)
    if annotation is None:
        return None
    image = find_image(_candidates(name, root, where), name, root, where)
    results = [(f"{where}, result[{n}]", r) for n, r in enumerate(take_objects(annotation, "result", where))]
    size_hw = _read_size(results, image, where)
    boxes = [box for place, result in results for box in _read_result(result, size_hw, place, found)]
    if results and not boxes:
        found["Images of which nothing is left, left out"].append(name)
        return None
    split = _read_split(data)
    if set(data) > ({"split"} if split else set()):
        found["Tasks whose other data is not kept"].append(name)
    return NamedImage(name_under(root, image), size_hw, boxes, split)


def _chosen(annotations: Sequence[Object], name: str, found: Found) -> Object | None:
    completed = [annotation for annotation in annotations if not annotation.get("was_cancelled")]
    if len(completed) < len(annotations):
        found["Tasks whose cancelled annotations are left out"].append(name)
    if len(completed) > 1:
        found["Tasks of several annotations, of which the ground truth or else the last was taken"].append(name)
    if not completed:
        found["Tasks without a completed annotation, left out"].append(name)
        return None
    return ([annotation for annotation in completed if annotation.get("ground_truth")] or completed)[-1]


def _candidates(name: str, root: Path, where: str) -> list[Path]:
    if _LOCAL in name:
        return [root / unquote(name.partition(_LOCAL)[2])]
    if _UPLOAD in name:
        file = unquote(name.rpartition("/")[2])
        return [root / file, root / re.sub("^[0-9a-f]{8}-", "", file)]
    if "://" in name:
        remedy = "Nothing is downloaded: put the images into a folder, and write their names there."
        raise InputError(where, f"names its image by an address ({name})", remedy)
    return [root / name]


def _read_size(results: Sequence[tuple[str, Object]], image: Path, where: str) -> tuple[int, int]:
    sizes = {
        (take_whole(dict(result), "original_height", place), take_whole(dict(result), "original_width", place))
        for place, result in results
        if "original_width" in result
    }
    if len(sizes) > 1 or any(min(size_hw) < 1 for size_hw in sizes):
        said = ", ".join(f"{width} x {height}" for height, width in sorted(sizes))
        raise InputError(where, f"has an image of {said} pixels", "Write the size of the image, the same in each result.")
    return sizes.pop() if sizes else read_size_hw(image)


def _read_result(result: Object, size_hw: tuple[int, int], where: str, found: Found) -> Iterator[NamedBox]:
    kind = result.get("type")
    if kind not in (_RECTANGLE, _POLYGON):
        found[f"Results of the type {kind}, left out"].append(Path(where).name)
        return
    if result.get("image_rotation"):
        raise InputError(where, "lies on an image that was turned", "Turn it back in Label Studio, and export again.")
    value = take(dict(result), "value", where)
    if not isinstance(value, dict):
        raise InputError(where, "has 'value' that is not an object", AGAIN)
    names = value.get(kind)
    if not isinstance(names, list) or not names:
        raise InputError(where, "has no label", "Label the region, or remove it.")
    if len(names) > 1:
        found["Regions of several labels, which became a box for each"].append(Path(where).name)
    box = _box(value, str(kind), size_hw, where, found)
    for name in names:
        yield NamedBox(check_name(take_text({"label": name}, "label", where), where), cut_to_image(box, size_hw, where))


def _box(value: Object, kind: str, size_hw: tuple[int, int], where: str, found: Found) -> tuple[float, float, float, float]:
    height, width = size_hw
    turned = kind == _RECTANGLE and value.get("rotation")
    points = _polygon(value, size_hw, where) if kind == _POLYGON else _rectangle(value, size_hw, where)
    xs, ys = zip(*points, strict=True)
    box = min(xs), min(ys), max(xs), max(ys)
    if turned or kind == _POLYGON:
        found["Outlines turned into the box around them"].append(Path(where).name)
    if turned:  # the corners of a turned rectangle may lie outside though all of what it shows is inside
        box = max(box[0], 0.0), max(box[1], 0.0), min(box[2], float(width)), min(box[3], float(height))
    return box


def _rectangle(value: Object, size_hw: tuple[int, int], where: str) -> _Points:
    height, width = size_hw
    numbers: list[Any] = [value.get(key) for key in ("x", "y", "width", "height")]
    turn = value.get("rotation") or 0
    if not all(map(is_number, [*numbers, turn])):
        raise InputError(where, "has a rectangle that is not of finite numbers", AGAIN)
    x, y, w, h = (share / 100 * side for share, side in zip(numbers, (width, height, width, height), strict=True))
    if not turn:
        return [(x, y), (x + w, y + h)]
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    return [(x + a * cos - b * sin, y + a * sin + b * cos) for a in (0.0, w) for b in (0.0, h)]


def _polygon(value: Object, size_hw: tuple[int, int], where: str) -> _Points:
    height, width = size_hw
    points = value.get("points")
    if not isinstance(points, list) or not points or not all(isinstance(p, list) and len(p) == 2 for p in points):
        raise InputError(where, "has 'points' that are not pairs", AGAIN)
    if not all(is_number(share) for point in points for share in point):
        raise InputError(where, "has a polygon that is not of finite numbers", AGAIN)
    return [(x / 100 * width, y / 100 * height) for x, y in points]


def _read_split(data: Mapping[str, Any]) -> Split:
    said = data.get("split")
    return Split(said) if said in [split.value for split in Split] else Split.NONE


def _task(labelled: LabelledSet, image: ImageRecord) -> Mapping[str, Any]:
    split = {"split": image.split.value} if image.split else {}
    boxes = labelled.annotations.get(image.id, ())
    results = [_result(annotation, labelled.classes[annotation.label].name, image.size_hw) for annotation in boxes]
    annotation = {"was_cancelled": False, "ground_truth": False, "result": results}
    return {"id": image.id, "data": {"image": _LOCAL + quote(image.path), **split}, "annotations": [annotation]}


def _result(annotation: Annotation, name: str, size_hw: tuple[int, int]) -> Mapping[str, Any]:
    x0, y0, x1, y1 = annotation.box_xyxy
    height, width = size_hw
    left, top, w, h = x0 / width * 100, y0 / height * 100, (x1 - x0) / width * 100, (y1 - y0) / height * 100
    return {
        "id": str(annotation.id),
        "type": _RECTANGLE,
        "from_name": "label",
        "to_name": "image",
        "original_width": width,
        "original_height": height,
        "image_rotation": 0,
        "value": {"x": left, "y": top, "width": w, "height": h, "rotation": 0, _RECTANGLE: [name]},
    }
