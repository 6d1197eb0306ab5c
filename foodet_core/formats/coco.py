"""COCO detection files, read and written without loss.

What foodet has no field for stays in `extra` (of the file, class, image or annotation) and is written back: segmentation,
crowd flags, licences, keys nobody knows; only what a project keeps to itself (`types.PRIVATE`) is not. An annotation keeps its
`bbox` as it stood in the file too, so that an untouched box is written digit for digit; once a person moved the box, the old
area and segmentation are wrong and are left out.
"""

from __future__ import annotations

import json
import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import InputError
from ..types import EMPTY, Annotation, ClassList, FoodClass, ImageRecord, ImageState, LabelledSet, without_private
from .format import Format, Tick, check_unique, cut_to_image, is_file, root_of, ticking, unheard, write_whole
from .json_file import AGAIN, Object, check_constants, is_number, load, take, take_text, take_whole

_SECTIONS = {"images": "image", "annotations": "annotation", "categories": "category"}


def read(path: Path, images: Path | None = None, tick: Tick = unheard) -> LabelledSet:
    """The labelled images of a COCO file; ids are the file's, labels count its categories in their order.

    `images` is the folder that file names are relative to, the file's own folder if None. Raises InputError naming the entry
    for anything that does not fit: broken JSON, missing keys, unknown or double ids, boxes outside their image, missing files.
    """
    data, constants = _load(path)
    root = root_of(path, images)
    classes, labels = _read_classes(data, path)
    records = {id: _read_image(id, entry, where, root) for id, entry, where in _entries(data, "images", path)}
    check_unique([posixpath.normpath(record.path) for record in records.values()], path)
    boxes: defaultdict[int, list[Annotation]] = defaultdict(list)
    for id, entry, where in ticking(list(_entries(data, "annotations", path)), tick):
        annotation = _read_annotation(id, entry, where, records, labels)
        boxes[annotation.image_id].append(annotation)
    check_constants(path, constants)
    states = {id: ImageState.DONE if id in boxes else ImageState.EMPTY for id in records}
    return LabelledSet(
        root,
        classes,
        tuple(replace(record, state=states[id]) for id, record in records.items()),
        {id: tuple(boxes.get(id, ())) for id in records},
        {key: value for key, value in data.items() if key not in _SECTIONS},
    )


def write(labelled: LabelledSet, path: Path, tick: Tick = unheard) -> LabelledSet:
    """Write a COCO file, whole or not at all. Categories keep the id they were read with; new ones count on from there."""
    category_ids = _category_ids(labelled.classes)
    data = {
        **labelled.extra,
        "images": [_image_entry(image) for image in labelled.images],
        "annotations": [
            _annotation_entry(annotation, image.size_hw, category_ids[annotation.label])
            for image in ticking(labelled.images, tick)
            for annotation in labelled.annotations.get(image.id, ())
        ],
        "categories": [_category_entry(c, id) for c, id in zip(labelled.classes, category_ids, strict=True)],
    }
    write_whole(path, json.dumps(data, ensure_ascii=False, allow_nan=False) + "\n")
    return labelled


COCO = Format("coco", "COCO JSON", read, write, suffix=".json", splits=False)


def _load(path: Path) -> tuple[Object, list[str]]:
    data, constants = load(path)
    if not isinstance(data, dict):
        raise InputError(
            path, f"is a JSON {type(data).__name__} instead of an object", "Give a COCO data set, not a result file."
        )
    return data, constants


def _entries(data: Object, section: str, path: Path) -> Iterator[tuple[int, Object, str]]:
    """Each object of a section as (id, the rest of its keys, where it stands)."""
    listed = take(dict(data), section, str(path))
    if not isinstance(listed, list):
        raise InputError(path, f"has '{section}' that is not a list", AGAIN)
    seen = set()
    for n, entry in enumerate(listed):
        where = f"{path}, {section}[{n}]"
        if not isinstance(entry, dict):
            raise InputError(where, "is not an object", AGAIN)
        rest = without_private(entry)
        id = take_whole(rest, "id", where)
        if id in seen:
            raise InputError(where, f"has the id {id} of an entry before it", f"Give every {_SECTIONS[section]} its own id.")
        seen.add(id)
        yield id, rest, f"{path}, {_SECTIONS[section]} {id}"


