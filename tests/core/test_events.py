import json
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foodet_core.errors import InputError
from foodet_core.events import (
    CheckpointSaved,
    Event,
    Failed,
    Finished,
    ImageDetections,
    Notice,
    Progress,
    Reward,
    Started,
    Step,
    Validated,
    from_line,
    to_line,
)

NUMBER = st.floats(allow_nan=False, allow_infinity=False)
WHOLE = st.integers(0, 2**40)
NAMED = st.dictionaries(st.text(max_size=8), NUMBER, max_size=3)
MAYBE = st.none() | NUMBER
BOX = st.tuples(NUMBER, NUMBER, NUMBER, NUMBER)

EVENTS: dict[type, st.SearchStrategy[Event]] = {
    Started: st.builds(Started, st.text(), st.text(), st.dictionaries(st.text(), st.text() | WHOLE, max_size=3)),
    Progress: st.builds(Progress, WHOLE, WHOLE, st.text(), MAYBE),
    Step: st.builds(Step, WHOLE, WHOLE, NAMED, NUMBER, NUMBER, NUMBER, MAYBE),
    Reward: st.builds(Reward, WHOLE, NUMBER, NAMED, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER),
    Validated: st.builds(
        Validated, WHOLE, NAMED, st.dictionaries(st.text(), MAYBE, max_size=3), WHOLE, st.text(), st.booleans()
    ),
    ImageDetections: st.builds(
        ImageDetections,
        st.text(),
        st.lists(BOX, max_size=3).map(tuple),
        st.lists(WHOLE, max_size=3).map(tuple),
        st.lists(NUMBER, max_size=3).map(tuple),
        st.lists(st.text(), max_size=3).map(tuple),
        st.tuples(WHOLE, WHOLE),
        st.text(),
    ),
    Notice: st.builds(Notice, st.text(), st.sampled_from(["info", "warning"])),
    CheckpointSaved: st.builds(CheckpointSaved, st.text(), WHOLE),
    Finished: st.builds(Finished, st.text(), st.text(), st.text(), NUMBER, st.dictionaries(st.text(), MAYBE, max_size=3)),
    Failed: st.builds(Failed, st.text(), st.booleans(), st.text()),
}


def test_every_kind_of_event_is_tried_here() -> None:
    assert set(EVENTS) == set(typing.get_args(Event))


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_an_event_survives_its_line(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(EVENTS[kind])
    line = to_line(event)
    assert "\n" not in line
    assert json.loads(line)["event"] == kind.__name__
    assert from_line(line) == event


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_does_not_know_becomes_null(number: float) -> None:
    event = Validated(1, {"AP": number}, {"rice": number}, images=3)
    assert json.loads(to_line(event))["metrics"] == {"AP": None}
    assert from_line(to_line(event)) == Validated(1, {"AP": None}, {"rice": None}, images=3)  # type: ignore[dict-item]


def test_a_file_name_that_is_no_text_can_be_written_and_read() -> None:
    event = Started("predict", b"\xff.jpg".decode(errors="surrogateescape"))
    assert from_line(to_line(event).encode().decode()) == event


def test_text_stays_readable() -> None:
    assert "豆腐" in to_line(Notice("豆腐"))


@pytest.mark.parametrize(
    "line", ["", "{", "null", "[]", "3", '{"event":"Dance"}', '{"event":[]}', '{"event":"Notice"}', '{"event":"Notice","x":1}']
)
def test_anything_else_is_refused(line: str) -> None:
    with pytest.raises(InputError, match="event line: is not an event"):
        from_line(line)
