"""A child that speaks the worker's protocol without torch. What it does is said by the job's seed or the images' names.

Training lane, by `config.seed`: 0 waits for "stop", 1 finishes at once, 2 kills itself, 3 raises, 4 ignores everything but a
kill, 5 says nothing more and exits. Prediction lane, by image name: "slow" takes a while, "crash" kills the child,
"crash-once" kills only the first child that sees it, "bad" cannot be read; weights called "none" do not exist.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any


def say(event: str, **values: Any) -> None:
    print(json.dumps({"event": event, **values}), flush=True)


def finish(outcome: str = "done", **detail: str) -> None:
    say("Finished", kind="train", outcome=outcome, text="It went well.", seconds=1.0, detail=detail)


def train(job: dict[str, Any]) -> None:
    seed = job["config"]["seed"]
    Path(job["out"]).mkdir(parents=True, exist_ok=True)
    (Path(job["out"]) / "pid").write_text(str(os.getpid()))
    say("Started", kind="train", folder=job["out"], detail={})
    if seed == 1:
        return finish()
    if seed == 2:
        sys.stderr.write("loading\nabout to die\n")
        sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    if seed == 3:
        raise RuntimeError("no such luck")
    if seed == 4:
        while True:
            time.sleep(1)
    if seed == 5:
        return None
    for line in sys.stdin:
        say("Notice", text=line.strip(), level="info")
        if line.strip() == "stop":
            break
    (Path(job["out"]) / "checkpoint.safetensors").write_text("{}")
    return finish("stopped")


def predict() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        if Path(request["weights"]).name == "none":
            say("Failed", text=f"{request['weights']}: does not exist. Train.", input_error=True, trace="")
            continue
        for image in request["images"]:
            answer(image, request["weights"])
        finish(engine=f"engine for {request['of']}")


def answer(image: str, weights: str) -> None:
    name = Path(image).stem
    seen = Path(image).with_suffix(".seen")
    if name == "slow":
        time.sleep(0.3)
    if name == "crash" or (name == "crash-once" and not seen.exists()):
        seen.write_text("")
        sys.stderr.write("out of luck\n")
        sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "bad":
        say("Notice", text=f"{image}: cannot be read. Replace it.", level="warning")
    else:
        found: dict[str, Any] = {"boxes_xyxy": [[1, 2, 30, 40], [5, 5, 9, 9]], "labels": [1, 0], "scores": [0.9, 0.4]}
        say("ImageDetections", image=image, classes=["bun", "egg"], size_hw=[60, 80], weights=weights, **found)


if __name__ == "__main__":
    if "--predict" in sys.argv:
        predict()
    else:
        train(json.loads(sys.stdin.readline()))
