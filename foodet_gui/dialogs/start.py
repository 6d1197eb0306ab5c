"""The first page: open photos, try the sample, go back to a recent project."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from foodet_core.resources import resource

from .. import language
from ..opening import Opening
from ..settings import Settings
from ..theme import set_role

_WIDTH = 520
_LOGO = QSize(64, 64)


class StartPage(QWidget):
    """What is seen while no project is open."""

    chosen = Signal(str)
    """A folder of photos or a project folder."""

    def __init__(self, opening: Opening, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._opening, self._settings = opening, settings
        self.notice = QLabel(wordWrap=True)
        set_role(self.notice, "warning")
        self.notice.hide()
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        self._choices, self._work = self._make_choices(), self._make_work()
        card = QWidget()
        card.setFixedWidth(_WIDTH)
        column = QVBoxLayout(card)
        column.setSpacing(12)
        for part in (self._make_head(), self._choices, self._work, self.notice):
            column.addWidget(part)
        column.addLayout(self._recent)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        middle = QHBoxLayout()  # stretches rather than an alignment, which would cut wrapped text
        middle.addStretch(1)
        middle.addWidget(card)
        middle.addStretch(1)
        layout.addLayout(middle)
        layout.addStretch(3)
        opening.busy_changed.connect(self._show_busy)
        opening.progressed.connect(self._show_progress)
        self._show_busy(opening.busy)
        language.watch(self._write)

    def _write(self) -> None:
        self._title.setText(self.tr("Teach a detector to see your food"))
        words = self.tr("Draw boxes on your photos, train on this computer, correct what it finds, and go round again. ")
        self._words.setText(words + self.tr("Photos stay where they are and are never changed."))
        self._photos.setText(self.tr("Open a folder of photos…"))
        self._sample.setText(self.tr("Open the sample"))
        self._sample.setToolTip(self.tr("240 drawn pictures of food with boxes, to try everything on"))
        self._bar.setAccessibleName(self.tr("Progress"))
        self._cancel.setText(self.tr("Cancel"))
        self.refresh()

    def refresh(self) -> None:
        """List the recent projects as they are now."""
        while (item := self._recent.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        recent = self._settings.recent()
        if recent:
            head = QLabel(self.tr("RECENT PROJECTS"))
            set_role(head, "head")
            head.setContentsMargins(10, 16, 0, 4)
            self._recent.addWidget(head)
        for folder in recent[:5]:
            self._recent.addWidget(self._recent_row(folder))

    def ask_folder(self) -> None:
        """Let the person choose a folder of photos, or a project."""
        folder = QFileDialog.getExistingDirectory(self, self.tr("Open a folder of photos, or a project"))
        if folder:
            self.chosen.emit(folder)

    def tell(self, text: str, level: str) -> None:
        """Show a notice below the buttons."""
        self.notice.setText(text)
        self.notice.setVisible(level == "warning")

    def _make_head(self) -> QWidget:
        head = QFrame()
        column = QVBoxLayout(head)
        column.setContentsMargins(0, 0, 0, 12)
        column.setSpacing(6)
        logo = QLabel()
        logo.setPixmap(QIcon(str(resource("icons/foodet.svg"))).pixmap(_LOGO, self.devicePixelRatio()))
        column.addWidget(logo)
        column.addSpacing(10)
        self._title, self._words = QLabel(), QLabel(wordWrap=True)
        set_role(self._title, "hero")
        set_role(self._words, "dim")
        column.addWidget(self._title)
        column.addWidget(self._words)
        return head

    def _make_choices(self) -> QWidget:
        choices = QWidget()
        row = QHBoxLayout(choices)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        self._photos, self._sample = QPushButton(), QPushButton()
        self._photos.setDefault(True)
        set_role(self._photos, "primary")
        self._photos.clicked.connect(self.ask_folder)
        self._sample.clicked.connect(self._opening.open_sample)
        for button in (self._photos, self._sample):
            button.setMinimumHeight(44)
            row.addWidget(button, 1)
        return choices

    def _make_work(self) -> QWidget:
        work = QWidget()
        row = QHBoxLayout(work)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        column = QVBoxLayout()
        self._stage, self._bar = QLabel(), QProgressBar(textVisible=False)
        column.addWidget(self._stage)
        column.addWidget(self._bar)
        self._cancel = QPushButton()
        self._cancel.clicked.connect(self._opening.cancel)
        row.addLayout(column, 1)
        row.addWidget(self._cancel)
        return work

    def _recent_row(self, folder: Path) -> QPushButton:
        row = QPushButton()
        row.setMinimumHeight(36)
        name, place = QLabel(folder.stem), QLabel(_shortened(folder.parent))
        set_role(place, "dim")
        line = QHBoxLayout(row)
        line.setContentsMargins(10, 0, 10, 0)
        line.setSpacing(14)
        line.addWidget(name)
        line.addWidget(place)
        line.addStretch(1)
        row.setToolTip(str(folder))
        row.setAccessibleName(f"{folder.stem}  {_shortened(folder.parent)}")
        set_role(row, "row")
        row.clicked.connect(lambda: self.chosen.emit(str(folder)))
        return row

    def _show_busy(self, busy: bool) -> None:
        self._choices.setVisible(not busy)
        self._work.setVisible(busy)
        if busy:
            self.notice.hide()
            self._show_progress(0, 0, self.tr("Looking for images"))

    def _show_progress(self, done: int, total: int, stage: str) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._stage.setText(f"{stage}  {done:,} / {total:,}" if total else stage)


def _shortened(folder: Path) -> str:
    home = Path.home()
    return f"~/{folder.relative_to(home).as_posix()}" if folder.is_relative_to(home) else str(folder)
