import math
import os
import sqlite3
from dataclasses import replace

import numpy as np
import pytest

from foodet_core.errors import InputError
from foodet_core.project.edits import Change, Changes, ConflictError, Edit
from foodet_core.project.store import Project
from foodet_core.types import Annotation, AnnotationState, ClassList, FoodClass, ImageRecord, ImageState, Split


def box(project, image_id=1, label=0, x=0.25, **more):
    return Annotation(project.new_id(), image_id, label, (x, 1.0, x + 10.125, 11.0), **more)


def add(*values, title="add box", merge=""):
    return Edit(title, tuple(Change(("annotation", v.id), None, v) for v in values), merge)


def move(before, x, merge=""):
    after = replace(before, box_xyxy=(x, 1.0, x + 10, 11.0))
    return after, Edit("move box", (Change(("annotation", before.id), before, after),), merge)


def of_image(before, **values):
    return Edit("image", (Change(("image", before.id), before, replace(before, **values)),))


def test_what_is_stored_comes_back_as_it_was(project, folder):
    image = replace(
        project.image(1),
        split=Split.VAL,
        state=ImageState.DONE,
        exhaustive=frozenset({1}),
        extra={"license": 3, "注": ["a", None, 0.1]},
    )
    egg = FoodClass("egg", "鸡蛋", "#ff0000", ("ei", "œuf"), {"coco_id": 17})
    annotation = box(project, origin="0001-train", score=0.3, state=AnnotationState.SUGGESTED, extra={"iscrowd": 1})
    project.apply(
        Edit(
            "all kinds",
            (
                Change(("annotation", annotation.id), None, annotation),
                Change(("image", 1), project.image(1), image),
                Change(("class", 0), project.classes()[0], egg),
            ),
        )
    )
    with Project.open(folder) as again:
        assert again.image(1) == image
        assert again.classes() == ClassList((egg, FoodClass("rice")))
        assert again.annotations(1) == (annotation,)
        assert again.name == "meals"
        assert again.root == (folder.parent / "photos").resolve()


def test_changes_tell_what_an_edit_touched(project):
    a = box(project, image_id=2)
    assert project.apply(add(a)) == Changes(frozenset({("annotation", a.id)}), frozenset({2}))
    assert project.undo() == Changes(frozenset({("annotation", a.id)}), frozenset({2}))


def test_undo_and_redo_walk_the_whole_history_also_after_reopening(project, folder):
    boxes = [box(project, x=float(n)) for n in range(30)]
    for n, a in enumerate(boxes):
        project.apply(add(a, title=f"box {n}"))
    for _ in range(10):
        project.undo()
    project.close()
    with Project.open(folder) as again:
        assert (again.undo_title, again.redo_title) == ("box 19", "box 20")
        for _ in range(20):
            again.undo()
        assert again.annotations(1) == ()
        assert again.undo() is None
        assert again.undo_title is None
        for _ in range(30):
            again.redo()
        assert again.annotations(1) == tuple(boxes)
        assert again.redo() is None


def test_a_new_edit_after_undo_drops_what_could_be_redone(project):
    first, second = box(project), box(project)
    project.apply(add(first))
    project.undo()
    project.apply(add(second))
    assert project.redo_title is None
    assert project.redo() is None
    project.undo()
    assert project.annotations(1) == ()


def test_edits_with_the_same_merge_are_one_step(project):
    a = box(project)
    project.apply(add(a))
    now = a
    for x in (1.0, 2.0, 3.0):
        now, edit = move(now, x, merge="drag 1")
        project.apply(edit)
    project.undo()
    assert project.annotations(1) == (a,)
    project.redo()
    assert project.annotations(1) == (now,)


def test_edits_without_merge_or_with_another_one_stay_apart(project):
    a = box(project)
    project.apply(add(a))
    b, edit = move(a, 1.0, merge="drag 1")
    project.apply(edit)
    _, edit = move(b, 2.0, merge="drag 2")
    project.apply(edit)
    project.undo()
    assert project.annotations(1) == (b,)
    project.undo()
    project.apply(move(a, 5.0)[1])
    project.undo()
    assert project.annotations(1) == (a,)


