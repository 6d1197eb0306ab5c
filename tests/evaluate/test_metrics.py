"""AP against an implementation of its own, and the cases at its edges."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foodet_core.boxes import iou
from foodet_core.errors import InputError
from foodet_core.evaluate.metrics import measure
from foodet_core.evaluate.run import in_classes
from foodet_core.types import Annotation, ClassList, Detections, ImageRecord, LabelledSet

SIZE = (200, 300)


def scene(seed: int, images: int = 6) -> tuple[LabelledSet, dict[int, Detections]]:
    """Random labels, and detections that are jittered labels, some missing, some invented, with ragged scores."""
    rng = np.random.default_rng(seed)
    annotations, detections = {}, {}
    for image in range(images):
        count = int(rng.integers(0, 4))
        low = rng.uniform(0, 120, (count, 2))
        boxes = np.concatenate([low, low + rng.uniform(40, 80, (count, 2))], 1).astype(np.float32)
        labels = rng.integers(0, 2, count)
        annotations[image] = tuple(
            Annotation(image * 10 + i, image, int(labels[i]), tuple(map(float, boxes[i]))) for i in range(count)
        )
        low = rng.uniform(0, 120, (2, 2))
        invented = np.concatenate([low, low + rng.uniform(40, 80, (2, 2))], 1)
        found = np.concatenate([boxes + rng.normal(0, 6, boxes.shape), invented]).astype(np.float32)
        order = rng.permutation(len(found))
        names = np.concatenate([labels, rng.integers(0, 2, 2)])
        detections[image] = Detections(found[order], names[order], rng.permutation(len(found)).astype(np.float32) / 20)
    records = tuple(ImageRecord(i, f"{i}.jpg", SIZE) for i in range(images))
    return LabelledSet(Path(), ClassList.of(["egg", "bun"]), records, annotations), detections


def average_precision(labelled: LabelledSet, detections: dict[int, Detections], label: int, threshold: float) -> float | None:
    """101-point interpolated AP of one class, written out."""
    rows = [
        (float(score), image, box)
        for image, found in detections.items()
        for box, name, score in zip(found.boxes_xyxy, found.labels, found.scores, strict=True)
        if name == label
    ]
    truth = {i.id: [a for a in labelled.annotations[i.id] if a.label == label] for i in labelled.images}
    total = sum(map(len, truth.values()))
    if not total:
        return None
    taken: set[int] = set()
    hits = []
    for _, image, box in sorted(rows, key=lambda row: -row[0]):
        free = [a for a in truth[image] if a.id not in taken]
        overlaps = [float(iou(box[None], np.array([a.box_xyxy], np.float32))[0, 0]) for a in free]
        best = int(np.argmax(overlaps)) if overlaps else -1
        hit = best >= 0 and overlaps[best] >= threshold
        if hit:
            taken.add(free[best].id)
        hits.append(hit)
    right = np.cumsum(hits)
    precision, recall = right / np.arange(1, len(hits) + 1), right / total
    points = [
        max((p for p, r in zip(precision, recall, strict=True) if r >= level), default=0.0) for level in np.linspace(0, 1, 101)
    ]
    return float(np.mean(points))


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_ap50_agrees_with_its_definition(seed: int) -> None:
    # Scores of different images collide; a tie is broken in the order of the images by both.
    labelled, detections = scene(seed)
    expected = [average_precision(labelled, detections, label, 0.5) for label in range(2)]
    present = [value for value in expected if value is not None]
    measured = measure(labelled, detections).AP50
    assert measured == pytest.approx(np.mean(present) if present else 0.0, abs=0.011)


def test_the_labels_themselves_are_perfect_detections() -> None:
    labelled, _ = scene(3)
    exact = {
        i.id: Detections(*labelled.boxes(i), np.ones(len(labelled.annotations[i.id]), np.float32)) for i in labelled.images
    }
    metrics = measure(labelled, exact)
    assert metrics.AP == metrics.AP50 == metrics.AP75 == metrics.AR == pytest.approx(1.0)
    assert metrics.per_class == {"egg": pytest.approx(1.0), "bun": pytest.approx(1.0)}


def test_nothing_found_is_zero_and_absent_classes_have_no_figure(capsys: pytest.CaptureFixture[str]) -> None:
    box = Annotation(1, 0, 0, (10.0, 10.0, 50.0, 50.0))
    labelled = LabelledSet(Path(), ClassList.of(["egg", "bun"]), (ImageRecord(0, "0.jpg", SIZE),), {0: (box,)})
    metrics = measure(labelled, {})
    assert (metrics.AP, metrics.per_class) == (0.0, {"egg": 0.0, "bun": None})
    assert capsys.readouterr().out == ""


def test_detections_of_a_class_nobody_looked_for_cost_nothing() -> None:
    box = (10.0, 10.0, 50.0, 50.0)
    found = Detections(np.array([[60, 60, 90, 90], box], np.float32), np.array([1, 0]), np.array([0.9, 0.8], np.float32))
    classes = ClassList.of(["egg", "bun"])
    second = Annotation(2, 1, 1, box)
    results = []
    for partial in (None, frozenset({0})):
        records = (ImageRecord(0, "0.jpg", SIZE, exhaustive=partial), ImageRecord(1, "1.jpg", SIZE))
        labelled = LabelledSet(Path(), classes, records, {0: (Annotation(1, 0, 0, box),), 1: (second,)})
        exact = Detections(np.array([box], np.float32), np.array([1]), np.array([0.5], np.float32))
        results.append(measure(labelled, {0: found, 1: exact}).AP)
    assert results[0] < results[1] == pytest.approx(1.0)


def test_labels_are_matched_to_a_detector_by_class_name() -> None:
    labelled, _ = scene(0)
    turned = in_classes(labelled, ClassList.of(["pizza", "bun"]), "weights")
    assert turned.classes.names == ("pizza", "bun", "egg")
    before = [labelled.classes[a.label].name for found in labelled.annotations.values() for a in found]
    after = [turned.classes[a.label].name for found in turned.annotations.values() for a in found]
    assert before == after
    assert all(image.exhaustive == frozenset({1, 2}) for image in turned.images)


def test_labels_without_a_class_in_common_are_refused() -> None:
    with pytest.raises(InputError, match="no class in common"):
        in_classes(scene(0)[0], ClassList.of(["pizza"]), "weights")
