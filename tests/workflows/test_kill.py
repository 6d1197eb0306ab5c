"""A process that is killed without warning loses nothing that was committed; one that is interrupted ends in order."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch

from foodet_core import worker
from foodet_core.config import ResumeJob, Source, TrainConfig, TrainJob
from foodet_core.events import CheckpointSaved, Step, from_line
from foodet_core.models.weights import read_tensors
from foodet_core.project.edits import Change, Edit
from foodet_core.project.store import Project
from foodet_core.types import Annotation, ClassList

LABELLING = """
import sys
from pathlib import Path
from foodet_core.project.edits import Change, Edit
from foodet_core.project.store import Project
from foodet_core.types import Annotation

project = Project.open(Path(sys.argv[1]))
image = project.images()[0]
while True:
    new = Annotation(project.new_id(), image.id, 0, (1.0, 2.0, 10.0, 12.0))
    project.apply(Edit("draw a box", (Change(("annotation", new.id), None, new),)))
    print(new.id, flush=True)
"""


def job(toy: Any, out: Path) -> TrainJob:
    config = TrainConfig(steps=6, imgsz=64, batch=2, warmup=1, validate_every=6, checkpoint_seconds=0.0, threads=1)
    source, val = Source(str(toy.train), str(toy.images)), Source(str(toy.val), str(toy.images))
    return TrainJob(source, str(out), val, config=config)


def test_a_killed_training_goes_on_to_the_weights_of_an_unbroken_one(toy: Any, tmp_path: Path) -> None:
    list(worker.run(job(toy, tmp_path / "whole")))
    command = [sys.executable, "-m", "foodet_core.worker"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8") as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(job(toy, tmp_path / "killed").to_json()) + "\n")
        child.stdin.flush()
        for line in child.stdout:
            event = from_line(line)
            if isinstance(event, CheckpointSaved) and event.step == 3:
                os.kill(child.pid, signal.SIGKILL)
                break
    resumed = list(worker.run(ResumeJob(str(tmp_path / "killed"))))
    steps = [e.step for e in resumed if isinstance(e, Step)]
    assert steps[-1] == 6
    assert steps[0] >= 4
    whole, again = (read_tensors(tmp_path / name / "latest.safetensors")[0] for name in ("whole", "killed"))
    assert all(torch.equal(whole[name], again[name]) for name in whole)


def test_killed_while_labelling_every_box_that_was_drawn_is_there(toy: Any, tmp_path: Path) -> None:
    folder = tmp_path / "p.foodet"
    from foodet_core.project.scan import new_project

    list(new_project(folder, toy.images, ClassList.of(["red"])))
    command = [sys.executable, "-c", LABELLING, str(folder)]
    drawn = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            drawn.append(int(line))
            if len(drawn) == 20:
                os.kill(child.pid, signal.SIGKILL)
                break
    project = Project.open(folder)
    image = project.images()[0]
    found = [a.id for a in project.annotations(image.id)]
    assert set(drawn) <= set(found)
    for _ in found:
        assert project.undo_title == "draw a box"
        project.undo()
    assert project.annotations(image.id) == ()
    new = Annotation(project.new_id(), image.id, 0, (1.0, 2.0, 3.0, 4.0))
    assert new.id not in found
    project.apply(Edit("draw a box", (Change(("annotation", new.id), None, new),)))
    project.close()


def test_ctrl_c_stops_a_training_in_order_and_says_so_by_its_exit_code(toy: Any, tmp_path: Path) -> None:
    arguments = ["train", toy.train, "--images", toy.images, "--val", toy.val, "--out", tmp_path / "run"]
    arguments += ["--steps", 100000, "--imgsz", 64, "--set", "batch=2", "--events", "jsonl"]
    command = [sys.executable, "-c", "from foodet_core.cli import main; main()", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if '"event":"Step"' in line:
                child.send_signal(signal.SIGINT)
                break
        rest = child.stdout.read()
        assert child.wait(60) == 3
    assert '"outcome":"stopped"' in rest
    assert (tmp_path / "run" / "checkpoint.safetensors").exists()
