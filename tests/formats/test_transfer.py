import json
import threading
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from PIL import Image

from foodet_core.config import ExportJob, ImportJob
from foodet_core.errors import InputError
from foodet_core.events import Finished, Notice, Progress
from foodet_core.formats import FORMATS, coco
from foodet_core.formats.transfer import export_annotations, import_annotations
from foodet_core.pixels import write_jpeg
from foodet_core.project.edits import Change, Edit
from foodet_core.project.scan import new_project
from foodet_core.project.store import Project
from foodet_core.types import Annotation, AnnotationState, ClassList, FoodClass, ImageRecord, ImageState, Split
from foodet_core.worker import stoppable


@pytest.fixture
def folder(tmp_path, photos):
    """A project of all photos with the classes tea and rice."""
    made = tmp_path / "meals.foodet"
    list(new_project(made, photos, ClassList.of(["tea", "rice"])))
    return made


@pytest.fixture
def run(folder, write_file):
    """Import a COCO file's content into the project; returns the events."""

    def import_content(content, **options):
        return list(import_annotations(ImportJob(str(folder), str(write_file(content)), **options)))

    return import_content


def state(folder):
    """Everything that an import may change."""
    with Project.open(folder) as project:
        images = project.images()
        boxes = {i.path: project.annotations(i.id) for i in images}
        return project.classes(), images, boxes, project.undo_title


def by_path(folder):
    _, images, boxes, _ = state(folder)
    return {i.path: (i, boxes[i.path]) for i in images}


def change(folder, path, **values):
    with Project.open(folder) as project:
        image = next(i for i in project.images() if i.path == path)
        project.apply(Edit("change", (Change(("image", image.id), image, replace(image, **values)),)))


def test_boxes_come_to_their_images_and_classes(folder, run, content):
    events = run(content, split="val")
    assert [type(e) for e in events if not isinstance(e, Progress)] == [Notice, Finished]
    assert isinstance(events[0], Progress)
    assert events[-1].text == "Imported 3 boxes on 3 images: 0 images and 2 classes are new."
    classes, images, boxes, _ = state(folder)
    assert classes.names == ("tea", "rice", "鸡蛋 🥚", "never seen")
    assert classes[2] == FoodClass("鸡蛋 🥚", extra={"coco_id": 30, "supercategory": "food"})
    assert [a.label for a in boxes["a.jpg"]] == [2, 1]
    assert boxes["a.jpg"][0].box_xyxy == pytest.approx((0.1, 0.2, 10.4, 20.9))
    assert boxes["a.jpg"][1].is_crowd
    assert boxes["sub/饭.jpg"] == ()
    assert {i.path: i.state for i in images} == {
        "a.jpg": ImageState.DONE,
        "b.jpg": ImageState.DONE,
        "sub/饭.jpg": ImageState.EMPTY,
    }
    assert {i.split for i in images} == {Split.VAL}
    assert all(i.content_hash for i in images)


def test_what_a_project_has_no_place_for_is_said(run, content):
    (notice,) = [e for e in run(content) if isinstance(e, Notice)]
    assert "info, licenses" in notice.text


def test_an_import_is_one_step_and_undo_takes_all_of_it_back(folder, run, content):
    before = state(folder)
    run(content)
    after = state(folder)
    assert after[-1] == "import labels.json"
    with Project.open(folder) as project:
        project.undo()
        assert project.undo_title is None
    assert state(folder) == before
    with Project.open(folder) as project:
        project.redo()
    assert state(folder) == after


def test_importing_twice_doubles_nothing_and_leaves_no_step(folder, run, content):
    run(content, split="train")
    once = state(folder)
    events = run(content, split="train")
    assert events[-1].text == "Imported 0 boxes on 3 images: 0 images and 0 classes are new; 3 boxes were there already."
    assert state(folder) == once


def test_a_box_that_differs_by_more_than_rounding_is_another_box(folder, run, content):
    run(content)
    content["annotations"][2]["bbox"] = [1.02, 2, 3, 4]
    content["annotations"][0]["bbox"] = [0.105, 0.2, 10.3, 20.7]
    assert run(content)[-1].detail["boxes"] == 1
    assert len(by_path(folder)["b.jpg"][1]) == 2


