import os
import sys
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from foodet_core.errors import InputError
from foodet_core.events import Finished, Notice, Progress, to_line
from foodet_core.pixels import write_jpeg
from foodet_core.project import scan
from foodet_core.project.scan import find_images, new_project
from foodet_core.project.store import Project
from foodet_core.types import ClassList, ImageState


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
    assert [type(e) for e in events] == [Progress, Progress, Finished]
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
    assert next(to_line(e) for e in events if isinstance(e, Notice)).encode()
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
