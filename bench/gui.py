"""The window's speed beside labelImg's and labelme's: the same pictures, the same screen, in turns.

    python bench/gui.py --labelimg-python ENV/bin/python --labelme-python ENV/bin/python

Each tool runs in an environment of its own (`python3 -m venv ENV && ENV/bin/pip install labelImg`, or labelme), each scene in a
process of its own, all on one virtual screen of 1600 x 1000 (Xvfb; with QT_QPA_PLATFORM=offscreen in none). Round after round
every tool has its turn. The pictures are made in a temporary folder. Prints one JSON object, then the table.

A time ends with the paint that shows its image, so it holds what Qt waits before it paints. What only foodet has (a project of
100,000 images, images decoded ahead, a training beside it) has no second column. labelImg writes no class names on the canvas.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cv2
import numpy as np

from foodet_core.pixels import write_jpeg
from foodet_core.project.store import Project
from foodet_core.types import Annotation, BoxXyxy, ByteArray, ClassList, ImageRecord

ROOT = Path(__file__).parents[1]
PEERS = ROOT / "bench" / "peers"
CLASSES = ClassList.of([f"food {n}" for n in range(10)])
OURS = "foodet"
_SCENES = ("start", "folder", "photos", "big")
_DIFFERENT = 10
"""So many files stand behind the large folders; their other names are hard links."""


@dataclass(frozen=True)
class Sizes:
    """How much of everything; `look` is the seconds that a person looks at an image before going on."""

    folder: int = 5000
    project: int = 100_000
    steps: int = 100
    photo_hw: tuple[int, int] = (960, 1280)
    photo_boxes: int = 30
    big_hw: tuple[int, int] = (4000, 6000)
    big_boxes: int = 500
    look: float = 0.15


@dataclass(frozen=True)
class Row:
    """One line of the table. The goal is for the median or the 95th percentile; samples are multiplied by `per`."""

    key: str
    title: str
    goal: float | None
    per: float = 1.0
    p95: bool = False
    at_least: bool = False


ROWS = (
    Row("start", "warm start to window, s", 0.6),
    Row("folder", "open a folder of {folder:,} images to the first one, s", 0.15),
    Row("folder_again", "the same, where its project is there, s", 0.15),
    Row("project", "open a project of {project:,} images, s", 1.0),
    Row("project_next", "in it: next image, ms", 16, 1000, p95=True),
    Row("project_letter", "in it: one more letter to search for, ms", None, 1000, p95=True),
    Row("project_edit", "in it: another class for a box, ms", None, 1000, p95=True),
    Row("prefetched", "next image, decoded ahead, ms", 16, 1000, p95=True),
    Row("not_prefetched", "next image, not decoded ahead, ms", 45, 1000, p95=True),
    Row("beside_training", "next image beside a training, ms", 50, 1000, p95=True),
    Row("held", "next key held, images/s", 30, at_least=True),
    Row("big_first", "{mp:.0f} MP, {big_boxes} boxes: first shown, s", 0.25),
    Row("big_whole", "{mp:.0f} MP: shown in full, s", None),
    Row("repaint", "{mp:.0f} MP: repaint at fit, ms", 16, 1000),
    Row("zoom", "{mp:.0f} MP: zoom step, ms", 16, 1000, p95=True),
    Row("memory", "memory after {steps} images, MB", 150),
)

Samples = dict[str, list[float]]


# The pictures


def photo(size_hw: tuple[int, int], seed: int) -> ByteArray:
    """Clouds of colour at all scales, and grain: as costly to decode as a photo of that size."""
    drawn = np.random.default_rng(seed)
    height, width = size_hw
    image = np.full((height, width, 3), 120, np.float32)
    side = max(size_hw) / 3
    while side >= 2:
        small = drawn.normal(0, 5 + side**0.5, (int(height / side) + 2, int(width / side) + 2, 3)).astype(np.float32)
        image += cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
        side /= 3
    image += drawn.normal(0, 4, (height, width, 1)).astype(np.float32)
    return image.clip(0, 255).astype(np.uint8)


def random_boxes(size_hw: tuple[int, int], count: int, seed: int) -> list[tuple[int, BoxXyxy]]:
    """Labels and whole-pixel boxes of a twentieth to a fifth of the image's side."""
    drawn = np.random.default_rng(seed)
    boxes = []
    for _ in range(count):
        height, width = (max(int(drawn.uniform(0.05, 0.2) * side), 2) for side in size_hw)
        x, y = int(drawn.integers(size_hw[1] - width)), int(drawn.integers(size_hw[0] - height))
        boxes.append((int(drawn.integers(len(CLASSES))), (float(x), float(y), float(x + width), float(y + height))))
    return boxes