def test_without_a_split_images_keep_theirs(folder, run, content):
    change(folder, "a.jpg", split=Split.TEST)
    run(content)
    assert by_path(folder)["a.jpg"][0].split is Split.TEST


def test_images_that_the_project_lacks_are_added(folder, run, content, photos, tmp_path):
    write_jpeg(photos / "new.jpg", np.full((40, 60, 3), 200, np.uint8))
    write_jpeg(tmp_path / "elsewhere.jpg", np.full((40, 60, 3), 250, np.uint8))
    content["images"][0]["file_name"] = "new.jpg"
    content["images"][1]["file_name"] = "../elsewhere.jpg"
    assert run(content)[-1].detail["new_images"] == 2
    found = by_path(folder)
    image, boxes = found["new.jpg"]
    assert (image.size_hw, len(image.content_hash), len(boxes)) == ((40, 60), 32, 2)
    outside, _ = found[(tmp_path.resolve() / "elsewhere.jpg").as_posix()]
    with Project.open(folder) as project:
        assert project.path(outside).is_file()


def test_names_may_be_relative_to_another_folder_than_the_root(folder, run, content, photos):
    content["images"] = [{"id": 7, "file_name": "饭.jpg", "width": 60, "height": 40}]
    content["annotations"] = [{"id": 1, "image_id": 7, "category_id": 2, "bbox": [1, 2, 3, 4]}]
    run(content, images=str(photos / "sub"))
    assert len(by_path(folder)["sub/饭.jpg"][1]) == 1


def test_boxes_a_person_drew_before_stay(folder, run, content):
    with Project.open(folder) as project:
        image = next(i for i in project.images() if i.path == "sub/饭.jpg")
        mine = Annotation(project.new_id(), image.id, 0, (1.0, 1.0, 5.0, 5.0))
        project.apply(Edit("draw", (Change(("annotation", mine.id), None, mine),)))
    run(content)
    image, boxes = by_path(folder)["sub/饭.jpg"]
    assert boxes == (mine,)
    assert image.state is ImageState.DONE


def test_an_import_says_which_classes_were_looked_for(folder, run, content):
    change(folder, "a.jpg", state=ImageState.DONE)  # for tea and rice, by a person
    run(content)
    assert by_path(folder)["a.jpg"][0].exhaustive is None  # tea and rice, and the file's three
    assert by_path(folder)["b.jpg"][0].exhaustive == {1, 2, 3}


def test_a_file_with_all_classes_makes_images_exhaustive_for_all(folder, run, content):
    content["categories"].append({"id": 77, "name": "tea"})
    run(content)
    assert {image.exhaustive for image, _ in by_path(folder).values()} == {None}


def test_new_classes_were_not_looked_for_on_other_finished_images(folder, run, content):
    change(folder, "sub/饭.jpg", state=ImageState.DONE)
    content["images"].pop()
    run(content)
    assert by_path(folder)["sub/饭.jpg"][0].exhaustive == {0, 1}


@pytest.mark.parametrize("known", [True, False])
def test_a_size_that_ignores_exif_is_refused(folder, run, content, photos, known):
    image = Image.new("RGB", (60, 40))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(photos / "turned.jpg", exif=exif)
    content["images"][0]["file_name"] = "turned.jpg"
    if known:
        with Project.open(folder) as project:
            record = ImageRecord(project.new_id(), "turned.jpg", (60, 40))
            project.apply(Edit("add", (Change(("image", record.id), None, record),)))
    before = state(folder)
    with pytest.raises(InputError, match=r"turned\.jpg: is 40 x 60 pixels.*EXIF orientation"):
        run(content)
    assert state(folder) == before


def test_an_error_in_the_last_annotation_writes_nothing(folder, run, content):
    before = state(folder)
    content["annotations"][2]["bbox"] = [100, 100, 5, 5]
    with pytest.raises(InputError, match="annotation 4"):
        run(content)
    assert state(folder) == before


