"""Which classes are meant by a few letters: by English name, Chinese name, alias or pinyin. Pure values, no window.

The letters are beginnings of words, one after the other: "sr", "sprol" and "roll" all find "spring roll". A Chinese character
is a word that is written as itself or in pinyin, in any of its readings, so "hsr", "hongs", "烧肉" and "红shao" find 红烧肉.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from foodet_core.types import ClassList

_WORD = re.compile(r"[㐀-鿿]|[^\W_㐀-鿿]+")
_CHINESE = re.compile(r"[㐀-鿿]")
_BEGIN = r"(?:^|(?<=[ /]))"
_ON = r"(?:|[^ ]* (?:[^ ]+ )*?(?:[^ /]+/)*?)"
"""Between two letters: nothing, or the rest of the word and what else is left out up to the beginning of a later word."""
_BEGINS, _INSIDE, _LOOSE = range(3)
"""How near a name is: letters begin its words, stand in it, or are found in it with others between or one wrong."""
_LEAST_LOOSE = 3
_LEAST_WRONG = 4


@dataclass(frozen=True)
class Found:
    """A class, and the one of its names that was meant."""

    label: int
    name: str


@dataclass(frozen=True)
class _Spelled:
    """A name and its words parted by spaces, the ways to write one parted by strokes: "红/hong/gong 烧/shao 肉/rou/ru"."""

    found: Found
    text: str


class Finder:
    """Finds among the classes of `order`, labels of `classes` as a person sees them.

    Chinese names want a dictionary, which takes 0.1 s the first time.
    """

    def __init__(self, classes: ClassList, order: Sequence[int]) -> None:
        self._spelled = [_Spelled(Found(label, name), _spelling(name)) for label in order for name in _names(classes, label)]

    def find(self, query: str) -> list[Found]:
        """The classes that are meant, the likeliest first: each once, with the name that fits best. All for an empty query.

        First come names in which the letters begin words, those at the very beginning before the others and what leaves
        out least before what leaves out more; then names that have the letters somewhere inside; then, from three letters on,
        names that have them in this order. Where nothing is found one letter of four or more may be wrong or too many.
        """
        by_label: dict[int, Found] = {}
        for _, meant in self._meant(query):
            by_label.setdefault(meant.label, meant)
        return list(by_label.values())

    def meant(self, query: str) -> frozenset[int]:
        """The labels to search for: as `find`, but what has the letters only loosely counts where nothing has them nearer."""
        ranked = self._meant(query)
        near = [found for rank, found in ranked if rank < _LOOSE]
        return frozenset(found.label for found in near or [found for _, found in ranked])

    def _meant(self, query: str) -> list[tuple[int, Found]]:
        letters = re.sub(r"[\W_]", "", _folded(query))
        if not letters:  # a name may be nothing but a sign
            return [(_INSIDE, s.found) for s in self._spelled if query.strip() in s.found.name]
        found = self._ranked(letters)
        if not found and len(letters) >= _LEAST_WRONG:
            return [(_LOOSE, meant) for meant in self._ranked_wrong(letters)]
        return found

    def _ranked(self, letters: str) -> list[tuple[int, Found]]:
        begins = re.compile(_BEGIN + _ON.join(map(re.escape, letters)))
        loose = re.compile(_BEGIN + ".*?".join(map(re.escape, letters)))
        ranked: list[tuple[tuple[int, bool, int, int], Found]] = []
        for s in self._spelled:
            length = len(s.found.name)
            if (match := begins.search(s.text)) is not None:
                later = " " in s.text[: match.start()]
                ranked.append(((_BEGINS, later, match.end() - match.start(), length), s.found))
            elif (place := s.text.find(letters)) >= 0:
                ranked.append(((_INSIDE, False, place, length), s.found))
            elif len(letters) >= _LEAST_LOOSE and (match := loose.search(s.text)) is not None:
                ranked.append(((_LOOSE, False, match.end() - match.start(), length), s.found))
        return [(rank[0], found) for rank, found in sorted(ranked, key=lambda pair: pair[0])]

    def _ranked_wrong(self, letters: str) -> list[Found]:
        less = sorted({letters[:i] + letters[i + 1 :] for i in range(1, len(letters))})
        pattern = re.compile("|".join(_BEGIN + ".?".join(map(re.escape, word)) for word in less))
        return [s.found for s in self._spelled if pattern.search(s.text)]


def _names(classes: ClassList, label: int) -> Iterator[str]:
    food = classes[label]
    yield from dict.fromkeys(food.all_names)


def _folded(text: str) -> str:
    """Small letters without accents: "Crème" and "creme" are the same."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


@cache
def _spelling(name: str) -> str:
    return " ".join("/".join(_ways(word)) for word in _WORD.findall(_folded(name)))


def _ways(word: str) -> Iterable[str]:
    return _readings(word) if _CHINESE.match(word) else (word,)


@cache
def _readings(character: str) -> Iterable[str]:
    """The ways to write a Chinese character: itself, and in pinyin, ü as both v and u."""
    # All readings of a character are wanted, so that the dictionary of phrases, which tells which one is meant and takes
    # 45 MB, is left out; this is how pypinyin is told.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
    from pypinyin import Style, pinyin  # 0.1 s: not before somebody looks for a Chinese name

    readings = pinyin(character, style=Style.NORMAL, heteronym=True)[0]
    return dict.fromkeys((character, *readings, *(reading.replace("v", "u") for reading in readings)))