def make_photos(folder: Path, size_hw: tuple[int, int], count: int, boxes: int) -> None:
    """Photos with boxes in each tool's own form: a project, Pascal VOC files, labelme's files."""
    folder.mkdir()
    records, annotations = [], []
    for n in range(1, count + 1):
        record = ImageRecord(n, f"{n:04}.jpg", size_hw)
        if n <= _DIFFERENT:
            write_jpeg(folder / record.path, photo(size_hw, n))
        else:
            shutil.copy(folder / f"{(n - 1) % _DIFFERENT + 1:04}.jpg", folder / record.path)
        drawn = random_boxes(size_hw, boxes, n)
        annotations += [Annotation(n * 10_000 + i, n, label, box) for i, (label, box) in enumerate(drawn)]
        records.append(record)
        write_voc(folder / record.path, size_hw, drawn)
        write_labelme(folder / record.path, size_hw, drawn)
    Project.create(folder / f"{folder.name}.foodet", folder, CLASSES, records, annotations).close()


def write_voc(image: Path, size_hw: tuple[int, int], boxes: Sequence[tuple[int, BoxXyxy]]) -> None:
    """Boxes as labelImg reads them."""
    root = ElementTree.Element("annotation")
    ElementTree.SubElement(root, "filename").text = image.name
    size = ElementTree.SubElement(root, "size")
    for name, value in (("width", size_hw[1]), ("height", size_hw[0]), ("depth", 3)):
        ElementTree.SubElement(size, name).text = str(value)
    for label, box in boxes:
        thing = ElementTree.SubElement(root, "object")
        ElementTree.SubElement(thing, "name").text = CLASSES[label].name
        ElementTree.SubElement(thing, "difficult").text = "0"
        place = ElementTree.SubElement(thing, "bndbox")
        for name, value in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True):
            ElementTree.SubElement(place, name).text = str(int(value))
    ElementTree.ElementTree(root).write(image.with_suffix(".xml"), encoding="utf-8")


def write_labelme(image: Path, size_hw: tuple[int, int], boxes: Sequence[tuple[int, BoxXyxy]]) -> None:
    """Boxes as labelme reads them."""
    shapes = [
        {"label": CLASSES[label].name, "points": [box[:2], box[2:]], "shape_type": "rectangle", "flags": {}}
        for label, box in boxes
    ]
    size = {"imageHeight": size_hw[0], "imageWidth": size_hw[1]}
    whole = {"version": "5.5.0", "flags": {}, "shapes": shapes, "imagePath": image.name, "imageData": None, **size}
    image.with_suffix(".json").write_text(json.dumps(whole), encoding="utf-8")


def make_folder(folder: Path, size_hw: tuple[int, int], count: int) -> list[ImageRecord]:
    """Very many images without labels."""
    folder.mkdir()
    originals = [folder / f".{n}.jpg" for n in range(_DIFFERENT)]
    for n, original in enumerate(originals):
        write_jpeg(original, photo(size_hw, n))
    records = [ImageRecord(n, f"{n:06}.jpg", size_hw) for n in range(1, count + 1)]
    for record in records:
        os.link(originals[record.id % _DIFFERENT], folder / record.path)
    for original in originals:
        original.unlink()
    return records


def make_project(folder: Path, size_hw: tuple[int, int], count: int) -> None:
    """A project of very many images, each with three boxes."""
    records = make_folder(folder, size_hw, count)
    drawn = [random_boxes(size_hw, 3, seed) for seed in range(_DIFFERENT)]
    annotations = [
        Annotation(count + record.id * 3 + i, record.id, label, box)
        for record in records
        for i, (label, box) in enumerate(drawn[record.id % _DIFFERENT])
    ]
    Project.create(folder / f"{folder.name}.foodet", folder, CLASSES, records, annotations).close()


# Measuring


@dataclass(frozen=True)
class Tool:
    """One tool: its driver among bench/peers, and the Python of its environment."""

    name: str
    python: str
    driver: str
    scenes: tuple[str, ...] = _SCENES


