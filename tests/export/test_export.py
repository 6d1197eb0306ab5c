"""An exported detector, run by ONNX Runtime, finds what the detector itself finds, routing each image by its own gates."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from PIL import Image

from foodet_core.config import ModelConfig
from foodet_core.data.transforms import letterbox
from foodet_core.errors import InputError
from foodet_core.export import OPSET, export_onnx, letterbox_graph
from foodet_core.models.detector import build_detector
from foodet_core.models.moe import MoE
from foodet_core.models.weights import WeightsInfo
from foodet_core.predict import detect
from foodet_core.types import ClassList

INFO = WeightsInfo(ModelConfig(), ClassList.of(["egg"]), 64)


def test_the_file_finds_in_each_image_what_the_detector_finds(exported: Any) -> None:
    for image in exported.images.split(1):
        assert exported.same(exported.run(image), exported.eager(image))


def test_the_file_takes_a_batch_of_any_size(exported: Any) -> None:
    batch = torch.cat([exported.images, exported.images[:1]])
    for count in (2, 3):
        assert exported.same(exported.run(batch[:count]), exported.eager(batch[:count]))


def test_the_two_images_prefer_different_experts_and_the_comparison_would_see_them_confused(
    exported: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = exported.images.split(1)
    with torch.no_grad():
        gates = [exported.detector(image.permute(0, 3, 1, 2) / 255)["gates"] for image in (first, second)]
    for of_first, of_second in zip(*gates, strict=True):
        assert of_first.argmax() == 0
        assert of_second.argmax() == 1
    found = exported.run(second)
    routing = {level: level.gates(x[:1]).detach() for level, x in exported.levels().items()}
    monkeypatch.setattr(MoE, "gates", lambda self, x: routing[self].expand(len(x), -1))
    assert not exported.same(found, exported.eager(second))


def test_the_decoder_of_these_tests_is_not_the_identity(exported: Any) -> None:
    with torch.no_grad():
        outputs = exported.detector(exported.images.permute(0, 3, 1, 2) / 255)
    assert (outputs["pred_boxes_BQ4"] - outputs["ref_boxes_BQ4"]).abs().max() > 0.005


def test_an_image_of_any_size_gets_boxes_in_its_own_pixels(dense: Any, photo: np.ndarray) -> None:
    for image in (photo, photo[:50, :40], photo.transpose(1, 0, 2)):
        size_hw = image.shape[0], image.shape[1]
        expected = detect(dense.detector, [image], [size_hw], dense.info.imgsz)[0]
        found = dense.run(torch.from_numpy(np.ascontiguousarray(image))[None])
        values = (expected.scores, expected.labels, expected.boxes_xyxy)
        assert dense.same(found, tuple(torch.from_numpy(x)[None] for x in values), 0.001, 1)


@pytest.mark.parametrize("pass_squares", [True, False])
@pytest.mark.parametrize(
    "size_hw",
    [(64, 64), (48, 64), (480, 640), (96, 128), (95, 128), (641, 333), (61, 97), (20, 31), (1, 300), (300, 1), (65, 64)],
)
def test_the_letterbox_in_the_file_is_ours_but_for_a_grey_level_now_and_then(
    size_hw: tuple[int, int], pass_squares: bool
) -> None:
    graph, opset = letterbox_graph(64, pass_squares), onnx.helper.make_opsetid("", OPSET)
    model = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    images = np.random.default_rng(0).integers(0, 256, (2, *size_hw, 3), np.uint8)
    squares, found_hw = session.run(["squares", "size_hw"], {"images": images})
    expected = letterbox(list(images), 64)
    assert tuple(found_hw) == size_hw
    levels = np.abs(squares.astype(int) - expected)
    assert levels.max() <= 1
    assert (levels > 0).mean() < 0.002


def test_the_ten_lines_of_the_documentation_find_what_the_detector_finds(
    dense: Any, photo: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "export.md").read_text(encoding="utf-8")
    code = page.split("```python\n")[1].split("```")[0]
    assert len(code.split("\n")) - code.count("\n\n") - 1 == 10
    Image.fromarray(photo).save(tmp_path / "photo.png")
    shutil.copy(dense.path, tmp_path / "canteen.onnx")
    monkeypatch.chdir(tmp_path)
    exec(code.replace("photo.jpg", "photo.png").replace("0.3", "-1"), {})
    said = [line.rsplit(maxsplit=5) for line in capsys.readouterr().out.splitlines()]
    expected = detect(dense.detector, [photo], [photo.shape[:2]], dense.info.imgsz)[0]
    assert [line[0] for line in said] == [dense.info.classes[label].name for label in expected.labels]
    np.testing.assert_allclose([float(line[1]) for line in said], expected.scores, atol=0.006)
    np.testing.assert_allclose([[float(x) for x in line[2:]] for line in said], expected.boxes_xyxy, atol=1.5)


def test_the_metadata_tells_other_programs_names_size_and_usage(dense: Any) -> None:
    model = onnx.load(dense.path)
    said = {entry.key: entry.value for entry in model.metadata_props}
    assert (json.loads(said["names"]), said["imgsz"]) == (["red", "blue", "蛋"], "96")
    assert "pixels" in said["usage"]
    assert [i.name for i in model.graph.input] == ["images"]
    onnx.checker.check_model(model, full_check=True)


def test_a_detector_without_a_decoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"NMS.*decoder=detr"):
        export_onnx(build_detector(ModelConfig(decoder="none"), 1), INFO, tmp_path / "x.onnx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("imgsz", [0, 100])
def test_a_size_that_the_detector_cannot_take_is_refused(imgsz: int, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="multiple of 32"):
        export_onnx(build_detector(ModelConfig(), 1), WeightsInfo(INFO.model, INFO.classes, imgsz), tmp_path / "x.onnx")


def test_missing_packages_are_named_with_their_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(InputError, match=r"needs onnxscript\. Run: pip install 'foodet\[export\]'"):
        export_onnx(build_detector(ModelConfig(), 1), INFO, tmp_path / "x.onnx")


def test_a_folder_that_cannot_be_is_refused_before_the_export(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        export_onnx(build_detector(ModelConfig(), 1), INFO, tmp_path / "file" / "x.onnx")
