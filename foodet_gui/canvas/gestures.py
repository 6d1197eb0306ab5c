"""What a press on the image begins: which tool, what it shows while it lasts, and what the session gets at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from .. import labelling
from ..session import Session
from . import hit_test, tools
from .looks import suggested_box
from .transform import Box, Point, Size, View

Tool = Literal["select", "draw", "hand"]
Hit = tuple[Literal["box", "suggestion"], int]
"""A box by its annotation's id, or a suggestion by its position."""


@dataclass(frozen=True)
class Preview:
    """What a running drag shows: a new box, a rubber band, and boxes by annotation id where they would be."""

    drawn: Box | None = None
    band: Box | None = None
    changed: Mapping[int, Box] = field(default_factory=dict)


@dataclass
class Gesture:
    """A drag under way; `on_canvas` where it wants canvas points instead of image points, `precise` where it sets edges."""

    drag: tools.Drag[Any]
    show: Callable[[Any], Preview]
    commit: Callable[[Any], object]
    on_canvas: bool = False
    precise: bool = False


def gesture_at(session: Session, tool: Tool, view: View, image: Size, point: Point, *, toggle: bool) -> Gesture:
    """The gesture that a press at an image point begins: pull a handle, move what is under it, or draw.

    With the draw tool only the handles of the selected box come before drawing. `toggle` adds to the selection; from where
    nothing is, it spans a rubber band. A locked box is selected by a click, and a drag on it draws.
    """
    if (handle := selected_handle(session, point, view.scale)) is not None:
        chosen = session.selected_boxes()[0]
        resizing = _changing(session, [chosen.id], tools.resize(chosen.box_xyxy, handle, point, image))
        return replace(resizing, precise=True)
    hit = hit_at(session, point, view.scale)
    if tool == "select" and hit is not None and hit[0] == "box":
        held = session.selected & set(_free_at(session, point, view.scale))
        if toggle or held or not _is_locked(session, hit[1]):
            return _moving(session, hit[1], held, view, image, point, toggle)
    if tool == "select" and hit is None and toggle:
        return _banding(session, tools.draw(point, image, view.scale))
    return _drawing(session, hit, tools.draw(point, image, view.scale))


def selected_handle(session: Session, point: Point, scale: float) -> hit_test.Handle | None:
    """The handle under an image point; only a box selected alone has handles, and no locked one."""
    chosen = labelling.unlocked(session.selected_boxes()) if len(session.selected) == 1 else []
    return hit_test.handle_at(chosen[0].box_xyxy, point, scale) if len(chosen) == 1 else None


def hit_at(session: Session, point: Point, scale: float) -> Hit | None:
    """The smallest box or suggestion under an image point."""
    suggestions, boxes = session.shown_predictions().open, session.visible_boxes()
    places = [a.box_xyxy for a in boxes] + [suggested_box(session, i) for i in suggestions]
    stack = hit_test.boxes_at(places, point, scale)
    if not stack:
        return None
    first = stack[0]
    return ("box", boxes[first].id) if first < len(boxes) else ("suggestion", suggestions[first - len(boxes)])


def buried_at(session: Session, point: Point, scale: float) -> list[int]:
    """Ids of all boxes in sight under an image point, smallest first."""
    boxes = session.visible_boxes()
    return [boxes[i].id for i in hit_test.boxes_at([a.box_xyxy for a in boxes], point, scale)]


def _free_at(session: Session, point: Point, scale: float) -> list[int]:
    return [id for id in buried_at(session, point, scale) if not _is_locked(session, id)]


def _is_locked(session: Session, id: int) -> bool:
    return any(labelling.is_locked(a) for a in session.annotations if a.id == id)


def _moving(session: Session, hit: int, held: frozenset[int], view: View, image: Size, point: Point, toggle: bool) -> Gesture:
    if toggle:
        session.select(session.selected ^ {hit})
    elif not held:
        session.select([hit])
    chosen = labelling.unlocked(session.selected_boxes() or [a for a in session.annotations if a.id == hit])
    drag = tools.move([a.box_xyxy for a in chosen], point, image, view.scale)
    # A selected box keeps the press, so that it can be moved over smaller ones; a mere click goes to the smallest.
    click = None if toggle else (lambda: session.select([hit]))
    return _changing(session, [a.id for a in chosen], drag, click)


def _changing(
    session: Session, ids: Sequence[int], drag: tools.Drag[tuple[Box, ...]], click: Callable[[], None] | None = None
) -> Gesture:
    def show(boxes: tuple[Box, ...]) -> Preview:
        return Preview(changed=dict(zip(ids, boxes, strict=True)))

    def commit(boxes: tuple[Box, ...] | None) -> None:
        if boxes is not None:
            session.change_boxes(zip(ids, boxes, strict=True))
        elif click is not None:
            click()

    return Gesture(drag, show, commit)


def _banding(session: Session, drag: tools.Drag[Box]) -> Gesture:
    def commit(band: Box | None) -> None:
        if band is not None:
            boxes = session.visible_boxes()
            touched = {boxes[i].id for i in hit_test.touched_by(band, [a.box_xyxy for a in boxes])}
            session.select(session.selected | touched)

    return Gesture(drag, lambda band: Preview(band=band), commit)


def _drawing(session: Session, hit: Hit | None, drag: tools.Drag[Box]) -> Gesture:
    def commit(box: Box | None) -> None:
        if box is not None:
            session.draw_box(box)
        elif hit is None:
            session.select([])
        elif hit[0] == "suggestion":
            session.focus_suggestion(hit[1])
        else:
            session.select([hit[1]])

    return Gesture(drag, lambda box: Preview(drawn=box), commit, precise=True)