def test_a_drag_that_comes_back_to_its_start_leaves_no_step(project):
    a = box(project)
    project.apply(add(a))
    b, edit = move(a, 40.0, merge="drag")
    project.apply(edit)
    project.apply(Edit("move back", (Change(("annotation", a.id), b, a),), "drag"))
    assert project.undo_title == "add box"


def test_an_edit_that_changes_nothing_keeps_the_redo_branch(project):
    a = box(project)
    project.apply(add(a))
    project.undo()
    image = project.image(1)
    assert project.apply(of_image(image)) == Changes()
    assert project.redo_title == "add box"


@pytest.mark.parametrize("before", ["missing", "other"])
def test_an_edit_that_starts_from_something_else_raises_and_keeps_nothing(project, before):
    a, b = box(project), box(project)
    project.apply(add(a))
    wrong = replace(a, label=1) if before == "other" else None
    changes = (Change(("annotation", b.id), None, b), Change(("annotation", a.id), wrong, replace(a, label=0, score=0.5)))
    with pytest.raises(ConflictError):
        project.apply(Edit("stale", changes))
    assert project.annotations(1) == (a,)
    assert project.undo_title == "add box"


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_is_not_finite_is_never_stored(project, value):
    for bad in (box(project, x=value), box(project, score=value)):
        with pytest.raises(ValueError, match="not finite"):
            project.apply(add(bad))
    assert project.annotations(1) == ()
    assert project.undo_title is None


def test_a_numpy_number_is_refused_instead_of_stored_as_bytes(project):
    with pytest.raises(TypeError):
        project.apply(add(replace(box(project), score=np.float32(0.5))))
    assert project.annotations(1) == ()


def test_boxes_need_their_image_and_class(project):
    for bad in (box(project, image_id=99), box(project, label=99)):
        with pytest.raises(Exception, match="FOREIGN KEY"):
            project.apply(add(bad))
    assert project.undo_title is None


def test_an_image_and_its_boxes_come_and_go_in_one_edit_in_any_order(project):
    image = ImageRecord(project.new_id(), "饭 🍚/a b.jpg", (4, 4))
    a = box(project, image_id=image.id)
    project.apply(Edit("both", (Change(("annotation", a.id), None, a), Change(("image", image.id), None, image))))
    assert project.annotations(image.id) == (a,)
    project.undo()
    with pytest.raises(KeyError):
        project.image(image.id)


def test_two_images_may_swap_their_paths(project):
    one, two = project.image(1), project.image(2)
    changes = (Change(("image", 1), one, replace(one, path=two.path)), Change(("image", 2), two, replace(two, path=one.path)))
    project.apply(Edit("swap", changes))
    assert [i.path for i in project.images()] == ["2.jpg", "1.jpg", "3.jpg"]


def test_class_names_stay_unique(project):
    rename = Edit("rename", (Change(("class", 1), FoodClass("rice"), FoodClass("egg")),))
    with pytest.raises(InputError, match="egg"):
        project.apply(rename)
    assert project.classes().names == ("egg", "rice")


def test_a_class_goes_to_the_end_of_the_list(project):
    with pytest.raises(ConflictError, match="labels"):
        project.apply(Edit("gap", (Change(("class", 5), None, FoodClass("bun")),)))
    project.apply(Edit("add", (Change(("class", 2), None, FoodClass("bun")),)))
    assert project.classes().names == ("egg", "rice", "bun")


def test_ids_are_never_given_twice(project, folder):
    first = box(project)
    project.apply(add(first))
    project.undo()
    given = {first.id} | {project.new_id() for _ in range(1500)}
    with Project.open(folder) as other:
        given |= {other.new_id() for _ in range(10)}
        given.add(project.new_id())
    project.close()
    with Project.open(folder) as again:
        given |= {again.new_id() for _ in range(10)}
    assert len(given) == 1 + 1500 + 10 + 1 + 10
    assert min(given) > 3


