"""The list in the order a person chose: next and previous follow it, searching keeps it, the project remembers it."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from foodet_core.project.edits import Change, Edit
from foodet_core.types import Detections, ImageState
from foodet_gui.models.images import ImageModel, Role
from foodet_gui.ordering import Order
from foodet_gui.session import Session

BOX = (20.0, 20.0, 220.0, 200.0)


@pytest.fixture
def model(session: Session) -> Iterator[ImageModel]:
    made = ImageModel(session)
    yield made
    made.close()


def listed(model: ImageModel) -> list[int]:
    return [model.index(row).data(Role.ID) for row in range(model.rowCount())]


def predict(session: Session, found: Callable[..., Detections], scores: dict[int, float]) -> None:
    for image_id, score in scores.items():
        session.set_predictions(image_id, found((BOX, 0, score)), "/runs/0001-train/weights.safetensors")


def test_next_and_previous_follow_the_list(session: Session, model: ImageModel) -> None:
    model.order.choose(Order.BOXES, turned=True)
    assert listed(model) == [1, 2, 3, 4]
    model.order.choose(Order.BOXES, turned=False)
    assert listed(model) == [2, 3, 4, 1]
    session.open_image(4)
    session.step(1)
    assert session.current is not None
    assert session.current.id == 1


def test_the_least_sure_come_first_and_those_not_asked_for_last(
    session: Session, model: ImageModel, found: Callable[..., Detections]
) -> None:
    predict(session, found, {2: 0.9, 3: 0.99, 4: 0.6})
    model.order.choose(Order.UNCERTAINTY, turned=False)
    assert listed(model) == [4, 2, 3, 1]
    model.order.choose(Order.UNCERTAINTY, turned=True)
    assert listed(model) == [3, 2, 4, 1]


def test_what_contradicts_the_labels_comes_first(session: Session, model: ImageModel, found: Callable[..., Detections]) -> None:
    for image_id in (2, 3):
        image = session.images[image_id]
        session.apply(Edit("", (Change(("image", image_id), image, replace(image, state=ImageState.EMPTY)),)))
    predict(session, found, {1: 0.9, 2: 0.6, 3: 0.8})
    model.order.choose(Order.DISAGREEMENT, turned=False)
    assert listed(model) == [1, 3, 2, 4]  # the second label of image 1 is predicted by nothing


def test_many_images_are_compared_a_few_at_a_time_and_that_can_be_stopped(
    session: Session, model: ImageModel, found: Callable[..., Detections], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foodet_gui.models.image_order._AT_ONCE", 1)
    predict(session, found, {1: 0.9, 2: 0.6, 3: 0.8})
    with qtbot.waitSignal(model.order.progressed, check_params_cb=lambda done, total: (done, total) == (2, 3)):
        model.order.choose(Order.DISAGREEMENT, turned=True)
        assert model.order.busy
        assert listed(model) == [1, 2, 3, 4]
    qtbot.waitUntil(lambda: listed(model) == [2, 3, 1, 4])
    model.order.choose(Order.DISAGREEMENT, turned=False)
    model.order.choose(Order.NAME, turned=True)
    assert not model.order.busy
    qtbot.wait(20)
    assert listed(model) == [4, 3, 2, 1]


def test_nothing_moves_until_it_is_asked_to(session: Session, model: ImageModel, found: Callable[..., Detections]) -> None:
    predict(session, found, {2: 0.9})
    model.order.choose(Order.UNCERTAINTY, turned=False)
    predict(session, found, {4: 0.6})
    assert listed(model) == [2, 1, 3, 4]
    model.order.sort_predicted()
    assert listed(model) == [4, 2, 1, 3]


def test_a_search_keeps_the_order(model: ImageModel) -> None:
    model.order.choose(Order.NAME, turned=True)
    model.search("-tray_3")
    assert listed(model) == [4, 2, 1]


def test_photos_are_sorted_by_the_date_they_say_else_by_that_of_their_file(
    session: Session, model: ImageModel, folder: Path, qtbot: QtBot
) -> None:
    for number, written in ((1, 3000), (2, 1000), (4, 4000)):
        os.utime(folder.parent / f"tray_{number}.png", (written, written))
    image = session.images[3]
    session.apply(Edit("", (Change(("image", 3), image, replace(image, extra={"date_captured": "1970-01-01 00:33:20"})),)))
    with qtbot.waitSignal(model.order.changed), qtbot.waitSignal(model.order.progressed):
        model.order.choose(Order.DATE, turned=False)
    qtbot.waitUntil(lambda: listed(model) == [2, 3, 1, 4])


def test_the_project_remembers_its_order(session: Session, model: ImageModel, folder: Path) -> None:
    model.order.choose(Order.NAME, turned=True)
    session.close_project()
    assert listed(model) == []
    session.open_project(folder)
    assert (model.order.by, model.order.turned) == (Order.NAME, True)
    assert listed(model) == [4, 3, 2, 1]
    assert session.current is not None
    assert session.current.id == 4  # the first unfinished one of the list


def test_an_image_that_is_removed_and_brought_back_keeps_its_place(session: Session, model: ImageModel) -> None:
    model.order.choose(Order.NAME, turned=True)
    session.open_image(3)
    session.remove_image()
    assert listed(model) == [4, 2, 1]
    session.undo()
    assert listed(model) == [4, 3, 2, 1]
