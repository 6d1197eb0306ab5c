"""The way of a person on the command line, from a folder of photos to detections; and what bad input gets."""

import json
import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from foodet_core import cli
from foodet_core.formats import FORMATS


def foodet(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> tuple[str, str]:
    """Run a command line; returns what it printed to stdout and stderr."""
    found = cli.run([str(a) for a in arguments])
    out, err = capsys.readouterr()
    assert found == code, err
    return out, err


QUICK = ("--steps", 2, "--imgsz", 64, "--set", "batch=2", "--set", "validate_every=2")


@pytest.fixture
def photos(toy: Any, tmp_path: Path) -> Path:
    """The toy photos in a folder of one's own, with a name in no ASCII letters."""
    folder = tmp_path / "食堂 照片"
    shutil.copytree(toy.images, folder)
    return folder


def test_from_a_folder_of_photos_to_detections(
    toy: Any, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "食堂.foodet"
    foodet(capsys, "new", project, "--images", photos)
    foodet(capsys, "import", project, toy.train, "--format", "coco", "--split", "train")
    foodet(capsys, "import", project, toy.val, "--split", "val")
    assert "red (16)" in foodet(capsys, "info", project)[0]

    foodet(capsys, "train", project, *QUICK)
    run = project / "runs" / "0001-train"
    assert "model: nano" in foodet(capsys, "info", run)[0]
    foodet(capsys, "finetune", run, project, "--steps", 1, "--set", "groups=2", "--set", "batch=2")

    out, _ = foodet(capsys, "evaluate", run, toy.val, "--images", toy.images, "--json")
    measured = json.loads(out)
    assert set(measured) == {"AP", "AP50", "AP75", "AR", "per_class", "images", "seconds"}
    assert (measured["images"], set(measured["per_class"])) == (4, {"red", "blue"})

    foodet(capsys, "predict", run, photos, "--out", tmp_path / "found.json", "--overlay", tmp_path / "seen")
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert len(found) == len(list((tmp_path / "seen").iterdir())) == 16

    assert "boxes: 24" in foodet(capsys, "info", toy.train)[0]
    foodet(capsys, "export", project, tmp_path / "again.json", "--format", "coco")
    exported = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))
    assert len(exported["images"]) == 16
    assert len(exported["annotations"]) == 32


