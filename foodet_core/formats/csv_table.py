"""A table with one box a row: image,width,height,label,x0,y0,x1,y1,split,image_id,id, corners in pixels.

An image without boxes has one row in which label and corners are empty. Also read is the layout of TensorFlow's object
detection (filename,width,height,class,xmin,ymin,xmax,ymax), and semicolons or tabs for commas: whatever the header tells
without doubt. Numbers of images and boxes are written for those who join tables, and are given anew when read.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from ..errors import InputError
from ..pixels import read_size_hw
from ..types import ImageRecord, LabelledSet, Split
from .format import (
    Format,
    Found,
    Tick,
    check_name,
    cut_to_image,
    find_image,
    name_under,
    read_text,
    root_of,
    ticking,
    told,
    unheard,
    without_crowds,
    write_whole,
)
from .named import NamedBox, NamedImage, assemble, tell_unused

_COLUMNS = ("image", "width", "height", "label", "x0", "y0", "x1", "y1")
_BESIDE = ("split", "image_id", "id")
_TENSORFLOW = ("filename", "width", "height", "class", "xmin", "ymin", "xmax", "ymax")
_SIZE = ("width", "height")
_HEADER = 10_000  # characters; what has no line end by then is no table
_CORNERS = ("x0", "y0", "x1", "y1")
_REMEDY = f"Its first line must name the columns {','.join(_COLUMNS)}, of which width and height may be missing."

_Row = tuple[str, Mapping[str, str]]
"""Where a row stands, and its values by our names of the columns."""


def read(path: Path, images: Path | None = None, tick: Tick = unheard) -> LabelledSet:
    """The labelled images of a table; sizes that it does not tell are read from the images.

    Raises InputError, naming the line, for everything that does not fit.
    """
    root = root_of(path, images)
    found = Found(list)
    rows: defaultdict[str, list[_Row]] = defaultdict(list)
    for where, row in _rows(path, found):
        image = find_image([root / row["image"]], row["image"], root, where)
        rows[name_under(root, image)].append((where, row))
    return assemble(path, root, [_read_image(name, root, rows[name]) for name in ticking(list(rows), tick)], (), found)


def write(labelled: LabelledSet, path: Path, tick: Tick = unheard) -> LabelledSet:
    """Write a table, whole or not at all."""
    found = Found(list)
    labelled = without_crowds(labelled, found)
    tell_unused(labelled, found)
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow((*_COLUMNS, *_BESIDE))
    for image in ticking(labelled.images, tick):
        table.writerows(_image_rows(labelled, image))
    write_whole(path, text.getvalue())
    return replace(labelled, remarks=told(found))


CSV = Format("csv", "CSV table", read, write, suffix=".csv", splits=True)


def _rows(path: Path, found: Found) -> Iterator[_Row]:
    text = read_text(path)
    header, delimiter, columns = layout(text, path)
    names = dict(zip((*columns, *_BESIDE), (*_COLUMNS, *_BESIDE), strict=True))
    found["Columns that are not kept"] += [name for name in header if name not in names]
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        next(lines)
        for values in lines:
            where = f"{path}, line {lines.line_num}"
            if values and len(values) != len(header):
                raise InputError(where, f"has {len(values)} values for {len(header)} columns", "Correct the line.")
            if values:
                yield where, {names[name]: value for name, value in zip(header, values, strict=True) if name in names}
    except csv.Error as error:
        raise InputError(f"{path}, line {lines.line_num}", f"cannot be read ({error})", "Correct the line.") from error


def layout(text: str, path: Path) -> tuple[list[str], str, tuple[str, ...]]:
    """The header, what parts its columns, and those of its columns that we read. Raises InputError for any other text."""
    first = next(iter(text[:_HEADER].splitlines()), "")
    for delimiter in ",;\t":
        header = [name.strip() for name in next(csv.reader([first], delimiter=delimiter), [])]
        for columns in (_COLUMNS, _TENSORFLOW):
            if {name for name in columns if name not in _SIZE} <= set(header):
                if len(set(header)) < len(header):
                    raise InputError(path, "has two columns of one name", _REMEDY)
                return header, delimiter, columns
    raise InputError(path, "has no header of a table of boxes", _REMEDY)


def _read_image(name: str, root: Path, rows: list[_Row]) -> NamedImage:
    said = [(_read_size(row, root / name, where), _read_split(row, where)) for where, row in rows]
    for (where, _), other in zip(rows, said, strict=True):
        if other != said[0]:
            problem = f"tells another size or split of {name} than a line before it"
            raise InputError(where, problem, "Correct the lines of this image.")
    size_hw, split = said[0]
    boxes = [_read_box(row, size_hw, where) for where, row in rows if any(row[key].strip() for key in ("label", *_CORNERS))]
    return NamedImage(name, size_hw, boxes, split)


def _read_box(row: Mapping[str, str], size_hw: tuple[int, int], where: str) -> NamedBox:
    x0, y0, x1, y1 = (_number(row, key, where) for key in _CORNERS)
    return NamedBox(check_name(row["label"], where), cut_to_image((x0, y0, x1, y1), size_hw, where))


def _read_size(row: Mapping[str, str], image: Path, where: str) -> tuple[int, int]:
    if not all(row.get(side, "").strip() for side in _SIZE):
        return read_size_hw(image)
    width, height = (_number(row, side, where) for side in _SIZE)
    if not (min(width, height) >= 1 and width % 1 == height % 1 == 0):
        raise InputError(where, f"has a width of {width:g} and a height of {height:g}", "Write the size of the image.")
    return int(height), int(width)


def _read_split(row: Mapping[str, str], where: str) -> Split:
    try:
        return Split(row.get("split", ""))
    except ValueError:
        known = ", ".join(split for split in Split if split)
        raise InputError(where, f"has the split '{row['split']}'", f"Splits are: {known}, or nothing.") from None


def _number(row: Mapping[str, str], key: str, where: str) -> float:
    try:
        return float(row[key])
    except ValueError:
        raise InputError(where, f"has '{row[key]}' for {key}, which is not a number", "Correct the line.") from None


def _image_rows(labelled: LabelledSet, image: ImageRecord) -> Iterator[tuple[object, ...]]:
    height, width = image.size_hw
    start, end = (image.path, width, height), (image.split.value, image.id)
    boxes = labelled.annotations.get(image.id, ())
    for annotation in boxes:
        name = labelled.classes[annotation.label].name
        yield *start, name, *map(float, annotation.box_xyxy), *end, annotation.id
    if not boxes:
        yield *start, "", "", "", "", "", *end, ""
