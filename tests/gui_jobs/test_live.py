"""Which image is asked for, when, and what becomes of the answers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from foodet_core.config import Job
from foodet_core.events import Event, Finished, ImageDetections, Validated
from foodet_core.project.edits import Change, Edit
from foodet_core.project.store import Project
from foodet_core.types import ClassList, Detections, FoodClass, ImageRecord, ImageState
from foodet_gui.live import LivePredictions
from foodet_gui.session import Session
from foodet_gui.suggestions import NO_CLASS

WEIGHTS = Path("/runs/0001-train/weights.safetensors")
LATEST = "/runs/0002-train/latest.safetensors"


class FakeJobs(QObject):
    """Jobs that only write down what they are asked."""

    events = Signal(list)
    finished = Signal(object)
    detections = Signal(object)
    refused = Signal()
    idle = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.running: Job | None = None
        self.predicting = False
        self.asked: list[tuple[str, str]] = []
        self.of: list[int] = []
        self.engine = "torch"

    def predict(self, weights: Path, images: Sequence[Path], of: int = 1) -> None:
        self.asked += [(weights.as_posix(), path.name) for path in images]
        self.of.append(of)

    def tell(self, *events: Event) -> None:
        self.events.emit(list(events))


@pytest.fixture
def session(qapp: object, tmp_path: Path) -> Iterator[Session]:
    images = [ImageRecord(id, f"{name}.jpg", (60, 80)) for id, name in ((1, "a"), (2, "b"), (3, "c"))]
    Project.create(tmp_path / "p.foodet", tmp_path, ClassList.of(["egg", "bun"]), images).close()
    session = Session()
    session.open_project(tmp_path / "p.foodet")
    yield session
    session.close_project()


@pytest.fixture
def jobs(qapp: object) -> FakeJobs:
    return FakeJobs()


@pytest.fixture
def live(session: Session, jobs: FakeJobs) -> LivePredictions:
    session.set_weights(WEIGHTS)
    return LivePredictions(session, jobs)  # type: ignore[arg-type]


def settle(qtbot: QtBot) -> None:
    """Longer than a person has to stay on an image before it is asked for."""
    qtbot.wait(250)


def answer(session: Session, name: str, weights: str = str(WEIGHTS)) -> ImageDetections:
    assert session.project is not None
    path = str(session.project.root / f"{name}.jpg")
    return ImageDetections(path, ((1, 2, 30, 40), (0, 0, 9, 9)), (0, 1), (0.9, 0.4), ("bun", "pizza"), (60, 80), weights)


def validated(step: int = 10) -> Validated:
    return Validated(step, {"AP": 0.3}, {}, 8, LATEST)


def test_the_image_one_stays_on_is_asked_for(qtbot: QtBot, session: Session, jobs: FakeJobs, live: LivePredictions) -> None:
    for image_id in (2, 3, 2):
        session.open_image(image_id)
    settle(qtbot)
    assert jobs.asked == [(WEIGHTS.as_posix(), "b.jpg")]


def test_the_answer_goes_to_its_image_in_the_project_s_labels(
    qtbot: QtBot, session: Session, jobs: FakeJobs, live: LivePredictions
) -> None:
    session.open_image(2)
    settle(qtbot)
    session.open_image(3)
    jobs.detections.emit(answer(session, "b"))
    found = session.predictions(2)
    assert found is not None
    assert found.labels.tolist() == [1, NO_CLASS]
    np.testing.assert_array_equal(found.boxes_xyxy, [[1, 2, 30, 40], [0, 0, 9, 9]])
    assert session.predictions(3) is None


def test_an_answered_image_is_not_asked_for_again(
    qtbot: QtBot, session: Session, jobs: FakeJobs, live: LivePredictions
) -> None:
    session.open_image(2)
    settle(qtbot)
    jobs.detections.emit(answer(session, "b"))
    session.set_threshold(0.1)
    session.open_image(2)
    settle(qtbot)
    assert len(jobs.asked) == 1


def test_an_image_left_before_its_answer_is_asked_for_again(
    qtbot: QtBot, session: Session, jobs: FakeJobs, live: LivePredictions
) -> None:
    for image_id in (2, 3, 2):
        session.open_image(image_id)
        settle(qtbot)
    assert [name for _, name in jobs.asked] == ["b.jpg", "c.jpg", "b.jpg"]


def test_nothing_is_asked_while_predictions_are_off(
    qtbot: QtBot, session: Session, jobs: FakeJobs, live: LivePredictions
) -> None:
    session.set_show_predictions(False)
    session.open_image(2)
    settle(qtbot)
    assert jobs.asked == []
    session.set_show_predictions(True)
    settle(qtbot)
    assert [name for _, name in jobs.asked] == ["b.jpg"]


def test_other_weights_are_asked_again(qtbot: QtBot, session: Session, jobs: FakeJobs, live: LivePredictions) -> None:
    session.open_image(2)
    settle(qtbot)
    jobs.detections.emit(answer(session, "b"))
    session.set_weights(Path("/other.safetensors"))
    settle(qtbot)
    assert jobs.asked[1:] == [("/other.safetensors", "b.jpg")]


def test_every_validation_of_a_training_is_looked_at(
    qtbot: QtBot, session: Session, jobs: FakeJobs, live: LivePredictions
) -> None:
    session.open_image(2)
    settle(qtbot)
    for step in (10, 20):
        jobs.tell(validated(step))
        settle(qtbot)
        jobs.detections.emit(answer(session, "b", LATEST))
    assert jobs.asked[1:] == [(LATEST, "b.jpg")] * 2


def test_an_answer_from_before_a_validation_is_ignored(
    qtbot: QtBot, session: Session, jobs: FakeJobs, live: LivePredictions
) -> None:
    session.open_image(2)
    settle(qtbot)
    jobs.tell(validated())
    jobs.detections.emit(answer(session, "b"))
    assert session.predictions(2) is None
    settle(qtbot)
    assert jobs.asked[-1] == (LATEST, "b.jpg")


def test_after_a_training_the_session_s_weights_count_again(
    qtbot: QtBot, session: Session, jobs: FakeJobs, live: LivePredictions
) -> None:
    jobs.tell(validated())
    settle(qtbot)
    jobs.finished.emit(Finished("train", "done", "", 1.0))
    session.set_weights(Path("/best.safetensors"))
    settle(qtbot)
    assert jobs.asked[-1] == ("/best.safetensors", "a.jpg")


def test_without_weights_nothing_is_asked(qtbot: QtBot, session: Session, jobs: FakeJobs) -> None:
    live = LivePredictions(session, jobs)  # type: ignore[arg-type]
    session.open_image(2)
    settle(qtbot)
    assert jobs.asked == []
    del live


def test_answers_for_a_closed_project_are_ignored(
    qtbot: QtBot, session: Session, jobs: FakeJobs, live: LivePredictions
) -> None:
    session.open_image(2)
    settle(qtbot)
    late = answer(session, "b")
    session.close_project()
    jobs.detections.emit(late)
    assert session.predictions(2) is None


def test_pre_labelling_asks_for_the_unfinished_images_a_few_at_a_time(
    qtbot: QtBot, tmp_path: Path, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foodet_gui.live._AT_ONCE", 4)
    states = {2: ImageState.DONE}
    images = [ImageRecord(n, f"{n}.jpg", (60, 80), state=states.get(n, ImageState.UNLABELLED)) for n in range(1, 8)]
    Project.create(tmp_path / "many.foodet", tmp_path, ClassList.of(["egg", "bun"]), images).close()
    session = Session()
    session.open_project(tmp_path / "many.foodet")
    session.set_weights(WEIGHTS)
    live = LivePredictions(session, jobs)  # type: ignore[arg-type]
    told: list[tuple[int, int]] = []
    live.prelabelling.connect(lambda done, total, _left: told.append((done, total)))
    live.prelabel()
    assert [name for _, name in jobs.asked] == ["1.jpg", "3.jpg", "4.jpg", "5.jpg"]
    for n in (1, 3, 4, 5):
        jobs.detections.emit(answer(session, str(n)))
    jobs.idle.emit()
    assert [name for _, name in jobs.asked[4:]] == ["6.jpg", "7.jpg"]
    for n in (6, 7):
        jobs.detections.emit(answer(session, str(n)))
    with qtbot.waitSignal(session.notice) as notice:
        jobs.idle.emit()
    assert notice.args[0].startswith("6 suggestions on 6 images.")
    assert notice.args[0].endswith("Computed by torch.")
    assert set(jobs.of) == {6}
    assert told == [(0, 6), (4, 6), (0, 0)]
    jobs.idle.emit()
    assert len(jobs.asked) == 6
    session.close_project()


@pytest.mark.parametrize(
    ("threshold", "said"),
    [(0.5, "Boxes of no class of yours: 1, images: 1. Tab goes"), (0.95, "Nothing was found with a score of 0.95 or more.")],
)
def test_where_nothing_has_a_class_pre_labelling_says_what_to_do(
    qtbot: QtBot, session: Session, jobs: FakeJobs, live: LivePredictions, threshold: float, said: str
) -> None:
    session.set_threshold(threshold)
    live.prelabel()
    box = Detections(np.array([[1, 1, 30, 30]], np.float32), np.array([0]), np.array([0.9], np.float32))
    session.set_predictions(1, box, str(WEIGHTS), ClassList.of(["durian"]))
    with qtbot.waitSignal(session.notice) as notice:
        for _ in range(2):
            jobs.idle.emit()
    assert notice.args[0].startswith(said)


def test_pre_labelling_waits_for_what_is_under_way_and_can_be_stopped(
    session: Session, jobs: FakeJobs, live: LivePredictions
) -> None:
    jobs.predicting = True
    live.prelabel()
    assert jobs.asked == []
    live.stop_prelabelling()
    jobs.idle.emit()
    assert jobs.asked == []


def test_other_weights_end_pre_labelling_and_it_is_said(
    qtbot: QtBot, session: Session, jobs: FakeJobs, live: LivePredictions
) -> None:
    jobs.predicting = True
    live.prelabel()
    with qtbot.waitSignal(session.notice) as notice:
        session.set_weights(Path("/runs/0009-train/weights.safetensors"))
    assert "another detector" in notice.args[0]
    jobs.idle.emit()
    assert jobs.asked == []


def test_pre_labelling_ends_when_the_detector_cannot_be_asked(session: Session, jobs: FakeJobs, live: LivePredictions) -> None:
    told: list[str] = []
    session.notice.connect(lambda text, _level: told.append(text))
    live.prelabel()
    asked = len(jobs.asked)
    jobs.refused.emit()
    jobs.idle.emit()
    assert len(jobs.asked) == asked
    assert told == []


def test_pre_labelling_before_any_training_takes_the_bundled_weights_and_says_so(
    qtbot: QtBot, session: Session, jobs: FakeJobs
) -> None:
    live = LivePredictions(session, jobs)  # type: ignore[arg-type]
    with qtbot.waitSignal(session.notice) as notice:
        live.prelabel()
    assert "foodet's own" in notice.args[0]
    assert session.threshold == 0.4
    session.set_weights(WEIGHTS)
    assert session.threshold == 0.5
    session.set_threshold(0.6)
    session.set_weights(Path("bundled"))
    assert session.threshold == 0.6
    assert jobs.asked == [("bundled", name) for name in ("a.jpg", "b.jpg", "c.jpg")]


def test_what_is_not_asked_for_is_not_said_to_be_missing(
    qtbot: QtBot, session: Session, jobs: FakeJobs, live: LivePredictions
) -> None:
    for image_id in (1, 2, 3):
        session.open_image(image_id)
        session.set_state(ImageState.DONE)
    with qtbot.waitSignal(session.notice) as notice:
        live.prelabel()
    assert notice.args[0].startswith("0 suggestions on 0 images.")


def test_the_bundled_weights_stay_in_use_until_a_project_has_its_own(session: Session, tmp_path: Path) -> None:
    session.set_weights(Path("bundled"))
    session.open_project(tmp_path / "p.foodet")
    assert session.weights == Path("bundled")
    own = tmp_path / "p.foodet" / "runs" / "0001-train" / WEIGHTS.name
    own.parent.mkdir(parents=True)
    own.write_bytes(b"")
    session.open_project(tmp_path / "p.foodet")
    assert session.weights is not None
    assert session.weights.samefile(own)


def test_a_class_that_comes_later_names_what_was_found_before(
    qtbot: QtBot, session: Session, jobs: FakeJobs, live: LivePredictions, tmp_path: Path
) -> None:
    session.open_image(2)
    settle(qtbot)
    jobs.detections.emit(answer(session, "b"))
    with Project.open(tmp_path / "p.foodet") as other:  # as an import does
        other.apply(Edit("import", (Change(("class", 2), None, FoodClass("pizza")),)))
    session.refresh()
    found = session.predictions(2)
    assert found is not None
    assert found.labels.tolist() == [1, 2]
    session.undo()
    found = session.predictions(2)
    assert found is not None
    assert found.labels.tolist() == [1, NO_CLASS]


def test_an_answer_without_boxes_is_an_empty_one(qtbot: QtBot, session: Session, jobs: FakeJobs, live: LivePredictions) -> None:
    session.open_image(2)
    settle(qtbot)
    jobs.detections.emit(replace(answer(session, "b"), boxes_xyxy=(), labels=(), scores=()))
    assert session.predictions(2) is not None
    assert session.shown_predictions().open == ()