def test_counts_are_of_accepted_boxes(project):
    boxes = [box(project), box(project, label=1), box(project, label=1), box(project, image_id=2)]
    project.apply(add(*boxes, box(project, image_id=3, state=AnnotationState.SUGGESTED, score=0.5)))
    assert project.class_counts() == {0: 2, 1: 2}
    assert project.class_counts()[2] == 0
    assert project.box_counts() == {1: 3, 2: 1}
    assert project.boxes_by_image() == {1: {0: 1, 1: 2}, 2: {0: 1}}
    project.apply(of_image(project.image(1), state=ImageState.DONE))
    assert project.state_counts() == {ImageState.DONE: 1, ImageState.UNLABELLED: 2}


def test_boxes_of_some_images_come_as_arrays(project):
    crowd, suggested = box(project, extra={"iscrowd": 1}), box(project, state=AnnotationState.SUGGESTED, score=0.5)
    project.apply(add(box(project, image_id=2, label=1, x=0.5), box(project), box(project, image_id=3), crowd, suggested))
    image_ids, labels, boxes_xyxy = project.boxes([2, 1])
    assert (image_ids.tolist(), labels.tolist()) == ([1, 2], [0, 1])
    assert boxes_xyxy.tolist() == [[0.25, 1.0, 10.375, 11.0], [0.5, 1.0, 10.625, 11.0]]
    assert [part.shape for part in project.boxes([])] == [(0,), (0,), (0, 4)]


def test_the_labelled_set_has_accepted_boxes_of_labelled_images(project):
    kept, suggested = box(project), box(project, state=AnnotationState.SUGGESTED, score=0.9)
    elsewhere, only_suggested = box(project, image_id=2), box(project, image_id=3, state=AnnotationState.SUGGESTED, score=0.9)
    project.apply(add(kept, suggested, elsewhere, only_suggested))
    project.apply(of_image(project.image(1), state=ImageState.IN_PROGRESS, split=Split.TRAIN))
    project.apply(of_image(project.image(3), state=ImageState.IN_PROGRESS, split=Split.TRAIN))
    labelled = project.labelled_set()
    assert [i.id for i in labelled.images] == [1]
    assert labelled.annotations == {1: (kept,)}
    assert labelled.path(labelled.images[0]) == project.path(project.image(1))

    project.apply(of_image(project.image(3), state=ImageState.EMPTY, split=Split.VAL))
    assert [i.id for i in project.labelled_set().images] == [1, 3]
    assert project.labelled_set(Split.VAL).annotations == {3: ()}


def test_settings_hold_json_and_stand_outside_the_history(project, folder):
    project.set_setting("weights", {"path": "runs/0001-train", "饭": [1, 2.5, None]})
    project.set_setting("zoom", 2)
    project.set_setting("zoom", 3)
    assert project.undo_title is None
    with Project.open(folder) as again:
        assert again.get_setting("weights") == {"path": "runs/0001-train", "饭": [1, 2.5, None]}
        assert again.get_setting("zoom") == 3
        assert again.get_setting("nothing", "default") == "default"


def test_runs_are_numbered_on_by_kind(project):
    made = [project.new_run("train"), project.new_run("finetune"), project.new_run("train")]
    assert [m.name for m in made] == ["0001-train", "0002-finetune", "0003-train"]
    made[1].rmdir()
    assert project.new_run("evaluate").name == "0004-evaluate"
    assert [f.name for f in project.run_folders()] == ["0001-train", "0003-train", "0004-evaluate"]
    assert project.newest_weights() is None
    for run in ("0001-train", "0003-train"):
        (project.runs / run / "weights.safetensors").touch()
    assert project.newest_weights() == project.runs / "0003-train" / "weights.safetensors"


def test_a_project_moves_together_with_its_images(project, folder, tmp_path):
    project.close()
    moved = tmp_path / "elsewhere 家"
    moved.mkdir()
    folder.rename(moved / folder.name)
    with Project.open(moved / folder.name) as again:
        assert again.path(again.image(1)) == moved.resolve() / "photos" / "1.jpg"


