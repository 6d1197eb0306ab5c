"""Training and fine-tuning as generators of events: their story, stopping, resuming, and what they refuse."""

import dataclasses
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from foodet_core import worker
from foodet_core.config import FinetuneJob, GrpoConfig, ResumeJob, Source, TrainConfig, TrainJob
from foodet_core.data.dataset import Batch, TrainSet
from foodet_core.errors import InputError
from foodet_core.events import CheckpointSaved, Event, Finished, Notice, Progress, Reward, Started, Step, Validated, from_line
from foodet_core.models.weights import load_weights, read_tensors
from foodet_core.train.engine import Clock

QUICK = TrainConfig(steps=4, imgsz=64, batch=2, warmup=1, validate_every=2)


def job(toy: Any, out: Path, **changes: Any) -> TrainJob:
    config = dataclasses.replace(QUICK, **changes)
    return TrainJob(Source(str(toy.train), str(toy.images)), str(out), Source(str(toy.val), str(toy.images)), config=config)


def tensors(run: Path, name: str = "weights") -> dict[str, torch.Tensor]:
    return read_tensors(run / f"{name}.safetensors")[0]


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.fixture(scope="module")
def trained(toy: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Event]]:
    """One short training and what it told."""
    run = tmp_path_factory.mktemp("runs") / "a"
    return run, list(worker.run(job(toy, run)))


def test_a_training_tells_its_story_and_leaves_weights(trained: tuple[Path, list[Event]]) -> None:
    run, events = trained
    told = [e for e in events if not isinstance(e, Progress)]
    assert [type(e) for e in told] == [Started, Step, Step, Validated, Step, Step, Validated, Finished]
    steps = [e for e in told if isinstance(e, Step)]
    assert [e.step for e in steps] == [1, 2, 3, 4]
    assert all(e.losses["loss"] == pytest.approx(sum(v for k, v in e.losses.items() if k != "loss"), rel=1e-4) for e in steps)
    detector, info = load_weights(run)
    assert info.classes.names == ("red", "blue")
    assert detector.num_classes == 2
    finished = told[-1]
    assert isinstance(finished, Finished)
    assert finished.detail["weights"] == str(run / "weights.safetensors")


