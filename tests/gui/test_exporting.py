"""What a person chooses for an export, as values."""

from pathlib import Path

import pytest

from foodet_gui.exporting import ExportChoice, is_taken, proposed_target


def test_a_choice_survives_being_kept() -> None:
    choice = ExportChoice("voc", "listed", True, 20, 5, "/tmp/出")
    assert ExportChoice.from_json(choice.to_json()) == choice


@pytest.mark.parametrize("data", [None, [], {"format": 3, "val": True, "split": "yes", "other": 1}])
def test_what_does_not_fit_is_as_in_the_beginning(data: object) -> None:
    assert ExportChoice.from_json(data) == ExportChoice()


def test_shares_and_ids_count_only_where_they_are_asked_for(tmp_path: Path) -> None:
    job = ExportChoice(which="done", val=20, target="a").job(tmp_path, [1, 2])
    assert (job.done, job.images, job.val, job.test) == (True, None, None, None)
    job = ExportChoice(which="listed", split=True, val=20, test=0, target="a").job(tmp_path, [1, 2])
    assert (job.done, job.images, job.val, job.test) == (False, (1, 2), 0.2, 0.0)


def test_where_nothing_can_be_looked_at_no_folder_can_be_made(tmp_path: Path) -> None:
    assert is_taken(tmp_path / ("x" * 300))


def test_a_file_is_proposed_among_the_images_and_a_folder_beside_them(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    assert proposed_target("trays", root, "coco", ".json") == root / "trays-coco.json"
    assert proposed_target("trays", root, "csv", ".csv") == root / "trays.csv"
    assert proposed_target("trays", root, "yolo", "") == tmp_path / "trays-yolo"
    (tmp_path / "trays-yolo").mkdir()
    assert proposed_target("trays", root, "yolo", "") == tmp_path / "trays-yolo"
    (tmp_path / "trays-yolo" / "data.yaml").touch()
    assert proposed_target("trays", root, "yolo", "") == tmp_path / "trays-yolo-2"
