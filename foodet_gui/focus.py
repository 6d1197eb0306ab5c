"""Where the keyboard goes: from part to part of the window, and to the first thing in a part that can have it.

On the canvas Tab has another meaning, so Tab alone does not lead away from it.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


def go_round(parts: Sequence[QWidget], by: int) -> None:
    """Give the keyboard to the next part, or to the one before if `by` is -1; parts where nothing can have it are left out.

    A part is a widget with what is in it, except for what is in a part that lies in it.
    """
    stops = [(part, stop) for part in parts if (stop := _first(part, parts)) is not None]
    if not stops:
        return
    here = _part_of(QApplication.focusWidget(), parts)
    place = next((n for n, (part, _) in enumerate(stops) if part is here), -by)
    _, stop = stops[(place + by) % len(stops)]
    stop.setFocus(Qt.FocusReason.TabFocusReason)


def _part_of(widget: QWidget | None, parts: Sequence[QWidget]) -> QWidget | None:
    while widget is not None and widget not in parts:
        widget = widget.parentWidget()
    return widget


def _first(part: QWidget, parts: Sequence[QWidget]) -> QWidget | None:
    """The part itself if it can have the keyboard, else the first of its widgets by tab order that can."""
    if _can_have_it(part):
        return part
    widget = part.nextInFocusChain()
    while widget is not None and widget is not part:
        if _can_have_it(widget) and _part_of(widget, parts) is part:
            return widget
        widget = widget.nextInFocusChain()
    return None


def _can_have_it(widget: QWidget) -> bool:
    takes_it = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None
    return takes_it and widget.isVisible() and widget.isEnabled()