def _read_classes(data: Object, path: Path) -> tuple[ClassList, dict[int, int]]:
    """The classes, and the label of each category id."""
    classes: list[FoodClass] = []
    labels: dict[int, int] = {}
    for id, entry, where in _entries(data, "categories", path):
        labels[id] = len(classes)
        name = take_text(entry, "name", where)
        name_zh = entry.pop("name_zh") if isinstance(entry.get("name_zh"), str) else ""
        if not name.strip():
            raise InputError(where, "has an empty name", "Give the category a name.")
        classes.append(FoodClass(name, name_zh, extra={"coco_id": id, **entry}))
    check_unique([c.name for c in classes], path)
    return ClassList(tuple(classes)), labels


def _read_image(id: int, entry: Object, where: str, root: Path) -> ImageRecord:
    name = take_text(entry, "file_name", where)
    size_hw = take_whole(entry, "height", where), take_whole(entry, "width", where)
    if min(size_hw) < 1:
        raise InputError(where, f"has a width of {size_hw[1]} and a height of {size_hw[0]}", "Write the size of the image.")
    if not is_file(root / name):
        raise InputError(where, f"names {name}, which is not in {root}", "Check the folder given for the images.")
    return ImageRecord(id, name, size_hw, extra=entry or EMPTY)


def _read_annotation(
    id: int, entry: Object, where: str, images: Mapping[int, ImageRecord], labels: Mapping[int, int]
) -> Annotation:
    image_id, category_id = take_whole(entry, "image_id", where), take_whole(entry, "category_id", where)
    for section, wanted, known in (("images", image_id, images), ("categories", category_id, labels)):
        if wanted not in known:
            problem = f"refers to {_SECTIONS[section]} {wanted}, which the file does not have"
            raise InputError(where, problem, f"Add it to '{section}', or remove the annotation.")
    bbox = take(dict(entry), "bbox", where)
    if not (isinstance(bbox, list) and len(bbox) == 4 and all(map(is_number, bbox))):
        raise InputError(
            where, "has a 'bbox' that is not four finite numbers", "Write it as [left, top, width, height] in pixels."
        )
    box_xyxy = cut_to_image(_to_xyxy(bbox), images[image_id].size_hw, where)
    return Annotation(id, image_id, labels[category_id], box_xyxy, extra=entry)


def _to_xyxy(bbox: Sequence[float]) -> tuple[float, float, float, float]:
    left, top, width, height = map(float, bbox)
    return left, top, left + width, top + height


def _category_ids(classes: ClassList) -> list[int]:
    """The id of each label's category; it depends on the labels before it only, so a class added later changes none."""
    ids: list[int] = []
    for c in classes:
        known = c.extra.get("coco_id")
        ids.append(max(ids, default=0) + 1 if known is None or known in ids else known)
    return ids


def _category_entry(c: FoodClass, id: int) -> Object:
    kept = {key: value for key, value in without_private(c.extra).items() if key != "coco_id"}
    return {"id": id, "name": c.name, **({"name_zh": c.name_zh} if c.name_zh else {}), **kept}


def _image_entry(image: ImageRecord) -> Object:
    height, width = image.size_hw
    return {"id": image.id, "file_name": image.path, "width": width, "height": height, **without_private(image.extra)}


def _annotation_entry(annotation: Annotation, size_hw: tuple[int, int], category_id: int) -> Object:
    x0, y0, x1, y1 = annotation.box_xyxy
    box = {"bbox": [x0, y0, x1 - x0, y1 - y0], "area": (x1 - x0) * (y1 - y0), "iscrowd": 0}
    stale = () if _is_untouched(annotation, size_hw) else ("bbox", "area", "segmentation")
    kept = {key: value for key, value in without_private(annotation.extra).items() if key not in stale}
    return {"id": annotation.id, "image_id": annotation.image_id, "category_id": category_id, **box, **kept}


def _is_untouched(annotation: Annotation, size_hw: tuple[int, int]) -> bool:
    bbox = annotation.extra.get("bbox")
    return bbox is not None and cut_to_image(_to_xyxy(bbox), size_hw, f"annotation {annotation.id}") == annotation.box_xyxy