def test_a_stopped_import_writes_nothing(folder, write_file, content):
    before = state(folder)
    importing = import_annotations(ImportJob(str(folder), str(write_file(content))))
    next(importing)
    importing.close()
    assert state(folder) == before


def test_a_change_in_the_window_during_an_import_is_told(folder, write_file, content):
    importing = import_annotations(ImportJob(str(folder), str(write_file(content))))
    next(importing)
    change(folder, "a.jpg", split=Split.TEST)
    with pytest.raises(InputError, match="changed by another window"):
        list(importing)


def test_unknown_formats_and_splits_are_input_errors(run, content):
    with pytest.raises(InputError, match=r"'kitti' is not known\. Formats are: coco, yolo, voc, labelme, csv, labelstudio"):
        run(content, format="kitti")
    with pytest.raises(InputError, match="'valid' is not a split"):
        run(content, split="valid")


def test_an_export_gives_back_what_was_imported(folder, run, content, tmp_path, photos):
    run(content, split="train")
    events = list(export_annotations(ExportJob(str(folder), str(tmp_path / "out.json"), split="train")))
    assert events[-1].text == "Exported 3 boxes on 3 images to out.json."
    written = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    names = {i["id"]: i["file_name"] for i in written["images"]}
    boxes = {(names[a["image_id"]], a["category_id"], *a["bbox"], a["iscrowd"]) for a in written["annotations"]}
    assert boxes == {("a.jpg", 30, 0.1, 0.2, 10.3, 20.7, 0), ("a.jpg", 2, 0, 0, 60, 40, 1), ("b.jpg", 2, 1, 2, 3, 4, 0)}
    assert set(names.values()) == {"a.jpg", "b.jpg", "sub/饭.jpg"}
    segmentation = next(a["segmentation"] for a in written["annotations"] if a["category_id"] == 30)
    assert segmentation == content["annotations"][0]["segmentation"]


def test_an_export_leaves_suggestions_and_unlabelled_images_out(folder, tmp_path):
    with Project.open(folder) as project:
        a = project.images()[0]
        box = Annotation(project.new_id(), a.id, 0, (1.0, 1.0, 5.0, 5.0))
        guess = Annotation(project.new_id(), a.id, 1, (1.0, 1.0, 9.0, 9.0), "0001-train", 0.5, AnnotationState.SUGGESTED)
        boxes = tuple(Change(("annotation", found.id), None, found) for found in (box, guess))
        project.apply(Edit("draw", (*boxes, Change(("image", a.id), a, replace(a, state=ImageState.IN_PROGRESS)))))
    list(export_annotations(ExportJob(str(folder), str(tmp_path / "out.json"))))
    written = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [i["file_name"] for i in written["images"]] == ["a.jpg"]
    assert [found["id"] for found in written["annotations"]] == [box.id]


def test_an_export_of_nothing_writes_no_file(folder, tmp_path):
    with pytest.raises(InputError, match="no labelled image"):
        list(export_annotations(ExportJob(str(folder), str(tmp_path / "out.json"))))
    assert not (tmp_path / "out.json").exists()


def test_progress_counts_the_images(run, content):
    progress = [e for e in run(content) if isinstance(e, Progress)]
    assert [(p.done, p.total) for p in progress] == [(0, 3), (3, 3)]


def notices(events):
    return [e.text for e in events if isinstance(e, Notice)]


@pytest.fixture
def labelled(folder, run, content):
    """The project with boxes on two images, an empty one, and two splits."""
    content["annotations"][1]["iscrowd"] = 0
    run(content, split="train")
    change(folder, "b.jpg", split=Split.VAL)
    return folder


def boxes_by_name(folder):
    with Project.open(folder) as project:
        names = project.classes().names
        return {
            image.path: sorted((names[a.label], *(round(v, 3) for v in a.box_xyxy)) for a in project.annotations(image.id))
            for image in project.images()
        }


