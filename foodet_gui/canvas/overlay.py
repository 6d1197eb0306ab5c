"""The quiet pills that float over the canvas: keys, the score slider, what to do with suggestions, and notices."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QSlider, QVBoxLayout, QWidget

from .. import box_steps, language
from ..actions import key_text
from ..intake import Intake
from ..live import LivePredictions
from ..measuring import Measuring
from ..session import Session
from ..theme import set_role
from ..transfers import Transfers, is_export, is_import

if TYPE_CHECKING:
    from ..transfers import Transfer

_MARGIN = 14
_HEIGHT = 30
_PADDING = 14
_AROUND = 2 * _PADDING + 2
"""Padding and border of a pill, both sides."""
_SEPARATOR = "  ·  "
_MOST_NAMES = 10
_INFO_MS = 3000
_WARNING_MS = 12000
_PIXEL_MS = 9
"""What it takes to read on by a pixel, whatever the script, for a notice that is longer than a line."""


def add_overlay(canvas: QWidget, session: Session, live: LivePredictions, intake: Intake) -> None:
    """Lay the pills over a canvas."""
    layout = QVBoxLayout(canvas)
    layout.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
    top = QHBoxLayout()
    top.addWidget(KeyPill(session))
    top.addStretch(1)
    top.addWidget(ScorePill(session))
    layout.addLayout(top)
    layout.addStretch(1)
    layout.addWidget(HiddenPill(session), 0, Qt.AlignmentFlag.AlignHCenter)
    layout.addWidget(PrelabelPill(session, live), 0, Qt.AlignmentFlag.AlignHCenter)
    layout.addWidget(TransferPill(session, intake.transfers), 0, Qt.AlignmentFlag.AlignHCenter)
    layout.addWidget(MeasuringPill(session, intake.measuring), 0, Qt.AlignmentFlag.AlignHCenter)
    layout.addWidget(NewImagesPill(session, intake), 0, Qt.AlignmentFlag.AlignHCenter)
    layout.addWidget(NoticePill(session), 0, Qt.AlignmentFlag.AlignHCenter)
    layout.addWidget(SuggestionPill(session), 0, Qt.AlignmentFlag.AlignHCenter)


class Pill(QFrame):
    """A rounded row; presses on it are not presses on the canvas."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        set_role(self, "pill")
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self.setMinimumHeight(_HEIGHT)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(_PADDING, 0, _PADDING, 0)
        self.row.setSpacing(14)
        self.hide()

    def add_button(self, slot: Callable[[], object]) -> QPushButton:
        """A button that looks like a word and leaves the keyboard to the canvas, or gives it back."""
        button = QPushButton()
        set_role(button, "quiet")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(slot)
        button.clicked.connect(self._give_back)
        self.row.addWidget(button)
        return button

    def _give_back(self) -> None:
        canvas = self.parentWidget()
        if canvas is not None:
            canvas.setFocus()


