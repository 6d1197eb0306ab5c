"""The command line: each command builds the job that the window would build, and follows it.

Exit codes: 0 done, 1 a bug of ours, 2 something in what was given (one line says what and what to do), 3 stopped on request.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from . import __version__
from .config import (
    AUTO,
    BUNDLED,
    AddJob,
    EvaluateJob,
    ExportJob,
    ExportModelJob,
    FinetuneJob,
    ImportJob,
    PredictJob,
    PretrainJob,
    ResumeJob,
    Source,
    TrainConfig,
    TrainJob,
    options,
)
from .errors import EXIT_BUG, EXIT_INPUT, EXIT_OK, EXIT_STOPPED, FoodetError, InputError
from .events import Finished
from .processes import leads
from .terminal import console, follow, follow_events

app = typer.Typer(add_completion=False, no_args_is_help=False, pretty_exceptions_enable=False, rich_markup_mode=None)

Events = Annotated[str, typer.Option("--events", help="jsonl: write every event as a line of JSON to stdout.")]
Images = Annotated[str | None, typer.Option("--images", help="Folder of the images that a COCO file names.")]
Val = Annotated[str | None, typer.Option("--val", help="COCO file to validate on; its images lie in --images too.")]
Minutes = Annotated[float | None, typer.Option("--minutes", help="Time budget; the schedule ends on time.")]
Steps = Annotated[int | None, typer.Option("--steps", help="Number of batches.")]
Seed = Annotated[int, typer.Option("--seed", help="Same seed, same run.")]
Settings = Annotated[list[str] | None, typer.Option("--set", help="key=value; `foodet settings` lists them.")]
Out = Annotated[str | None, typer.Option("--out", help="Folder of the run; default: the next one of the project.")]
_FORMATS = "coco, yolo, voc, labelme, csv or labelstudio"
Format = Annotated[str, typer.Option("--format", help=f"{_FORMATS}.")]
Split = Annotated[str | None, typer.Option("--split", help="train, val or test.")]
_WEIGHTS = "bundled, none, weights to start from; or imagenet: torchvision's for backbone=torchvision:NAME, downloaded."


def main() -> None:
    """The console script."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line; returns the exit code."""
    try:
        code = app(arguments, prog_name="foodet", standalone_mode=False)
    except FoodetError as error:
        return _complain(str(error))
    except (KeyboardInterrupt, typer.Abort):
        return EXIT_STOPPED
    except Exception as error:
        # Typer carries a click of its own or uses the installed one: their usage errors have this in common.
        if hasattr(error, "format_message"):
            return _complain(f"{error.format_message()} See `foodet --help`.")
        console.print_exception()
        return EXIT_BUG
    return code if isinstance(code, int) else EXIT_OK


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> int:
    """Label food photos, train a detector, fine-tune it by GRPO. Without a command the window opens."""
    if version:
        print(__version__)
    elif context.invoked_subcommand is None:
        return gui()
    return EXIT_OK


@app.command()
def gui(project: Annotated[str | None, typer.Argument(help="A project (NAME.foodet).")] = None) -> int:
    """Open the window."""
    command = [sys.executable, "-m", "foodet_gui", *([project] if project else [])]
    return subprocess.run(command, check=False).returncode


@app.command()
def new(
    project: Annotated[str, typer.Argument(help="NAME.foodet, the folder to make.")],
    images: Annotated[str, typer.Option("--images", help="Folder of photos; they stay where they are.")],
    events: Events = "",
) -> int:
    """Make a project of a folder of photos."""
    from .project.scan import new_project

    return _code(follow_events(new_project(_project_folder(project), Path(images)), events))


@app.command()
def add(
    project: str,
    images: Annotated[list[str], typer.Argument(help="Image files or folders; they stay where they are.")],
    events: Events = "",
) -> int:
    """Add images to a project; what it has already is left out."""
    return _code(follow(AddJob(project, tuple(images)), events))


@app.command("import")
def import_(
    project: str,
    file: Annotated[str, typer.Argument(help="Annotation file, or folder of a yolo, voc or labelme set.")],
    format: Annotated[str, typer.Option("--format", help=f"{_FORMATS}; default: what the file looks like.")] = AUTO,
    split: Annotated[str | None, typer.Option("--split", help="train, val or test; default: what the file says.")] = None,
    images: Annotated[str | None, typer.Option("--images", help="Folder that image names are relative to.")] = None,
    events: Events = "",
) -> int:
    """Read an annotation file into a project."""
    return _code(follow(ImportJob(project, file, format, images, split), events))