def test_the_weights_that_come_with_foodet_predict_before_any_training(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    foodet(capsys, "predict", "bundled", photos / "train-1.png", "--overlay", tmp_path / "seen")
    assert [p.name for p in (tmp_path / "seen").iterdir()] == ["00001-train-1.jpg"]
    assert "pizza" in foodet(capsys, "info", "bundled")[0]


def test_boxes_go_from_tool_to_tool(toy: Any, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {p: p.read_bytes() for p in photos.iterdir()}
    given, said = toy.train, "coco"
    for format in FORMATS:
        project, out = tmp_path / f"{format}.foodet", tmp_path / f"食 {format}"
        foodet(capsys, "new", project, "--images", photos)
        foodet(capsys, "import", project, given, "--format", said, "--split", "train")
        assert "red (12), blue (12)" in foodet(capsys, "info", project)[0]
        foodet(capsys, "export", project, out, "--format", format)
        given, said = out, format
    one_line(
        foodet(capsys, "export", project, tmp_path / "食 yolo", "--format", "yolo", code=2)[1], "食 yolo", "exists already"
    )
    assert {p: p.read_bytes() for p in photos.iterdir()} == before


def test_images_are_added_recognised_boxes_imported_and_splits_exported(
    toy: Any, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "first").mkdir()
    shutil.copy(photos / "train-1.png", tmp_path / "first")
    project = tmp_path / "p.foodet"
    foodet(capsys, "new", project, "--images", tmp_path / "first")
    foodet(capsys, "add", project, photos)
    assert "12 unlabelled" not in foodet(capsys, "info", project)[0]
    foodet(capsys, "import", project, toy.train, "--images", photos)
    foodet(capsys, "export", project, tmp_path / "out", "--done", "--val", 0.25)
    counts = {p.stem: len(json.loads(p.read_text())["images"]) for p in (tmp_path / "out").iterdir()}
    assert counts == {"train": 9, "val": 3}


def test_the_demo_goes_the_whole_way_without_a_window(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = foodet(capsys, "demo", "--headless", tmp_path / "demo", "--minutes", 0.05, "--images", 16)
    assert "2 held-out images" in out
    assert "trained" in out
    assert "fine-tuned" in out
    assert len(list((tmp_path / "demo" / "overlays").iterdir())) == 2
    assert "runs: 0001-train, 0002-finetune" in foodet(capsys, "info", tmp_path / "demo" / "sample.foodet")[0]


def test_events_go_to_stdout_as_json_lines(toy: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("train", toy.train, "--images", toy.images, "--val", toy.val, *QUICK, "--out", tmp_path / "run")
    out, err = foodet(capsys, *arguments, "--events", "jsonl")
    kinds = [json.loads(line)["event"] for line in out.splitlines()]
    assert kinds[-1] == "Finished"
    assert {"Started", "Step", "Validated"} <= set(kinds)
    assert err == ""


def one_line(err: str, *parts: str) -> None:
    assert len(err.strip().splitlines()) == 1, err
    for part in parts:
        assert part in err


def snapshot(folder: Path) -> dict[str, int]:
    # A WAL database is checkpointed when it is closed: its own files may change without its content.
    files = (p for p in folder.rglob("*") if p.is_file() and ".foodet" not in p.parts[-2])
    return {str(p): p.stat().st_size for p in files}


@pytest.mark.parametrize("key", ["images", "annotations", "categories"])
def test_a_missing_key_in_a_coco_file_is_named(key: str, toy: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(toy.train.read_text())
    del data[key]
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(data))
    before = snapshot(tmp_path)
    _, err = foodet(capsys, "train", broken, "--images", toy.images, "--out", tmp_path / "run", code=2)
    one_line(err, "broken.json", key)
    assert snapshot(tmp_path) == before


def test_a_truncated_photo_is_named_before_anything_is_written(
    toy: Any, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (96, 64, 3), np.uint8)
    Image.fromarray(picture).save(photos / "whole.jpg")
    broken = photos / "train-2.png"
    Image.fromarray(picture).save(broken, "JPEG")
    broken.write_bytes(broken.read_bytes()[:2000])
    (photos / "whole.jpg").unlink()
    before = snapshot(tmp_path)
    arguments = (toy.train, "--images", photos, "--val", toy.val, *QUICK, "--out", tmp_path / "run")
    _, err = foodet(capsys, "train", *arguments, code=2)
    one_line(err, "train-2.png", "Replace the file")
    assert snapshot(tmp_path) == before


def test_a_label_outside_its_image_is_named(toy: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(toy.train.read_text())
    data["annotations"][3]["bbox"] = [90, 90, 50, 50]
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(data))
    _, err = foodet(capsys, "train", broken, "--images", toy.images, "--out", tmp_path / "run", code=2)
    one_line(err, "broken.json", "outside its image")
    assert not (tmp_path / "run").exists()


def test_importing_a_broken_file_leaves_the_project_as_it_was(
    toy: Any, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "p.foodet"
    foodet(capsys, "new", project, "--images", photos)
    before = foodet(capsys, "info", project)[0]
    data = json.loads(toy.train.read_text())
    del data["annotations"][-1]["bbox"]
    (tmp_path / "broken.json").write_text(json.dumps(data))
    _, err = foodet(capsys, "import", project, tmp_path / "broken.json", code=2)
    one_line(err, "broken.json", "bbox")
    assert foodet(capsys, "info", project)[0] == before


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("unpickled",)


def test_a_checkpoint_that_is_a_pickle_is_refused_and_not_loaded(
    toy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    hostile = tmp_path / "hostile.safetensors"
    hostile.write_bytes(pickle.dumps(Evil()))
    before = snapshot(tmp_path)
    for arguments in (
        ("predict", hostile, toy.images, "--out", tmp_path / "found.json"),
        ("evaluate", hostile, toy.val, "--images", toy.images),
        ("train", toy.train, "--images", toy.images, "--weights", hostile, "--out", tmp_path / "run"),
    ):
        _, err = foodet(capsys, *arguments, code=2)
        one_line(err, "hostile.safetensors", "Give a weights file")
    assert snapshot(tmp_path) == before
    assert not (tmp_path / "unpickled").exists()


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("train", "nowhere.foodet"), "nowhere.foodet"),
        (("evaluate", "nowhere", "x.json"), "nowhere"),
        (("predict", "nowhere", "x.jpg"), "x.jpg"),
        (("resume", "nowhere"), "nowhere"),
        (("info", "nowhere"), "nowhere"),
        (("train", "x.json", "--set", "lr=fast"), "lr"),
        (("train", "x.json", "--set", "speed=9"), "speed"),
        (("train", "x.json", "--minutes", "1", "--steps", "2"), "minutes"),
        (("train", "x.json", "--preset", "huge"), "huge"),
        (("nonsense",), "nonsense"),
        (("train",), "Missing argument"),
    ],
)
def test_bad_arguments_get_one_line_and_exit_code_two(
    arguments: tuple[str, ...], part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    _, err = foodet(capsys, *arguments, code=2)
    one_line(err, part)
    assert list(tmp_path.iterdir()) == []
