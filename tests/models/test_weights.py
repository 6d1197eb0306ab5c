"""Weights files: what is written comes back, what is not ours is refused by name, and same-named classes stay known."""

import json
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from foodet_core.config import ModelConfig
from foodet_core.errors import InputError
from foodet_core.models.detector import Detector, build_detector
from foodet_core.models.weights import (
    WEIGHTS_NAME,
    Taken,
    WeightsInfo,
    find_weights,
    load_weights,
    read_info,
    read_tensors,
    save_weights,
    warm_start,
    write_tensors,
)
from foodet_core.types import ClassList, FoodClass

CLASSES = ClassList((FoodClass("rice", "米饭", "#aa0000"), FoodClass("egg", "蛋", aliases=("boiled egg",)), FoodClass("soup")))
CONFIG = ModelConfig(moe="mix", snake="off")
INFO = WeightsInfo(CONFIG, CLASSES, 320, {"AP": 0.5}, "a note")
REMEDY = "Give a weights file"


def detector(config: ModelConfig = CONFIG, classes: int = 3, seed: int = 0) -> Detector:
    torch.manual_seed(seed)
    return build_detector(config, classes)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "运行 1" / WEIGHTS_NAME
    save_weights(path, detector().state_dict(), INFO)
    return path


def test_what_is_written_comes_back(saved: Path) -> None:
    loaded, info = load_weights(saved)
    assert info == INFO
    assert read_info(saved) == INFO
    assert not loaded.training
    expected = detector().state_dict()
    assert loaded.state_dict().keys() == expected.keys()
    for name, tensor in loaded.state_dict().items():
        assert torch.equal(tensor, expected[name])


def test_half_precision_weights_load_as_float(saved: Path) -> None:
    half = {name: t.half() if t.is_floating_point() else t for name, t in detector().state_dict().items()}
    save_weights(saved, half, INFO)
    loaded, _ = load_weights(saved)
    assert {p.dtype for p in loaded.parameters()} == {torch.float32}


def test_a_run_folder_stands_for_its_weights(saved: Path) -> None:
    assert find_weights(saved.parent) == find_weights(saved) == saved
    with pytest.raises(InputError, match="does not exist"):
        find_weights(saved.parent.parent)