@app.command()
def export(
    project: str,
    file: Annotated[str, typer.Argument(help="File to write, or new folder for yolo (with the images), voc and labelme.")],
    format: Format = "coco",
    split: Split = None,
    done: Annotated[bool, typer.Option("--done", help="Only images that are done or empty.")] = False,
    val: Annotated[float | None, typer.Option("--val", help="Share of the images of no split to put into val.")] = None,
    test: Annotated[float | None, typer.Option("--test", help="Share of the images of no split to put into test.")] = None,
    events: Events = "",
) -> int:
    """Write a project's accepted boxes to an annotation file."""
    return _code(follow(ExportJob(project, file, format, split, done, None, val, test), events))


@app.command()
def train(
    source: Annotated[str, typer.Argument(help="A project, a COCO file with --images, or a folder of COCO sets.")],
    images: Images = None,
    val: Val = None,
    preset: Annotated[str, typer.Option("--preset", help="nano or small.")] = "nano",
    minutes: Minutes = None,
    steps: Steps = None,
    imgsz: Annotated[int, typer.Option("--imgsz", help="Long side of the network's input, in pixels.")] = 320,
    seed: Seed = 0,
    weights: Annotated[str, typer.Option("--weights", help=_WEIGHTS)] = BUNDLED,
    set: Settings = None,
    out: Out = None,
    events: Events = "",
) -> int:
    """Train a detector."""
    config = _config(TrainConfig(minutes=minutes, steps=steps, imgsz=imgsz, seed=seed), ["preset=" + preset, *(set or [])])
    job = TrainJob(Source(source, images), out or _next_run(source, "train"), _source(val, images), weights, config)
    return _code(follow(job, events))


@app.command()
def pretrain(
    folders: Annotated[list[str], typer.Argument(help="Folders of labelled images: labels.csv, or a folder for each class.")],
    out: Annotated[str, typer.Option("--out", help="Folder of the run.")],
    leave_out: Annotated[
        list[str] | None, typer.Option("--leave-out", help="Folder of images that must not be learnt from.")
    ] = None,
    preset: Annotated[str, typer.Option("--preset", help="nano or small.")] = "nano",
    minutes: Minutes = None,
    steps: Steps = None,
    imgsz: Annotated[int, typer.Option("--imgsz", help="Side of the network's input, in pixels.")] = 64,
    seed: Seed = 0,
    weights: Annotated[str, typer.Option("--weights", help="none, or weights to start from.")] = "none",
    set: Settings = None,
    events: Events = "",
) -> int:
    """Teach a backbone to tell apart what whole images show; `train --weights` can start from it."""
    start = TrainConfig(minutes=minutes, steps=steps, imgsz=imgsz, seed=seed, batch=128, lr=2e-3, weight_decay=0.05, warmup=500)
    config = _config(start, ["preset=" + preset, *(set or [])])
    return _code(follow(PretrainJob(tuple(folders), out, tuple(leave_out or ()), weights, config), events))


@app.command()
def finetune(
    start: Annotated[str, typer.Argument(metavar="RUN", help="A run, or weights.")],
    source: Annotated[str, typer.Argument(help="A project, or a COCO file with --images.")],
    images: Images = None,
    val: Val = None,
    minutes: Minutes = None,
    steps: Steps = None,
    seed: Seed = 0,
    set: Settings = None,
    out: Out = None,
    events: Events = "",
) -> int:
    """Fine-tune a trained detector by GRPO; keeps the new weights only if validation AP does not fall."""
    config = _config(TrainConfig(minutes=minutes, steps=steps, seed=seed), set or [])
    job = FinetuneJob(start, Source(source, images), out or _next_run(source, "finetune"), _source(val, images), config)
    return _code(follow(job, events))


@app.command()
def resume(run: Annotated[str, typer.Argument(help="Folder of the run.")], events: Events = "") -> int:
    """Go on with a stopped or killed training or fine-tuning."""
    return _code(follow(ResumeJob(run), events))


@app.command()
def evaluate(
    weights: Annotated[str, typer.Argument(metavar="RUN_OR_WEIGHTS")],
    source: Annotated[str, typer.Argument(metavar="COCO_OR_PROJECT")],
    images: Images = None,
    split: Split = None,
    imgsz: Annotated[int | None, typer.Option("--imgsz", help="Input size; default: that of the training.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object to stdout.")] = False,
    events: Events = "",
) -> int:
    """Measure AP on labelled images."""
    finished = follow(EvaluateJob(weights, Source(source, images, split), imgsz), events)
    if finished.outcome == "done" and not events:
        _print_metrics(finished, as_json)
    return _code(finished)


@app.command()
def predict(
    weights: Annotated[str, typer.Argument(metavar="RUN_OR_WEIGHTS", help="A run, weights, or `bundled`.")],
    images: Annotated[list[str], typer.Argument(help="Image files or folders.")],
    out: Annotated[str | None, typer.Option("--out", help="JSON file for the detections.")] = None,
    overlay: Annotated[str | None, typer.Option("--overlay", help="Folder for pictures with the boxes drawn.")] = None,
    score: Annotated[float, typer.Option("--score", help="Lowest score that is drawn.")] = 0.3,
    engine: Annotated[str, typer.Option("--engine", help="auto, torch or onnx; auto takes the faster one.")] = "auto",
    events: Events = "",
) -> int:
    """Detect food on images. After a stop the same command goes on where --out was left."""
    return _code(follow(PredictJob(weights, tuple(images), out, overlay, score, engine), events))


