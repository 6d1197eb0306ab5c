"""The session: what is written, what is told, what an undo brings back."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from foodet_core.project.edits import Change, Edit
from foodet_core.project.store import Project
from foodet_core.types import PERSON, ClassList, Detections, ImageRecord, ImageState
from foodet_gui.hiding import Hidden
from foodet_gui.session import Session
from foodet_gui.suggestions import NO_CLASS

BREAD = ((240.0, 150.0, 300.0, 220.0), 2, 0.9)
FRUIT = ((150.0, 10.0, 200.0, 60.0), 1, 0.7)
DOUBT = ((250.0, 10.0, 300.0, 60.0), 1, 0.2)
WEIGHTS = "/runs/0003-train/weights.safetensors"


def reopened(session: Session, folder: Path) -> Session:
    """The same project read from the disk by another session."""
    other = Session()
    other.open_project(folder)
    if session.current is not None:
        other.open_image(session.current.id)
    return other


def test_it_opens_at_the_first_unfinished_image(session: Session, folder: Path) -> None:
    session.set_state(ImageState.DONE)
    session.step(1)
    session.set_state(ImageState.EMPTY)
    other = reopened(session, folder)
    other.close_project()
    other.open_project(folder)
    assert other.current is not None
    assert other.current.id == 3
    other.close_project()


def test_what_is_no_project_is_a_notice_and_the_open_one_stays(session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.notice) as told:
        assert not session.open_project(tmp_path / "nothing.foodet")
    assert told.args[1] == "warning"
    assert session.project is not None


def test_a_drawn_box_is_on_the_disk_at_once_and_begins_the_image(session: Session, folder: Path) -> None:
    session.open_image(2)
    session.choose_class(2)
    session.draw_box((5, 6, 50, 60))
    other = reopened(session, folder)
    assert [(a.label, a.box_xyxy, a.origin, a.score) for a in other.annotations] == [(2, (5, 6, 50, 60), PERSON, None)]
    assert other.images[2].state is ImageState.IN_PROGRESS
    other.close_project()


def test_one_undo_takes_back_the_box_and_the_state_it_brought(session: Session) -> None:
    session.open_image(2)
    session.draw_box((5, 6, 50, 60))
    session.undo()
    assert session.annotations == ()
    assert session.images[2].state is ImageState.UNLABELLED
    session.redo()
    assert len(session.annotations) == 1


def test_looking_at_images_changes_nothing(session: Session) -> None:
    assert session.project is not None
    before = session.project.undo_title, session.project.state_counts()
    for _ in range(3):
        session.step(1)
    assert (session.project.undo_title, session.project.state_counts()) == before


def test_steps_end_at_the_ends_and_follow_the_shown_order(session: Session) -> None:
    session.step(-1)
    assert session.current is not None
    assert session.current.id == 1
    session.set_order([1, 4])
    session.step(1)
    assert session.current.id == 4


def test_an_undo_shows_the_image_it_changed(session: Session) -> None:
    session.draw_box((5, 6, 50, 60))
    session.open_image(3)
    session.undo()
    assert session.current is not None
    assert session.current.id == 1


def test_a_digit_changes_the_selected_boxes_or_the_next_one(session: Session) -> None:
    plate, fruit = session.annotations
    session.select([fruit.id])
    session.choose_class(2)
    assert [a.label for a in session.annotations] == [plate.label, 2]
    session.select([])
    session.choose_class(1)
    assert [a.label for a in session.annotations] == [plate.label, 2]
    assert session.current_class == 1


def test_deleted_boxes_leave_the_selection_and_come_back(session: Session) -> None:
    session.select([a.id for a in session.annotations])
    session.delete_selected()
    assert session.annotations == ()
    assert session.selected == frozenset()
    session.undo()
    assert len(session.annotations) == 2


def test_boxes_of_the_image_before_can_be_pasted_once(session: Session) -> None:
    copied = session.annotations
    session.copy_boxes()
    session.step(1)
    session.paste_boxes()
    session.paste_boxes()
    assert [(a.label, a.box_xyxy, a.image_id) for a in session.annotations] == [(a.label, a.box_xyxy, 2) for a in copied]
    assert session.images[2].state is ImageState.IN_PROGRESS


def test_copied_boxes_go_to_the_class_that_theirs_became(session: Session) -> None:
    session.copy_boxes()
    session.merge_class(1, 2)
    session.rename_class(0, "tray")
    session.open_image(2)
    session.paste_boxes()
    assert [a.label for a in session.annotations] == [0, 2]


def test_copied_boxes_of_a_class_that_is_gone_are_left_out_and_it_is_said(session: Session, qtbot: QtBot) -> None:
    session.open_image(2)
    session.add_class("tea")
    session.draw_box((5, 6, 50, 60))
    session.copy_boxes()
    session.undo()
    session.undo()
    with qtbot.waitSignal(session.notice) as told:
        session.paste_boxes()
    assert "class is gone" in told.args[0]
    assert session.annotations == ()


def test_a_merged_class_answers_to_none_of_its_names(session: Session) -> None:
    food = session.classes[1]
    session.apply(Edit("zh", (Change(("class", 1), food, replace(food, name_zh="水果", aliases=("orange",))),)))
    session.merge_class(1, 2)
    assert [session.classes.find(name) for name in ("fruit", "水果", "orange")] == [2, 2, 2]
    session.undo()
    assert [session.classes.find(name) for name in ("fruit", "水果", "orange")] == [1, 1, 1]


def test_only_selected_boxes_are_copied_if_any_are(session: Session) -> None:
    session.select([session.annotations[1].id])
    session.copy_boxes()
    session.step(1)
    session.paste_boxes()
    assert [a.label for a in session.annotations] == [1]


def test_without_classes_the_first_box_waits_for_a_name(session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    from foodet_core.project.store import Project
    from foodet_core.types import ImageRecord

    Project.create(tmp_path / "bare.foodet", tmp_path, images=[ImageRecord(1, "tray_1.png", (240, 320))]).close()
    session.open_project(tmp_path / "bare.foodet")
    with qtbot.waitSignal(session.class_wanted):
        session.draw_box((5, 6, 50, 60))
    assert not session.annotations
    session.add_class(" rice ")
    assert session.classes.names == ("rice",)
    assert [box.box_xyxy for box in list(session.annotations)] == [(5, 6, 50, 60)]
    assert session.pending_box is None


def test_what_is_read_again_leaves_a_person_where_they_are(session: Session, folder: Path, tmp_path: Path) -> None:
    opened: list[None] = []
    session.current_changed.connect(lambda: opened.append(None))
    session.select([session.annotations[1].id])
    session.refresh()
    assert session.selected == {session.annotations[1].id}
    assert opened == []
    with Project.open(folder) as other:
        box = other.annotations(1)[1]
        other.apply(Edit("elsewhere", (Change(("annotation", box.id), box, None),)))
    session.refresh()
    assert session.selected == frozenset()
    assert len(session.annotations) == 1
    assert len(opened) == 1


def test_a_box_that_waits_for_its_class_waits_on_while_images_come(session: Session, tmp_path: Path) -> None:
    Project.create(tmp_path / "bare.foodet", tmp_path, images=[ImageRecord(1, "tray_1.png", (240, 320))]).close()
    session.open_project(tmp_path / "bare.foodet")
    session.draw_box((5, 6, 50, 60))
    with Project.open(tmp_path / "bare.foodet") as other:
        image = ImageRecord(other.new_id(), "tray_2.png", (240, 320))
        other.apply(Edit("add", (Change(("image", image.id), None, image),)))
    session.refresh()
    session.add_class("rice")
    assert [a.box_xyxy for a in session.annotations] == [(5, 6, 50, 60)]
    assert len(session.images) == 2


def test_a_class_name_that_exists_is_a_notice(session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.notice):
        session.add_class("plate")
    assert session.classes.names == ("plate", "fruit", "bread")


def test_a_renamed_class_keeps_its_label_and_boxes(session: Session) -> None:
    session.rename_class(1, "orange")
    assert session.classes.names == ("plate", "orange", "bread")
    assert [a.label for a in session.annotations] == [0, 1]


def test_nudges_of_one_box_are_one_step(session: Session) -> None:
    fruit = session.annotations[1]
    for x in (61.0, 62.0, 63.0):
        session.change_boxes([(fruit.id, (x, 60, x + 50, 100))], merge="nudge")
    session.undo()
    assert session.annotations[1] == fruit


# Predictions


@pytest.fixture
def predicted(session: Session, found: Callable[..., Detections]) -> Session:
    """Image 1 with two suggestions above the threshold, one below, and one that tells what a box says already."""
    session.set_predictions(1, found(((22.0, 22.0, 219.0, 200.0), 0, 0.95), BREAD, FRUIT, DOUBT), WEIGHTS)
    return session


def test_what_a_box_says_already_is_no_suggestion(predicted: Session) -> None:
    assert predicted.shown_predictions().open == (1, 2)
    assert predicted.shown_predictions().agreeing == (0,)


def test_another_class_at_a_persons_box_is_no_suggestion(session: Session, found: Callable[..., Detections]) -> None:
    session.set_predictions(1, found(((21.0, 20.0, 220.0, 200.0), 2, 0.9)), WEIGHTS)
    assert session.shown_predictions().open == ()


def test_the_threshold_and_the_switch_decide_what_is_shown(predicted: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(predicted.predictions_changed):
        predicted.set_threshold(0.1)
    assert predicted.shown_predictions().open == (1, 2, 3)
    predicted.set_show_predictions(False)
    assert predicted.shown_predictions().open == ()


def test_accepting_all_makes_annotations_in_one_step(predicted: Session) -> None:
    predicted.accept_suggestions()
    made = predicted.annotations[2:]
    assert [(box.label, box.origin) for box in made] == [(2, "0003-train"), (1, "0003-train")]
    assert [box.score for box in made] == pytest.approx([0.9, 0.7])
    assert predicted.shown_predictions().open == ()
    predicted.undo()
    assert len(predicted.annotations) == 2
    assert predicted.shown_predictions().open == (1, 2)


def test_enter_on_a_suggestion_in_focus_accepts_it_and_goes_on(predicted: Session) -> None:
    predicted.focus_next_suggestion()
    predicted.accept_suggestions()
    assert len(predicted.annotations) == 3
    assert predicted.suggestion == 2


def test_merging_gives_all_boxes_to_the_other_class_and_moves_no_label(session: Session) -> None:
    session.open_image(2)
    session.choose_class(1)
    session.draw_box((10.0, 10.0, 50.0, 50.0))
    session.merge_class(1, 2)
    assert session.project is not None
    assert session.project.class_counts() == {0: 1, 2: 2}
    assert session.classes.names == ("plate", "fruit → bread", "bread")
    assert session.class_order == (0, 2)
    assert session.classes.find("Fruit") == session.current_class == 2
    session.undo()
    assert session.project.class_counts() == {0: 1, 1: 2}
    assert session.classes.names == ("plate", "fruit", "bread")
    assert session.class_order == (0, 1, 2)


def test_a_class_made_anew_can_be_merged_once_more(session: Session) -> None:
    session.merge_class(1, 2)
    session.add_class("fruit")
    session.merge_class(3, 2)
    assert session.classes.names == ("plate", "fruit → bread", "bread", "fruit → bread (3)")
    assert session.class_order == (0, 2)


def test_moving_a_class_in_the_list_changes_no_label(session: Session) -> None:
    session.move_class(2, -1)
    assert session.class_order == (0, 2, 1)
    assert session.classes.names == ("plate", "fruit", "bread")
    session.choose_place(1)
    assert session.current_class == 2
    session.add_class("tea")
    assert session.class_order == (0, 2, 1, 3)
    session.move_class(3, -9)
    assert session.class_order == (3, 0, 2, 1)
    session.undo()
    assert session.class_order == (0, 2, 1, 3)


def test_a_class_gets_another_colour(session: Session) -> None:
    session.recolour_class(1, "#123456")
    assert session.classes[1].color == "#123456"
    session.undo()
    assert session.classes[1].color == ""


def test_a_removed_image_is_gone_from_the_project_not_from_the_disk_and_comes_back_with_its_boxes(
    session: Session, folder: Path
) -> None:
    session.remove_image()
    assert session.current is not None
    assert session.current.id == 2
    assert list(session.images) == [2, 3, 4]
    assert (folder.parent / "tray_1.png").exists()
    assert list(reopened(session, folder).images) == [2, 3, 4]
    session.undo()
    assert list(session.images) == [1, 2, 3, 4]
    assert session.current.id == 1
    assert len(session.annotations) == 2
    session.redo()
    assert session.current.id in session.images


def test_when_the_last_image_is_removed_nothing_is_open(session: Session) -> None:
    for _ in range(4):
        session.remove_image()
    assert session.current is None
    assert session.images == {}
    session.undo()
    assert session.current is not None


def test_duplicates_lie_beside_their_boxes_inside_the_image_and_are_selected(session: Session) -> None:
    session.draw_box((300.0, 10.0, 320.0, 30.0))
    session.duplicate_boxes()
    corner, copy = session.annotations[-2:]
    assert copy.label == corner.label
    assert copy.box_xyxy == (294.0, 16.0, 314.0, 36.0)
    assert session.selected == {copy.id}
    session.undo()
    assert session.annotations[-1] == corner


def test_the_boxes_of_the_previous_image_are_copied_once(session: Session) -> None:
    session.open_image(2)
    session.copy_previous()
    session.copy_previous()
    assert [(a.label, a.box_xyxy) for a in session.annotations] == [
        (0, (20.0, 20.0, 220.0, 200.0)),
        (1, (60.0, 60.0, 110.0, 100.0)),
    ]
    session.open_image(1)
    session.copy_previous()
    assert len(session.annotations) == 2


def test_a_proposal_takes_the_current_class_when_it_is_accepted(session: Session, found: Callable[..., Detections]) -> None:
    session.choose_class(2)
    session.set_predictions(1, found(((240.0, 10.0, 300.0, 60.0), NO_CLASS, 0.7)), WEIGHTS)
    session.focus_next_suggestion()
    session.accept_suggestions()
    assert session.annotations[-1].label == 2


def test_accepting_all_leaves_proposals_beside_suggestions_that_have_a_class(
    session: Session, found: Callable[..., Detections]
) -> None:
    session.set_predictions(1, found(BREAD, ((250.0, 10.0, 300.0, 60.0), NO_CLASS, 0.7)), WEIGHTS)
    session.accept_suggestions()
    assert [a.label for a in session.annotations[2:]] == [2]
    session.accept_suggestions()
    assert [a.label for a in session.annotations[2:]] == [2, session.current_class]


def test_a_proposal_on_a_box_of_any_class_is_no_suggestion(session: Session, found: Callable[..., Detections]) -> None:
    session.set_predictions(1, found(((20.0, 20.0, 220.0, 160.0), NO_CLASS, 0.9)), WEIGHTS)
    assert session.shown_predictions().open == ()


@pytest.mark.parametrize("in_focus", [None, 0])
def test_a_proposal_accepted_before_there_is_a_class_waits_for_its_name_and_is_one_box_then(
    qtbot: QtBot, tmp_path: Path, found: Callable[..., Detections], in_focus: int | None
) -> None:
    Project.create(tmp_path / "new.foodet", tmp_path, ClassList(), [ImageRecord(1, "a.png", (240, 320))]).close()
    session = Session()
    session.open_project(tmp_path / "new.foodet")
    session.set_predictions(1, found(((10.0, 10.0, 60.0, 60.0), NO_CLASS, 0.7)), WEIGHTS)
    session.focus_suggestion(in_focus)
    with qtbot.waitSignal(session.class_wanted):
        session.accept_suggestions()
    session.add_class("egg")
    assert [(a.label, a.box_xyxy, a.score) for a in session.annotations] == [(0, (10.0, 10.0, 60.0, 60.0), pytest.approx(0.7))]
    assert session.shown_predictions().open == ()
    session.close_project()


def test_accepting_everywhere_is_one_step_over_all_unfinished_images(
    session: Session, found: Callable[..., Detections]
) -> None:
    for image_id in (1, 2, 3):
        session.set_predictions(image_id, found(BREAD, DOUBT, ((250.0, 10.0, 300.0, 60.0), NO_CLASS, 0.9)), WEIGHTS)
    session.open_image(3)
    session.set_state(ImageState.DONE)
    session.accept_everywhere()
    assert session.project is not None
    labels = {image_id: [a.label for a in session.project.annotations(image_id)] for image_id in (1, 2, 3, 4)}
    assert labels == {1: [0, 1, 2], 2: [2], 3: [], 4: []}
    assert session.images[2].state is ImageState.IN_PROGRESS
    assert session.open_suggestions() == {}
    session.undo()
    assert [len(session.project.annotations(image_id)) for image_id in (1, 2)] == [2, 0]
    assert set(session.open_suggestions()) == {1, 2}


def test_a_digit_corrects_the_suggestion_in_focus(predicted: Session) -> None:
    predicted.focus_next_suggestion()
    predicted.choose_class(1)
    assert predicted.annotations[-1].label == 1
    assert predicted.annotations[-1].box_xyxy == pytest.approx(BREAD[0])


def test_an_accepted_box_never_leaves_the_image(session: Session, found: Callable[..., Detections]) -> None:
    session.set_predictions(1, found(((240.0, 150.0, 333.0, 250.0), 2, 0.9), ((330.0, 10.0, 390.0, 60.0), 2, 0.9)), WEIGHTS)
    session.accept_suggestions()
    assert [a.box_xyxy for a in session.annotations[2:]] == [(240, 150, 320, 240)]


def test_a_rejected_suggestion_stays_away_for_these_weights(predicted: Session, found: Callable[..., Detections]) -> None:
    predicted.focus_next_suggestion()
    predicted.delete_selected()
    assert predicted.shown_predictions().open == (2,)
    assert predicted.suggestion == 2
    predicted.set_predictions(1, found(BREAD), "/runs/0004-train/weights.safetensors")
    assert predicted.shown_predictions().open == (0,)


def test_the_weights_in_use_are_kept_with_the_project(session: Session, folder: Path) -> None:
    session.set_weights(folder / "runs" / "0001-train" / "weights.safetensors")
    other = reopened(session, folder)
    assert other.weights == other.project.folder / "runs" / "0001-train" / "weights.safetensors"  # type: ignore[union-attr]
    other.close_project()


def test_a_closed_project_leaves_nothing_behind(predicted: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignals([predicted.project_changed, predicted.current_changed]):
        predicted.close_project()
    assert (predicted.project, predicted.current, predicted.annotations) == (None, None, ())
    assert predicted.predictions(1) is None


def test_accepting_everywhere_takes_nothing_that_is_out_of_sight(session: Session, found: Callable[..., Detections]) -> None:
    session.set_threshold(0.3)
    session.set_predictions(2, found(BREAD), WEIGHTS)
    session.set_hidden(Hidden(everything=True))
    session.accept_everywhere()
    session.set_hidden(Hidden())
    session.set_show_predictions(False)
    session.accept_everywhere()
    assert not session.open_suggestions()
    session.set_show_predictions(True)
    assert session.open_suggestions() == {2: (0,)}