def test_the_run_folder_holds_the_story_too(trained: tuple[Path, list[Event]]) -> None:
    run, events = trained
    lines = (run / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert [type(from_line(line)) for line in lines] == [type(e) for e in events if not isinstance(e, Progress)]
    assert json.loads((run / "job.json").read_text(encoding="utf-8"))["kind"] == "train"


def test_the_same_seed_gives_the_same_weights(trained: tuple[Path, list[Event]], toy: Any, tmp_path: Path) -> None:
    list(worker.run(job(toy, tmp_path / "b")))
    assert same(tensors(trained[0], "latest"), tensors(tmp_path / "b", "latest"))


def test_a_stopped_run_goes_on_to_the_weights_of_an_unbroken_one(
    trained: tuple[Path, list[Event]], toy: Any, tmp_path: Path
) -> None:
    events = worker.run(job(toy, tmp_path / "b"))
    next(e for e in events if isinstance(e, Step) and e.step == 3)
    events.close()  # type: ignore[attr-defined]
    told = list(worker.run(ResumeJob(str(tmp_path / "b"))))
    assert any(isinstance(e, Notice) and "step 3" in e.text for e in told)
    assert [e.step for e in told if isinstance(e, Step)] == [4]
    assert same(tensors(trained[0], "latest"), tensors(tmp_path / "b", "latest"))


def test_resuming_a_finished_run_changes_nothing(trained: tuple[Path, list[Event]]) -> None:
    before = tensors(trained[0])
    told = [type(e) for e in worker.run(ResumeJob(str(trained[0]))) if not isinstance(e, Progress)]
    assert told == [Started, Notice, Finished]
    assert same(before, tensors(trained[0]))


def test_a_checkpoint_is_written_as_often_as_asked(toy: Any, tmp_path: Path) -> None:
    told = list(worker.run(job(toy, tmp_path / "b", steps=2, checkpoint_seconds=0.0)))
    assert [e.step for e in told if isinstance(e, CheckpointSaved)] == [1, 2]


def test_a_used_folder_is_refused(trained: tuple[Path, list[Event]], toy: Any) -> None:
    with pytest.raises(InputError, match="not empty"):
        list(worker.run(job(toy, trained[0])))


def test_a_run_that_cannot_start_leaves_no_folder(toy: Any, tmp_path: Path) -> None:
    nothing = dataclasses.replace(job(toy, tmp_path / "b"), weights=str(tmp_path / "nothing.safetensors"))
    with pytest.raises(InputError, match=r"nothing\.safetensors"):
        list(worker.run(nothing))
    assert list(tmp_path.iterdir()) == []


def test_the_bundled_weights_are_a_start_for_their_preset_and_others_do_without(toy: Any, tmp_path: Path) -> None:
    bundled = dataclasses.replace(job(toy, tmp_path / "b", steps=1), weights="bundled")
    assert any("backbone" in text and "taken over" in text for text in notices(bundled))
    model = dataclasses.replace(QUICK.model, preset="small")
    small = dataclasses.replace(job(toy, tmp_path / "c", steps=1, model=model), weights="bundled")
    assert any("starts from random ones" in text for text in notices(small))


def test_classes_that_the_weights_do_not_know_learn_faster(trained: tuple[Path, list[Event]], toy: Any, tmp_path: Path) -> None:
    highest = {}
    for name, weights in (("known", str(trained[0])), ("new", "bundled")):
        asked = dataclasses.replace(job(toy, tmp_path / name, steps=1), weights=weights)
        highest[name] = next(event.lr for event in worker.run(asked) if isinstance(event, Step))
    assert highest["new"] == pytest.approx(2 * highest["known"])


def notices(job: TrainJob) -> list[str]:
    return [event.text for event in worker.run(job) if isinstance(event, Notice)]


def test_without_validation_images_some_are_held_out_and_it_is_said(toy: Any, tmp_path: Path) -> None:
    told = list(worker.run(dataclasses.replace(job(toy, tmp_path / "b", steps=1), val=None)))
    assert any(isinstance(e, Notice) and "held out" in e.text for e in told)
    started = next(e for e in told if isinstance(e, Started))
    assert started.detail["images"] + started.detail["val_images"] == 12


def test_denoising_queries_are_learnt_from_until_the_last_fifth(toy: Any, tmp_path: Path) -> None:
    model = dataclasses.replace(QUICK.model, denoising=True)
    steps = [e for e in worker.run(job(toy, tmp_path / "a", steps=5, model=model)) if isinstance(e, Step)]
    assert [any(name.startswith("denoising_") for name in e.losses) for e in steps] == [True] * 4 + [False]


def test_under_a_time_budget_the_images_too_are_told_how_far_the_training_is(
    toy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = itertools.count()
    monkeypatch.setattr("time.monotonic", lambda: next(ticks) / 10)
    told, batch = [], TrainSet.batch

    def spy(self: TrainSet, step: int, count: int, progress: float, share: slice) -> Batch:
        told.append(progress)
        return batch(self, step, count, progress, share)

    monkeypatch.setattr(TrainSet, "batch", spy)
    list(worker.run(job(toy, tmp_path / "a", steps=None, minutes=0.1)))
    assert told == sorted(told)
    assert told[0] < 0.1
    assert told[-1] > 0.75


def test_joint_training_earns_rewards_beside_its_loss(toy: Any, tmp_path: Path) -> None:
    told = list(worker.run(job(toy, tmp_path / "b", steps=2, grpo="joint", policy=GrpoConfig(groups=2))))
    assert len([e for e in told if isinstance(e, Reward)]) == 2
    step = next(e for e in told if isinstance(e, Step))
    assert "grpo" in step.losses


def tuned(trained_run: Path, toy: Any, out: Path, **policy: Any) -> list[Event]:
    config = dataclasses.replace(QUICK, policy=GrpoConfig(groups=2, **policy))
    source, val = Source(str(toy.train), str(toy.images)), Source(str(toy.val), str(toy.images))
    return list(worker.run(FinetuneJob(str(trained_run), source, str(out), val, config)))


def test_finetuning_moves_the_last_layer_alone_and_tells_rewards(
    trained: tuple[Path, list[Event]], toy: Any, tmp_path: Path
) -> None:
    told = tuned(trained[0], toy, tmp_path / "b")
    rewards = [e for e in told if isinstance(e, Reward)]
    assert [e.step for e in rewards] == [0, 1, 2, 3]
    assert rewards[0].kl == pytest.approx(0.0, abs=1e-4)
    before, after = tensors(trained[0]), tensors(tmp_path / "b", "latest")
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved
    assert all(name.startswith(("decoder.layers.1.", "decoder.refine.1.")) for name in moved)


def test_finetuning_that_makes_it_worse_keeps_the_start_and_says_so(
    trained: tuple[Path, list[Event]], toy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from foodet_core.evaluate import run as evaluation

    figures = iter([0.5, 0.4, 0.3])
    real = evaluation.measure
    monkeypatch.setattr(evaluation, "measure", lambda *a: dataclasses.replace(real(*a), AP=next(figures)))
    told = tuned(trained[0], toy, tmp_path / "b")
    assert same(tensors(trained[0]), tensors(tmp_path / "b"))
    finished = told[-1]
    assert isinstance(finished, Finished)
    assert finished.text.startswith("Kept the weights it started from: no fine-tuned ones reached their AP 0.500")


def test_finetuning_that_helps_keeps_the_new_weights_and_says_so(
    trained: tuple[Path, list[Event]], toy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from foodet_core.evaluate import run as evaluation

    figures = iter([0.5, 0.6, 0.55])
    real = evaluation.measure
    monkeypatch.setattr(evaluation, "measure", lambda *a: dataclasses.replace(real(*a), AP=next(figures)))
    told = tuned(trained[0], toy, tmp_path / "b")
    assert not same(tensors(trained[0]), tensors(tmp_path / "b"))
    finished = told[-1]
    assert isinstance(finished, Finished)
    assert finished.text.startswith("Kept the fine-tuned weights: AP 0.500 before, 0.600 after")


def test_finetuning_refuses_a_detector_that_is_no_policy(toy: Any, tmp_path: Path) -> None:
    model = dataclasses.replace(QUICK.model, distribution_edges=False)
    list(worker.run(job(toy, tmp_path / "a", steps=1, model=model)))
    with pytest.raises(InputError, match="nothing to sample"):
        tuned(tmp_path / "a", toy, tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_a_pause_is_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    clock = Clock()

    def work() -> Iterator[Event]:
        nonlocal now
        for _ in range(3):
            now += 2.0
            yield Notice("worked")

    for _ in clock.working(work()):
        now += 100.0
    assert clock.seconds == 6.0
