"""What foodet_core says, in the window's language.

Core speaks English and knows no window. The Chinese of its texts lies in resources/languages/core_zh.ts, by templates: `{}`
stands for a value, which is carried over. In the Chinese, `{1}` is the second value, and `{:part}` one that has a template of
its own, in the context `part`. Contexts keep apart what may look alike: texts that stand alone, the place, problem and remedy
of an error, remarks, and parts of texts. What fits no template stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from foodet_core.resources import resource

from . import language

CATALOGUE = "languages/core_zh.ts"
Template = tuple[tuple[str, ...], str]
"""What stands around the values in English, and the Chinese."""


def said(text: str) -> str:
    """A text of core in the window's language: a sentence, a stage, the title of a step, or an error on its one line."""
    if not language.is_chinese():
        return text
    return _error(text) or _sentence(text) or _after_place(text) or text


def _error(text: str) -> str:
    """The Chinese of an InputError, "" of any other text; each of its three parts may have a colon or a full stop inside."""
    for place, rest in _parted(text, ": "):
        for problem, remedy in _parted(rest, ". "):
            what, advice = _fitting("problem", problem), _fitting("remedy", remedy)
            if what and advice:
                return f"{_fitting('place', place) or place}：{what}。{advice}"
    return ""


def _sentence(text: str) -> str:
    """The Chinese of a text that stands alone or of a remark: what was found, how often, and where."""
    if chinese := _fitting("text", text):
        return chinese
    found = re.fullmatch(r"(.*?) \((\d+)\): (.*)\.", text, re.DOTALL)
    what = _fitting("remark", found[1]) if found else ""
    return f"{what}（{found[2]}）：{_Value(found[3]):part}。" if found and what else ""


def _after_place(text: str) -> str:
    """The Chinese of a known text behind the name of what it is about, "" of any other."""
    return next((f"{place}：{known}" for place, rest in _parted(text, ": ") if (known := _sentence(rest))), "")


def _parted(text: str, sign: str) -> Iterator[tuple[str, str]]:
    """A text in two, at every place where the sign stands."""
    return ((text[: found.start()], text[found.end() :]) for found in re.finditer(re.escape(sign), text))


def _fitting(context: str, text: str) -> str:
    """The Chinese of a text that fits a template, "" of any other."""
    for around, chinese in _templates()[context]:
        # Few begin and end alike: the others need no pattern.
        if text.startswith(around[0]) and text.endswith(around[-1]):
            found = re.fullmatch("(.*)".join(map(re.escape, around)), text, re.DOTALL)
            if found:
                return chinese.format(*map(_Value, found.groups()))
    return ""


class _Value(str):
    """A value of a template; its format is the context to look it up in, if any."""

    def __format__(self, context: str) -> str:
        return (_fitting(context, str(self)) if context else "") or str(self)


@cache
def _templates() -> Mapping[str, list[Template]]:
    """All of them by context, first those that say most: what fits several is best said by the longest."""
    from xml.etree import ElementTree  # an English window needs none

    templates: dict[str, list[Template]] = {}
    for context in ElementTree.parse(resource(CATALOGUE)).getroot().iter("context"):
        pairs = [(m.findtext("source", ""), m.findtext("translation", "")) for m in context.iter("message")]
        pairs.sort(key=lambda pair: len(pair[0].replace("{}", "")), reverse=True)
        templates[context.findtext("name", "")] = [(tuple(english.split("{}")), chinese) for english, chinese in pairs]
    return templates
