"""A detector of LibreYOLO (MIT) under a time budget, in an environment of its own: `python libreyolo_peer.py FOLDER`.

What passes between this process and the benchmark is JSON (see exchange.py). Everything but size, seed, length and random
initialisation is the library's default, unless the job's settings name it. It knows epochs and no time: how many fit is
found by two epochs on a throw-away network, which are not counted; should the training take longer than that promised, it
ends after the epoch in which the time runs out.
"""

from __future__ import annotations

import contextlib
import math
import sys
import time
from pathlib import Path
from typing import Any

import torch
from exchange import Kept, read_job, write_result
from libreyolo import LibreDEIMv2, LibreDFINE, LibreYOLO, LibreYOLOX

FOLDER = Path(sys.argv[1])
MODELS = {"dfine-n": (LibreDFINE, "n"), "deimv2-pico": (LibreDEIMv2, "pico"), "yolox-n": (LibreYOLOX, "n")}
TRIAL_OF = 100


class OutOfTimeError(Exception):
    """Ends a training from within a callback."""


class Watch:
    """Callbacks of a training: note when each epoch ended, keep its weights, end it all after so many seconds or epochs."""

    def __init__(self, images: int, kept: Kept | None = None, seconds: float = math.inf, epochs: int = 0) -> None:
        self.images, self.kept, self.limits = images, kept, (seconds, epochs)
        self.ends: list[float] = []
        self.threads = self._steps_per_epoch = 0
        self._began = 0.0

    @property
    def steps(self) -> int:
        return len(self.ends) * self._steps_per_epoch

    def on_train_start(self, event: Any) -> None:
        self.threads = torch.get_num_threads()
        self._steps_per_epoch = math.ceil(self.images / event.config["batch"])
        self._began = time.monotonic()

    def on_train_epoch_end(self, event: Any) -> None:
        self.ends.append(time.monotonic() - self._began)
        if self.kept is not None:
            self.kept.keep(Path(event.save_dir) / "weights" / "last.pt", self.steps, self.ends[-1])
        seconds, epochs = self.limits
        if self.ends[-1] >= seconds or len(self.ends) == epochs:
            raise OutOfTimeError


def main() -> None:
    """Find out how many epochs fit, train, then detect with each of the weights kept."""
    job = read_job(FOLDER)
    # The trial is told of many epochs, since libraries take the last ones easier; its first epoch warms up.
    trial = Watch(job["train_images"], epochs=2)
    train(job, TRIAL_OF, trial, "trial")
    seconds = 60 * job["minutes"]
    epochs = max(round(seconds / (trial.ends[1] - trial.ends[0])), 1)
    watch = Watch(job["train_images"], Kept(FOLDER, job["marks"]), seconds)
    parameters = train(job, epochs, watch, "train")
    weights = FOLDER / "train" / "weights"
    best = weights / "best.pt"
    result = {
        "parameters": parameters,
        "threads": watch.threads,
        "steps": watch.steps,
        "images": len(watch.ends) * job["train_images"],
        "seconds": watch.ends[-1],
        "kept": watch.kept.detected(lambda weights: detect(weights, job)),
        "best": detect(best if best.exists() else weights / "last.pt", job),
    }
    write_result(FOLDER, result)


def train(job: dict[str, Any], epochs: int, watch: Watch, name: str) -> int:
    """One training of the architecture that the job names, from random weights; returns its number of parameters."""
    family, size = MODELS[job["model"]]
    model = family(None, size=size, device="cpu")
    fixed = {"data": job["data"], "imgsz": job["imgsz"], "seed": job["seed"], "epochs": epochs, "pretrained": False}
    where = {"project": str(FOLDER), "name": name, "exist_ok": True, "device": "cpu"}
    with contextlib.suppress(OutOfTimeError):
        model.train(**fixed, **where, callbacks=watch, **job["settings"])
    return sum(p.numel() for p in model.model.parameters())


def detect(weights: Path, job: dict[str, Any]) -> list[dict[str, Any]]:
    """Boxes xyxy in pixels of the upright image, labels and scores of every validation image."""
    model = LibreYOLO(str(weights), device="cpu")
    found = []
    for image in job["images"]:
        boxes = model.predict(image["path"], imgsz=job["imgsz"], conf=0.001, max_det=100).boxes
        rows = {"boxes_xyxy": boxes.xyxy.tolist(), "labels": boxes.cls.int().tolist(), "scores": boxes.conf.tolist()}
        found.append({"id": image["id"], **rows})
    return found


if __name__ == "__main__":
    main()
