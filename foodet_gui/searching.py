"""What a person writes into the search field, as a question to every image: pure values, no window.

Words and terms are joined by "and", a leading "-" turns one round, quotes keep spaces together:

    tray todo -lunch            the path has "tray", not "lunch"; the image is not finished
    class:pizza boxes>3         a box of a class that is meant by these letters (see `finding`); more than three boxes
    score<0.5                   some prediction below one half
    state:empty name:"day 2"    also state:todo, done, unlabelled, in_progress; split:train, val, test

A term that is not finished yet asks for nothing, and what only looks like one ("12:30") is a word.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from foodet_core.types import ClassList, ImageRecord, ImageState

from .finding import Finder

STATES: Mapping[str, tuple[ImageState, ...]] = {
    "todo": (ImageState.UNLABELLED, ImageState.IN_PROGRESS),
    "done": (ImageState.DONE, ImageState.EMPTY),
    **{state.value: (state,) for state in ImageState if state is not ImageState.DONE},
    "未完成": (ImageState.UNLABELLED, ImageState.IN_PROGRESS),
    "已完成": (ImageState.DONE, ImageState.EMPTY),
    "空": (ImageState.EMPTY,),
}
_WORDS = ("todo", "done", "empty", "未完成", "已完成", "空")
_COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt, "=": operator.eq, ":": operator.eq
}  # fmt: skip
_TERM = re.compile(r"(class|state|name|split|boxes|score)(:|<=|>=|<|>|=)(.*)", re.DOTALL)


NO_BOXES: Mapping[int, int] = MappingProxyType({})


class Facts(NamedTuple):
    """What is known of an image: its record, its boxes by label, the scores of what was predicted on it."""

    image: ImageRecord
    boxes: Mapping[int, int] = NO_BOXES
    scores: Sequence[float] = ()


Test = Callable[[Facts], bool]


@dataclass(frozen=True)
class Query:
    """All of these tests hold; `asks` are the keys of its terms, so that nobody has to gather what is not asked for."""

    tests: tuple[Test, ...] = ()
    asks: frozenset[str] = frozenset()

    def matches(self, facts: Facts) -> bool:
        """Whether an image is one of those asked for."""
        for test in self.tests:  # noqa: SIM110 - all() with a generator takes twice as long, and there may be 100,000 images
            if not test(facts):
                return False
        return True


def parse(text: str, classes: ClassList) -> Query:
    """The question that a text asks in a project with these classes; every text is one."""
    tests: list[Test] = []
    asks: set[str] = set()
    for part in _parts(text):
        turned = len(part) > 1 and part.startswith("-")
        found = _test(part.removeprefix("-") if turned else part, classes)
        if found is None:
            continue
        key, test = found
        asks.add(key)
        tests.append(_turned(test) if turned else test)
    return Query(tuple(tests), frozenset(asks))


def _parts(text: str) -> list[str]:
    # A quote that is not closed yet reaches to the end.
    return [part.replace('"', "") for part in re.findall(r'(?:[^\s"]|"[^"]*"?)+', text)]


def _test(part: str, classes: ClassList) -> tuple[str, Test] | None:
    term = _TERM.fullmatch(part)
    if term is None:
        return _word(part.casefold())
    key, sign, value = term.groups()
    if not value:
        return None
    test = _numeric(key, sign, value) if key in ("boxes", "score") else _textual(key, sign, value.casefold(), classes)
    return _word(part.casefold()) if test is None else (key, test)


def _word(word: str) -> tuple[str, Test]:
    if word in _WORDS:
        return "state", lambda facts: facts.image.state in STATES[word]
    return "name", lambda facts: word in facts.image.path.casefold()


def _numeric(key: str, sign: str, value: str) -> Test | None:
    try:
        number = float(value)
    except ValueError:
        return None
    compared = _COMPARED[sign]
    if key == "boxes":
        return lambda facts: compared(sum(facts.boxes.values()), number)
    return lambda facts: any(compared(score, number) for score in facts.scores)


def _textual(key: str, sign: str, value: str, classes: ClassList) -> Test | None:
    if sign not in ":=":
        return None
    if key == "name":
        return lambda facts: value in facts.image.path.casefold()
    if key == "split":
        return lambda facts: facts.image.split.value == value
    if key == "state":
        return (lambda facts: facts.image.state in STATES[value]) if value in STATES else None
    labels = Finder(classes, range(len(classes))).meant(value)
    return lambda facts: not labels.isdisjoint(facts.boxes)


def _turned(test: Test) -> Test:
    return lambda facts: not test(facts)
