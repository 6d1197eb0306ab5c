"""`foodet export-model`: a file that other programs run, with its AP said, or nothing at all and the reason."""

import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import openvino
import pytest
import torch

from foodet_core import cli, deploy, worker
from foodet_core.config import ExportModelJob, Source
from foodet_core.errors import InputError
from foodet_core.events import Finished, Started
from foodet_core.runtime import OnnxModel


@pytest.fixture
def quick(dense: Any, run: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The run of `dense`, whose network is taken from there."""
    monkeypatch.setattr(deploy, "to_onnx", lambda detector, imgsz: dense.network)
    return run


def test_int8_is_calibrated_and_its_loss_of_ap_is_said(quick: Path, toy: Any, tmp_path: Path) -> None:
    out = tmp_path / "out" / "detector.onnx"
    train, val = (Source(str(path), str(toy.images)) for path in (toy.train, toy.val))
    told = list(worker.run(ExportModelJob(str(quick), str(out), int8=True, calibrate=train, val=val)))
    assert isinstance(told[0], Started)
    last = told[-1]
    assert isinstance(last, Finished)
    assert set(last.detail) == {"file", "images", "float", "int8"}
    loss = last.detail["int8"]["AP"] - last.detail["float"]["AP"]
    assert f"({loss:+.3f}) on 4 images" in last.text
    assert [file.name for file in out.parent.iterdir()] == [out.name]
    rounded = OnnxModel.open(out)
    assert (rounded.info.classes.names, rounded.info.note, dict(rounded.info.metrics)) == (("red", "blue", "蛋"), "int8.", {})
    graph = onnx.load(out).graph
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    exact = {entry.name: math.prod(entry.dims) for entry in graph.initializer}
    kept = {node.input[1]: exact[node.input[1]] for node in convolutions if node.input[1] in exact}
    # Rounded to 8 bits, neighbours' scores would tie, and a query could not tell that another one is the better.
    assert {f"detector.dense_head.score.{level}.2.weight" for level in range(3)} <= set(kept)
    in_groups = {node.input[1] for node in convolutions if any(a.name == "group" and a.i > 1 for a in node.attribute)}
    assert in_groups <= set(kept)
    rounded_ones = len(convolutions) - len(kept)
    assert rounded_ones >= 10
    large = {name for name, size in kept.items() if size >= 4000} - in_groups
    assert all(".score." in name for name in large)


def test_openvino_finds_what_the_detector_finds(quick: Path, dense: Any, tmp_path: Path) -> None:
    out = tmp_path / "检测.xml"
    list(worker.run(ExportModelJob(str(quick), str(out))))
    assert {file.name for file in tmp_path.iterdir()} == {"run", "检测.xml", "检测.bin"}
    model = openvino.Core().read_model(out)
    assert json.loads(model.get_rt_info(["foodet", "names"]).astype(str)) == ["red", "blue", "蛋"]
    compiled = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    for images in (dense.images, dense.images[:1], dense.images[:, :60, :80], dense.images):
        images = images.contiguous()
        answer = compiled(images.numpy())
        found = tuple(torch.from_numpy(np.array(answer[name])) for name in ("scores", "labels", "boxes"))
        assert dense.same(found, dense.run(images), 1e-3, 0.1)


def test_the_command_writes_the_file_and_says_so(quick: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["export-model", str(quick), str(tmp_path / "x.onnx")]) == 0
    assert f"Wrote {tmp_path / 'x.onnx'}." in capsys.readouterr().err
    assert OnnxModel.open(tmp_path / "x.onnx").info.imgsz == 96


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("x.pt",), "Name it .onnx"),
        (("x.onnx", "--int8"), "--calibrate"),
        (("x.xml", "--int8", "--calibrate", "none.json"), "not written in int8"),
        (("x.onnx", "--imgsz", "100"), "multiple of 32"),
        (("x.onnx", "--val", "none.json"), "none.json"),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_line_and_leaves_nothing(
    arguments: tuple[str, ...], part: str, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.run(["export-model", str(run), *arguments]) == 2
    err = capsys.readouterr().err
    assert part in err
    assert len(err.strip().splitlines()) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["run"]


def test_missing_packages_are_named(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(InputError, match=r"x\.xml: needs openvino\. Run: pip install 'foodet\[openvino\]'"):
        list(worker.run(ExportModelJob(str(run), str(tmp_path / "x.xml"))))


def test_a_failed_export_leaves_the_file_of_before(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "x.onnx"
    out.write_text("before")
    monkeypatch.setattr(deploy, "to_onnx", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        list(worker.run(ExportModelJob(str(run), str(out))))
    assert out.read_text() == "before"
    assert {file.name for file in tmp_path.iterdir()} == {"run", "x.onnx"}
