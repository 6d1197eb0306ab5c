"""Pascal VOC: an XML file for each image, alone in a folder or below `Annotations/` with the splits in `ImageSets/Main`.

Corners are pixels counted from 1, the last one included, as the VOC challenge defines them: the box of a whole image of 60 x
40 is (1, 1, 60, 40). Some tools count from 0: a set of theirs is known, and remarked, by a corner below 1 alone; without one
its boxes begin a pixel too far left and up. Decimals are kept. So are fields that foodet has no place for (pose, truncated,
difficult, source, ...), but not parts and outlines. A document type is refused before its first entity is read, so a hostile
file cannot blow up: the files of this format never have one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from ..errors import InputError
from ..pixels import read_size_hw
from ..types import EMPTY, Annotation, BoxXyxy, Extra, ImageRecord, LabelledSet, Split
from .format import (
    OVERSHOOT,
    Format,
    Found,
    Tick,
    check_name,
    cut_to_image,
    find_image,
    name_under,
    named_by,
    new_folder,
    places_of,
    read_lines,
    root_of,
    ticking,
    told,
    unheard,
    without_crowds,
    write_text,
)
from .named import NamedBox, NamedImage, assemble, read_names, write_names

_KEY = "voc"
_FIRST = 1.0
ANNOTATIONS = "Annotations"
_IMAGES, _SETS = "JPEGImages", "ImageSets/Main"
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_OURS = {"folder", "filename", "path", "size", "object"}
_AGAIN = "Correct the file, or export it again."
_NO_XML = re.compile("[^\t\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read(path: Path, images: Path | None = None, tick: Tick = unheard) -> LabelledSet:
    """The labelled images of a folder of XML files, or of one such file.

    The image of `sub/a.xml` is sought by its `filename` in `images/sub`, in `JPEGImages/sub` and beside the XML file, then by
    its `path`. Raises InputError, naming file and object, for everything that does not fit.
    """
    root = root_of(path, images)
    folder = path if path.is_dir() else path.parent
    below = folder / ANNOTATIONS if path.is_dir() and (folder / ANNOTATIONS).is_dir() else folder
    files = sorted(below.rglob("*.xml")) if path.is_dir() else [path]
    if not files:
        raise InputError(path, "holds no XML file", "Give the folder of the annotation files.")
    splits = _read_splits(folder / _SETS)
    found = Found(list)
    read_images, objects = [], []
    for file in ticking(files, tick):
        inner = file.relative_to(below)
        folders = root / inner.parent, folder / _IMAGES / inner.parent, file.parent
        split = splits.get(inner.with_suffix("").as_posix(), Split.NONE)
        tree = _parse(file)
        read_images.append(_read_image(tree, file, folders, root, split, found))
        objects.append(_read_objects(tree, file, found))
    first = _first_pixel(chain.from_iterable(objects), found)
    boxed = [
        replace(image, boxes=[_box(item, image.size_hw, first) for item in items])
        for image, items in zip(read_images, objects, strict=True)
    ]
    return assemble(path, root, boxed, read_names(folder), found)


def write(labelled: LabelledSet, path: Path, tick: Tick = unheard) -> LabelledSet:
    """Write the new folder `path`, whole or not at all: XML files by the images' paths, the splits and the class names."""
    found = Found(list)
    labelled = without_crowds(labelled, found)
    places = places_of(labelled.images)
    with new_folder(path) as folder:
        for image in ticking(labelled.images, tick):
            file = folder / ANNOTATIONS / f"{places[image.id].with_suffix('')}.xml"
            write_text(file, _image_xml(labelled, image, named_by(places[image.id], image, labelled.root)))
        for split in Split:
            stems = [str(places[image.id].with_suffix("")) for image in labelled.images if split and image.split is split]
            if stems:
                write_text(folder / _SETS / f"{split}.txt", "".join(f"{stem}\n" for stem in stems))
        write_names(folder, labelled.classes)
    return replace(labelled, remarks=told(found))


VOC = Format("voc", "Pascal VOC XML", read, write, suffix="", splits=True)


@dataclass(frozen=True)
class _Object:
    where: str
    name: str
    corners: BoxXyxy
    extra: Extra


class _WithoutDoctype(ElementTree.TreeBuilder):
    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ValueError("it declares a document type")


def _parse(file: Path) -> Element:
    try:
        parser = ElementTree.XMLParser(target=_WithoutDoctype())
        tree: Element = ElementTree.fromstring(file.read_bytes(), parser)
    except OSError as error:
        raise InputError(file, f"cannot be read ({error.strerror})", "Check the path of the annotation file.") from error
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise InputError(file, f"is not valid XML for annotations ({error})", _AGAIN) from error
    if tree.tag != "annotation":
        raise InputError(file, f"is about <{tree.tag}>, not <annotation>", "Give a folder of Pascal VOC files alone.")
    return tree


def _read_splits(folder: Path) -> dict[str, Split]:
    splits: dict[str, Split] = {}
    for split in (Split.TRAIN, Split.VAL, Split.TEST):
        file = folder / f"{split}.txt"
        for stem in read_lines(file) if file.is_file() else ():
            if splits.setdefault(stem, split) is not split:
                problem = f"names {stem}, which stands in {splits[stem]}.txt too"
                raise InputError(file, problem, "Name each image in one split.")
    return splits