@pytest.mark.parametrize("format", FORMATS)
def test_another_project_gets_by_any_format_what_this_one_has(labelled, tmp_path, photos, format):
    out, other = tmp_path / "out", tmp_path / "other.foodet"
    list(export_annotations(ExportJob(str(labelled), str(out), format)))
    list(new_project(other, photos))
    events = list(import_annotations(ImportJob(str(other), str(out), format)))
    assert events[-1].detail["new_images"] == 0
    assert boxes_by_name(other) == boxes_by_name(labelled)
    states = {path: image.state for path, (image, _) in by_path(other).items()}
    assert states == {"a.jpg": ImageState.DONE, "b.jpg": ImageState.DONE, "sub/饭.jpg": ImageState.EMPTY}
    if format not in ("coco", "labelme"):
        splits = {path: image.split for path, (image, _) in by_path(other).items()}
        assert splits == {"a.jpg": Split.TRAIN, "b.jpg": Split.VAL, "sub/饭.jpg": Split.TRAIN}


@pytest.mark.parametrize("format", FORMATS)
def test_an_export_imported_again_changes_nothing(labelled, tmp_path, format):
    before = boxes_by_name(labelled)
    list(export_annotations(ExportJob(str(labelled), str(tmp_path / "out"), format)))
    finished = list(import_annotations(ImportJob(str(labelled), str(tmp_path / "out"), format)))[-1]
    assert (finished.detail["boxes"], finished.detail["known_boxes"], finished.detail["new_images"]) == (0, 3, 0)
    assert boxes_by_name(labelled) == before


def test_copies_of_images_are_taken_for_the_originals_and_it_is_told(labelled, tmp_path):
    out = tmp_path / "out"
    list(export_annotations(ExportJob(str(labelled), str(out), "yolo")))
    (out / "labels/train/sub/饭.txt").write_text("0 .5 .5 .5 .5\n")
    events = list(import_annotations(ImportJob(str(labelled), str(out), "yolo")))
    text = "images/train/a.jpg, images/train/sub/饭.jpg, images/val/b.jpg."
    assert notices(events) == [f"Copies of the project's images, whose boxes went to the originals (3): {text}"]
    assert [a.box_xyxy for a in by_path(labelled)["sub/饭.jpg"][1]] == [(15, 10, 45, 30)]


def test_of_two_copies_of_one_image_the_second_is_an_image_of_its_own(folder, run, content, photos):
    for name in ("copy.jpg", "again.jpg"):
        (photos / name).write_bytes((photos / "b.jpg").read_bytes())
    content["images"][1]["file_name"] = "copy.jpg"
    content["images"].append({"id": 99, "file_name": "again.jpg", "width": 60, "height": 40})
    assert run(content)[-1].detail["new_images"] == 1
    assert {path: len(boxes) for path, (_, boxes) in by_path(folder).items()} == {
        "a.jpg": 2,
        "b.jpg": 1,
        "sub/饭.jpg": 0,
        "again.jpg": 0,
    }


def test_an_image_that_the_file_names_is_never_given_to_its_copy(folder, run, content, photos):
    (photos / "copy.jpg").write_bytes((photos / "b.jpg").read_bytes())
    content["images"].insert(0, {"id": 99, "file_name": "copy.jpg", "width": 60, "height": 40})
    assert run(content)[-1].detail["new_images"] == 1
    assert len(by_path(folder)["b.jpg"][1]) == 1


def test_a_split_that_a_file_says_is_kept_and_a_move_is_told(labelled, tmp_path):
    out = tmp_path / "out.csv"
    list(export_annotations(ExportJob(str(labelled), str(out), "csv")))
    change(labelled, "a.jpg", split=Split.TEST)
    change(labelled, "b.jpg", split=Split.NONE)
    events = list(import_annotations(ImportJob(str(labelled), str(out), "csv")))
    assert notices(events) == ["Images moved to the split that the file says (1): a.jpg."]
    assert [by_path(labelled)[path][0].split for path in ("a.jpg", "b.jpg")] == [Split.TRAIN, Split.VAL]
    events = list(import_annotations(ImportJob(str(labelled), str(out), "csv", split="test")))
    assert notices(events) == []
    assert {image.split for image, _ in by_path(labelled).values()} == {Split.TEST}


