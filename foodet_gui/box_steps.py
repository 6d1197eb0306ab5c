"""What a person does with boxes beside drawing and moving: lock, hide, tighten, and draw by keys. Each step is one function."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from foodet_core.types import ImageState

from . import labelling, suggestions
from .actions import key_text
from .hiding import Hidden
from .session import Session

translate = QCoreApplication.translate


def toggle_lock(session: Session) -> None:
    """Lock the selected boxes; unlock them where all are locked."""
    chosen = session.selected_boxes()
    if not chosen:
        session.notice.emit(translate("box_steps", "Select the boxes to lock first."), "info")
        return
    lock = not all(map(labelling.is_locked, chosen))
    title = translate("box_steps", "lock box") if lock else translate("box_steps", "unlock box")
    session.apply(labelling.lock_boxes(title, chosen, lock))


def toggle_hidden(session: Session) -> None:
    """Hide all boxes and suggestions; show all where anything is hidden."""
    session.set_hidden(session.hidden.toggled())


def hide_selected(session: Session) -> None:
    """Hide the selected boxes, until all are shown again."""
    chosen = [a.id for a in session.selected_boxes()]
    if not chosen:
        session.notice.emit(translate("box_steps", "Select the boxes to hide first."), "info")
        return
    session.select([])
    session.set_hidden(session.hidden.with_boxes(chosen))


def toggle_class(session: Session, label: int) -> None:
    """Hide the boxes and suggestions of a class on all images, or show them again."""
    if label < len(session.classes):
        # What is selected stays in sight, and that of a class to be hidden is not to.
        session.select([a.id for a in session.selected_boxes() if a.label != label])
        session.set_hidden(replace(session.hidden, everything=False).with_class_turned(label))


def mark_empty(session: Session) -> None:
    """Say that nothing is on the current image; where boxes are, that would contradict them."""
    if session.current is not None and session.annotations:
        told = translate("box_steps", "{}: there are boxes on it. Delete them first, or mark the image as done ({}).")
        session.notice.emit(told.format(session.current.path, key_text("done")), "warning")
        return
    session.set_state(ImageState.EMPTY)


def tighten(session: Session) -> None:
    """Give the selected boxes the edges of the detections that fit them best, in one step."""
    if session.current is None:
        return
    if not session.selected_boxes():
        session.notice.emit(translate("box_steps", "Select the boxes to tighten first."), "info")
        return
    found = session.predictions(session.current.id)
    if found is None:
        told = translate("box_steps", "{}: no detector has looked at it yet. Train one, or show predictions ({}).")
        session.notice.emit(told.format(session.current.path, key_text("predictions")), "warning")
        return
    chosen = session.free_boxes()
    fits = [(a, suggestions.tightest(a, found)) for a in chosen]
    places = [(a, labelling.cut_to(found.boxes_xyxy[i].tolist(), session.current.size_hw)) for a, i in fits if i is not None]
    pairs = [(a, replace(a, box_xyxy=box)) for a, box in places if box is not None]
    if session.apply(labelling.change_boxes(translate("box_steps", "tighten box"), pairs)) or not chosen:
        return
    told = translate("box_steps", "No prediction overlaps the selected box: it stays as it is.")
    fitting = translate("box_steps", "The box fits its prediction already.")
    session.notice.emit(fitting if pairs else told, "info")


def hidden_text(hidden: Hidden) -> str:
    """What is hidden, in words."""
    if hidden.everything:
        return translate("box_steps", "All boxes are hidden")
    parts = []
    if hidden.boxes:
        parts.append(translate("box_steps", "Hidden boxes: {}").format(len(hidden.boxes)))
    if hidden.labels:
        parts.append(translate("box_steps", "Hidden classes: {}").format(len(hidden.labels)))
    return "  ·  ".join(parts)
