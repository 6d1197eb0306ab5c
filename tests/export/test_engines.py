"""Which of torch and ONNX Runtime predicts: the faster one where it pays to try, and never the reason for a failure."""

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from foodet_core import engines
from foodet_core.errors import InputError
from foodet_core.events import Notice
from foodet_core.models.detector import Detector
from foodet_core.runtime import OnnxModel

MANY = engines.PAYS_FROM


@pytest.fixture
def exports(dense: Any, run: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were made so far; making one is a copy here."""
    made: list[Path] = []

    def export_onnx(detector: Detector, info: object, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(dense.path, path)
        made.append(path)

    monkeypatch.setattr(engines, "export_onnx", export_onnx)
    return made


def choose(path: Path, engine: str, images: int) -> tuple[Any, str, list[Any]]:
    told = []
    choosing = engines.choose(path, engine, images)
    while True:
        try:
            told.append(next(choosing))
        except StopIteration as end:
            detector, _, text = end.value
            return detector, text, told


def speeds(monkeypatch: pytest.MonkeyPatch, in_onnx: float, in_torch: float) -> None:
    monkeypatch.setattr(engines, "_milliseconds", lambda d, imgsz: in_onnx if isinstance(d, OnnxModel) else in_torch)


def test_a_few_images_stay_in_torch(run: Path, exports: list[Path]) -> None:
    detector, text, told = choose(run, "auto", MANY - 1)
    assert isinstance(detector, Detector)
    assert text.startswith("torch (a file for ONNX Runtime pays from")
    assert (exports, told) == ([], [])


def test_for_many_images_a_file_is_made_once_and_then_serves_few_ones_too(
    run: Path, home: Path, exports: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    speeds(monkeypatch, 4, 9)
    detector, text, told = choose(run, "auto", MANY)
    assert isinstance(detector, OnnxModel)
    assert text == "ONNX Runtime (4.0 ms an image, torch 9.0 ms)"
    assert [type(e) for e in told] == [Notice]
    assert isinstance(choose(run, "auto", 1)[0], OnnxModel)
    assert len(exports) == 1
    assert exports[0].is_relative_to(home)


def test_the_slower_engine_is_not_taken(run: Path, exports: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    speeds(monkeypatch, 9, 4)
    detector, text, _ = choose(run, "auto", MANY)
    assert isinstance(detector, Detector)
    assert text == "torch (4.0 ms an image, ONNX Runtime 9.0 ms)"


def test_both_are_timed_where_none_is_asked_for(run: Path, exports: list[Path]) -> None:
    assert "ms an image" in choose(run, "auto", MANY)[1]
    assert choose(run, "onnx", 1)[1] == "ONNX Runtime"
    assert choose(run, "torch", MANY)[1] == "torch"


def test_without_onnx_runtime_torch_serves_and_says_why(
    run: Path, exports: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert choose(run, "auto", MANY)[1] == "torch (ONNX Runtime is not installed)"
    with pytest.raises(InputError, match="pip install"):
        choose(run, "onnx", 1)


def test_a_file_that_cannot_be_made_is_no_reason_to_fail(
    run: Path, home: Path, exports: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise InputError("models", "cannot be written (full)", "Free some space.")

    monkeypatch.setattr(engines, "export_onnx", refuse)
    assert choose(run, "auto", MANY)[1] == "torch (cannot be written (full))"


def test_a_file_that_was_damaged_since_is_made_again(run: Path, exports: list[Path]) -> None:
    choose(run, "onnx", 1)
    exports[0].write_bytes(b"damaged")
    assert isinstance(choose(run, "onnx", 1)[0], OnnxModel)
    assert exports == [exports[0]] * 2


def test_only_the_newest_files_are_kept(run: Path, home: Path, exports: list[Path]) -> None:
    folder = home / "models"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number}.onnx").write_text("old")
    choose(run, "onnx", 1)
    assert exports[0].exists()
    assert len(list(folder.iterdir())) < 10
