"""The bench of the window on very few, very small pictures, and its table from made-up figures."""

from pathlib import Path

import pytest


def test_without_peers_every_row_has_figures_of_our_own(bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gui = bench("gui")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    sizes = gui.Sizes(12, 12, 2, (60, 80), 3, (120, 160), 5, 0.01)
    samples = gui.measure([gui.ours()], sizes, 1, tmp_path)
    rows = gui.result(samples, sizes)
    assert [row["row"] for row in rows][1] == "open a folder of 12 images to the first one, s"
    assert [row["row"] for row in rows if row["foodet"] is None] == []
    assert len(gui.make_table(rows, ["foodet"]).splitlines()) == 2 + len(rows) == 2 + len(gui.ROWS)


def test_a_goal_is_held_against_its_own_figure_and_the_ratio_too(bench) -> None:
    gui = bench("gui")
    ours = {"start": [0.5, 0.7, 0.6], "prefetched": [0.010] * 9 + [0.030], "held": [40.0]}
    theirs = {"start": [0.5], "not_prefetched": [0.050], "held": [20.0]}
    rows = {row["row"]: row for row in gui.result({"foodet": ours, "labelImg": theirs}, gui.Sizes())}
    start, ahead, held = rows["warm start to window, s"], rows["next image, decoded ahead, ms"], rows["next key held, images/s"]
    assert (start["met"], start["ratio"]) == (True, pytest.approx(1.2))
    assert (ahead["met"], ahead["labelImg"]["median"]) == (False, pytest.approx(50))
    assert (held["met"], held["ratio"]) == (True, 2.0)
    lines = gui.make_table(list(rows.values()), ["foodet", "labelImg"]).splitlines()
    assert lines[2] == "| warm start to window, s | ≤ 0.6 | 0.60 | 0.50 | 1.20 |"
    assert "| ≤ 16 (p95) | 10.0 / 21.0 | 50.0 / 50.0 | 0.42 |" in lines[9]
    assert lines[5] == "| open a project of 100,000 images, s | ≤ 1 |  |  |  |"


def test_a_scene_that_fails_says_whose_and_why(bench, tmp_path: Path) -> None:
    gui = bench("gui")
    (tmp_path / "driver.py").write_text("raise SystemExit('no window')")
    tool = gui.Tool("other", gui.ours().python, str(tmp_path / "driver.py"))
    with pytest.raises(RuntimeError, match=r"(?s)other, start: ended with 1.*no window"):
        gui.play(tool, "start", {}, tmp_path, {})
