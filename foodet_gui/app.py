"""The application: makes the parts and wires them; the only place that does."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Thread

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QListView, QWidget

from foodet_core.resources import resource

from . import actions, language, theme
from .intake import Intake
from .jobs import Jobs
from .live import LivePredictions
from .main_window import MainWindow
from .measuring import Measuring
from .opening import Opening
from .session import Session
from .settings import Settings
from .transfers import Transfers
from .watching import FolderWatch

_PAINT_MS = 20
"""For the first paint to come to the screen: what follows keeps the window's thread busy for half a second."""


class App:
    """All long-lived objects of one window; without a project it opens the one that was left open."""

    def __init__(self, project: Path | None = None) -> None:
        self.settings = Settings()
        actions.use_keys(self.settings.keys)
        self.session = Session()
        self.jobs = Jobs()
        self.opening = Opening(self.session, self.jobs, self.settings)
        self.live = LivePredictions(self.session, self.jobs)
        self.jobs.notice.connect(self.session.notice)
        self.file_jobs = Jobs()
        self.file_jobs.notice.connect(self.session.notice)
        self.transfers = Transfers(self.session, self.file_jobs)
        self.watch = FolderWatch(self.session)
        self.measuring = Measuring(self.session)
        self.intake = Intake(self.session, self.opening, self.transfers, self.watch, self.measuring)
        self.window = MainWindow(self.session, self.jobs, self.live, self.opening, self.intake, self.settings)
        theme.wear_sheet()
        # The window and the first project stay: to look through them for garbage takes longer than an image.
        self.session.project_changed.connect(gc.freeze, Qt.ConnectionType.SingleShotConnection)
        self._left_open = project or self.settings.left_open
        self.window.show()
        _Exposure(self.window).came.connect(self._go_on)

    def _go_on(self) -> None:
        """When the window stands: what opening needs takes as long to load as the window itself."""
        if self._left_open is not None:
            self.opening.open_path(self._left_open)
        else:
            Thread(target=_load_what_opening_needs, daemon=True).start()
            # The first widget of Qt's own making that Python meets has it look through all classes of widgets.
            QListView().viewport()

    def close(self) -> None:
        """End the worker's processes and the threads, and let go of the project."""
        self.opening.close()
        self.transfers.close()
        self.watch.close()
        self.measuring.stop()
        self.jobs.close()
        self.file_jobs.close()
        self.session.close_project()


class _Exposure(QObject):
    """Tells once that a window that was shown stands on the screen."""

    came = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        handle = window.windowHandle()
        if handle.isExposed():
            self._tell()
        else:
            handle.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Expose:
            watched.removeEventFilter(self)
            self._tell()
        return False

    def _tell(self) -> None:
        QTimer.singleShot(_PAINT_MS, self, self.came.emit)


def _load_what_opening_needs() -> None:
    """While the person chooses a folder."""
    from foodet_core.project import scan  # noqa: F401


def run(arguments: Sequence[str], project: Path | None) -> int:
    """Show the window until it is closed; returns the exit status."""
    qt = QApplication([sys.argv[0], *arguments])
    qt.setApplicationName("foodet")
    qt.setDesktopFileName("foodet")
    qt.setWindowIcon(QIcon(str(resource("icons/foodet.svg"))))
    settings = Settings()
    theme.apply(qt, settings.scheme)
    language.choose(settings.language)
    app = App(project)
    try:
        return qt.exec()
    finally:
        app.close()
