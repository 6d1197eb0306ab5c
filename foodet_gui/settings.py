"""What the window remembers between two starts, on this machine alone: its place, recent projects, keys.

With FOODET_HOME set all of it lies in that folder (tests, portable installations), else where the system wants it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

from .language import Language
from .theme import Scheme

_RECENT = 8


class Settings:
    """The remembered values, read and written at once."""

    def __init__(self) -> None:
        home = os.environ.get("FOODET_HOME")
        self._store = (
            QSettings(str(Path(home) / "foodet.ini"), QSettings.Format.IniFormat)
            if home
            else QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "foodet", "foodet")
        )

    @property
    def geometry(self) -> QByteArray:
        """The window's place and size, empty before the first time."""
        value = self._store.value("window/geometry")
        return value if isinstance(value, QByteArray) else QByteArray()

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("window/geometry", value)

    @property
    def panel(self) -> int:
        """The place of the tab that was open at the side, 0 before the first time."""
        value = str(self._store.value("window/panel", 0))
        return int(value) if value.isdecimal() else 0

    @panel.setter
    def panel(self, value: int) -> None:
        self._store.setValue("window/panel", value)

    @property
    def folded(self) -> bool:
        """Whether both sides were folded away."""
        return str(self._store.value("window/folded", "false")) == "true"

    @folded.setter
    def folded(self, value: bool) -> None:
        self._store.setValue("window/folded", "true" if value else "false")

    @property
    def left_open(self) -> Path | None:
        """The project that was open last and not closed, unless it is gone."""
        value = self._store.value("window/project")
        return Path(value) if isinstance(value, str) and value and is_folder(Path(value)) else None

    @left_open.setter
    def left_open(self, value: Path | None) -> None:
        self._store.setValue("window/project", str(value or ""))

    @property
    def scheme(self) -> Scheme:
        """Dark, light, or as the system says."""
        value = self._store.value("window/scheme")
        return "dark" if value == "dark" else "light" if value == "light" else "system"

    @scheme.setter
    def scheme(self, value: Scheme) -> None:
        self._store.setValue("window/scheme", value)

    @property
    def language(self) -> Language:
        """English, Chinese, or as the system says."""
        value = self._store.value("window/language")
        return "en" if value == "en" else "zh" if value == "zh" else "system"

    @language.setter
    def language(self, value: Language) -> None:
        self._store.setValue("window/language", value)

    @property
    def loupe(self) -> bool:
        """Whether the pixels around the pointer are shown large while a box is drawn."""
        return bool(self._store.value("canvas/loupe") != "off")

    @loupe.setter
    def loupe(self, value: bool) -> None:
        self._store.setValue("canvas/loupe", "on" if value else "off")

    @property
    def keys(self) -> dict[str, list[str]]:
        """The person's own keys by the name of the command; what cannot be read is none."""
        try:
            value = json.loads(str(self._store.value("window/keys", "{}")))
            return {str(name): [str(key) for key in keys] for name, keys in value.items()}
        except (ValueError, TypeError, AttributeError):
            return {}

    @keys.setter
    def keys(self, value: Mapping[str, Sequence[str]]) -> None:
        self._store.setValue("window/keys", json.dumps({name: list(keys) for name, keys in value.items()}))

    def recent(self) -> list[Path]:
        """The project folders opened last, newest first; those that are gone are left out."""
        value = self._store.value("recent", [])
        names = [value] if isinstance(value, str) else value  # an ini file turns a list of one into a text
        return [Path(name) for name in names if is_folder(Path(name))] if isinstance(names, list) else []

    def add_recent(self, folder: Path) -> None:
        """Put a project folder first."""
        others = [path for path in self.recent() if path != folder]
        self._store.setValue("recent", [str(path) for path in [folder, *others][:_RECENT]])


def is_folder(path: Path) -> bool:
    """Whether there is a folder; False also where that cannot be found out, on a drive that is gone for example."""
    return os.path.isdir(path)  # noqa: PTH112 - the method of Path raises then


def documents() -> Path:
    """Where new work of the person goes: FOODET_HOME, or the documents folder."""
    home = os.environ.get("FOODET_HOME")
    place = home or QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(place or Path.home())
