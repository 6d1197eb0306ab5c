"""Training on two processes, as torchrun starts them, against the same training on one."""

import dataclasses
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from foodet_core import worker
from foodet_core.config import FinetuneJob, GrpoConfig, ResumeJob, Source, TrainConfig, TrainJob
from foodet_core.data.dataset import TrainSet
from foodet_core.errors import InputError
from foodet_core.events import Event, Finished, Step, from_line
from foodet_core.train.engine import build_fabric
from foodet_core.train.loop import open_data

TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
# Images are varied, so that the shares of a batch differ in their numbers of boxes.
CONFIG = TrainConfig(
    steps=6,
    imgsz=64,
    batch=8,
    warmup=1,
    validate_every=6,
    threads=1,
    policy=GrpoConfig(groups=2),
)
Rows = list[dict[str, Any]]


@dataclasses.dataclass(frozen=True)
class Told:
    """What each of two processes said, and the events of the same training on one; `folder` holds the runs of both."""

    folder: Path
    two: tuple[Rows, Rows]
    one: list[Event]

    def rows(self, event: str, process: int = 0) -> Rows:
        return [row for row in self.two[process] if row.get("event") == event]


def source(toy: Any) -> Source:
    return Source(str(toy.train), str(toy.images))


def training(toy: Any, out: Path) -> TrainJob:
    return TrainJob(source(toy), str(out), Source(str(toy.val), str(toy.images)), config=CONFIG)


@pytest.fixture(scope="module")
def told(toy: Any, tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("runs")
    one, two, tuned = folder / "one", folder / "two", folder / "tuned"
    short = dataclasses.replace(CONFIG, steps=2)
    finetuning = FinetuneJob(str(two), source(toy), str(tuned), Source(str(toy.val), str(toy.images)), short)
    jobs = [training(toy, two), ResumeJob(str(two)), finetuning, training(toy, two)]
    file = folder.parent / f"{folder.name}-jobs"
    file.write_text("".join(json.dumps(job.to_json()) + "\n" for job in jobs))
    script = Path(__file__).with_name("on_two_processes.py")
    done = subprocess.run([*TORCHRUN, str(script), str(file)], capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    said = [[json.loads(line) for line in Path(f"{file}.{rank}").read_text().splitlines()] for rank in (0, 1)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.nn.BatchNorm2d, "train", lambda norm, mode=True: torch.nn.Module.train(norm, False))
        return Told(folder, (said[0], said[1]), list(worker.run(training(toy, one))))


def losses(rows: Sequence[dict[str, Any]], name: str) -> list[float]:
    return [row["losses"][name] for row in rows]


def test_a_stop_reaches_both_processes_and_both_go_on_from_there(told: Told) -> None:
    for process in (0, 1):
        assert [row["step"] for row in told.rows("Step", process)][:6] == [1, 2, 3, 4, 5, 6]
        assert [row["outcome"] for row in told.rows("Finished", process)] == ["stopped", "done", "done"]


def test_two_processes_learn_as_one_does(told: Told) -> None:
    """Exactly, but for rounding, where batch norm does not look at the batch; it is left still in both."""
    one = [dataclasses.asdict(e) for e in told.one if isinstance(e, Step)]
    two = told.rows("Step")[:6]
    for name in ("loss", "l1", "giou", "score", "dense_score"):
        assert losses(two, name) == pytest.approx(losses(one, name), rel=1e-3)
    assert losses(two, "l1")[-1] < 0.9 * losses(two, "l1")[0]


def test_both_processes_have_the_same_weights_after_every_run(told: Told) -> None:
    assert [row["apart"] for said in told.two for row in said if "apart" in row] == [0.0] * 4


def test_each_process_has_its_share_of_the_batch_that_one_would_have(told: Told, toy: Any) -> None:
    data = TrainSet(open_data(source(toy), Source(str(toy.val), str(toy.images)), 0).train, 64, CONFIG.augment, 0)
    list(data.prepare())
    whole = data.batch(0, CONFIG.batch).images_BCHW.long()
    shares = [next(row["pixels"] for row in said if "pixels" in row) for said in told.two]
    assert shares == [int(whole[0::2].sum()), int(whole[1::2].sum())]
    assert shares[0] != shares[1]


def test_what_is_told_is_the_mean_of_both_and_the_measure_of_the_first(told: Told) -> None:
    for event, field in (("Step", "losses"), ("Validated", "metrics")):
        assert [row[field] for row in told.rows(event, 0)] == [row[field] for row in told.rows(event, 1)]


def test_one_process_writes_the_folder(told: Told) -> None:
    assert {path.name for path in told.folder.iterdir()} == {"one", "two", "tuned"}
    names = [{path.name for path in (told.folder / run).iterdir()} for run in ("one", "two", "tuned")]
    assert names[0] == names[1] == names[2]
    logged = [from_line(line) for line in (told.folder / "two" / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [e.step for e in logged if isinstance(e, Step)] == [1, 2, 3, 4, 5, 6]


def test_finetuning_earns_rewards_on_both(told: Told) -> None:
    assert [len(told.rows("Reward", process)) for process in (0, 1)] == [2, 2]


def test_what_one_process_is_refused_both_are(told: Told) -> None:
    assert [said[-1]["refused"] for said in told.two] == [told.two[0][-1]["refused"]] * 2
    assert "is not empty" in told.two[0][-1]["refused"]


def test_ctrl_c_stops_the_command_line_on_two_processes_and_only_one_speaks(toy: Any, tmp_path: Path) -> None:
    words = ["train", toy.train, "--images", toy.images, "--val", toy.val, "--out", tmp_path / "run", "--steps", 10_000]
    words += ["--imgsz", 64, "--set", "batch=2", "--set", "threads=1", "--events", "jsonl"]
    command = [*TORCHRUN, "-m", "foodet_core", *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        assert child.stdout is not None
        lines = []
        for line in child.stdout:
            lines.append(line)
            if len(lines) > 1 and '"event":"Step"' in line:
                child.send_signal(signal.SIGINT)
                break
        events = [from_line(line) for line in [*lines, *child.stdout]]
    last = events[-1]
    assert isinstance(last, Finished)
    assert last.outcome == "stopped"
    steps = [e.step for e in events if isinstance(e, Step)]
    assert steps == list(range(1, len(steps) + 1))
    assert (tmp_path / "run" / "checkpoint.safetensors").exists()


def test_a_batch_that_cannot_be_shared_equally_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lightning_fabric.Fabric.world_size", 3)
    with pytest.raises(InputError, match="8 images cannot be shared equally by 3 processes"):
        build_fabric(CONFIG)
