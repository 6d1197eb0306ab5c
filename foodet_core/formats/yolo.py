"""YOLO data sets in Ultralytics' layout: data.yaml, folders of images by split, and a text file of boxes for each image.

Where the label file of an image lies follows from the image's path as it does there: the last folder called `images` becomes
`labels`. An image without a label file is unlabelled; an empty label file says that nothing is on the image. The indices are
the labels: data.yaml lists the classes in the project's order, whatever boxes there are. The layout holds the images beside
the labels, so writing copies them, byte for byte.
"""

from __future__ import annotations

import math
import os
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from yaml.constructor import ConstructorError

from ..errors import InputError
from ..pixels import read_size_hw
from ..project.scan import find_images
from ..types import Annotation, ClassList, ImageRecord, LabelledSet, Split
from .format import (
    Format,
    Found,
    Tick,
    check_name,
    check_unique,
    copy_image,
    cut_to_image,
    is_file,
    name_under,
    new_folder,
    places_of,
    read_lines,
    read_text,
    ticking,
    told,
    unheard,
    without_crowds,
    write_text,
)
from .named import NamedBox, NamedImage, assemble

FILE = "data.yaml"
_UNASSIGNED = "unassigned"
_SPLITS = {
    "train": Split.TRAIN,
    "val": Split.VAL,
    "validation": Split.VAL,
    "test": Split.TEST,
    _UNASSIGNED: Split.NONE,  # a key of ours, which Ultralytics passes over
}
_NOTHING: tuple[Any, ...] = (None, [], "", "null", "~")
_LINE = "Write a line as: class x_center y_center width height, the last four as shares of the image from 0 to 1."


def read(path: Path, images: Path | None = None, tick: Tick = unheard) -> LabelledSet:
    """The labelled images of a data set, given by its data.yaml or the folder that has one, with their splits.

    Images lie where data.yaml says. Where it names a folder without any, each label file goes to the image of the same
    relative path under `images`. Outlines are turned into the box around them, with a remark. Raises InputError, naming file
    and line, for everything that does not fit.
    """
    file = path / FILE if path.is_dir() else path
    data = _load(file)
    names = _read_names(data, file)
    found = Found(list)
    try:
        entries = _unique(_Layout(file, data, images or file.parent, found).entries(), found)
    except OSError as error:  # a name longer than the system takes, a folder of somebody else
        raise InputError(
            file, f"leads to what cannot be read ({error.strerror})", "Check path, train, val and test."
        ) from error
    labelled = [entry for entry in entries if entry.label.is_file()]
    found["Images without a label file, left out as unlabelled"] += [e.image.name for e in entries if not e.label.is_file()]
    if not labelled:
        problem = "leads to no image that has a label file"
        raise InputError(file, problem, "Check its path, train, val and test, and that labels/ lies beside images/.")
    root = file.parent
    return assemble(file, root, [_read_image(entry, root, names, found) for entry in ticking(labelled, tick)], names, found)


def write(labelled: LabelledSet, path: Path, tick: Tick = unheard) -> LabelledSet:
    """Write a data set with copies of its images as the new folder `path`, whole or not at all.

    Images of no split lie in a part of their own, which data.yaml names neither `train` nor `val`.
    """
    found = Found(list)
    labelled = without_crowds(labelled, found)
    places = places_of(replace(image, path=_without_images(image.path)) for image in labelled.images)
    parts = dict.fromkeys(["train", "val", *(_part(image) for image in labelled.images)])
    with new_folder(path) as folder:
        for part in parts:
            (folder / "images" / part).mkdir(parents=True)
        for image in ticking(labelled.images, tick):
            place = PurePosixPath(_part(image), places[image.id])
            copy_image(labelled.path(image), folder / "images" / place)
            lines = [_line(annotation, image.size_hw) for annotation in labelled.annotations.get(image.id, ())]
            write_text(folder / "labels" / place.with_suffix(".txt"), "".join(lines))
        write_text(folder / FILE, _data_yaml(parts, labelled.classes))
    unassigned = [image.path for image in labelled.images if not image.split]
    found[f"Images of no split, which {FILE} names neither as train nor as val"] += unassigned
    return replace(labelled, remarks=told(found))


YOLO = Format("yolo", "YOLO (Ultralytics)", read, write, suffix="", splits=True)


@dataclass(frozen=True)
class _Entry:
    image: Path
    label: Path
    split: Split


