"""Tokens: both tables whole, text readable on what it stands on."""

import re
from collections.abc import Mapping

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from foodet_core.types import ClassList, FoodClass
from foodet_gui import theme

TABLES = {"dark": theme.DARK, "light": theme.LIGHT}


def luminance(name: str) -> float:
    """Relative luminance of WCAG 2."""
    color = QColor(name)
    parts = (color.redF(), color.greenF(), color.blueF())
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("ground", ["window", "panel", "raised"])
@pytest.mark.parametrize("text", ["text", "dim", "warning"])
def test_text_reads_on_every_ground(table: Mapping[str, str], text: str, ground: str) -> None:
    assert contrast(table[text], table[ground]) >= 4.5


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_the_accent_reads_as_text_and_carries_text(table: Mapping[str, str]) -> None:
    assert contrast(table["accent"], table["panel"]) >= 4.5
    assert contrast(table["good"], table["panel"]) >= 4.5
    assert contrast(table["on_accent"], table["accent"]) >= 4.5
    assert contrast(table["on_accent"], table["accent_hover"]) >= 4.5


def test_both_tables_have_the_same_tokens() -> None:
    assert theme.DARK.keys() == theme.LIGHT.keys()


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_sheet_leaves_no_token_unfilled(qapp: QApplication, scheme: theme.Scheme) -> None:
    theme.choose(scheme)
    try:
        assert not re.search(r"@\w", theme.sheet())
        assert theme.is_dark() is (scheme == "dark")
        assert theme.color("panel") == QColor(TABLES[scheme]["panel"])
    finally:
        theme.choose("system")


def test_a_class_has_its_own_colour_or_the_palettes(qapp: QApplication) -> None:
    classes = ClassList((FoodClass("rice"), FoodClass("soup", color="#123456")))
    assert theme.class_look(classes, 0) == ("rice", "#e69f00")
    assert theme.class_look(classes, 1) == ("soup", "#123456")
    assert theme.class_look(classes, 2)[0] == "?"