class KeyPill(Pill):
    """The keys one needs now."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._keys: list[str] = []
        self._label = QLabel()
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        set_role(self._label, "dim")
        self.row.addWidget(self._label)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        session.project_changed.connect(self._show)
        session.changed.connect(self._show)
        language.watch(self._show)

    def _show(self) -> None:
        self.setVisible(self.session.project is not None)
        count = min(len(self.session.class_order), 10)
        classes = self.tr("1 class") if count == 1 else self.tr("1–{} class").format(count % 10)
        if len(self.session.class_order) > count:
            classes += self.tr(", {} find").format(key_text("find_class"))
        both = f"{key_text('previous')} / {key_text('next')}"
        self._keys = [self.tr("{} all keys").format(key_text("keys")), self.tr("{} draw").format(key_text("draw"))]
        self._keys += [self.tr("{} previous, next").format(both), self.tr("{} done").format(key_text("done_next"))]
        self._keys += [*([classes] if count else []), self.tr("space pan")]
        self.updateGeometry()
        self._fill()

    def sizeHint(self) -> QSize:
        return QSize(self._width(self._keys) + _AROUND, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._width(self._keys[:1]) + _AROUND, _HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fill()

    def _fill(self) -> None:
        """As many keys as there is room for, the likeliest first; the way to all of them always."""
        every, *keys = self._keys or [""]
        fitting: list[str] = []
        for key in keys:
            if self._width([*fitting, key, every]) <= self.width() - _AROUND:
                fitting.append(key)
        self._label.setText(_SEPARATOR.join([*fitting, every]))

    def _width(self, keys: list[str]) -> int:
        return self._label.fontMetrics().horizontalAdvance(_SEPARATOR.join(keys)) + 2


class ScorePill(Pill):
    """From which score on predictions are shown; there once a detector is."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._switch = self.add_button(lambda: session.set_show_predictions(not session.show_predictions))
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(5, 95)
        self._slider.setFixedWidth(128)
        self._slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._slider.valueChanged.connect(lambda value: session.set_threshold(value / 100))
        self._value = QLabel()
        self._value.setFixedWidth(28)
        self.row.addWidget(self._slider)
        self.row.addWidget(self._value)
        session.project_changed.connect(self._show)
        session.current_changed.connect(self._show)
        session.predictions_changed.connect(self._show)
        language.watch(self._show)

    def _show(self) -> None:
        session = self.session
        found = session.current is not None and session.predictions(session.current.id) is not None
        self.setVisible(session.project is not None and (found or session.weights is not None))
        if self.isHidden():
            return
        self._switch.setToolTip(self.tr("Show or hide predictions ({})").format(key_text("predictions")))
        self._slider.setAccessibleName(self.tr("Score from which on predictions are shown"))
        on = session.show_predictions
        self._switch.setText(self.tr("Show predictions ≥") if on else self.tr("Predictions hidden"))
        self._slider.setEnabled(on)
        with QSignalBlocker(self._slider):  # a person has chosen nothing
            self._slider.setValue(round(session.threshold * 100))
        self._value.setText(f"{session.threshold:.2f}")


class SuggestionPill(Pill):
    """How many suggestions there are, and the three answers to them."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._count = QLabel()
        self.row.addWidget(self._count)
        self._accept = self.add_button(self._accept_focused_or_all)
        self._next = self.add_button(self._focus_next)
        self._reject = self.add_button(session.delete_selected)
        for signal in (session.current_changed, session.predictions_changed, session.changed, session.selection_changed):
            signal.connect(self._show)
        language.watch(self._show)

    def _show(self) -> None:
        open_ = self.session.shown_predictions().open
        focused = self.session.suggestion is not None
        self.setVisible(bool(open_))
        if not open_:
            return
        self._count.setText(self.tr("1 suggestion") if len(open_) == 1 else self.tr("{} suggestions").format(len(open_)))
        accept, everything = _sign("accept"), _sign("accept_all")
        both = self.tr("{} accept  {} all").format(accept, everything)
        self._accept.setText(both if focused else self.tr("{} accept all").format(accept))
        self._next.setText(self.tr("{} next").format(_sign("next_box")))
        self._reject.setText(self.tr("{} reject").format(_sign("delete")))
        self._reject.setEnabled(focused)

    def _accept_focused_or_all(self) -> None:
        self.session.accept_suggestions()

    def _focus_next(self) -> None:
        self.session.focus_next_suggestion()


class HiddenPill(Pill):
    """What is out of sight, and the way to see it again."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._text = QLabel()
        self.row.addWidget(self._text)
        self._show_all = self.add_button(partial(box_steps.toggle_hidden, session))
        session.selection_changed.connect(self._show)
        session.project_changed.connect(self._show)
        language.watch(self._show)

    def _show(self) -> None:
        self.setVisible(bool(self.session.hidden))
        self._text.setText(box_steps.hidden_text(self.session.hidden))
        self._show_all.setText(self.tr("{} show all").format(key_text("hide")))


