"""The weights that ship with foodet."""

from pathlib import Path

from foodet_core.about import describe
from foodet_core.config import BUNDLED
from foodet_core.models.weights import find_weights, load_weights
from foodet_core.resources import resource


def test_the_bundled_weights_are_a_small_detector_that_knows_food_in_two_languages() -> None:
    detector, info = load_weights(Path(BUNDLED))
    assert detector.decoder is not None
    assert info.model.preset == "nano"
    assert find_weights(Path(BUNDLED)).stat().st_size < 4e6
    assert {"rice", "pizza", "apple"} <= set(info.classes.names)
    assert info.classes[info.classes.names.index("rice")].name_zh == "米饭"
    assert info.classes.find("hamburger") == info.classes.find("burger")


def test_they_say_what_they_are_and_where_more_is_said() -> None:
    facts = describe(Path(BUNDLED))
    assert facts["kind"] == "weights"
    assert "research" in facts["note"]
    assert (resource("models") / "README.md").is_file()
