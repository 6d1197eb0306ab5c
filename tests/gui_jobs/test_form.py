"""Forms from metadata: what stands there, what comes back."""

from dataclasses import dataclass

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from foodet_core.config import Config, TrainConfig, choice, option
from foodet_core.errors import InputError
from foodet_gui.form import ConfigForm, NumberBox


@dataclass(frozen=True)
class Oven(Config):
    """One setting of every kind."""

    minutes: float | None = option(None, "Time", "How long.", unit="min", low=0.5, high=600)
    heat: int = option(180, "Heat", "How hot.", unit="°C", low=50, high=300)
    rate: float = option(1e-4, "Rate", "How fast.", low=0, high=1)
    mode: str = choice("fan", ("fan", "grill"), "Mode", "Which way.")
    dish: str = choice("none", ("none", "tin"), "Dish", "What it stands in.", prefix="own:")
    light: bool = option(True, "Light", "See inside.")
    racks: tuple[str, ...] = option(["low", "high"], "Racks", "Where.")
    note: str = option("", "Note", "Anything.")
    hidden: int = 3


ALL = ("minutes", "heat", "rate", "mode", "dish", "light", "racks", "note")


@pytest.fixture
def form(qtbot: QtBot) -> ConfigForm[Oven]:
    made = ConfigForm(Oven(), ALL)
    qtbot.addWidget(made)
    return made


def number(form: ConfigForm[Oven], name: str) -> NumberBox:
    box = form.editor(name)
    assert isinstance(box, NumberBox)
    return box


def retype(box: NumberBox, text: str) -> None:
    box.selectAll()
    QTest.keyClicks(box, text) if text else QTest.keyClick(box, Qt.Key.Key_Delete)
    QTest.keyClick(box, Qt.Key.Key_Return)


def open_advanced(form: ConfigForm[TrainConfig]) -> None:
    form.advanced.button.click()


def test_an_untouched_form_gives_the_start_back(form: ConfigForm[Oven]) -> None:
    assert form.values() == {}
    assert form.config() == Oven()


def test_every_kind_of_setting_comes_back_edited(form: ConfigForm[Oven]) -> None:
    edited = {"minutes": 2.5, "heat": 220, "rate": 0.003, "mode": "grill", "light": False, "racks": ("mid",), "note": "茶"}
    edited |= {"dish": "own:pot"}
    form.set_values(edited)
    assert form.values() == edited
    assert form.config() == Oven(**edited)  # type: ignore[arg-type]


def test_kinds_get_their_widgets(form: ConfigForm[Oven]) -> None:
    kinds = {name: type(form.editor(name)) for name in ALL}
    numbers = dict.fromkeys(("minutes", "heat", "rate"), NumberBox)
    assert kinds == numbers | {"mode": QComboBox, "dish": QComboBox, "light": QCheckBox, "racks": QLineEdit, "note": QLineEdit}


def test_title_unit_range_and_help_come_from_the_metadata(form: ConfigForm[Oven]) -> None:
    titles = [label.text() for label in form.findChildren(QLabel)]
    assert titles == ["Time", "Heat", "Rate", "Mode", "Dish", "Light", "Racks", "Note"]
    assert number(form, "heat").text() == "180 °C"
    assert form.editor("heat").toolTip() == "How hot.\n50 – 300 °C"


def test_a_setting_without_metadata_has_no_row(form: ConfigForm[Oven]) -> None:
    with pytest.raises(KeyError):
        form.editor("hidden")


def test_a_change_is_announced(form: ConfigForm[Oven], qtbot: QtBot) -> None:
    with qtbot.waitSignal(form.changed):
        number(form, "heat").set_number(200)


def test_none_is_shown_as_automatic_and_left_by_typing(form: ConfigForm[Oven]) -> None:
    box = number(form, "minutes")
    assert box.text() == "automatic"
    retype(box, "7.5")
    assert (box.number(), box.text()) == (7.5, "7.5 min")


@pytest.mark.parametrize("way", ["empty", "steps"])
def test_automatic_is_reached_again(form: ConfigForm[Oven], way: str) -> None:
    box = number(form, "minutes")
    box.set_number(0.6)
    retype(box, "") if way == "empty" else box.step(False)
    box.step(False) if way == "steps" else None
    assert box.number() is None


def test_a_step_up_from_automatic_is_the_lowest_value(form: ConfigForm[Oven]) -> None:
    box = number(form, "minutes")
    box.step(True)
    assert box.number() == 0.5


def test_small_numbers_are_shown_and_typed_as_powers(form: ConfigForm[Oven]) -> None:
    box = number(form, "rate")
    assert box.text() == "0.0001"
    retype(box, "2e-5")
    assert form.values() == {"rate": 2e-5}


def test_steps_follow_the_magnitude(form: ConfigForm[Oven]) -> None:
    box = number(form, "rate")
    box.step(True)
    assert box.number() == 2e-4
    box.step(False)
    box.step(False)
    assert box.number() == 9e-5


@pytest.mark.parametrize("text", ["9999", "1", "hot", "inf", "1e999", "nan"])
def test_what_is_out_of_range_or_no_number_is_not_taken(form: ConfigForm[Oven], text: str) -> None:
    retype(number(form, "heat"), text)
    assert form.values() == {}


def test_the_wheel_changes_only_the_setting_being_edited(form: ConfigForm[Oven]) -> None:
    box = number(form, "heat")
    none, down = QPoint(), QPoint(0, -120)
    wheel = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), none, down, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, wheel)
    assert box.number() == 180
    assert not wheel.isAccepted()


def test_a_wheel_that_turns_sideways_steps_nothing(form: ConfigForm[Oven]) -> None:
    box = number(form, "heat")
    sideways = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(120, 0), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    box.wheelEvent(sideways)
    assert box.number() == 180


def test_advanced_settings_are_built_when_opened(qtbot: QtBot) -> None:
    form = ConfigForm(TrainConfig(), ("minutes", "model.preset"))
    qtbot.addWidget(form)
    with pytest.raises(KeyError):
        form.editor("augment.mosaic")
    open_advanced(form)
    form.set_values({"augment.mosaic": 0.25, "model.preset": "small", "policy.kl_coef": 0.1})
    config = form.config()
    assert (config.augment.mosaic, config.model.preset, config.policy.kl_coef) == (0.25, "small", 0.1)
    headings = [label.text() for label in form.findChildren(QLabel) if label.property("role") == "head"]
    assert headings == ["MODEL", "AUGMENT", "POLICY"]


def test_settings_that_contradict_each_other_are_an_input_error(qtbot: QtBot) -> None:
    form = ConfigForm(TrainConfig(minutes=5), ("minutes", "steps"))
    qtbot.addWidget(form)
    form.set_values({"steps": 100})
    with pytest.raises(InputError, match="minutes and steps"):
        form.config()
    form.set_values({"minutes": None})
    assert form.config().steps == 100
