"""The application: makes the parts and wires them; the only place that does."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from foodet_core.resources import resource

from . import actions, language, theme
from .jobs import Jobs
from .live import LivePredictions
from .main_window import MainWindow
from .opening import Opening
from .session import Session
from .settings import Settings


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
        self.window = MainWindow(self.session, self.jobs, self.live, self.opening, self.settings)
        self.window.show()
        project = project or self.settings.left_open
        if project is not None:
            # After the window stands: what opening needs takes longer to load than the window itself.
            QTimer.singleShot(0, self.window, lambda: self.opening.open_path(project))

    def close(self) -> None:
        """End the worker's processes and the threads, and let go of the project."""
        self.opening.close()
        self.jobs.close()
        self.session.close_project()


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
