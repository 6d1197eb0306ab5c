"""What the canvas shows of the session: every box of the current image as a `BoxLook`, in painting order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .. import theme
from ..session import Session
from .paint import BoxLook
from .transform import Box, View


def annotation_looks(session: Session, view: View, changed: Mapping[int, Box]) -> Iterator[BoxLook]:
    """The annotations, those in `changed` (by id) where a running drag has them."""
    for a in session.annotations:
        name, color = class_look(session, a.label)
        box = view.box_to_canvas(changed.get(a.id, a.box_xyxy))
        yield BoxLook(box, color, name, selected=a.id in session.selected)


def prediction_looks(session: Session, view: View) -> Iterator[BoxLook]:
    """Faint what agrees with a box, dashed and with its score what is to be decided."""
    found = session.predictions(session.current.id) if session.current else None
    if found is None:
        return
    seen = session.shown_predictions()
    for i in seen.agreeing:
        yield BoxLook(view.box_to_canvas(suggested_box(session, i)), class_look(session, int(found.labels[i]))[1], "", "faint")
    for i in seen.open:
        name, color = class_look(session, int(found.labels[i]))
        box = view.box_to_canvas(suggested_box(session, i))
        yield BoxLook(box, color, f"{name}  {found.scores[i]:.2f}", "dashed", selected=i == session.suggestion)


def suggested_box(session: Session, index: int) -> Box:
    """The box of a prediction of the current image."""
    assert session.current is not None
    found = session.predictions(session.current.id)
    assert found is not None
    x0, y0, x1, y1 = found.boxes_xyxy[index].tolist()
    return x0, y0, x1, y1


def class_look(session: Session, label: int) -> tuple[str, str]:
    """Name and colour of a class; a detector may know more classes than the project."""
    if label < len(session.classes):
        food = session.classes[label]
        return food.name, theme.label_color(food, label)
    return "?", theme.color("dim").name()