def test_what_a_file_cannot_hold_is_told_and_not_counted(folder, run, content, tmp_path):
    run(content)
    events = list(export_annotations(ExportJob(str(folder), str(tmp_path / "out.csv"), "csv")))
    assert notices(events) == [
        "Images whose crowd regions are left out (1): a.jpg.",
        "Classes that the file has no place for, since no box has them (2): tea, never seen.",
    ]
    assert events[-1].text == "Exported 2 boxes on 3 images to out.csv."


def test_images_of_a_split_alone_are_written(labelled, tmp_path):
    list(export_annotations(ExportJob(str(labelled), str(tmp_path / "out"), "voc", split="val")))
    assert [p.name for p in (tmp_path / "out" / "Annotations").rglob("*.xml")] == ["b.xml"]


def export(folder, path, **options):
    return list(export_annotations(ExportJob(str(folder), str(path), **options)))


def exported(path):
    data = json.loads(path.read_text(encoding="utf-8"))
    return {image["file_name"] for image in data["images"]}


def test_an_export_of_finished_images_leaves_out_those_in_progress(folder, run, content, tmp_path):
    run(content)
    change(folder, "b.jpg", state=ImageState.IN_PROGRESS)
    export(folder, tmp_path / "all.json")
    export(folder, tmp_path / "done.json", done=True)
    assert exported(tmp_path / "all.json") == {"a.jpg", "b.jpg", "sub/饭.jpg"}
    assert exported(tmp_path / "done.json") == {"a.jpg", "sub/饭.jpg"}


def test_an_export_of_chosen_images_takes_no_others(folder, run, content, tmp_path):
    run(content)
    chosen = by_path(folder)["sub/饭.jpg"][0].id
    export(folder, tmp_path / "chosen.json", images=(chosen, 10**9))
    assert exported(tmp_path / "chosen.json") == {"sub/饭.jpg"}
    with pytest.raises(InputError, match="no labelled image"):
        export(folder, tmp_path / "none.json", images=())


def test_shares_divide_the_images_of_no_split_and_others_keep_theirs(folder, run, content, photos, tmp_path):
    for n in range(20):
        write_jpeg(photos / f"{n}.jpg", np.full((40, 60, 3), 5 * n, np.uint8))
        content["images"].append({"id": 100 + n, "file_name": f"{n}.jpg", "width": 60, "height": 40})
    run(content)
    change(folder, "a.jpg", split=Split.TEST)
    events = export(folder, tmp_path / "out", val=0.2, test=0.1)
    assert events[-1].detail == {"images": 23, "boxes": 3}
    parts = {path.stem: exported(path) for path in (tmp_path / "out").iterdir()}
    assert {name: len(names) for name, names in parts.items()} == {"train": 16, "val": 4, "test": 3}
    assert "a.jpg" in parts["test"]
    assert not parts["train"] & parts["val"]
    assert {image.split for image, _ in by_path(folder).values()} == {Split.NONE, Split.TEST}  # the project keeps its own
    export(folder, tmp_path / "again", val=0.2, test=0.1)
    assert {path.stem: exported(path) for path in (tmp_path / "again").iterdir()} == parts


@pytest.mark.parametrize("name", ["yolo", "voc", "labelme", "csv"])
def test_splits_come_out_of_every_format(folder, run, content, tmp_path, photos, name):
    run(content)
    path = tmp_path / f"out{FORMATS[name].suffix}"
    export(folder, path, format=name, val=0.4)
    parts = [path] if FORMATS[name].splits else sorted(path.iterdir())
    sets = [FORMATS[name].read(part, photos) for part in parts]
    assert sum(len(labelled.images) for labelled in sets) == 3
    if len(sets) == 1:
        assert Split.NONE not in {image.split for image in sets[0].images}
    else:
        assert [part.name for part in parts] == ["train", "val"]


def test_shares_that_leave_nothing_to_train_on_are_refused(folder, run, content, tmp_path):
    run(content)
    with pytest.raises(InputError, match="leave no image to train on"):
        export(folder, tmp_path / "out", val=0.6, test=0.4)
    assert not (tmp_path / "out").exists()