def test_an_existing_folder_is_never_taken_for_a_new_project(project, folder):
    with pytest.raises(InputError, match="exists already"):
        Project.create(folder, folder.parent)
    with pytest.raises(InputError, match=r"does not end in \.foodet"):
        Project.create(folder.parent / "plain", folder.parent)


def test_a_creation_that_fails_leaves_nothing(tmp_path):
    twice = [ImageRecord(1, "a.jpg", (1, 1)), ImageRecord(2, "a.jpg", (1, 1))]
    with pytest.raises(Exception, match="UNIQUE"):
        Project.create(tmp_path / "x.foodet", tmp_path, images=twice)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder that this user may not write to")
def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="cannot be made"):
        Project.create(tmp_path / "x.foodet", tmp_path)


def test_counts_follow_edits_undo_and_other_writers(project, folder):
    first, second = box(project), box(project, label=1)
    assert project.class_counts() == {}
    project.apply(add(first, second, box(project, state=AnnotationState.SUGGESTED)))
    assert project.class_counts() == {0: 1, 1: 1}
    project.apply(Edit("class", (Change(("annotation", first.id), first, replace(first, label=1)),)))
    project.apply(of_image(project.image(2), state=ImageState.DONE))
    assert project.class_counts() == {1: 2}
    assert project.state_counts() == {ImageState.DONE: 1, ImageState.UNLABELLED: 2}
    project.undo()
    project.undo()
    assert (project.class_counts(), project.state_counts()) == ({0: 1, 1: 1}, {ImageState.UNLABELLED: 3})
    with Project.open(folder) as other:
        other.apply(add(box(other), box(other)))
        assert other.class_counts() == {0: 3, 1: 1}
    project.apply(Edit("delete", (Change(("annotation", second.id), second, None),)))
    assert project.class_counts() == {0: 3}
    with pytest.raises(ConflictError):
        project.apply(Edit("again", (Change(("annotation", second.id), second, None),)))
    assert project.class_counts() == {0: 3}


def test_a_parent_that_is_a_file_is_an_input_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be made"):
        Project.create(tmp_path / "file" / "x.foodet", tmp_path)


def test_boxes_of_some_images_are_those_of_each(project):
    boxes = [Annotation(project.new_id(), image_id, 0, (1.0, 2.0, 30.0, 40.0)) for image_id in (3, 1, 3)]
    project.apply(Edit("boxes", tuple(Change(("annotation", box.id), None, box) for box in boxes)))
    assert project.some_annotations([1, 2, 3, 999]) == {1: (boxes[1],), 3: (boxes[0], boxes[2])}
    assert project.some_annotations([2, 3]) == {3: project.annotations(3)}


def test_images_are_asked_for_by_the_thousand_and_those_that_are_gone_are_left_out(tmp_path):
    images = [ImageRecord(n, f"{n}.jpg", (3, 4)) for n in range(1, 1501)]
    with Project.create(tmp_path / "many.foodet", tmp_path, images=images) as project:
        assert project.some_images(range(0, 1502)) == {image.id: image for image in images}
        assert project.some_images([]) == {}


def test_what_is_not_a_project_is_told_in_one_line(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        Project.open(tmp_path / ("x" * 300 + ".foodet"))  # stands for every path that the system will not look at
    with pytest.raises(InputError, match="does not exist"):
        Project.open(tmp_path / "no.foodet")
    folder = tmp_path / "x.foodet"
    folder.mkdir()
    with pytest.raises(InputError, match="is not a foodet project"):
        Project.open(folder)
    (folder / "project.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(InputError, match="is not a database"):
        Project.open(folder)


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path):
    folder = tmp_path / "x.foodet"
    folder.mkdir()
    foreign = sqlite3.connect(folder / "project.db")
    foreign.execute("CREATE TABLE t (x)")
    foreign.close()
    content = (folder / "project.db").read_bytes()
    with pytest.raises(InputError, match="another program"):
        Project.open(folder)
    assert (folder / "project.db").read_bytes() == content