@app.command("export-model")
def export_model(
    weights: Annotated[str, typer.Argument(metavar="RUN_OR_WEIGHTS")],
    out: Annotated[str, typer.Argument(metavar="OUT", help="NAME.onnx, or NAME.xml for OpenVINO.")],
    int8: Annotated[bool, typer.Option("--int8", help="Convolutions in 8-bit integers; needs --calibrate.")] = False,
    calibrate: Annotated[str | None, typer.Option("--calibrate", help="COCO file or project that int8 is fitted to.")] = None,
    val: Annotated[str | None, typer.Option("--val", help="COCO file or project to measure AP on.")] = None,
    images: Images = None,
    imgsz: Annotated[int | None, typer.Option("--imgsz", help="Input size; default: that of the training.")] = None,
    events: Events = "",
) -> int:
    """Write a detector as a file that other programs run: image in, boxes out."""
    job = ExportModelJob(weights, out, int8, _source(calibrate, images), _source(val, images), imgsz)
    return _code(follow(job, events))


@app.command()
def info(file: Annotated[str, typer.Argument(help="Weights, a run, an exported .onnx, a project, an annotation file.")]) -> int:
    """Say what a file is."""
    from .about import describe

    for name, value in describe(Path(file)).items():
        print(f"{name}: {value}")
    return EXIT_OK


@app.command()
def settings() -> int:
    """List what --set knows, with defaults."""
    table = Table("setting", "default", "meaning", box=None)
    defaults = TrainConfig().to_json()
    for path, f, _ in options(TrainConfig):
        value: Any = defaults
        for name in path:
            value = value[name]
        table.add_row(".".join(path), "" if value is None else str(value), str(f.metadata.get("help", "")))
    Console().print(table)
    return EXIT_OK


@app.command()
def demo(
    folder: Annotated[str, typer.Argument(help="Folder to make; it must be new or empty.")] = "foodet-demo",
    headless: Annotated[bool, typer.Option("--headless", help="Train, fine-tune and evaluate without a window.")] = False,
    minutes: Annotated[float, typer.Option("--minutes", help="Training time of --headless.")] = 5.0,
    images: Annotated[int, typer.Option("--images", help="How many images to draw.")] = 240,
) -> int:
    """Draw a sample food set, no download, and open the window on it."""
    from .demo import headless_demo, make_sample

    project = make_sample(Path(folder), images)
    if project is None:
        return EXIT_STOPPED
    return headless_demo(Path(folder), project, minutes) if headless else gui(str(project))


def _code(finished: Finished) -> int:
    return EXIT_STOPPED if finished.outcome == "stopped" else EXIT_OK


def _complain(line: str) -> int:
    console.print(f"error: {line}", markup=False, soft_wrap=True)
    return EXIT_INPUT


def _config(config: TrainConfig, settings: list[str]) -> TrainConfig:
    pairs = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise InputError(f"--set {setting}", "has no value", "Write --set key=value.")
        pairs[key.strip()] = value.strip()
    return config.override(pairs)


def _source(file: str | None, images: str | None) -> Source | None:
    return None if file is None else Source(file, images)


def _project_folder(name: str) -> Path:
    path = Path(name)
    return path if path.suffix == ".foodet" else path.with_name(path.name + ".foodet")


def _next_run(source: str, kind: str) -> str:
    """The next run of a project, or of ./runs where the source is a file."""
    if not leads():
        return ""  # the process that leads makes the folder and tells the others
    from .project.store import SUFFIX, Project

    path = Path(source)
    if path.suffix != SUFFIX:
        numbers = [int(p.name[:4]) for p in Path("runs").glob("[0-9][0-9][0-9][0-9]-*")]
        return str(Path("runs") / f"{max(numbers, default=0) + 1:04d}-{kind}")
    with closing(Project.open(path)) as project:
        return str(project.new_run(kind))


def _print_metrics(finished: Finished, as_json: bool) -> None:
    measured = finished.detail
    if as_json:
        print(json.dumps({**measured, "seconds": round(finished.seconds, 2)}, ensure_ascii=False))
        return
    table = Table("class", "AP", box=None)
    for name, value in measured["per_class"].items():
        table.add_row(name, "no boxes" if value is None else f"{value:.3f}")
    Console().print(table)
    print("  ".join(f"{name} {measured[name]:.3f}" for name in ("AP", "AP50", "AP75", "AR")))