def test_a_stopped_export_leaves_nothing(folder, run, content, tmp_path, monkeypatch):
    run(content)
    began, go_on = threading.Event(), threading.Event()

    def slow(source, target):
        began.set()
        go_on.wait(10)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"")

    monkeypatch.setattr("foodet_core.formats.yolo.copy_image", slow)
    exporting = export_annotations(ExportJob(str(folder), str(tmp_path / "out"), "yolo"))
    assert isinstance(next(exporting), Progress)
    began.wait(10)
    go_on.set()
    exporting.close()
    assert not [p.name for p in tmp_path.iterdir() if "out" in p.name]


def test_an_export_stopped_while_its_file_is_written_leaves_what_was_there(folder, run, content, tmp_path, monkeypatch):
    run(content)
    target = tmp_path / "out.json"
    target.write_text("dear diary")
    began, go_on = threading.Event(), threading.Event()
    write_whole = coco.write_whole

    def slow(path, text):
        began.set()
        go_on.wait(10)
        write_whole(path, text)

    monkeypatch.setattr(coco, "write_whole", slow)
    exporting = export_annotations(ExportJob(str(folder), str(target), "coco"))
    assert isinstance(next(exporting), Progress)
    began.wait(10)
    go_on.set()
    exporting.close()
    assert target.read_text() == "dear diary"
    assert [p.name for p in tmp_path.iterdir() if "out" in p.name] == ["out.json"]


@pytest.mark.parametrize("split", [None, 0.5])
@pytest.mark.parametrize("name", FORMATS)
def test_an_export_that_is_said_to_be_stopped_is_not_there(folder, run, content, tmp_path, name, split):
    content["annotations"][0]["iscrowd"] = 1  # most formats have no place for it, which is told
    run(content)
    job = ExportJob(str(folder), str(tmp_path / "out"), name, val=split)
    for after in count(1):  # stopped after one event more each time, until it comes to its end
        seen = count(1)
        *_, end = stoppable(export_annotations(job), lambda seen=seen, after=after: next(seen) == after)
        assert (tmp_path / "out").exists() == (end.outcome == "done")
        if end.outcome == "done":
            break


def test_what_cannot_be_written_is_told_of_the_place_that_was_given(folder, run, content, tmp_path):
    run(content)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"file/out\.json: cannot be written"):
        export(folder, tmp_path / "file" / "out.json")


def test_without_a_format_it_is_recognised_or_refused(folder, content, write_file, tmp_path):
    first = list(import_annotations(ImportJob(str(folder), str(write_file(content)))))
    assert first[-1].detail["boxes"] == 3
    write_file({"hello": 1}, "other.json")
    with pytest.raises(InputError, match=r"other\.json: is in no format that can be told\. Give its format: coco"):
        list(import_annotations(ImportJob(str(folder), str(tmp_path / "other.json"))))
    write_file(content, "second.json")
    with pytest.raises(InputError, match=r"can be read in 2 ways.*labels\.json \(coco\)"):
        list(import_annotations(ImportJob(str(folder), str(tmp_path))))


def test_what_a_project_keeps_to_itself_neither_leaves_it_nor_enters(folder, run, content, tmp_path):
    kept = {"foodet_hidden": True, "foodet_place": 1}
    with Project.open(folder) as project:
        tea, _ = project.classes()
        marked = [Change(("class", 0), tea, replace(tea, extra={**kept, "shelf": "b"}))]
        project.apply(Edit("mark", tuple(marked)))
    for section in ("images", "annotations", "categories"):
        content[section][0].update(foodet_place="x", foodet_hidden=[])
    run(content)
    with Project.open(folder) as project:
        classes = project.classes()
        assert classes[0].extra == {**kept, "shelf": "b"}
        extras = [*(c.extra for c in classes[1:]), *(i.extra for i in project.images())]
        extras += [a.extra for i in project.images() for a in project.annotations(i.id)]
        assert not [key for extra in extras for key in extra if key.startswith("foodet_")]
    export(folder, tmp_path / "out.json")
    assert "foodet_" not in (tmp_path / "out.json").read_text(encoding="utf-8")
    categories = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["categories"]
    assert [c["name"] for c in categories] == ["tea", "rice", "鸡蛋 🥚", "never seen"]
    assert categories[0]["shelf"] == "b"
