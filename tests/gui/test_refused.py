"""What the store refuses is a notice that names the project and the remedy, and the session stays as the store is."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from foodet_core.project.edits import Change, Edit
from foodet_core.project.store import Project
from foodet_core.types import Annotation, Detections, ImageState
from foodet_gui import box_steps
from foodet_gui.app import App
from foodet_gui.ordering import Order
from foodet_gui.session import Session

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
BOX = (5.0, 6.0, 50.0, 60.0)
WEIGHTS = "/runs/0003-train/weights.safetensors"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store waits for another writer no longer than a moment."""
    monkeypatch.setattr("foodet_core.project.database.BUSY_SECONDS", 0.01)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Another process is writing the project all the time."""
    with closing(sqlite3.connect(folder / "project.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@pytest.fixture
def warnings(session: Session) -> list[str]:
    found: list[str] = []
    session.notice.connect(lambda text, level: found.append(text) if level == "warning" else None)
    return found


def check_is_as_stored(session: Session) -> None:
    project, current = session.project, session.current
    assert project is not None
    assert current is not None
    assert session.classes == project.classes()
    assert list(session.images.values()) == project.images()
    assert session.annotations == project.annotations(current.id)
    assert session.selected <= {a.id for a in session.annotations}


def _select_all(session: Session) -> None:
    session.select([a.id for a in session.annotations])


STEPS: dict[str, Callable[[Session], object]] = {
    "draw": lambda session: session.draw_box(BOX),
    "move": lambda session: session.change_boxes([(session.annotations[0].id, BOX)]),
    "paste": lambda session: (session.copy_boxes(), session.open_image(2), session.paste_boxes()),
    "copy previous": lambda session: (session.open_image(2), session.copy_previous()),
    "duplicate": lambda session: (_select_all(session), session.duplicate_boxes()),
    "delete": lambda session: (_select_all(session), session.delete_selected()),
    "lock": lambda session: (_select_all(session), box_steps.toggle_lock(session)),
    "re-class": lambda session: (_select_all(session), session.choose_class(2)),
    "accept": lambda session: session.accept_suggestions(),
    "accept as another class": lambda session: (session.focus_next_suggestion(), session.choose_class(1)),
    "accept everywhere": lambda session: session.accept_everywhere(),
    "add class": lambda session: session.add_class("tea"),
    "rename class": lambda session: session.rename_class(1, "orange"),
    "colour": lambda session: session.recolour_class(1, "#123456"),
    "merge": lambda session: session.merge_class(1, 2),
    "move class": lambda session: session.move_class(2, -1),
    "state": lambda session: session.set_state(ImageState.DONE),
    "remove image": lambda session: session.remove_image(),
    "undo": lambda session: session.undo(),
    "a setting": lambda session: session.keep("key", 1),
    "weights": lambda session: session.set_weights(Path(WEIGHTS)),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_while_another_process_writes_is_told_once_and_leaves_no_trace(
    step: str, session: Session, folder: Path, warnings: list[str], found: Callable[..., Detections]
) -> None:
    session.set_predictions(1, found(((240.0, 150.0, 300.0, 220.0), 2, 0.9)), WEIGHTS)
    with held(folder):
        STEPS[step](session)
    (text,) = warnings
    assert str(folder) in text
    assert "try again" in text
    check_is_as_stored(session)
    session.open_image(1)
    STEPS[step](session)
    assert len(warnings) == 1
    check_is_as_stored(session)


def test_a_refused_acceptance_leaves_the_suggestion_open(
    session: Session, folder: Path, found: Callable[..., Detections]
) -> None:
    session.set_predictions(1, found(((240.0, 150.0, 300.0, 220.0), 2, 0.9)), WEIGHTS)
    session.focus_next_suggestion()
    with held(folder):
        session.accept_suggestions()
    assert (session.suggestion, session.shown_predictions().open) == (0, (0,))


def test_weights_that_could_not_be_kept_predict_all_the_same(
    session: Session, folder: Path, found: Callable[..., Detections], qtbot: QtBot
) -> None:
    session.set_predictions(2, found(((240.0, 150.0, 300.0, 220.0), 2, 0.9)), "/runs/0001-train/weights.safetensors")
    with held(folder), qtbot.waitSignal(session.predictions_changed):
        session.set_weights(Path(WEIGHTS))
    assert session.weights == Path(WEIGHTS)
    assert session.predictions(2) is None


def test_done_and_next_stays_where_done_could_not_be_written(app: App, folder: Path) -> None:
    session, canvas = app.session, app.window.canvas
    with held(folder):
        QTest.keyClick(canvas, Qt.Key.Key_S)
    assert session.current is not None
    assert session.current.id == 1
    assert session.current.state is not ImageState.DONE
    QTest.keyClick(canvas, Qt.Key.Key_S)
    assert session.current.id == 2
    assert session.images[1].state is ImageState.DONE


def test_the_list_is_sorted_also_where_that_cannot_be_kept(app: App, folder: Path) -> None:
    told: list[str] = []
    app.session.notice.connect(lambda text, _level: told.append(text))
    with held(folder):
        app.window.images.order.choose(Order.NAME, turned=True)
    assert app.session.order == [4, 3, 2, 1]
    assert len(told) == 1
    assert str(folder) in told[0]


def test_an_export_goes_on_where_its_choices_cannot_be_kept(app: App, folder: Path, tmp_path: Path, qtbot: QtBot) -> None:
    part = app.window.data_panel.exporting
    app.session.set_state(ImageState.DONE)
    part.target.setText(str(tmp_path / "out.json"))
    with held(folder), qtbot.waitSignal(app.transfers.ended, timeout=60_000):
        part.button.click()
    assert (tmp_path / "out.json").exists()


# Another process wrote what the session has read


def _other_removes_a_box(other: Project) -> None:
    box = other.annotations(1)[0]
    other.apply(Edit("elsewhere", (Change(("annotation", box.id), box, None),)))


def _other_removes_the_image(other: Project) -> None:
    gone = [Change(("annotation", a.id), a, None) for a in other.annotations(1)]
    other.apply(Edit("elsewhere", (*gone, Change(("image", 1), other.image(1), None))))


def _other_removes_a_class(other: Project) -> None:
    classes = other.classes()
    other.apply(Edit("elsewhere", (Change(("class", 2), classes[2], None),)))


@pytest.mark.parametrize(
    ("elsewhere", "step"),
    [
        (_other_removes_a_box, lambda session: session.change_boxes([(session.annotations[0].id, BOX)])),
        (_other_removes_the_image, lambda session: session.draw_box(BOX)),
        (_other_removes_a_class, lambda session: (session.choose_class(2), session.draw_box(BOX))),
    ],
)
def test_what_another_process_changed_meanwhile_is_shown_and_told_not_written_over(
    elsewhere: Callable[[Project], None],
    step: Callable[[Session], object],
    session: Session,
    folder: Path,
    warnings: list[str],
) -> None:
    with Project.open(folder) as other:
        elsewhere(other)
        before = [other.annotations(image.id) for image in other.images()]
        step(session)
        assert [other.annotations(image.id) for image in other.images()] == before
    (text,) = warnings
    assert str(folder) in text
    assert "once more" in text
    check_is_as_stored(session)
    assert session.current_class < len(session.classes)
    session.draw_box(BOX)
    assert isinstance(session.annotations[-1], Annotation)
    assert session.annotations[-1].box_xyxy == BOX


def test_a_damaged_project_is_told_and_the_open_one_stays(session: Session, folder: Path, warnings: list[str]) -> None:
    other = folder.with_name("other.foodet")
    Project.create(other, folder.parent).close()
    with closing(sqlite3.connect(other / "project.db", isolation_level=None)) as raw:
        (page,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'image'").fetchone()
        (size,) = raw.execute("PRAGMA page_size").fetchone()
    content = bytearray((other / "project.db").read_bytes())
    content[(page - 1) * size : page * size] = b"\xff" * size
    (other / "project.db").write_bytes(content)
    assert not session.open_project(other)
    assert [str(other) in text and "damaged" in text for text in warnings] == [True]
    assert session.project is not None
    assert session.project.folder == folder
    check_is_as_stored(session)
