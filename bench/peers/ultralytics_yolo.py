"""A YOLO of Ultralytics under a time budget, in an environment of its own: `python ultralytics_yolo.py FOLDER`.

Ultralytics is under the AGPL: it is imported here only, and what passes between this process and the benchmark is JSON (see
exchange.py). Everything but size, seed, time and random initialisation is the library's default, unless the job's settings name
it. Plots are off, which can only save it time. The budget is the library's own `time`: it counts from the first step,
validations included; the last one, after the budget, is not counted.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

# Read on import: no network, nothing installed, and no settings of the user's.
os.environ.update(YOLO_OFFLINE="true", YOLO_AUTOINSTALL="false", YOLO_CONFIG_DIR=sys.argv[1], MPLBACKEND="agg")

import torch
from exchange import Kept, read_job, write_result
from ultralytics import YOLO, settings

FOLDER = Path(sys.argv[1])
INTEGRATIONS = ("sync", "clearml", "comet", "dvc", "mlflow", "raytune", "tensorboard", "wandb")


class Watch:
    """Callbacks of a training: count what it does, and keep weights."""

    def __init__(self, kept: Kept, threads: int | None) -> None:
        self.kept, self.threads = kept, threads
        self.steps = self.images = self._batches = 0
        self.seconds = self._began = 0.0

    def on_train_start(self, trainer: Any) -> None:
        # The library has set its own number by now.
        torch.set_num_threads(self.threads or torch.get_num_threads())
        self.threads = torch.get_num_threads()
        self._began = time.monotonic()

    def on_train_batch_start(self, trainer: Any) -> None:
        # The batch in which the time runs out has a start only.
        self._batches += 1

    def on_train_epoch_end(self, trainer: Any) -> None:
        self.seconds = time.monotonic() - self._began
        self.steps += self._batches
        self.images += min(self._batches * trainer.batch_size, len(trainer.train_loader.dataset))
        self._batches = 0

    def on_model_save(self, trainer: Any) -> None:
        self.kept.keep(trainer.last, self.steps, self.seconds)


def main() -> None:
    """Train, then detect with each of the weights kept."""
    job = read_job(FOLDER)
    settings.update(dict.fromkeys(INTEGRATIONS, False))
    options = dict(job["settings"])
    watch = Watch(Kept(FOLDER, job["marks"]), options.pop("threads", None))
    trainer = train(job, options, watch)
    result = {
        "parameters": sum(p.numel() for p in YOLO(trainer.last).model.parameters()),
        "threads": watch.threads,
        "steps": watch.steps,
        "images": watch.images,
        "seconds": watch.seconds,
        "kept": watch.kept.detected(lambda weights: detect(weights, job)),
        "best": detect(trainer.best, job),
    }
    write_result(FOLDER, result)


def train(job: dict[str, Any], options: dict[str, Any], watch: Watch) -> Any:
    """One training of the architecture that the job names, from random weights."""
    model = YOLO(f"{job['model']}.yaml")
    for event in ("on_train_start", "on_train_batch_start", "on_train_epoch_end", "on_model_save"):
        model.add_callback(event, getattr(watch, event))
    fixed = {"data": job["data"], "imgsz": job["imgsz"], "seed": job["seed"], "time": job["minutes"] / 60, "pretrained": False}
    where = {"project": str(FOLDER), "name": "train", "exist_ok": True, "plots": False}
    model.train(**fixed, **where, **options)
    return model.trainer


def detect(weights: Path, job: dict[str, Any]) -> list[dict[str, Any]]:
    """Boxes xyxy in pixels of the upright image, labels and scores of every validation image."""
    model = YOLO(weights)
    found = []
    for image in job["images"]:
        boxes = model.predict(image["path"], imgsz=job["imgsz"], conf=0.001, max_det=100, verbose=False)[0].boxes
        rows = {"boxes_xyxy": boxes.xyxy.tolist(), "labels": boxes.cls.int().tolist(), "scores": boxes.conf.tolist()}
        found.append({"id": image["id"], **rows})
    return found


if __name__ == "__main__":
    main()