@contextmanager
def screen() -> Iterator[dict[str, str]]:
    """The environment of a virtual screen of its own, or of none where Qt is told to paint offscreen."""
    if os.environ.get("QT_QPA_PLATFORM") == "offscreen":
        yield dict(os.environ)
        return
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        yield {**os.environ, "DISPLAY": f":{server.stdout.readline().strip()}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        server.terminate()
        server.wait()


def play(tool: Tool, scene: str, job: Mapping[str, Any], folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """One scene in a process of its own. Raises RuntimeError with its last words where it does not end well."""
    file, out = folder / "job.json", folder / "out.json"
    out.unlink(missing_ok=True)
    file.write_text(json.dumps({**job, "scene": scene, "out": str(out), "spawned": time.monotonic()}), encoding="utf-8")
    done = subprocess.run([tool.python, PEERS / tool.driver, file], env=dict(environment), capture_output=True, text=True)
    if done.returncode or not out.exists():
        raise RuntimeError(f"{tool.name}, {scene}: ended with {done.returncode}\n{done.stdout[-500:]}\n{done.stderr[-3000:]}")
    measured: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return measured


def measure(tools: Sequence[Tool], sizes: Sizes, rounds: int, folder: Path) -> dict[str, Samples]:
    """Samples of every row by tool. `folder` takes the pictures."""
    make_folder(folder / "folder", sizes.photo_hw, sizes.folder)
    make_project(folder / "project", sizes.photo_hw, sizes.project)
    make_photos(folder / "photos", sizes.photo_hw, sizes.steps + 1, sizes.photo_boxes)
    make_photos(folder / "big", sizes.big_hw, 1, sizes.big_boxes)
    job = {name: str(folder / name) for name in ("folder", "project", "photos", "big")}
    home = folder / "home"
    home.mkdir()
    samples: dict[str, Samples] = {tool.name: {} for tool in tools}
    with screen() as shown:
        places = {"HOME": str(home), "FOODET_HOME": str(home), "XDG_RUNTIME_DIR": str(home), "PYTHONPATH": str(ROOT)}
        environment = {**shown, **places}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed tool has been compiled
        for tool in tools:
            # From here on its files are in memory and its settings made.
            play(tool, "photos", {**job, "steps": 1, "look": 0.0}, folder, environment)
        for scene in dict.fromkeys(scene for tool in tools for scene in tool.scenes):
            for number in range(rounds):
                for tool in (tool for tool in tools if scene in tool.scenes):
                    print(f"{scene}, round {number + 1}, {tool.name}", file=sys.stderr, flush=True)
                    shutil.rmtree(folder / "folder" / "folder.foodet", ignore_errors=True)
                    asked = {**job, "steps": sizes.steps, "look": sizes.look}
                    measured = play(tool, scene, asked, folder, environment)
                    if measured.pop("torch"):
                        raise RuntimeError(f"{tool.name} has loaded torch")
                    for key, value in measured.items():
                        samples[tool.name].setdefault(key, []).extend(value if isinstance(value, list) else [value])
    return samples


# Telling


def figures(row: Row, samples: Samples) -> dict[str, float] | None:
    """Median and 95th percentile of a row's samples in its unit. Who decodes nothing ahead has one way to the next image."""
    found = samples.get(row.key) or (samples.get("not_prefetched") if row.key == "prefetched" else None)
    if not found:
        return None
    return {"median": statistics.median(found) * row.per, "p95": float(np.percentile(found, 95)) * row.per}


def result(samples: Mapping[str, Samples], sizes: Sizes) -> list[dict[str, Any]]:
    """All rows with the figures of every tool, the goal and how we stand to labelImg."""
    words = {**vars(sizes), "mp": sizes.big_hw[0] * sizes.big_hw[1] / 1e6}
    rows = []
    for row in ROWS:
        told = {name: figures(row, of_tool) for name, of_tool in samples.items()}
        which = "p95" if row.p95 else "median"
        ours, theirs = told.get(OURS), told.get("labelImg")
        value = ours and ours[which]
        met = None if value is None or row.goal is None else (value >= row.goal if row.at_least else value <= row.goal)
        line = {"row": row.title.format(**words), "figure": which, "goal": row.goal, "met": met, **told}
        rows.append({**line, "ratio": ours[which] / theirs[which] if ours and theirs else None})
    return rows


def make_table(rows: Sequence[Mapping[str, Any]], tools: Sequence[str]) -> str:
    """Markdown; rows whose goal is for the 95th percentile show both figures."""
    lines = [f"| | goal | {' | '.join(tools)} | foodet : labelImg |", "|---" * (len(tools) + 3) + "|"]
    for row, known in zip(rows, ROWS, strict=True):
        goal = "" if known.goal is None else f"{'≥' if known.at_least else '≤'} {known.goal:g}{' (p95)' if known.p95 else ''}"
        cells = [_cell(row[name], known) for name in tools]
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
        lines.append("| " + " | ".join((row["row"], goal, *cells, ratio)) + " |")
    return "\n".join(lines)


def _cell(told: Mapping[str, float] | None, row: Row) -> str:
    if told is None:
        return ""
    return f"{_short(told['median'])} / {_short(told['p95'])}" if row.p95 else _short(told["median"])


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def machine() -> dict[str, Any]:
    """What it ran on, and how busy that was."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {"processors": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version(), "load": load}


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labelimg-python", help="the Python of an environment that has labelImg")
    parser.add_argument("--labelme-python", help="the Python of an environment that has labelme")
    parser.add_argument("--rounds", type=int, default=3)
    for name in ("folder", "project", "steps"):
        parser.add_argument(
            f"--{name}", type=int, default=getattr(Sizes, name), help=f"images, {getattr(Sizes, name):,} if not given"
        )
    arguments = parser.parse_args()
    tools = [ours()]
    if arguments.labelimg_python:
        tools.append(Tool("labelImg", arguments.labelimg_python, "labelimg_window.py"))
    if arguments.labelme_python:
        tools.append(Tool("labelme", arguments.labelme_python, "labelme_window.py"))
    sizes = Sizes(arguments.folder, arguments.project, arguments.steps)
    before = machine()
    with tempfile.TemporaryDirectory() as folder:
        samples = measure(tools, sizes, arguments.rounds, Path(folder))
    rows = result(samples, sizes)
    print(json.dumps({**before, "rounds": arguments.rounds, "rows": rows}, indent=1))
    print(make_table(rows, [tool.name for tool in tools]))


def ours() -> Tool:
    """foodet, in this environment."""
    return Tool(OURS, sys.executable, "foodet_window.py", (*_SCENES, "project"))


if __name__ == "__main__":
    main()
