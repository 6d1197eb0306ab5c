import os
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from foodet_core.config import AddJob
from foodet_core.errors import InputError
from foodet_core.events import Finished, Notice, Progress, Started, to_line
from foodet_core.pixels import write_jpeg
from foodet_core.project import scan
from foodet_core.project.edits import Change, Edit
from foodet_core.project.measure import content_hash
from foodet_core.project.scan import add_images, complete, find_images, new_project
from foodet_core.project.store import Project
from foodet_core.types import NOT_MEASURED, Annotation, ClassList, ImageState


def picture(path, height=6, width=8):
    write_jpeg(path, np.full((height, width, 3), 90, np.uint8))


@pytest.fixture
def photos(tmp_path):
    """Three pictures in natural order, one in a folder of Chinese name."""
    root = tmp_path / "photos"
    for name in ("10.jpg", "2.jpg", "饭 馆/1.jpg"):
        picture(root / name)
    return root


def test_images_come_in_the_order_a_person_counts(tmp_path):
    names = ["IMG2.jpg", "img10.PNG", "img10a.jpg", "a/9.webp", "a/10.webp", "b1/x.jpg", "b1/x10.jpg", "b10/x.jpg"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    expected = ["a/9.webp", "a/10.webp", "b1/x.jpg", "b1/x10.jpg", "b10/x.jpg", "IMG2.jpg", "img10.PNG", "img10a.jpg"]
    assert [p.relative_to(tmp_path).as_posix() for p in find_images(tmp_path)] == expected


def test_projects_hidden_folders_and_other_files_are_passed_over(photos):
    for name in ("x.foodet/runs/overlay.jpg", ".thumbnails/1.jpg", ".hidden.jpg", "notes.txt"):
        (photos / name).parent.mkdir(parents=True, exist_ok=True)
        (photos / name).touch()
    assert len(list(find_images(photos))) == 3


def test_a_project_is_made_of_all_images(photos, folder):
    events = list(new_project(folder, photos, ClassList.of(["egg"])))
    assert [type(e) for e in events] == [Started, Progress, Progress, Finished]
    assert events[0].detail == {"images": 3, "first": str(photos / "2.jpg")}
    assert events[-1].text == "Made the project meals of 3 images."
    with Project.open(folder) as project:
        assert [i.path for i in project.images()] == ["2.jpg", "10.jpg", "饭 馆/1.jpg"]
        assert {i.size_hw for i in project.images()} == {(6, 8)}
        assert {i.state for i in project.images()} == {ImageState.UNLABELLED}
        assert all(project.path(i).is_file() for i in project.images())
        assert project.classes().names == ("egg",)
        assert project.undo_title is None
        assert project.new_id() > 3


def test_the_content_hash_tells_pictures_apart(tmp_path, folder):
    picture(tmp_path / "p/a.jpg")
    picture(tmp_path / "p/same.jpg")
    picture(tmp_path / "p/z.jpg", height=7)
    list(new_project(folder, tmp_path / "p"))
    with Project.open(folder) as project:
        a, same, other = (i.content_hash for i in project.images())
    assert a == same != other
    assert len(a) == 32


def test_large_files_are_told_apart_by_their_ends_and_their_length(tmp_path):
    picture(tmp_path / "a.jpg")
    photo = (tmp_path / "a.jpg").read_bytes()
    middle = bytes(range(256)) * 1000
    hashes = []
    for content in (photo + middle, photo + middle, photo + middle[:-1] + b"x", photo + middle + middle):
        (tmp_path / "a.jpg").write_bytes(content)
        hashes.append(content_hash(tmp_path / "a.jpg"))
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3


def test_uncompressed_pictures_that_agree_at_both_ends_are_told_apart(tmp_path):
    picture = np.zeros((200, 400, 3), np.uint8)
    Image.fromarray(picture).save(tmp_path / "a.bmp")
    picture[100] = 255
    Image.fromarray(picture).save(tmp_path / "b.bmp")
    assert content_hash(tmp_path / "a.bmp") != content_hash(tmp_path / "b.bmp")


def test_a_picture_turned_by_exif_has_its_upright_size(tmp_path, folder):
    image = Image.new("RGB", (8, 6))
    exif = image.getexif()
    exif[0x0112] = 6
    (tmp_path / "p").mkdir()
    image.save(tmp_path / "p/a.jpg", exif=exif)
    list(new_project(folder, tmp_path / "p"))
    with Project.open(folder) as project:
        assert project.images()[0].size_hw == (8, 6)


def test_a_photo_brings_the_date_it_was_taken_on(tmp_path, folder):
    (tmp_path / "p").mkdir()
    image = Image.new("RGB", (8, 6))
    for name, taken in (("a", "2026:11:25 18:10:00"), ("b", "0000:00:00 00:00:00"), ("c", "")):
        exif = image.getexif()
        if taken:
            exif.get_ifd(0x8769)[0x9003] = taken
        image.save(tmp_path / f"p/{name}.jpg", exif=exif)
    list(new_project(folder, tmp_path / "p"))
    with Project.open(folder) as project:
        assert [dict(image.extra) for image in project.images()] == [{"date_captured": "2026-11-25 18:10:00"}, {}, {}]


def test_files_that_cannot_be_read_are_named_and_left_out(photos, folder):
    (photos / "1 broken.jpg").write_bytes(b"\xff\xd8 not a picture")
    events = list(new_project(folder, photos))
    (notice,) = [e for e in events if isinstance(e, Notice)]
    assert notice.level == "warning"
    assert "1 broken.jpg" in notice.text
    assert events[-1].detail == {"images": 3, "skipped": 1}
    with Project.open(folder) as project:
        assert [i.path for i in project.images()] == ["2.jpg", "10.jpg", "饭 馆/1.jpg"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are no text")
def test_a_file_name_that_is_no_text_is_left_out(photos, folder):
    (photos / "2.jpg").rename(photos / os.fsdecode(b"\xff.jpg"))
    events = list(new_project(folder, photos))
    assert any(isinstance(e, Notice) for e in events)
    assert all(to_line(e).encode() for e in events)
    assert events[-1].detail == {"images": 2, "skipped": 1}


def test_progress_goes_up_and_tells_the_time_left(photos, folder, monkeypatch):
    monkeypatch.setattr(scan, "_TICK_SECONDS", 0.0)
    progress = [e for e in new_project(folder, photos) if isinstance(e, Progress)]
    assert [(p.done, p.total) for p in progress] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert progress[0].seconds_left is None
    assert all(p.seconds_left is not None and p.seconds_left >= 0 for p in progress[1:])
    assert all(a.done < b.done for a, b in pairwise(progress))


def test_a_stopped_creation_leaves_nothing(photos, folder, monkeypatch):
    monkeypatch.setattr(scan, "_TICK_SECONDS", 0.0)
    before = sorted(folder.parent.rglob("*"))
    creation = new_project(folder, photos)
    next(creation)
    next(creation)
    creation.close()
    assert sorted(folder.parent.rglob("*")) == before


def test_a_folder_without_images_makes_no_project(tmp_path, folder):
    (tmp_path / "p").mkdir()
    (tmp_path / "p/broken.png").touch()
    with pytest.raises(InputError, match="no image that can be read"):
        list(new_project(folder, tmp_path / "p"))
    with pytest.raises(InputError, match="is not a folder"):
        list(new_project(folder, tmp_path / "missing"))
    assert not folder.exists()


def test_an_existing_project_is_refused_before_any_work(photos, folder):
    folder.mkdir()
    with pytest.raises(InputError, match="exists already"):
        next(iter(new_project(folder, photos)))


def images_of(project):
    with Project.open(project) as opened:
        return opened.images()


def complete_all(project):
    """Measure what is left; the texts of the notices."""
    with Project.open(project) as opened:
        return [event.text for event in complete(opened) if isinstance(event, Notice)]


def test_a_project_of_names_knows_the_size_of_its_first_image_alone(photos, folder):
    (photos / "1 broken.jpg").write_bytes(b"\xff\xd8 not a picture")
    *_, notice, last = new_project(folder, photos, measure_all=False)
    assert "1 broken.jpg" in notice.text
    assert last.detail == {"images": 3, "skipped": 1}
    first, *others = images_of(folder)
    assert (first.path, first.size_hw, len(first.content_hash)) == ("2.jpg", (6, 8), 32)
    assert [(i.path, i.size_hw, i.content_hash) for i in others] == [
        ("10.jpg", NOT_MEASURED, ""),
        ("饭 馆/1.jpg", NOT_MEASURED, ""),
    ]


def test_who_makes_a_project_has_its_images_without_reading_them(photos, folder):
    def made():
        returned.extend((yield from new_project(folder, photos, measure_all=False)))

    returned = []
    list(made())
    assert returned == images_of(folder)


def test_a_project_of_names_is_completed_to_what_it_would_have_been(photos, folder):
    list(new_project(folder, photos, measure_all=False))
    assert complete_all(folder) == []
    list(new_project(folder.with_name("other.foodet"), photos))
    assert images_of(folder) == images_of(folder.with_name("other.foodet"))
    with Project.open(folder) as project:
        assert list(complete(project)) == []
        assert project.undo_title is None


def test_completing_names_and_leaves_out_what_cannot_be_read(photos, folder):
    (photos / "3.jpg").write_bytes(b"\xff\xd8 not a picture")
    list(new_project(folder, photos, measure_all=False))
    with Project.open(folder) as project:
        assert project.state_counts()[ImageState.UNLABELLED] == 4
        (told,) = [event.text for event in complete(project) if isinstance(event, Notice)]
        assert project.state_counts()[ImageState.UNLABELLED] == 3
    assert "3.jpg" in told
    assert [i.path for i in images_of(folder)] == ["2.jpg", "10.jpg", "饭 馆/1.jpg"]


def test_no_image_is_left_out_while_its_disk_is_out_of_reach(photos, folder):
    list(new_project(folder, photos, measure_all=False))
    photos.rename(photos.with_name("unplugged"))
    with pytest.raises(InputError, match="out of reach"):
        complete_all(folder)
    photos.with_name("unplugged").rename(photos)
    assert complete_all(folder) == []
    assert all(image.is_measured for image in images_of(folder))


def test_what_was_measured_by_another_window_stays_as_it_is(photos, folder):
    list(new_project(folder, photos, measure_all=False))
    with Project.open(folder) as project:
        behind = project.images()[1]
        complete_all(folder)
        project.keep_measured([replace(behind, size_hw=(1, 1), content_hash="x")])
        project.keep_measured([], [behind])
        assert project.image(behind.id).size_hw == (6, 8)


def test_images_that_are_added_meet_those_known_by_their_names(photos, folder, tmp_path):
    for number, name in enumerate(("2.jpg", "10.jpg")):
        shade(photos / name, 10 + 50 * number)
    list(new_project(folder, photos, measure_all=False))
    shade(tmp_path / "else" / "copy.jpg", 60)  # what 10.jpg shows
    last, notices = add(folder, tmp_path / "else")
    assert last.detail["images"] == 0
    assert notices == ["Left out copy.jpg: the project has the same picture already."]
    assert all(image.is_measured for image in images_of(folder))


def test_a_file_that_was_renamed_before_it_was_measured_is_there_under_its_new_name(photos, folder):
    shade(photos / "10.jpg", 60)
    list(new_project(folder, photos, measure_all=False))
    (photos / "10.jpg").rename(photos / "11.jpg")
    add(folder, photos)
    assert [i.path for i in images_of(folder)] == ["2.jpg", "饭 馆/1.jpg", "11.jpg"]


def add(project, *paths):
    """Add paths to a project; its last event, and the texts of the notices before it."""
    *others, last = add_images(AddJob(str(project), tuple(map(str, paths))))
    return last, [event.text for event in others if isinstance(event, Notice)]


def paths_of(project):
    with Project.open(project) as opened:
        return [image.path for image in opened.images()]


def shade(path, value):
    write_jpeg(path, np.full((6, 8, 3), value, np.uint8))


@pytest.fixture
def project(tmp_path):
    """A project of one picture in photos/."""
    shade(tmp_path / "photos" / "a.jpg", 10)
    list(new_project(tmp_path / "p.foodet", tmp_path / "photos"))
    return tmp_path / "p.foodet"


def test_files_and_folders_are_added_in_one_step_that_can_be_undone(project, tmp_path):
    shade(tmp_path / "photos" / "新 图.jpg", 20)
    shade(tmp_path / "else" / "deep" / "c.jpg", 30)
    last, notices = add(project, tmp_path / "photos" / "新 图.jpg", tmp_path / "else")
    assert (last.text, notices) == ("Added 2 images to p.", [])
    outside = (tmp_path / "else" / "deep" / "c.jpg").resolve().as_posix()
    assert paths_of(project) == ["a.jpg", "新 图.jpg", outside]
    with Project.open(project) as opened:
        assert all(image.content_hash and image.size_hw == (6, 8) for image in opened.images())
        assert opened.undo_title == "add 2 images"
        opened.undo()
    assert paths_of(project) == ["a.jpg"]


def test_what_is_there_already_is_not_added_again(project, tmp_path):
    last, notices = add(project, tmp_path / "photos", tmp_path / "photos" / "a.jpg")
    assert (last.text, notices) == ("Nothing to add: no image there is new to p.", [])
    shade(tmp_path / "else" / "copy.jpg", 10)
    last, notices = add(project, tmp_path / "else")
    assert last.detail["images"] == 0
    assert notices == ["Left out copy.jpg: the project has the same picture already."]
    assert paths_of(project) == ["a.jpg"]


def test_an_image_goes_with_its_file_and_keeps_its_boxes(project, tmp_path):
    with Project.open(project) as opened:
        (image,) = opened.images()
        opened.apply(Edit("class", (Change(("class", 0), None, ClassList.of(["egg"])[0]),)))
        box = Annotation(opened.new_id(), image.id, 0, (1.0, 1.0, 5.0, 5.0))
        opened.apply(Edit("draw", (Change(("annotation", box.id), None, box),)))
    (tmp_path / "photos" / "day 1").mkdir()
    (tmp_path / "photos" / "a.jpg").rename(tmp_path / "photos" / "day 1" / "b.jpg")
    last, _ = add(project, tmp_path / "photos")
    assert last.text == "Added 0 images to p. 1 image went with files that were moved."
    assert paths_of(project) == ["day 1/b.jpg"]
    with Project.open(project) as opened:
        assert opened.annotations(image.id) == (box,)


def test_half_a_file_is_left_out_and_told(project, tmp_path):
    whole = tmp_path / "whole.jpg"
    write_jpeg(whole, np.random.default_rng(0).integers(0, 255, (300, 400, 3), np.uint8))
    for name, content in (("half.jpg", whole.read_bytes()[:-20_000]), ("notes.png", b"hello")):
        (tmp_path / "photos" / name).write_bytes(content)
    last, (notice,) = add(project, tmp_path / "photos")
    assert last.text == "No image was added."
    assert "half.jpg, notes.png" in notice
    (tmp_path / "photos" / "half.jpg").write_bytes(whole.read_bytes())
    add(project, tmp_path / "photos")
    assert paths_of(project) == ["a.jpg", "half.jpg"]


def test_what_was_left_out_is_told_before_anything_is_written(project, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    write_jpeg(tmp_path / "new.jpg", np.full((30, 40, 3), 77, np.uint8))
    run = add_images(AddJob(str(project), (str(tmp_path / "broken.jpg"), str(tmp_path / "new.jpg"))))
    assert any(isinstance(event, Notice) for event in run)  # and no further
    with Project.open(project) as opened:
        before = len(opened.images())
    assert isinstance(next(run), Finished)
    with Project.open(project) as opened:
        assert len(opened.images()) == before + 1


def test_adding_what_does_not_exist_is_an_input_error(project, tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        add(project, tmp_path / "none")