class _Layout:
    """Where a data.yaml leads to."""

    def __init__(self, file: Path, data: Mapping[str, Any], images: Path, found: Found) -> None:
        self._file, self._data, self._images, self._found = file, data, images, found
        self._root = self._read_root()

    def entries(self) -> Iterator[_Entry]:
        """Every image of every split with the place of its label file."""
        keys = [key for key in _SPLITS if self._data.get(key) not in _NOTHING]
        if not keys:
            raise InputError(self._file, "has no train, val or test", "Name a folder of images for each split there is.")
        for key in keys:
            for text in _texts(self._data[key], key, self._file):
                yield from self._of_place(self._place(text), text, _SPLITS[key])

    def _read_root(self) -> Path:
        text = self._data.get("path")
        if text in _NOTHING:
            return self._file.parent
        if not isinstance(text, str):
            raise InputError(self._file, "has 'path' that is not a path", "Write one folder, or leave it away.")
        root = self._file.parent / text
        if root.is_dir():
            return root
        self._found[f"Paths of {self._file.name} that are none here, so that its own folder was taken"].append(text)
        return self._file.parent

    def _place(self, text: str) -> Path:
        place = self._root / text
        inside = self._root / text.removeprefix("../")
        if _is_there(place) or not _is_there(inside):
            return place
        self._found["Folders sought without their leading ../, as Ultralytics does"].append(text)
        return inside

    def _of_place(self, place: Path, text: str, split: Split) -> Iterator[_Entry]:
        if place.is_file():
            yield from self._of_list(place, split)
        elif not _is_there(place):
            self._found[f"Parts that {self._file.name} names and that are not there"].append(text)
        else:
            listed = list(find_images(place)) if place.is_dir() else []
            yield from (_Entry(image, _label_file(image), split) for image in listed)
            used = {_label_file(image) for image in listed}
            others = [label for label in _label_files(place) if label not in used]
            yield from self._of_labels(others, _labels_folder(place), split, alone=not listed)

    def _of_list(self, file: Path, split: Split) -> Iterator[_Entry]:
        for line in read_lines(file):
            image = file.parent / line.strip()
            if not is_file(image):
                raise InputError(file, f"names {line.strip()}, which is not there", "Correct the path, or remove the line.")
            yield _Entry(image, _label_file(image), split)

    def _of_labels(self, labels: Sequence[Path], folder: Path, split: Split, *, alone: bool) -> Iterator[_Entry]:
        """Label files that have no image beside them: to be found under `images` where the set holds no images at all."""
        by_stem: defaultdict[str, list[Path]] = defaultdict(list)
        if labels and alone:
            for image in find_images(self._images):
                by_stem[image.relative_to(self._images).with_suffix("").as_posix()].append(image)
        for label in labels:
            fitting = by_stem[label.relative_to(folder).with_suffix("").as_posix()]
            if len(fitting) > 1:
                names = ", ".join(image.name for image in fitting)
                raise InputError(label, f"may belong to any of {names}", "Rename all but one of the images.")
            if fitting:
                yield _Entry(fitting[0], label, split)
            else:
                self._found["Label files without an image, left out"].append(label.relative_to(folder).as_posix())


