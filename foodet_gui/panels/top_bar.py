"""The bar on top: what is open, how far the labelling is, suggestions for it, and the two actions that make a detector."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QProgressBar, QPushButton

from foodet_core.types import ImageState

from .. import language
from ..actions import key_text
from ..jobs import Jobs
from ..session import Session
from ..theme import set_role

HEIGHT = 52


class TopBar(QFrame):
    """Shows the project; its buttons trigger the actions they are given."""

    def __init__(self, session: Session, jobs: Jobs) -> None:
        super().__init__()
        self._session, self._jobs = session, jobs
        self.setObjectName("topBar")
        self.setFixedHeight(HEIGHT)
        brand = QLabel("foodet")
        set_role(brand, "brand")
        self._slash = QLabel("/")
        set_role(self._slash, "dim")
        self._project = QPushButton()
        set_role(self._project, "project")
        self._project.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._prelabel, self._finetune, self._train = QPushButton(), QPushButton(), QPushButton()
        self._bar, self._done = QProgressBar(textVisible=False), QLabel()
        self._bar.setFixedWidth(180)
        set_role(self._bar, "good")
        set_role(self._done, "dim")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(20, 0, 20, 0)
        self._row.setSpacing(10)
        for part in (brand, self._slash, self._project):
            self._row.addWidget(part)
        self._row.addSpacing(22)
        self._row.addWidget(self._bar)
        self._row.addWidget(self._done)
        self._row.addStretch(1)
        session.project_changed.connect(self._show)
        session.changed.connect(self._show)

    def add_actions(
        self, menu: list[QAction], prelabel: Callable[[], object], finetune: Callable[[], object], train: Callable[[], object]
    ) -> None:
        """Fill the project's menu and the buttons."""
        shown = QMenu(self)
        shown.addActions(menu)
        self._project.setMenu(shown)
        set_role(self._train, "primary")
        for button, run in ((self._prelabel, prelabel), (self._finetune, finetune), (self._train, train)):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(run)
            self._row.addWidget(button)
            self._session.project_changed.connect(lambda b=button: b.setVisible(self._session.project is not None))
            button.hide()
        for button in (self._finetune, self._train):
            button.setMinimumWidth(136)
            self._jobs.started.connect(lambda _job, b=button: b.setEnabled(False))
            self._jobs.finished.connect(lambda _end, b=button: b.setEnabled(True))
        language.watch(self._write)

    def _write(self) -> None:
        self._prelabel.setText(self.tr("Pre-label"))
        self._prelabel.setToolTip(self.tr("Find suggestions on all unfinished images ({})").format(key_text("prelabel")))
        self._finetune.setText(self.tr("Fine-tune (GRPO)"))
        self._train.setText(self.tr("Train"))
        self._bar.setAccessibleName(self.tr("Images done"))
        self._show()

    def _show(self) -> None:
        project = self._session.project
        for part in (self._slash, self._project, self._bar, self._done):
            part.setVisible(project is not None)
        if project is None:
            return
        states = project.state_counts()
        done, total = states[ImageState.DONE] + states[ImageState.EMPTY], states.total()
        self._project.setText(project.name)
        self._bar.setRange(0, max(total, 1))
        self._bar.setValue(done)
        self._done.setText(self.tr("{:,} of {:,} done").format(done, total))
