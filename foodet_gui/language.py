"""The window's language: English as it is written in the code, or a translation from resources/languages.

It can be switched while the window runs: whoever has texts on the screen has one function that writes all of them, and hands it
to `watch`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator, Signal

from foodet_core.resources import resource
from foodet_core.types import FoodClass, ImageState

Language = Literal["system", "en", "zh"]
_installed: list[QTranslator] = []
"""Qt does not keep them: somebody has to."""


class _Announcer(QObject):
    changed = Signal()


_announcer = _Announcer()


def watch(write: Callable[[], object]) -> None:
    """Call `write` now and whenever texts are to be written again, as long as the QObject whose method it is lives."""
    write()
    _announcer.changed.connect(write)


def choose(language: Language) -> None:
    """Speak a language from now on, or that of the system as far as there is a translation."""
    app = QCoreApplication.instance()
    if app is None:
        return
    while _installed:
        app.removeTranslator(_installed.pop())
    wanted = QLocale.system().name() if language == "system" else language
    if wanted.startswith("zh"):
        _installed.extend(_chinese())
    for translator in _installed:
        app.installTranslator(translator)
    _announcer.changed.emit()


def write_again() -> None:
    """Have all texts written again: something that many of them name, a key, is another one now."""
    _announcer.changed.emit()


def is_chinese() -> bool:
    """Whether the window speaks Chinese now."""
    return bool(_installed)


def class_name(food: FoodClass) -> str:
    """The name that a class is shown under: its Chinese one in a Chinese window, if it has one."""
    return (food.name_zh if is_chinese() else "") or food.name


def state_word(state: ImageState) -> str:
    """What an image's state is called."""
    translate = QCoreApplication.translate
    return {
        ImageState.UNLABELLED: translate("states", "unlabelled"),
        ImageState.IN_PROGRESS: translate("states", "in progress"),
        ImageState.DONE: translate("states", "done"),
        ImageState.EMPTY: translate("states", "empty"),
    }[state]


def _chinese() -> list[QTranslator]:
    """Ours, and Qt's own for its dialogs."""
    ours, qts = QTranslator(), QTranslator()
    ours.load(str(resource("languages/foodet_zh.qm")))
    qts.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    return [qts, ours]
