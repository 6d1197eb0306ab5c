import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from sqlite3 import Connection

import pytest

from foodet_core.errors import InputError
from foodet_core.project import database
from foodet_core.project.edits import Change, Edit
from foodet_core.project.store import Project
from foodet_core.types import ImageRecord, ImageState


def rename(project, path):
    before = project.image(1)
    return Edit("rename", (Change(("image", 1), before, replace(before, path=path)),))


def test_a_project_of_a_newer_version_is_refused_and_left_alone(project, folder):
    project.close()
    with closing(sqlite3.connect(folder / "project.db")) as raw:
        raw.execute("PRAGMA user_version=99")
    with pytest.raises(InputError, match=r"newer foodet.*Update foodet"):
        Project.open(folder)


def test_an_older_project_is_lifted_step_by_step(project, folder, monkeypatch):
    def add_note(connection: Connection) -> None:
        connection.execute("CREATE TABLE note (text)")

    def fill_note(connection: Connection) -> None:
        connection.execute("INSERT INTO note VALUES ('lifted')")

    project.close()
    monkeypatch.setattr(database, "UPGRADES", (add_note, fill_note))
    for _ in range(2):  # the second opening has nothing left to do
        Project.open(folder).close()
    with closing(sqlite3.connect(folder / "project.db")) as raw:
        assert raw.execute("SELECT text FROM note").fetchall() == [("lifted",)]
        assert raw.execute("PRAGMA user_version").fetchone() == (3,)


def test_an_upgrade_that_fails_leaves_the_old_version(project, folder, monkeypatch):
    def break_off(connection: Connection) -> None:
        connection.execute("CREATE TABLE note (text)")
        raise RuntimeError("broken")

    project.close()
    with monkeypatch.context() as patch:
        patch.setattr(database, "UPGRADES", (break_off,))
        with pytest.raises(RuntimeError, match="broken"):
            Project.open(folder)
    with Project.open(folder) as again, again._database.read() as connection:
        assert connection.execute("SELECT * FROM sqlite_master WHERE name = 'note'").fetchall() == []


def test_a_commit_is_written_through_to_the_disk(project):
    with project._database.read() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def test_a_second_writer_is_told_so_and_readers_go_on(project, folder, monkeypatch):
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    with Project.open(folder) as second, project._database.write():
        with pytest.raises(InputError, match="another window or run"):
            second.apply(rename(second, "other.jpg"))
        assert second.image(1).path == "1.jpg"
    project.apply(rename(project, "mine.jpg"))


def test_two_open_projects_take_turns_and_see_each_other(project, folder):
    with Project.open(folder) as second:
        second.apply(rename(second, "a.jpg"))
        project.apply(rename(project, "b.jpg"))
        assert second.image(1).path == "b.jpg"
        project.undo()
        second.undo()
        assert project.image(1).path == "1.jpg"


def test_a_full_disk_is_an_input_error_and_loses_nothing(project):
    with project._database.read() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(InputError, match="disk is full"):
        project.apply(rename(project, "x" * 100_000))
    assert project.image(1).path == "1.jpg"
    assert project.undo_title is None


def test_a_damaged_database_is_an_input_error(project, folder):
    project.close()
    file = folder / "project.db"
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    file.write_bytes(content)
    with pytest.raises(InputError, match="damaged"):
        Project.open(folder)


LABEL_UNTIL_KILLED = """
import sys
from pathlib import Path
from foodet_core.project.edits import Change, Edit
from foodet_core.project.store import Project
from foodet_core.types import Annotation

project = Project.open(Path(sys.argv[1]))
while True:
    a = Annotation(project.new_id(), 1, 0, (0.0, 0.0, 5.0, 5.0))
    project.apply(Edit("draw", (Change(("annotation", a.id), None, a),)))
    print(a.id, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killing_the_program_loses_no_box_that_was_drawn(project, folder):
    project.close()
    with subprocess.Popen(
        [sys.executable, "-c", LABEL_UNTIL_KILLED, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(database.__file__).parents[2],
    ) as labelling:
        assert labelling.stdout is not None
        drawn = [int(labelling.stdout.readline()) for _ in range(20)]
        labelling.send_signal(signal.SIGKILL)
        drawn += [int(line) for line in labelling.stdout.read().split()]
    with Project.open(folder) as again:
        stored = [a.id for a in again.annotations(1)]
        # The kill may fall between a commit and its line.
        assert stored[: len(drawn)] == drawn
        assert len(stored) <= len(drawn) + 1
        for _ in stored:
            again.undo()
        assert again.annotations(1) == ()
        assert again.new_id() > stored[-1]


def test_a_hundred_thousand_images_keep_their_values(tmp_path):
    images = [ImageRecord(n, f"{n}.jpg", (480, 640), state=ImageState.DONE) for n in range(1, 100_001)]
    with Project.create(tmp_path / "big.foodet", tmp_path, images=images) as project:
        assert project.images() == images
        assert project.state_counts() == {ImageState.DONE: 100_000}