class Explosive:
    """A pickle that leaves a file behind when it is read."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.trace),)


@pytest.mark.parametrize("write", [lambda o, f: pickle.dump(o, f), lambda o, f: torch.save(o, f)], ids=["pickle", "torch.save"])
@pytest.mark.parametrize("read", [load_weights, read_info, read_tensors])
def test_a_pickle_is_refused_by_name_and_never_run(tmp_path: Path, write: Any, read: Any) -> None:
    path, trace = tmp_path / "model.pt", tmp_path / "trace"
    with path.open("wb") as file:
        write({"model": Explosive(trace)}, file)
    with pytest.raises(InputError, match=rf"model\.pt: is not a foodet weights file\. {REMEDY}"):
        read(path)
    assert not trace.exists()


def header_of(info: Mapping[str, Any] | str) -> dict[str, str]:
    return {"foodet": info if isinstance(info, str) else json.dumps(info)}


@pytest.mark.parametrize(
    ("metadata", "problem"),
    [
        (None, "carries no foodet description"),
        ({"format": "pt"}, "carries no foodet description"),
        (header_of("{"), "has a damaged description"),
        (header_of("[]"), "has a damaged description"),
        (header_of({}), "has a damaged description"),
        (header_of({**INFO.to_json(), "classes": ["rice"]}), "has a damaged description"),
        (header_of({**INFO.to_json(), "classes": [{"name": ""}]}), "has a damaged description"),
        (header_of({**INFO.to_json(), "model": {"wings": 2}}), "has a damaged description"),
        (header_of({**INFO.to_json(), "model": {"preset": "huge"}}), "has a damaged description"),
    ],
)
def test_a_file_with_a_bad_description_is_refused_by_name(
    tmp_path: Path, metadata: dict[str, str] | None, problem: str
) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"a": torch.zeros(1)}, path, metadata)
    for read in (load_weights, read_info):
        with pytest.raises(InputError, match=rf"other\.safetensors: {problem}.*{REMEDY}"):
            read(path)


@pytest.mark.parametrize("size", [0, 4, 100, 5000])
def test_a_truncated_file_is_refused_by_name(saved: Path, size: int) -> None:
    saved.write_bytes(saved.read_bytes()[:size])
    with pytest.raises(InputError, match=r"weights\.safetensors: is not a foodet weights file"):
        load_weights(saved)


STEM = "backbone.stem.0.weight"


@pytest.mark.parametrize(
    ("wanting", "extra", "said"),
    [
        (STEM, {}, STEM),
        (None, {"wing": torch.zeros(1)}, "wing"),
        (None, {STEM: torch.zeros(4, 3, 3, 3)}, "size mismatch"),
    ],
    ids=["missing", "unknown", "shape"],
)
def test_tensors_that_do_not_fit_are_refused_with_what_does_not(
    saved: Path, wanting: str | None, extra: dict[str, Tensor], said: str
) -> None:
    tensors = detector().state_dict() | extra
    save_weights(saved, {name: tensor for name, tensor in tensors.items() if name != wanting}, INFO)
    with pytest.raises(InputError, match=r"weights\.safetensors: does not fit the network it describes") as caught:
        load_weights(saved)
    assert said in str(caught.value)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = saved.read_bytes()

    def full(_: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"weights\.safetensors: cannot be written \(No space left"):
        write_tensors(saved, {"a": torch.zeros(1)}, {})
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == [WEIGHTS_NAME]


def class_rows(network: Detector) -> list[Tensor]:
    """Every tensor whose first axis is the class."""
    decoder: Any = network.decoder
    score: Any = network.dense_head.score
    lasts = [tower[-1] for tower in score] + [refine.score for refine in decoder.refine]
    return [tensor.detach().clone() for last in lasts for tensor in (last.weight, last.bias)]


def test_a_warm_start_keeps_the_rows_of_same_named_classes(tmp_path: Path) -> None:
    path = tmp_path / "known.safetensors"
    source: Any = detector(seed=1)
    for refine in source.decoder.refine:
        torch.nn.init.normal_(refine.score.weight)
        torch.nn.init.normal_(refine.score.bias)
    save_weights(path, source.state_dict(), INFO)
    network: Any = detector(classes=4, seed=2)
    fresh = class_rows(network)
    taken = warm_start(network, ClassList.of(["soup", "bread", "rice", "tea"]), path)
    assert taken == Taken(frozenset({"backbone", "fpn", "dense_head", "decoder"}), classes=2)
    for new, old, known in zip(class_rows(network), fresh, class_rows(source), strict=True):
        assert torch.equal(new[0], known[2])
        assert torch.equal(new[2], known[0])
        assert torch.equal(new[[1, 3]], old[[1, 3]])
    new_scores, old_scores = (n.decoder.scores.weight.unflatten(1, (3, -1)) for n in (network, source))
    assert torch.equal(new_scores[..., 0], old_scores[..., 2])
    assert torch.equal(new_scores[..., 2], old_scores[..., 0])
    for name, tensor in network.state_dict().items():
        if tensor.shape == source.state_dict()[name].shape:
            assert torch.equal(tensor, source.state_dict()[name])


def test_a_warm_start_knows_a_class_by_any_of_its_names(saved: Path) -> None:
    network = detector(seed=3)
    named = ClassList((FoodClass("Boiled_Egg"), FoodClass("white rice", "米饭"), FoodClass("tea", aliases=("soup",))))
    assert warm_start(network, named, saved).classes == 3
    for new, known in zip(class_rows(network), class_rows(detector()), strict=True):
        assert torch.equal(new, known[[1, 0, 2]])


def test_a_warm_start_with_the_same_number_of_other_classes_takes_no_row(saved: Path) -> None:
    network = detector(seed=3)
    fresh = class_rows(network)
    assert warm_start(network, ClassList.of(["a", "b", "c"]), saved).classes == 0
    for new, old in zip(class_rows(network), fresh, strict=True):
        assert torch.equal(new, old)


def test_a_warm_start_across_networks_takes_what_fits(saved: Path) -> None:
    network = detector(ModelConfig(decoder="none"), seed=4)
    assert warm_start(network, CLASSES, saved).parts == {"backbone", "fpn", "dense_head"}
    assert torch.equal(network.state_dict()[STEM], detector().state_dict()[STEM])


def test_a_warm_start_from_another_preset_is_refused(saved: Path) -> None:
    network = detector(ModelConfig(preset="small"))
    with pytest.raises(InputError, match="does not fit the network that is to be trained"):
        warm_start(network, CLASSES, saved)


def test_a_detector_starts_from_a_backbone_alone_which_is_no_detector_itself(tmp_path: Path) -> None:
    path = tmp_path / "backbone.safetensors"
    learnt = {name: t for name, t in detector(seed=5).state_dict().items() if name.startswith("backbone.")}
    save_weights(path, learnt, INFO)
    network = detector(seed=6)
    assert warm_start(network, CLASSES, path).parts == {"backbone"}
    for name, tensor in learnt.items():
        assert torch.equal(network.state_dict()[name], tensor)
    with pytest.raises(InputError, match=r"holds a backbone and no detector.*--weights"):
        load_weights(path)
