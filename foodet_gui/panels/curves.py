"""The curves of a run: AP, loss and, with GRPO, reward.

Import this when the first run starts, not before: pyqtgraph costs 0.4 s. A curve appears with its first value.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from foodet_core.events import Event, Reward, Step, Validated
from foodet_core.palette import class_color

from .. import language, theme

# Beyond this every other point goes: the plot is 260 pixels wide.
MOST_POINTS = 4000
_HEIGHT = 104
_FAINT = 70
_NEWEST = 0.12
_LEAST_AP = 0.01


class Curve(QWidget):
    """One curve over steps, under its title and last value; a `noisy` one is drawn faint behind its running mean.

    `color` is a token of the theme or "#rrggbb".
    """

    def __init__(self, title: str, color: str, *, noisy: bool) -> None:
        super().__init__()
        self.steps: list[int] = []
        self.values: list[float] = []
        self.means: list[float] = []
        self._color, self._noisy, self._seen = color, noisy, 0
        self._title, self._value = QLabel(), QLabel()
        self._plot = _plot()
        self._raw = self._plot.plot() if noisy else None
        self._line = self._plot.plot()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._head())
        column.addWidget(_framed(self._plot))
        self.set_title(title)
        self.dress()

    def set_title(self, title: str) -> None:
        """What stands over the curve."""
        self._title.setText(title)
        self.setAccessibleName(title)

    def add(self, step: int, value: float) -> None:
        """Take one more point; `draw` shows it."""
        self._seen += 1
        weight = max(1 / self._seen, _NEWEST) if self._noisy and self.means else 1.0
        self.steps.append(step)
        self.values.append(value)
        self.means.append(value if weight == 1.0 else self.means[-1] + weight * (value - self.means[-1]))
        if len(self.steps) > MOST_POINTS:
            for points in (self.steps, self.values, self.means):
                del points[1:-1:2]

    def draw(self, end: int) -> None:
        """Show all points, on an axis from step 0 to `end`."""
        if not self.steps:
            return
        self._value.setText(f"{self.means[-1]:.2f}")
        self._line.setData(self.steps, self.means)
        if self._raw is not None:
            self._raw.setData(self.steps, self.values)
        self._plot.setXRange(0, max(end, self.steps[-1], 1), padding=0.01)
        if not self._noisy:
            self._plot.setYRange(0, max(*self.values, _LEAST_AP), padding=0.08)

    def show_steps(self, on: bool) -> None:
        """Write the steps below the curve, or not."""
        self._plot.showAxis("bottom", on)
        self._plot.setFixedHeight(_HEIGHT + (16 if on else 0))

    def dress(self) -> None:
        """Take the colours in force."""
        color = theme.color(self._color) if not self._color.startswith("#") else QColor(self._color)
        points = {} if self._noisy else {"symbol": "o", "symbolSize": 5, "symbolBrush": color, "symbolPen": None}
        self._line.setData(self.steps, self.means, pen=pg.mkPen(color, width=2), **points)
        if self._raw is not None:
            faint = QColor(color)
            faint.setAlpha(_FAINT)
            self._raw.setPen(pg.mkPen(faint, width=1))
        self._plot.setBackground(theme.color("panel"))
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setPen(pg.mkPen(theme.color("line")))
            axis.setTextPen(pg.mkPen(theme.color("dim")))

    def _head(self) -> QHBoxLayout:
        self._title.setProperty("role", "head")
        self._value.setFont(theme.font(12, QFont.Weight.DemiBold))
        row = QHBoxLayout()
        row.addWidget(self._title)
        row.addStretch()
        row.addWidget(self._value)
        return row


class Curves(QWidget):
    """The three curves, fed with the events of a run."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)
        self.clear()
        language.watch(self._write)

    def _write(self) -> None:
        self.loss.set_title(self.tr("LOSS"))
        self.reward.set_title(self.tr("REWARD (GRPO)"))

    def clear(self) -> None:
        """Make place for another run."""
        while self._column.count():
            self._column.takeAt(0).widget().deleteLater()  # type: ignore[union-attr]
        self._end = 0
        self.ap = Curve("AP", "accent", noisy=False)
        self.loss = Curve(self.tr("LOSS"), class_color(1), noisy=True)
        self.reward = Curve(self.tr("REWARD (GRPO)"), class_color(2), noisy=True)
        for curve in self._all():
            self._column.addWidget(curve)
            curve.hide()

    def take(self, events: Iterable[Event]) -> None:
        """Add what the events tell, and draw once."""
        for event in events:
            match event:
                case Step(step, steps, losses):
                    self._end = steps
                    _add(self.loss, step, losses.get("loss"))
                case Reward(step, reward):
                    _add(self.reward, step, reward)
                case Validated(step, metrics):
                    _add(self.ap, step, metrics.get("AP"))
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            for curve in self._all():
                curve.dress()

    def _all(self) -> tuple[Curve, Curve, Curve]:
        return self.ap, self.loss, self.reward

    def _draw(self) -> None:
        shown = [curve for curve in self._all() if curve.steps]
        for curve in shown:
            curve.draw(self._end)
            if curve.isHidden():
                curve.show()
                for other in shown:
                    other.show_steps(other is shown[-1])


def _add(curve: Curve, step: int, value: float | None) -> None:
    if value is not None and math.isfinite(value):  # a NaN travels as null
        curve.add(step, value)


def _plot() -> pg.PlotWidget:
    plot = pg.PlotWidget()
    plot.setAntialiasing(True)
    plot.setFixedHeight(_HEIGHT)
    plot.setMouseEnabled(x=False, y=False)
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)  # the wheel scrolls the panel
    plot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setStyle(tickLength=0, maxTickLevel=0, tickFont=theme.font(10))
        axis.setTickDensity(0.5)
    plot.getAxis("left").setWidth(34)
    plot.showGrid(y=True, alpha=0.5)
    plot.hideAxis("bottom")
    return plot


def _framed(plot: pg.PlotWidget) -> QFrame:
    frame = QFrame()
    frame.setProperty("role", "card")
    inside = QVBoxLayout(frame)
    inside.setContentsMargins(4, 6, 6, 4)
    inside.addWidget(plot)
    return frame
