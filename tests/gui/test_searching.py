"""What a search text asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foodet_core.types import ClassList, FoodClass, ImageRecord, ImageState, Split
from foodet_gui.searching import Facts, parse

CLASSES = ClassList((FoodClass("rice", "米饭"), FoodClass("Pizza Margherita"), FoodClass("bun", aliases=("bao",))))
TRAY = Facts(
    ImageRecord(1, "lunch/Tray 7.jpg", (3, 4), split=Split.VAL, state=ImageState.IN_PROGRESS), {0: 3, 2: 1}, [0.9, 0.4]
)
BARE = Facts(ImageRecord(2, "dinner/12:30.jpg", (3, 4), state=ImageState.EMPTY))


@pytest.mark.parametrize(
    ("text", "tray", "bare"),
    [
        ("", True, True),
        ("TRAY lunch", True, False),
        ("tray dinner", False, False),
        ("-lunch", False, True),
        ("todo", True, False),
        ("done", False, True),
        ("empty", False, True),
        ("未完成", True, False),
        ("state:空", False, True),
        ("-done", True, False),
        ("state:in_progress", True, False),
        ("state:EMPTY", False, True),
        ("split:val", True, False),
        ("class:ri", True, False),
        ("class:米", True, False),
        ("class:BAO", True, False),
        ("class:pizza", False, False),
        ("class:mf", True, False),
        ("class:mifan", True, False),
        ("class:ricce", True, False),
        ("class:☕", False, False),
        ("-class:mf", False, True),
        ('class:"pizza mar"', False, False),
        ("-class:rice", False, True),
        ("class:nothing", False, False),
        ("boxes>3", True, False),
        ("boxes>=4", True, False),
        ("boxes=4", True, False),
        ("boxes:0", False, True),
        ("boxes<4", False, True),
        ("score<0.5", True, False),
        ("score>0.95", False, False),
        ('name:"tray 7"', True, False),
        ('"tray 7"', True, False),
        ('"tray', True, False),
        ("12:30", False, True),
        ("class:rice boxes>2 todo -dinner", True, False),
    ],
)
def test_a_text_asks_for(text: str, tray: bool, bare: bool) -> None:
    query = parse(text, CLASSES)
    assert (query.matches(TRAY), query.matches(BARE)) == (tray, bare)


@pytest.mark.parametrize("text", ["class:", "boxes>", "score<", "name:", "-state:"])
def test_a_term_that_is_not_finished_asks_for_nothing(text: str) -> None:
    assert parse(text, CLASSES).matches(TRAY)
    assert parse(text, CLASSES).matches(BARE)


@pytest.mark.parametrize("text", ["boxes>many", "state:eaten", "class<3"])
def test_what_only_looks_like_a_term_is_a_word(text: str) -> None:
    assert parse(text, CLASSES).asks == {"name"}


def test_a_query_says_what_it_asks_of_an_image() -> None:
    assert parse("tray class:rice boxes>1", CLASSES).asks == {"name", "class", "boxes"}


@given(st.text())
def test_every_text_is_a_question(text: str) -> None:
    assert parse(text, CLASSES).matches(BARE) in (True, False)