class _Loader(yaml.BaseLoader):
    """YAML whose every scalar is the text it stands for: a class called `no` is no truth value. No key may stand twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise ConstructorError(None, None, f"the key {key.value} stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _load(file: Path) -> dict[str, Any]:
    try:
        data = yaml.load(read_text(file), _Loader)
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(file, f"is not valid YAML ({error})", "Correct the file, or export it again.") from error
    if not isinstance(data, dict):
        raise InputError(file, "holds no 'names' and 'train'", f"Give the {FILE} of a YOLO data set.")
    if "kpt_shape" in data:
        raise InputError(file, "has 'kpt_shape': its labels are keypoints", "Export the data set for detection.")
    return data


def _read_names(data: Mapping[str, Any], file: Path) -> list[str]:
    """The class names by index. Raises InputError unless every index has one, and no name stands twice."""
    listed = data.get("names")
    if isinstance(listed, dict):
        numbers = [str(number) for number in range(len(listed))]
        if set(listed) != set(numbers):
            problem = f"has 'names' that are not numbered from 0 to {len(listed) - 1}"
            raise InputError(file, problem, "Give every class index its name.")
        listed = [listed[number] for number in numbers]
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise InputError(file, "has no 'names' of classes", "List the class names, in the order of their index.")
    if data.get("nc", str(len(listed))) != str(len(listed)):
        raise InputError(file, f"has {len(listed)} names, but says 'nc: {data['nc']}'", "Name every class once.")
    check_unique(listed, file)
    return [check_name(name, f"{file}, class {index}") for index, name in enumerate(listed)]


def _texts(value: Any, key: str, file: Path) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in texts):
        raise InputError(file, f"has '{key}' that is not a path", "Write a folder, or a list of folders.")
    return texts


def _label_file(image: Path) -> Path:
    return _labels_folder(image.parent) / f"{image.stem}.txt"


def _labels_folder(folder: Path) -> Path:
    parts = list(folder.absolute().parts)
    for n in reversed(range(len(parts))):
        if parts[n] == "images":
            parts[n] = "labels"
            break
    return Path(*parts)


def _label_files(place: Path) -> list[Path]:
    """The label files of a folder of images, if they lie in a folder of their own."""
    folder = _labels_folder(place)
    return [] if folder == place.absolute() else sorted(p for p in folder.rglob("*.txt") if p.name != "classes.txt")


def _is_there(place: Path) -> bool:
    return place.exists() or _labels_folder(place).exists()


def _unique(entries: Iterator[_Entry], found: Found) -> list[_Entry]:
    """Each image once. Raises InputError where two images share a label file."""
    by_image: dict[str, _Entry] = {}
    by_label: dict[Path, Path] = {}
    for entry in entries:
        image = os.path.normpath(entry.image.absolute())
        if image in by_image:
            if by_image[image].split != entry.split:
                found["Images of several splits, which keep the first"].append(entry.image.name)
            continue
        by_image[image] = entry
        other = by_label.setdefault(entry.label, entry.image)
        if other != entry.image:
            problem = f"is the label file of {other.name} and of {entry.image.name}"
            raise InputError(entry.label, problem, "Rename one of the images, and give it a label file.")
    return list(by_image.values())


def _read_image(entry: _Entry, root: Path, names: Sequence[str], found: Found) -> NamedImage:
    size_hw = read_size_hw(entry.image)
    lines = [(n, line.split()) for n, line in enumerate(read_text(entry.label).splitlines(), start=1)]
    boxes = [_read_box(words, size_hw, names, f"{entry.label}, line {n}", found) for n, words in lines if words]
    return NamedImage(name_under(root, entry.image), size_hw, boxes, entry.split)


def _read_box(words: Sequence[str], size_hw: tuple[int, int], names: Sequence[str], where: str, found: Found) -> NamedBox:
    try:
        label, *shares = map(float, words)
    except ValueError:
        raise InputError(where, "is not a line of numbers", _LINE) from None
    if not all(map(math.isfinite, shares)):
        raise InputError(where, "has a number that is not finite", _LINE)
    if label not in range(len(names)):
        problem = f"has the class index {words[0]}, but the data set names {len(names)} classes, counted from 0"
        raise InputError(where, problem, "Add the class at the end of 'names', or correct the index.")
    height, width = size_hw
    if len(shares) == 4:
        x, y, w, h = shares
        box = (x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height
    elif len(shares) >= 6 and len(shares) % 2 == 0:
        xs, ys = shares[::2], shares[1::2]
        box = min(xs) * width, min(ys) * height, max(xs) * width, max(ys) * height
        found["Outlines turned into the box around them"].append(Path(where).name)
    else:
        raise InputError(where, f"has {len(words)} numbers", _LINE)
    return NamedBox(names[int(label)], cut_to_image(box, size_hw, where))


def _part(image: ImageRecord) -> str:
    return image.split.value or _UNASSIGNED


def _without_images(path: str) -> str:
    """A path in which no folder is called `images`: a reader would seek the label file there."""
    *folders, name = PurePosixPath(path).parts
    return str(PurePosixPath(*("images_" if folder == "images" else folder for folder in folders), name))


def _line(annotation: Annotation, size_hw: tuple[int, int]) -> str:
    x0, y0, x1, y1 = annotation.box_xyxy
    height, width = size_hw
    shares = (x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height
    return f"{annotation.label} {' '.join(f'{share:.10g}' for share in shares)}\n"


def _data_yaml(parts: Mapping[str, None], classes: ClassList) -> str:
    data = {**{part: f"images/{part}" for part in parts}, "names": dict(enumerate(classes.names))}
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=2**31)
