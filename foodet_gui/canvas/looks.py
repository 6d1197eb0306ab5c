"""What the canvas shows of the session: every box of the current image as a `BoxLook`, in painting order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .. import labelling, theme
from ..session import Session
from .paint import BoxLook
from .transform import Box, View


def annotation_looks(session: Session, view: View, changed: Mapping[int, Box]) -> Iterator[BoxLook]:
    """The annotations in sight, those in `changed` (by id) where a running drag has them."""
    classes = {label: theme.class_look(session.classes, label) for label in {a.label for a in session.annotations}}
    for a in session.visible_boxes():
        name, color = classes[a.label]
        box = view.box_to_canvas(changed.get(a.id, a.box_xyxy))
        yield BoxLook(box, color, name, selected=a.id in session.selected, locked=labelling.is_locked(a))


def prediction_looks(session: Session, view: View) -> Iterator[BoxLook]:
    """Faint what agrees with a box, dashed and with its score what is to be decided."""
    seen = session.shown_predictions()
    if not (seen.open or seen.agreeing):
        return
    found = session.current_predictions()
    for i in seen.agreeing:
        yield BoxLook(
            view.box_to_canvas(suggested_box(session, i)),
            theme.class_look(session.classes, int(found.labels[i]))[1],
            "",
            "faint",
        )
    for i in seen.open:
        name, color = theme.class_look(session.classes, int(found.labels[i]))
        box = view.box_to_canvas(suggested_box(session, i))
        yield BoxLook(box, color, f"{name}  {found.scores[i]:.2f}", "dashed", selected=i == session.suggestion)


def suggested_box(session: Session, index: int) -> Box:
    """The box of a prediction of the current image."""
    x0, y0, x1, y1 = session.current_predictions().boxes_xyxy[index].tolist()
    return x0, y0, x1, y1
