"""labelme: a JSON file for each image, its shapes in pixels, the image named relative to the file.

A rectangle is a box; whatever else encloses something (polygon, circle, rotated rectangle, mask) becomes the box around it,
points and lines are left out, each with a remark. What else a file says of image and shapes (flags, description, group) is
kept and written back; pixels are not written into the file.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import InputError
from ..pixels import read_size_hw
from ..types import EMPTY, Annotation, ImageRecord, LabelledSet
from .format import (
    Format,
    Found,
    Tick,
    check_name,
    cut_to_image,
    find_image,
    name_under,
    new_folder,
    places_of,
    root_of,
    ticking,
    told,
    unheard,
    without_crowds,
    write_text,
)
from .json_file import AGAIN, Object, check_constants, is_number, load, take, take_objects, take_text, take_whole
from .named import NamedBox, NamedImage, assemble, read_names, write_names

_KEY = "labelme"
_VERSION = "5.5.0"
_POINTS = {"rectangle": (2, 4), "circle": (2,), "mask": (2,)}
_OPEN = {"point", "points", "line", "linestrip"}
_SIDES = ("imageHeight", "imageWidth")


def read(path: Path, images: Path | None = None, tick: Tick = unheard) -> LabelledSet:
    """The labelled images of a folder of JSON files, or of one such file.

    The image of `sub/a.json` is sought by its `imagePath` from the file's folder on, then by its name in `images/sub`. Raises
    InputError, naming file and shape, for everything that does not fit.
    """
    root = root_of(path, images)
    folder = path if path.is_dir() else path.parent
    files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
    if not files:
        raise InputError(path, "holds no JSON file", "Give the folder of the annotation files.")
    found = Found(list)
    read_images = (_read_image(file, root, root / file.parent.relative_to(folder), found) for file in ticking(files, tick))
    return assemble(path, root, [image for image in read_images if image is not None], read_names(folder), found)


def write(labelled: LabelledSet, path: Path, tick: Tick = unheard) -> LabelledSet:
    """Write the new folder `path`, whole or not at all: JSON files by the images' paths, and the class names.

    Open it with `labelme FOLDER --labels FOLDER/labels.txt --output FOLDER`, or a file by itself.
    """
    found = Found(list)
    labelled = without_crowds(labelled, found)
    places = places_of(labelled.images)
    with new_folder(path) as folder:
        for image in ticking(labelled.images, tick):
            place = places[image.id].with_suffix(".json")
            entry = _image_entry(labelled, image, (path / place).parent)
            write_text(folder / place, json.dumps(entry, ensure_ascii=False, allow_nan=False, indent=2) + "\n")
        write_names(folder, labelled.classes)
    return replace(labelled, remarks=told(found))


LABELME = Format("labelme", "labelme JSON", read, write, suffix="", splits=False)


def _read_image(file: Path, root: Path, folder: Path, found: Found) -> NamedImage | None:
    data, constants = load(file)
    where = str(file)
    if not isinstance(data, dict):
        raise InputError(file, f"is a JSON {type(data).__name__} instead of an object", "Give labelme's files alone.")
    shapes = take_objects(data, "shapes", where)
    name = take_text(data, "imagePath", where)
    plain = name.replace("\\", "/")  # as labelme writes it on Windows
    candidates = [*(file.parent / text for text in (name, plain)), folder / PurePosixPath(plain).name]
    image = find_image(candidates, name, root, where)
    size_hw = _read_size(data, image, where)
    boxes = [_read_shape(shape, size_hw, f"{file}, shapes[{n}]", found) for n, shape in enumerate(shapes)]
    check_constants(file, constants)
    kept = {key: value for key, value in data.items() if key not in ("version", "imageData", *_SIDES)}
    if shapes and not any(boxes):
        found["Images of which nothing is left, left out"].append(file.name)
        return None
    return NamedImage(name_under(root, image), size_hw, [box for box in boxes if box], extra={_KEY: kept} if kept else EMPTY)


def _read_size(data: Object, image: Path, where: str) -> tuple[int, int]:
    if any(data.get(side) is None for side in _SIDES):
        return read_size_hw(image)
    height, width = (take_whole(dict(data), side, where) for side in _SIDES)
    if min(height, width) < 1:
        raise InputError(where, f"has a width of {width} and a height of {height}", "Write the size of the image.")
    return height, width


def _read_shape(shape: Object, size_hw: tuple[int, int], where: str, found: Found) -> NamedBox | None:
    name = check_name(take_text(shape, "label", where), where)
    kind = str(shape.pop("shape_type", "polygon"))
    points = _read_points(shape, where)
    if kind in _OPEN:
        found["Points and lines, left out"].append(Path(where).name)
        return None
    if len(points) not in _POINTS.get(kind, range(3, len(points) + 1)):
        raise InputError(where, f"is a {kind} of {len(points)} points", AGAIN)
    if kind == "circle":
        (x, y), edge = points
        radius = math.dist((x, y), edge)
        points = [(x - radius, y - radius), (x + radius, y + radius)]
    xs, ys = zip(*points, strict=True)
    if kind != "rectangle" or (len(set(xs)), len(set(ys))) != (2, 2):
        found["Outlines turned into the box around them"].append(Path(where).name)
    box = cut_to_image((min(xs), min(ys), max(xs), max(ys)), size_hw, where)
    shape.pop("mask", None)
    return NamedBox(name, box, {_KEY: shape} if shape else EMPTY)


def _read_points(shape: Object, where: str) -> Sequence[tuple[float, float]]:
    points = take(shape, "points", where)
    if not isinstance(points, list) or not all(map(_is_point, points)):
        raise InputError(where, "has 'points' that are not pairs of finite numbers", AGAIN)
    return [(float(x), float(y)) for x, y in points]


def _is_point(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(is_number, value))


def _image_entry(labelled: LabelledSet, image: ImageRecord, folder: Path) -> Mapping[str, Any]:
    height, width = image.size_hw
    return {
        "version": _VERSION,
        "flags": {},
        **image.extra.get(_KEY, {}),
        "shapes": [
            _shape_entry(annotation, labelled.classes[annotation.label].name)
            for annotation in labelled.annotations.get(image.id, ())
        ],
        "imagePath": _relative(labelled.path(image), folder),
        "imageData": None,
        "imageHeight": height,
        "imageWidth": width,
    }


def _relative(image: Path, folder: Path) -> str:
    image = image.resolve()
    try:
        return Path(os.path.relpath(image, folder.resolve())).as_posix()
    except ValueError:  # another drive
        return image.as_posix()


def _shape_entry(annotation: Annotation, name: str) -> Mapping[str, Any]:
    x0, y0, x1, y1 = annotation.box_xyxy
    return {
        "label": name,
        "points": [[x0, y0], [x1, y1]],
        "group_id": None,
        "description": "",
        "shape_type": "rectangle",
        "flags": {},
        "mask": None,
        **annotation.extra.get(_KEY, {}),
    }
