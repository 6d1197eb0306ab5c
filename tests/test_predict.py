"""Predicting on a folder: in order, gone on with after a stop or a bad photo, and the same as on one image."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from foodet_core import worker
from foodet_core.config import ModelConfig, PredictJob
from foodet_core.errors import InputError
from foodet_core.events import Event, Finished, ImageDetections, Notice, Progress, Started
from foodet_core.models.detector import build_detector
from foodet_core.models.weights import WEIGHTS_NAME, WeightsInfo, save_weights
from foodet_core.predict import BATCH, Predictor
from foodet_core.types import ClassList


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose detector has learnt nothing, with scores that are high enough to be told."""
    torch.manual_seed(0)
    detector = build_detector(ModelConfig(snake="off"), 2)
    for tower in detector.dense_head.score:
        torch.nn.init.zeros_(tower[-1].bias)
    folder, info = tmp_path_factory.mktemp("run"), WeightsInfo(detector.config, ClassList.of(["a", "b"]), 64)
    save_weights(folder / WEIGHTS_NAME, detector.state_dict(), info)
    return folder


@pytest.fixture
def photos(toy: Any, tmp_path: Path) -> Path:
    shutil.copytree(toy.images, tmp_path / "照片")
    return tmp_path / "照片"


@pytest.fixture
def job(run: Path, photos: Path, tmp_path: Path) -> PredictJob:
    return PredictJob(str(run), (str(photos),), str(tmp_path / "found.json"), str(tmp_path / "seen"), score=0.05)


def images(told: list[Event]) -> list[str]:
    return [Path(event.image).name for event in told if isinstance(event, ImageDetections)]


def stop_after(job: PredictJob, count: int) -> list[Event]:
    told: list[Event] = []
    for event in worker.stoppable(worker.run(job), lambda: len(images(told)) == count):
        told.append(event)
    return told


def test_images_come_in_order_with_the_time_left(job: PredictJob, photos: Path) -> None:
    told = list(worker.run(job))
    names = sorted(path.name for path in photos.iterdir())
    assert images(told) == names
    progress = [event for event in told if isinstance(event, Progress)]
    assert [event.done for event in progress] == list(range(1, 17))
    assert progress[0].seconds_left is not None
    assert progress[-1].seconds_left == 0
    assert isinstance(told[0], Started)
    assert told[0].detail["engine"].startswith("torch")
    rows = json.loads(Path(job.out or "").read_text(encoding="utf-8"))
    assert [Path(row["file_name"]).name for row in rows] == names
    assert len(list(Path(job.overlay or "").iterdir())) == 16


def test_in_a_folder_an_image_gets_the_detections_that_it_gets_alone(job: PredictJob) -> None:
    predictor = Predictor.load(Path(job.weights))
    for event in worker.run(job):
        if isinstance(event, ImageDetections):
            alone = predictor.event(Path(event.image), *predictor.detect([Path(event.image)])[0], job.weights)
            assert alone.size_hw == event.size_hw
            assert len(alone.scores) == len(event.scores) > 0
            assert sorted(alone.scores) == pytest.approx(sorted(event.scores), abs=1e-3)


def test_a_stopped_prediction_goes_on_where_it_was(job: PredictJob, tmp_path: Path) -> None:
    told = stop_after(job, BATCH + 1)
    assert isinstance(told[-1], Finished)
    assert (told[-1].outcome, told[-1].text) == ("stopped", "Stopped. The same command goes on from there.")
    assert not (tmp_path / "found.json").exists()
    again = list(worker.run(job))
    assert [event.text for event in again if isinstance(event, Notice)] == [f"{BATCH + 1} of 16 images were done before."]
    assert images(told) + images(again) == images(list(worker.run(job)))
    assert {file.name for file in tmp_path.iterdir()} == {"照片", "seen", "found.json"}
    assert len(list((tmp_path / "seen").iterdir())) == 16


def test_the_result_does_not_tell_that_it_was_made_in_two_parts(job: PredictJob, tmp_path: Path) -> None:
    in_one = PredictJob(job.weights, job.images, str(tmp_path / "alone.json"), score=job.score)
    list(worker.run(in_one))
    stop_after(job, 2 * BATCH)
    list(worker.run(job))
    assert (tmp_path / "found.json").read_bytes() == (tmp_path / "alone.json").read_bytes()


def test_a_broken_photo_is_named_and_once_it_is_mended_the_rest_is_done(job: PredictJob, photos: Path, tmp_path: Path) -> None:
    broken = sorted(photos.iterdir())[-1]
    whole = broken.read_bytes()
    broken.write_bytes(whole[:300])
    with pytest.raises(InputError, match=rf"{broken.name}: cannot be read"):
        list(worker.run(job))
    assert not (tmp_path / "found.json").exists()
    broken.write_bytes(whole)
    told = list(worker.run(job))
    assert len(images(told)) == BATCH
    assert len(json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))) == 16


def test_before_a_broken_photo_all_is_kept_and_behind_it_whole_photos_are_drawn_only(
    job: PredictJob, photos: Path, tmp_path: Path
) -> None:
    names = sorted(photos.iterdir())
    names[BATCH].write_bytes(b"no image")
    with pytest.raises(InputError, match=f"{names[BATCH].stem}.*cannot be read"):
        list(worker.run(job))
    assert {file.name for file in tmp_path.iterdir()} == {"照片", "seen", "found.json.part"}
    drawn = {picture.stem.split("-", 1)[1] for picture in tmp_path.glob("seen/*")}
    rows = (tmp_path / "found.json.part").read_text(encoding="utf-8").splitlines()[1:]
    done = {Path(json.loads(row)["file_name"]).stem for row in rows}
    assert done == {photo.stem for photo in names[:BATCH]}
    assert done <= drawn <= {photo.stem for photo in names if photo != names[BATCH]}


def test_a_folder_for_pictures_that_cannot_be_is_named(job: PredictJob, tmp_path: Path) -> None:
    (tmp_path / "seen").write_text("a file")
    with pytest.raises(InputError, match=r"seen.*cannot be written"):
        list(worker.run(job))