def _read_image(tree: Element, file: Path, folders: Iterable[Path], root: Path, split: Split, found: Found) -> NamedImage:
    where = str(file)
    name = _text(tree, "filename", where)
    candidates = [*(folder / name for folder in folders), Path(tree.findtext("path", "").strip())]
    image = find_image(candidates, name, root, where)
    extra = _image_extra(tree, file, found)
    return NamedImage(name_under(root, image), _read_size(tree, image, where), (), split, {_KEY: extra} if extra else EMPTY)


def _read_size(tree: Element, image: Path, where: str) -> tuple[int, int]:
    size = tree.find("size")
    if size is None:
        return read_size_hw(image)
    height, width = (_number(size, side, where) for side in ("height", "width"))
    if min(height, width) < 1 or height % 1 or width % 1:
        raise InputError(where, f"has a width of {width:g} and a height of {height:g}", "Write the size of the image.")
    return int(height), int(width)


def _read_objects(tree: Element, file: Path, found: Found) -> list[_Object]:
    return [_read_object(element, f"{file}, object {n}", found) for n, element in enumerate(tree.findall("object"), start=1)]


def _read_object(element: Element, where: str, found: Found) -> _Object:
    name = _text(element, "name", where)
    # Some writers put a name on a line of its own; a name that foodet writes is one line, kept as it is.
    name = check_name(name.strip() if "\n" in name else name, where)
    corners = element.find("bndbox")
    if corners is None:
        raise InputError(where, "has no 'bndbox'", _AGAIN)
    x0, y0, x1, y1 = (_number(corners, corner, where) for corner in _CORNERS)
    kept = {child.tag: _line(child) for child in element if child.tag not in ("name", "bndbox") and _is_kept(child)}
    for child in element:
        if child.tag not in ("name", "bndbox", *kept):
            found[f"Objects whose <{child.tag}> is not kept"].append(Path(where).name)
    return _Object(where, name, (x0, y0, x1, y1), {_KEY: kept} if kept else EMPTY)


def _first_pixel(objects: Iterable[_Object], found: Found) -> float:
    low = [Path(item.where).name for item in objects if min(item.corners[:2]) < _FIRST - OVERSHOOT]
    found["Corners below 1, so that those of the whole set count from 0"] += low
    return 0.0 if low else _FIRST


def _box(item: _Object, size_hw: tuple[int, int], first: float) -> NamedBox:
    x0, y0, x1, y1 = item.corners
    return NamedBox(item.name, cut_to_image((x0 - first, y0 - first, x1, y1), size_hw, item.where), item.extra)


def _image_extra(tree: Element, file: Path, found: Found) -> Extra:
    """What an XML file says beside image and objects: texts, and groups of texts (source, owner)."""
    extra: dict[str, Any] = {}
    for child in tree:
        if child.tag in _OURS:
            continue
        group = {inner.tag: _line(inner) for inner in child if _is_kept(inner)}
        if child.tag in extra or not _is_tag(child.tag) or len(group) < len(child):
            found[f"Files whose <{child.tag}> is not kept"].append(file.name)
        else:
            extra[child.tag] = group or _line(child)
    return extra


def _is_kept(element: Element) -> bool:
    return _is_tag(element.tag) and not len(element)


def _line(element: Element) -> str:
    return " ".join((element.text or "").split())


def _is_tag(tag: str) -> bool:
    return not tag.startswith("{")  # a name of another namespace, which would need its declaration again


def _text(element: Element, tag: str, where: str) -> str:
    text = element.findtext(tag)
    if not text or not text.strip():
        raise InputError(where, f"has no '{tag}'", _AGAIN)
    return text


def _number(element: Element, tag: str, where: str) -> float:
    try:
        return float(_text(element, tag, where))
    except ValueError:
        raise InputError(where, f"has '{tag}' that is not a number", _AGAIN) from None


def _image_xml(labelled: LabelledSet, image: ImageRecord, name: str) -> str:
    kept = image.extra.get(_KEY, {})
    height, width = image.size_hw
    fields = {
        "folder": PurePosixPath(image.path).parent.name,
        "filename": name,
        **kept,
        "size": {"width": str(width), "height": str(height), "depth": "3"},
    }
    objects = (
        _xml("object", _object_fields(annotation, labelled.classes[annotation.label].name))
        for annotation in labelled.annotations.get(image.id, ())
    )
    inner = "".join([*(_xml(tag, value) for tag, value in fields.items()), *objects])
    return f"<annotation>\n{inner}</annotation>\n"


def _object_fields(annotation: Annotation, name: str) -> Mapping[str, Any]:
    x0, y0, x1, y1 = annotation.box_xyxy
    box = dict(zip(_CORNERS, map(_decimal, (x0 + _FIRST, y0 + _FIRST, x1, y1)), strict=True))
    kept = annotation.extra.get(_KEY, {"pose": "Unspecified", "truncated": "0", "difficult": "0"})
    return {"name": name, **kept, "bndbox": box}


def _decimal(value: float) -> str:
    """The shortest text that gives the number again, without a point where it is whole: many readers take no other."""
    return str(int(value)) if value == int(value) else repr(float(value))


def _xml(tag: str, value: str | Mapping[str, Any], indent: str = "\t") -> str:
    if isinstance(value, str):
        if _NO_XML.search(value):
            raise InputError(repr(value), "has a character that XML cannot hold", "Rename the class or the file.")
        return f"{indent}<{tag}>{escape(value)}</{tag}>\n"
    inner = "".join(_xml(name, text, indent + "\t") for name, text in value.items())
    return f"{indent}<{tag}>\n{inner}{indent}</{tag}>\n"