class PrelabelPill(Pill):
    """How far pre-labelling is, and the way to stop it."""

    def __init__(self, session: Session, live: LivePredictions) -> None:
        super().__init__(session)
        self._text = QLabel()
        self.row.addWidget(self._text)
        self._stop = self.add_button(live.stop_prelabelling)
        live.prelabelling.connect(self._show)

    def _show(self, done: int, total: int, seconds_left: float) -> None:
        self._stop.setText(self.tr("Stop"))
        self.setVisible(bool(total))
        left = self.tr("  ·  {}:{:02d} left").format(*divmod(round(seconds_left), 60)) if done else ""
        self._text.setText(self.tr("Pre-labelling {} of {}").format(done, total) + left)


class TransferPill(Pill):
    """How far an import, an export or an addition is, and the way to stop it."""

    def __init__(self, session: Session, transfers: Transfers) -> None:
        super().__init__(session)
        self._text = QLabel()
        self.row.addWidget(self._text)
        self._stop = self.add_button(transfers.cancel)
        self._transfers = transfers
        transfers.progressed.connect(self._show)
        transfers.ended.connect(self.hide)
        language.watch(self._write)

    def _write(self) -> None:
        self._stop.setText(self.tr("Stop"))

    def _show(self, done: int, total: int) -> None:
        what = self._what(self._transfers.running)
        self._text.setText(self.tr("{}  {:,} of {:,}").format(what, done, total) if total else f"{what} …")
        self.setVisible(self.session.project is not None)

    def _what(self, job: Transfer | None) -> str:
        if is_import(job):
            return self.tr("Importing")
        return self.tr("Exporting") if is_export(job) else self.tr("Adding images")


class MeasuringPill(Pill):
    """How many images of a new project have been measured, and the way to leave it until later."""

    def __init__(self, session: Session, measuring: Measuring) -> None:
        super().__init__(session)
        self._text = QLabel()
        self.row.addWidget(self._text)
        self._stop = self.add_button(measuring.stop)
        measuring.progressed.connect(self._show)
        language.watch(self._write)

    def _write(self) -> None:
        self._stop.setText(self.tr("Later"))
        self._stop.setToolTip(self.tr("Goes on when the project is opened again"))

    def _show(self, done: int, total: int) -> None:
        self.setVisible(bool(total))
        self._text.setText(self.tr("Reading sizes and dates  {:,} of {:,}").format(done, total))


class NewImagesPill(Pill):
    """Images that came into the project's folder, and the two answers to them."""

    def __init__(self, session: Session, intake: Intake) -> None:
        super().__init__(session)
        self._text = QLabel()
        self.row.addWidget(self._text)
        self._add = self.add_button(intake.add_new)
        self._leave = self.add_button(intake.watch.dismiss)
        self._watch = intake.watch
        intake.watch.changed.connect(self._show)
        language.watch(self._show)

    def _show(self) -> None:
        count = len(self._watch.new)
        one, more = self.tr("1 new image in the folder"), self.tr("{} new images in the folder")
        self._text.setText(one if count == 1 else more.format(count))
        self._text.setToolTip("\n".join(path.name for path in self._watch.new[:_MOST_NAMES]))
        self._add.setText(self.tr("Add"))
        self._add.setToolTip(self.tr("Add them to the project ({})").format(key_text("add_new")))
        self._leave.setText(self.tr("Not now"))
        self.setVisible(count > 0)


class NoticePill(Pill):
    """One notice at a time; a click sends it away."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setMaximumWidth(620)
        self.row.addWidget(self._label)
        self.row.setContentsMargins(16, 7, 16, 7)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        session.notice.connect(self._tell)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.hide()

    def _tell(self, text: str, level: str) -> None:
        self._label.setText(text)
        width = self._label.fontMetrics().horizontalAdvance(text) + 4
        self._label.setMinimumWidth(min(width, self._label.maximumWidth()))
        set_role(self._label, "warning" if level == "warning" else "")
        self.show()
        self._timer.start(max(_WARNING_MS if level == "warning" else _INFO_MS, _PIXEL_MS * width))


def _sign(name: str) -> str:
    """The first key of a command, as short as it can be written."""
    return key_text(name).replace("Shift+", "⇧")
