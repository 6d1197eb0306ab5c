"""What bench/gui.py asks of a labelling window, whichever tool's: `python DRIVER.py JOB.json`, run in the tool's environment.

A driver hands in its tool as a `Window`; everything is measured in its process, from what a person does to the end of the paint
that shows it. The job names one scene; what the scene measured is written as JSON where the job says. Nothing but the standard
library is imported.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ZOOM_STEPS = 12
_REPAINTS = 40
_PATIENCE_S = 120.0
_CHOOSING_S = 2.0
"""How long a person needs at least to choose a folder, in a window that has just come up."""
_BREATH_S = 0.0003
_TRAINING = """
import os, sys, numpy
os.nice(int(sys.argv[1]))
a = numpy.random.rand(700, 700).astype("f")
while True:
    a @ a
"""


class Window(ABC):
    """One tool's window, made and shown. `painted` is when its canvas last ended a paint that showed an image, or a draft."""

    painted = painted_whole = 0.0
    prefetches = False
    """Whether it decodes the next image before it is asked for."""

    @property
    @abstractmethod
    def canvas(self) -> Any:
        """The widget that shows the image."""

    @abstractmethod
    def process_events(self) -> None:
        """Let Qt do what waits."""

    @abstractmethod
    def shows_image(self) -> bool:
        """Whether the canvas has an image to paint, a draft too."""

    def shows_whole_image(self) -> bool:
        """Whether it has all of its pixels."""
        return self.shows_image()

    @abstractmethod
    def stands(self) -> bool:
        """Whether the window itself is on the screen."""

    @abstractmethod
    def open_folder(self, folder: str) -> None:
        """Open a folder of images (or what the tool has in its place) at its first image."""

    @abstractmethod
    def next_image(self) -> None:
        """What the key for the next image does."""

    @abstractmethod
    def zoom_in(self) -> None:
        """One notch."""

    def note_paints(self, canvas_class: Any) -> None:
        """Have every paint of a canvas class noted; before a canvas is made."""
        paint = canvas_class.paintEvent

        def painting(canvas: Any, event: Any) -> None:
            paint(canvas, event)
            if self.shows_image():
                self.painted = time.monotonic()
                self.painted_whole = self.painted if self.shows_whole_image() else self.painted_whole

        canvas_class.paintEvent = painting

    def until(self, so: Callable[[], bool]) -> None:
        """Let Qt work until something is so. Raises TimeoutError after two minutes."""
        end = time.monotonic() + _PATIENCE_S
        while not so():
            self.process_events()
            # As in an event loop that waits, the tool's own threads have the interpreter meanwhile.
            time.sleep(_BREATH_S)
            if time.monotonic() > end:
                raise TimeoutError("the window does not come to it")

    def seconds(self, act: Callable[[], object]) -> float:
        """From an act to the end of the last paint in it that shows the image, or of the first one after it."""
        self.painted = self.painted_whole = 0.0
        began = time.monotonic()
        act()
        if not self.painted:
            self.canvas.update()
            self.until(lambda: self.painted > 0)
        return self.painted - began

    def look(self, seconds: float) -> None:
        """What a person does between two keys: nothing, for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.process_events()
            time.sleep(0.002)


Scene = Callable[[Window, dict[str, Any]], dict[str, Any]]


def start(window: Window, job: dict[str, Any]) -> dict[str, Any]:
    """From the start of the process to a window on the screen."""
    window.until(window.stands)
    return {"start": time.monotonic() - job["spawned"]}


def folder(window: Window, job: dict[str, Any]) -> dict[str, Any]:
    """A folder of many images without labels."""
    return {"folder": window.seconds(lambda: window.open_folder(job["folder"]))}


def photos(window: Window, job: dict[str, Any]) -> dict[str, Any]:
    """Through a folder of photos with boxes: with a look at each, then with the key held."""
    window.seconds(lambda: window.open_folder(job["photos"]))
    looked = step_through(window, job["steps"], job["look"])
    memory = resident_mb()
    window.seconds(lambda: window.open_folder(job["photos"]))
    window.look(job["look"])
    began = time.monotonic()
    for _ in range(job["steps"]):
        window.seconds(window.next_image)
    held = job["steps"] / (time.monotonic() - began)
    return {"prefetched" if window.prefetches else "not_prefetched": looked, "held": held, "memory": memory}


def big(window: Window, job: dict[str, Any]) -> dict[str, Any]:
    """One very large photo with very many boxes."""
    opened = time.monotonic()
    first = window.seconds(lambda: window.open_folder(job["big"]))
    window.until(lambda: window.painted_whole > 0)
    whole = window.painted_whole - opened
    window.look(1.0)
    repaints = []
    for _ in range(_REPAINTS):
        began = time.monotonic()
        window.canvas.repaint()
        repaints.append(time.monotonic() - began)
    zooms = [window.seconds(window.zoom_in) for _ in range(ZOOM_STEPS)]
    return {"big_first": first, "big_whole": whole, "repaint": repaints, "zoom": zooms}


def step_through(window: Window, steps: int, look: float) -> list[float]:
    """Seconds to each next image, with a look at each."""
    seconds = []
    for _ in range(steps):
        window.look(look)
        seconds.append(window.seconds(window.next_image))
    return seconds


@contextmanager
def training_beside(priority: int) -> Iterator[None]:
    """As many busy processes as the machine has processors, at a priority."""
    with ExitStack() as stack:
        for _ in range(os.cpu_count() or 1):
            environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
            child = subprocess.Popen([sys.executable, "-c", _TRAINING, str(priority)], env=environment)
            stack.callback(child.wait)
            stack.callback(child.kill)
        time.sleep(1.0)
        yield


def resident_mb() -> float:
    """Resident memory of this process, in MB; 0 where the system has no /proc."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("VmRSS")), 0.0)


SCENES: dict[str, Scene] = {"start": start, "folder": folder, "photos": photos, "big": big}


def main(make: Callable[[], Window], more: dict[str, Scene] | None = None) -> None:
    """Do the scene of the job and end at once: what a tool would ask on closing is no part of this."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    scene = {**SCENES, **(more or {})}[job["scene"]]
    window = make()
    if job["scene"] != "start":
        window.until(window.stands)
        window.look(_CHOOSING_S)
    measured = {**scene(window, job), "torch": "torch" in sys.modules}
    Path(job["out"]).write_text(json.dumps(measured), encoding="utf-8")
    os._exit(0)
