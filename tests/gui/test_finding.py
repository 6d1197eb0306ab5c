"""Which classes a few letters mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foodet_core.types import ClassList, FoodClass
from foodet_gui.finding import Finder

CLASSES = ClassList(
    (
        FoodClass("braised pork belly", "红烧肉"),
        FoodClass("rice noodles", "米粉"),
        FoodClass("rice", "米饭"),
        FoodClass("Crème brûlée"),
        FoodClass("strawberry", "草莓"),
        FoodClass("broccoli", "西兰花", aliases=("green florets",)),
        FoodClass("mung bean soup", "绿豆汤"),
        FoodClass("hotpot", "重庆火锅"),
        FoodClass("dal 1"),
    )
)
FINDER = Finder(CLASSES, range(len(CLASSES)))


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("pork", "braised pork belly"),
        ("BPB", "braised pork belly"),
        ("brpo", "braised pork belly"),
        ("pork belly", "braised pork belly"),
        ("hsr", "braised pork belly"),
        ("hongshaorou", "braised pork belly"),
        ("hong shao", "braised pork belly"),
        ("hongsr", "braised pork belly"),
        ("烧肉", "braised pork belly"),
        ("红shao", "braised pork belly"),
        ("rice", "rice"),
        ("mf", "rice noodles"),
        ("mifan", "rice"),
        ("creme", "Crème brûlée"),
        ("BRÛL", "Crème brûlée"),
        ("berry", "strawberry"),
        ("brocoli", "broccoli"),
        ("brocolli", "broccoli"),
        ("florets", "broccoli"),
        ("xlh", "broccoli"),
        ("lvdou", "mung bean soup"),
        ("ludou", "mung bean soup"),
        ("chongqing", "hotpot"),
        ("cqhg", "hotpot"),
        ("dal1", "dal 1"),
    ],
)
def test_letters_mean_a_class(query: str, first: str) -> None:
    assert CLASSES[FINDER.find(query)[0].label].name == first


@pytest.mark.parametrize("query", ["xyz", "炒", "rsh", "qq"])
def test_letters_may_mean_no_class(query: str) -> None:
    assert FINDER.find(query) == []


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("rice", {"rice", "rice noodles"}),
        ("mf", {"rice", "rice noodles"}),
        ("berry", {"strawberry"}),
        ("hsr", {"braised pork belly"}),
        ("brocolli", {"broccoli"}),
        ("bbly", {"braised pork belly"}),
        ("pie", set()),
    ],
)
def test_a_search_takes_what_is_near_and_else_what_is_not_quite(query: str, names: set[str]) -> None:
    assert {CLASSES[label].name for label in FINDER.meant(query)} == names


def test_what_is_near_keeps_a_search_from_what_is_not() -> None:
    finder = Finder(ClassList.of(["rice", "raisin cake"]), range(2))
    assert [found.name for found in finder.find("rice")] == ["rice", "raisin cake"]
    assert finder.meant("rice") == {0}


def test_a_name_that_is_nothing_but_a_sign_is_found() -> None:
    finder = Finder(ClassList.of(["tea", "☕"]), range(2))
    assert [found.name for found in finder.find("☕")] == ["☕"]
    assert finder.meant("☕") == {1}


def test_the_name_that_was_meant_is_told() -> None:
    assert [FINDER.find(query)[0].name for query in ("hsr", "green", "broc")] == ["红烧肉", "green florets", "broccoli"]


def test_beginnings_come_before_what_lies_inside() -> None:
    finder = Finder(ClassList.of(["crab apple", "pineapple", "apple pie", "apple"]), range(4))
    assert [found.name for found in finder.find("apple")] == ["apple", "apple pie", "crab apple", "pineapple"]


def test_an_empty_query_means_every_class_in_its_order() -> None:
    finder = Finder(CLASSES, [4, 0, 2])
    assert [found.label for found in finder.find("  ")] == [4, 0, 2]


@given(st.text())
def test_every_text_is_a_query_that_finds_each_class_once(query: str) -> None:
    labels = [found.label for found in FINDER.find(query)]
    assert len(labels) == len(set(labels))
