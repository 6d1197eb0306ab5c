"""An exported file in place of weights: the same detections, the same AP, and a plain word where it is none of ours."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch

from foodet_core import worker
from foodet_core.about import describe
from foodet_core.config import EvaluateJob, PredictJob, Source
from foodet_core.errors import InputError
from foodet_core.events import Event, Finished, Started
from foodet_core.models.weights import KEY
from foodet_core.predict import Predictor
from foodet_core.runtime import OnnxModel

REMEDY = "foodet export-model|that foodet wrote"


def finished(events: list[Event]) -> Finished:
    assert isinstance(events[-1], Finished)
    return events[-1]


def test_on_photos_the_file_finds_what_the_weights_find(dense: Any, toy: Any) -> None:
    in_torch, in_onnx = Predictor(dense.detector, dense.info), Predictor.load(dense.path)
    paths = sorted(toy.images.iterdir())
    for path, (found, size_hw) in zip(paths, in_onnx.detect(paths), strict=True):
        [(expected, expected_hw)] = in_torch.detect([path])
        assert size_hw == expected_hw
        sets = ([torch.from_numpy(x)[None] for x in (d.scores, d.labels, d.boxes_xyxy)] for d in (found, expected))
        assert dense.same(*sets)


def test_the_file_has_the_ap_of_its_weights(dense: Any, run: Path, toy: Any) -> None:
    labels = Source(str(toy.val), str(toy.images))
    of_run, of_file = (finished(list(worker.run(EvaluateJob(str(w), labels)))).detail for w in (run, dense.path))
    assert of_file["AP"] == pytest.approx(of_run["AP"], abs=1e-3)
    assert of_file["images"] == of_run["images"] == 4


def test_the_file_is_evaluated_at_its_own_size_only(dense: Any, toy: Any) -> None:
    with pytest.raises(InputError, match=r"detector\.onnx: was exported for 96 px, not for 128\. .*--imgsz 128"):
        list(worker.run(EvaluateJob(str(dense.path), Source(str(toy.val), str(toy.images)), 128)))


def test_the_file_says_what_it_is(dense: Any) -> None:
    facts = describe(dense.path)
    assert (facts["kind"], facts["classes"], facts["AP"]) == ("exported model", "red, blue, 蛋", "0.500")


def test_predicting_with_the_file_is_said_to_be_in_onnx_runtime(dense: Any, toy: Any) -> None:
    told = list(worker.run(PredictJob(str(dense.path), (str(toy.images / "val-1.png"),))))
    assert isinstance(told[0], Started)
    assert told[0].detail["engine"] == "ONNX Runtime"
    with pytest.raises(InputError, match="runs in ONNX Runtime only"):
        list(worker.run(PredictJob(str(dense.path), (str(toy.images),), engine="torch")))


def test_the_prediction_lane_takes_the_file_too(dense: Any, toy: Any) -> None:
    out, request = io.StringIO(), {"weights": str(dense.path), "images": [str(toy.images / "val-1.png")], "of": 1}
    worker.main(["--predict"], io.StringIO(json.dumps(request) + "\n"), out)
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [event["event"] for event in told] == ["ImageDetections", "Finished"]
    assert told[-1]["detail"] == {"engine": "ONNX Runtime"}


def test_a_damaged_or_missing_file_is_named(dense: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(dense.path.read_bytes()[:5000])
    for path in (broken, tmp_path / "none.onnx"):
        with pytest.raises(InputError, match=rf"{path.name}: .*({REMEDY})"):
            OnnxModel.open(path)


def foreign(path: Path, metadata: dict[str, str]) -> Path:
    graph = onnx.parser.parse_graph("other (float[n] x) => (float[n] y) { y = Relu (x) }")
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=10)
    onnx.helper.set_model_props(model, metadata)
    onnx.save(model, path)
    return path


def test_the_file_of_another_program_is_refused(dense: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=rf"other\.onnx: carries no foodet description\. .*({REMEDY})"):
        OnnxModel.open(foreign(tmp_path / "other.onnx", {"names": "[]"}))
    with pytest.raises(InputError, match=rf"liar\.onnx: does not compute what it describes.*({REMEDY})"):
        OnnxModel.open(foreign(tmp_path / "liar.onnx", {KEY: json.dumps(dense.info.to_json())}))


def test_without_onnx_runtime_the_remedy_is_named(dense: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError, match=r"needs ONNX Runtime\. Run: pip install 'foodet\[export\]'"):
        OnnxModel.open(dense.path)
