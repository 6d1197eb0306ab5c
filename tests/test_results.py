"""OUT.part: what is in it is not done again, what is not ours is not touched, and OUT appears whole or not at all."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from foodet_core.errors import InputError
from foodet_core.events import ImageDetections
from foodet_core.results import Results, line_of

SCORE, MADE_BY = 0.3, {"weights": "abc"}


def image(name: str) -> ImageDetections:
    boxes = (1.0, 2.0, 4.0, 7.0), (0.0, 0.0, 1.5, 1.0)
    return ImageDetections(name, boxes, (1, 0), (0.5, 0.2), ("egg", "饭\u2028团"), (20, 10), "run")


def add(results: Results, name: str) -> None:
    results.add(image(name), line_of(image(name)))


def begin(out: Path, *names: str) -> Results:
    results = Results(out, SCORE, MADE_BY)
    for name in names:
        add(results, name)
    results.close()
    return results


def test_the_result_has_the_images_in_the_order_given_and_takes_the_place_of_its_part(tmp_path: Path) -> None:
    out = tmp_path / "found.json"
    results = Results(out, SCORE, MADE_BY)
    for name in ("b.jpg", "a.jpg"):
        add(results, name)
    results.finish(["a.jpg", "b.jpg"])
    rows = json.loads(out.read_text(encoding="utf-8"))
    found = [
        {"category": "饭\u2028团", "bbox": [1.0, 2.0, 3.0, 5.0], "score": 0.5},
        {"category": "egg", "bbox": [0.0, 0.0, 1.5, 1.0], "score": 0.2},
    ]
    assert rows == [{"file_name": name, "width": 10, "height": 20, "detections": found} for name in ("a.jpg", "b.jpg")]
    assert [file.name for file in tmp_path.iterdir()] == ["found.json"]


def test_a_file_name_that_is_no_text_is_written_and_found_again(tmp_path: Path) -> None:
    out, name = tmp_path / "found.json", b"\xff.jpg".decode(errors="surrogateescape")
    assert begin(out, name).counts == Results(out, SCORE, MADE_BY).counts == {name: 1}
    begin(out).finish([name])
    assert [row["file_name"] for row in json.loads(out.read_text(encoding="utf-8"))] == [name]


def test_what_was_done_is_found_again(tmp_path: Path) -> None:
    out = tmp_path / "found.json"
    begin(out, "a.jpg", "b.jpg")
    assert begin(out, "c.jpg").counts == {"a.jpg": 1, "b.jpg": 1, "c.jpg": 1}
    results = Results(out, SCORE, MADE_BY)
    assert results.counts == {"a.jpg": 1, "b.jpg": 1, "c.jpg": 1}
    assert not out.exists()


def test_a_line_that_a_crash_cut_off_is_written_again(tmp_path: Path) -> None:
    out = tmp_path / "found.json"
    begin(out, "a.jpg")
    part = tmp_path / "found.json.part"
    whole = part.read_bytes()
    begin(out, "b.jpg")
    line = part.read_bytes()[len(whole) :]
    for length in range(len(line)):
        part.write_bytes(whole + line[:length])
        assert Results(out, SCORE, MADE_BY).counts.keys() == {"a.jpg"}
    begin(out, "b.jpg")
    assert Results(out, SCORE, MADE_BY).counts.keys() == {"a.jpg", "b.jpg"}
    part.write_bytes(whole[:5])
    begin(out, "a.jpg")
    assert part.read_bytes() == whole


@pytest.mark.parametrize("text", ["[\n {}\n]\n", "{}\nnonsense\n", '{"event": "Notice", "text": ""}\n', "\xff\xfe\n"])
def test_a_part_of_something_else_is_refused_and_left(text: str, tmp_path: Path) -> None:
    part = tmp_path / "found.json.part"
    part.write_text(text, encoding="latin-1")
    with pytest.raises(InputError, match=r"found\.json\.part: .*Delete it, or give another --out"):
        Results(tmp_path / "found.json", SCORE, MADE_BY)
    assert part.read_text(encoding="latin-1") == text


def test_other_weights_do_not_go_on_with_it(tmp_path: Path) -> None:
    begin(tmp_path / "found.json", "a.jpg")
    with pytest.raises(InputError, match="begun with other weights"):
        Results(tmp_path / "found.json", SCORE, {"weights": "other"})
    with pytest.raises(InputError, match="begun with other"):
        Results(tmp_path / "found.json", 0.4, MADE_BY)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none.*cannot be written"):
        begin(tmp_path / "none" / "found.json", "a.jpg")


def test_a_full_disk_is_told_once_and_what_was_done_stays(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    out = tmp_path / "found.json"
    results = Results(out, SCORE, MADE_BY)
    add(results, "a.jpg")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / "found.json.part").stat().st_size + 9, before[1]))
    try:
        with pytest.raises(InputError, match=r"found\.json\.part: cannot be written.*Free some space"), closing(results):
            add(results, "b.jpg")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert Results(out, SCORE, MADE_BY).counts.keys() == {"a.jpg"}


def test_without_a_file_images_are_counted_only(tmp_path: Path) -> None:
    results = Results(None, SCORE, MADE_BY)
    add(results, "a.jpg")
    results.finish(["a.jpg"])
    assert results.counts.keys() == {"a.jpg"}
