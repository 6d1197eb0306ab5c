"""The window: bar, strip, canvas, panel and status line put together, and what every action does.

The parts know the session and not each other; the few wires between them (a tool's name to the status line, the keyboard
back to the canvas) are drawn here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMainWindow, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from foodet_core.types import ImageState

from . import actions, box_steps, focus, language, theme
from .canvas.overlay import Pill, add_overlay
from .canvas.widget import Canvas
from .dialogs.start import StartPage
from .intake import Intake
from .jobs import Jobs
from .live import LivePredictions
from .models.images import ImageModel
from .opening import Opening
from .panels.images import ImageStrip
from .panels.label import LabelPanel
from .panels.status_line import StatusLine
from .panels.top_bar import TopBar
from .session import Session
from .settings import Settings

if TYPE_CHECKING:
    from .panels.data.panel import DataPanel
    from .panels.data.parts import DataPart
    from .panels.train import TrainPanel

PANEL_WIDTH = 292
_FIRST_SIZE = QSize(1440, 900)
_ZOOM_STEP = 1.25
_DATA = 2
"""The place of the Data tab."""
_MENU = ("open", "add_images", "import", "export", "close", "scheme", "language", "keys", "quit")
_FAR = 10.0
_PAN = 80.0
_SCORE_STEP, _SCORES = 0.05, (0.05, 0.95)
_ARROWS = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "up": (0.0, -1.0), "down": (0.0, 1.0)}


class MainWindow(QMainWindow):
    """Everything a person sees."""

    def __init__(
        self,
        session: Session,
        jobs: Jobs,
        live: LivePredictions,
        opening: Opening,
        intake: Intake,
        settings: Settings,
    ) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self._intake = intake
        self._session, self._settings, self._opening, self._live = session, settings, opening, live
        self._jobs = jobs
        self._shown: Path | None = None
        # The first to hear of another image: it paints at once, before anything else has something to paint.
        self.canvas = Canvas(session)
        self.canvas.has_loupe = settings.loupe
        self.images = ImageModel(session, self)
        self.top_bar = TopBar(session, jobs)
        self.strip = ImageStrip(session, self.images)
        self.label_panel = LabelPanel(session)
        self.status = StatusLine(session, jobs)
        self.start_page = StartPage(opening, settings)
        self.tabs, self.side, self._panels = QTabBar(), QFrame(), QStackedWidget()
        self._pages = QStackedWidget()
        self._build()
        self._connect(jobs)
        self.actions_by_name = actions.install(self, self.canvas, self._runs())
        menu = [self.actions_by_name[name] for name in _MENU]
        self.top_bar.add_actions(menu, self._live.prelabel, self._finetune, self._train)
        if not self.restoreGeometry(settings.geometry):
            self.resize(_FIRST_SIZE.boundedTo(self.screen().availableSize()))
        self.tabs.setCurrentIndex(min(settings.panel, self.tabs.count() - 1))
        if settings.folded:
            self._fold()
        self._show_project()
        language.watch(self._write)

    def _write(self) -> None:
        self.tabs.setAccessibleName(self.tr("Panel"))
        self.tabs.setTabText(0, self.tr("Label"))
        self.tabs.setTabText(1, self.tr("Train"))
        self.tabs.setTabText(_DATA, self.tr("Data"))
        actions.dress(self.actions_by_name)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._settings.geometry = self.saveGeometry()
        self._settings.panel, self._settings.folded = self.tabs.currentIndex(), self.strip.isHidden()
        self.canvas.close_images()
        self.images.close()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and not self._opening.busy:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        if paths:
            self._intake.take(paths)

    def _build(self) -> None:
        add_overlay(self.canvas, self._session, self._live, self._intake)
        work = QWidget()
        row = QHBoxLayout(work)
        for part in (self.strip, self.canvas, self._make_side()):
            row.addWidget(part)
        self._pages.addWidget(self.start_page)
        self._pages.addWidget(work)
        middle = QWidget()
        column = QVBoxLayout(middle)
        for part in (self.top_bar, self._pages, self.status):
            column.addWidget(part)
        for layout in (row, column):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        self.setCentralWidget(middle)

    def _make_side(self) -> QWidget:
        self.side.setObjectName("sidePanel")
        self.side.setFixedWidth(PANEL_WIDTH)
        self.tabs.setExpanding(False)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for _ in ("Label", "Train", "Data"):
            self.tabs.addTab("")
        self._panels.addWidget(self.label_panel)
        self.tabs.currentChanged.connect(self._show_panel)
        heads = QFrame()
        heads.setObjectName("tabHeads")
        head_row = QHBoxLayout(heads)
        head_row.setContentsMargins(20, 8, 12, 0)
        head_row.addWidget(self.tabs)
        column = QVBoxLayout(self.side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(heads)
        column.addWidget(self._panels, 1)
        self.setTabOrder(self.tabs, self.label_panel.class_list)
        return self.side

    @cached_property
    def train_panel(self) -> TrainPanel:
        """Made when it is first looked at: its form and all settings of a training take a tenth of the window's start."""
        from .panels.train import TrainPanel

        panel = TrainPanel(self._session, self._jobs)
        self._panels.addWidget(panel)
        return panel

    @cached_property
    def data_panel(self) -> DataPanel:
        """Made when it is first looked at, or when a job has something to tell there: it loads all formats."""
        from .panels.data.panel import DataPanel

        panel = DataPanel(self._session, self._intake.transfers)
        panel.left.connect(self.canvas.setFocus)
        self._panels.addWidget(panel)
        return panel

    def _show_panel(self, place: int) -> None:
        panel = self.data_panel if place == _DATA else self.train_panel if place else self.label_panel
        self._panels.setCurrentWidget(panel)

    def _connect(self, jobs: Jobs) -> None:
        self.canvas.tool_changed.connect(self.status.set_tool)
        self.canvas.view_changed.connect(self.status.set_zoom)
        self.label_panel.named.connect(self.canvas.setFocus, Qt.ConnectionType.QueuedConnection)  # when the editor is gone
        self.label_panel.merge_wanted.connect(self._ask_merge)
        self.start_page.chosen.connect(self._open)
        self._session.project_changed.connect(self._show_project)
        self._session.class_wanted.connect(self._ask_class)
        self._opening.busy_changed.connect(self._show_project)
        self._opening.found.connect(self.canvas.expect)
        jobs.started.connect(self.canvas.setFocus)
        self._live.prelabelled.connect(self.images.order.sort_predicted)
        self._session.notice.connect(self.start_page.tell)
        self._intake.transfers.started.connect(lambda _job: self.data_panel)
        self._intake.import_offered.connect(self._offer_import)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape, where nothing else wants it, leads back to the canvas."""
        if event.key() == Qt.Key.Key_Escape:
            self.canvas.setFocus()
        else:
            super().keyPressEvent(event)

    def _go_round(self, by: int) -> None:
        pills = self.canvas.findChildren(Pill)
        focus.go_round([self.start_page, self.canvas, *pills, self.side, self.top_bar, self.strip], by)

    def _show_project(self) -> None:
        project, before = self._session.project, self._pages.currentIndex()
        self._pages.setCurrentIndex(0 if project is None or self._opening.busy else 1)
        self.status.setVisible(project is not None)
        self.setWindowTitle("foodet" if project is None else f"{project.name} — foodet")
        if project is None:
            if before == 1:
                self.start_page.refresh()
        else:
            # Read again after an import, it leaves the keyboard where the person is typing.
            if before == 0 or project.folder != self._shown:
                self.canvas.setFocus()
            self._settings.left_open = self._shown = project.folder

    def _ask_class(self) -> None:
        self.side.show()
        self.tabs.setCurrentIndex(0)
        self.label_panel.ask_class()

    # What the actions do

    def _runs(self) -> dict[str, Callable[[], object]]:
        session, canvas = self._session, self.canvas
        return {
            "new_box": canvas.new_box,
            "draw": lambda: canvas.set_tool("select" if canvas.tool == "draw" else "draw"),
            "select": lambda: canvas.set_tool("select"),
            "hand": lambda: canvas.set_tool("hand"),
            "delete": session.delete_selected,
            "accept": session.accept_suggestions,
            "accept_all": partial(session.accept_suggestions, all_of_them=True),
            "accept_everywhere": session.accept_everywhere,
            "next_box": canvas.select_next,
            "select_all": lambda: session.select([a.id for a in session.visible_boxes()]),
            "tighten": partial(box_steps.tighten, session),
            "lock": partial(box_steps.toggle_lock, session),
            "hide": canvas.peek,
            "hide_selected": partial(box_steps.hide_selected, session),
            "hide_class": lambda: box_steps.toggle_class(session, session.current_class),
            "copy": session.copy_boxes,
            "paste": session.paste_boxes,
            "copy_previous": session.copy_previous,
            "duplicate": session.duplicate_boxes,
            "cancel": canvas.cancel,
            "find_class": self._find_class,
            "undo": session.undo,
            "redo": session.redo,
            "next": lambda: session.step(1),
            "previous": lambda: session.step(-1),
            "done_next": self._finish,
            "done": self._toggle_done,
            "empty": partial(box_steps.mark_empty, session),
            "remove_image": session.remove_image,
            "search": self.strip.search.setFocus,
            "sort": self.strip.sorting.showMenu,
            "fit": canvas.fit_image,
            "fit_selected": canvas.fit_selected,
            "actual_size": lambda: canvas.zoom_to(1.0),
            "zoom_in": lambda: canvas.zoom_by(_ZOOM_STEP),
            "zoom_out": lambda: canvas.zoom_by(1 / _ZOOM_STEP),
            "next_part": partial(self._go_round, 1),
            "previous_part": partial(self._go_round, -1),
            "loupe": self._toggle_loupe,
            "predictions": lambda: session.set_show_predictions(not session.show_predictions),
            "prelabel": self._live.prelabel,
            "fold": self._fold,
            "train": self._train,
            "finetune": self._finetune,
            "open": self.start_page.ask_folder,
            "add_images": lambda: self._show_data(self.data_panel.adding),
            "add_new": self._intake.add_new,
            "import": lambda: self._show_data(self.data_panel.importing),
            "export": lambda: self._show_data(self.data_panel.exporting),
            "close": self._close_project,
            "quit": self.close,
            "scheme": self._change_scheme,
            "language": self._change_language,
            "keys": self._show_keys,
            **{f"class_{i}": partial(session.choose_place, i) for i in range(10)},
            **{name: partial(self._arrow, *by) for name, by in _ARROWS.items()},
            **{f"pull_{name}": partial(canvas.stretch, *by) for name, by in _ARROWS.items()},
            **{f"pan_{name}": partial(canvas.pan_by, by[0] * _PAN, by[1] * _PAN) for name, by in _ARROWS.items()},
            "fewer": lambda: session.set_threshold(min(session.threshold + _SCORE_STEP, _SCORES[1])),
            "more": lambda: session.set_threshold(max(session.threshold - _SCORE_STEP, _SCORES[0])),
            **{f"far_{name}": partial(canvas.nudge, by[0] * _FAR, by[1] * _FAR) for name, by in _ARROWS.items()},
        }

    def _show_keys(self) -> None:
        from .dialogs.keys import KeysPage
        from .dialogs.sheet import Sheet

        if self.findChild(Sheet) is None:
            KeysPage(self, self._settings)

    def _find_class(self) -> None:
        from .dialogs.find_class import ClassFinder
        from .dialogs.sheet import Sheet

        if self._session.project is not None and self.findChild(Sheet) is None:
            finder = ClassFinder(self, self._session)
            finder.chosen.connect(self._session.choose_class)
            finder.named.connect(self._session.add_class)

    def _ask_merge(self, label: int) -> None:
        from .dialogs.find_class import ClassFinder
        from .dialogs.sheet import Sheet

        if self.findChild(Sheet) is None:
            ClassFinder(self, self._session, merging=label).chosen.connect(partial(self._session.merge_class, label))

    def _arrow(self, dx: float, dy: float) -> None:
        """Move what is selected; with nothing selected, go through the images."""
        if self._session.selected:
            self.canvas.nudge(dx, dy)
        else:
            self._session.step(int(dx or dy))

    def _finish(self) -> None:
        self._session.set_state(ImageState.DONE)
        if self._session.current is not None and self._session.current.state is ImageState.DONE:
            self._session.step(1)  # else it was refused: one stays where that is to be seen

    def _toggle_done(self) -> None:
        image = self._session.current
        is_done = image is not None and image.state is ImageState.DONE
        self._session.set_state(ImageState.IN_PROGRESS if is_done else ImageState.DONE)

    def _fold(self) -> None:
        show = self.strip.isHidden() or self.side.isHidden()
        for part in (self.strip, self.side):
            part.setVisible(show)

    def _toggle_loupe(self) -> None:
        self.canvas.has_loupe = self._settings.loupe = not self.canvas.has_loupe

    def _change_scheme(self) -> None:
        self._settings.scheme = "light" if theme.is_dark() else "dark"
        theme.choose(self._settings.scheme)

    def _change_language(self) -> None:
        self._settings.language = "en" if language.is_chinese() else "zh"
        language.choose(self._settings.language)

    def _close_project(self) -> None:
        self._session.close_project()
        self._settings.left_open = None

    def _train(self) -> None:
        self.tabs.setCurrentIndex(1)
        self.train_panel.start_training()

    def _finetune(self) -> None:
        self.tabs.setCurrentIndex(1)
        self.train_panel.start_finetune()

    def _show_data(self, part: DataPart) -> None:
        if self._session.project is not None:
            self.side.show()
            self.tabs.setCurrentIndex(_DATA)
            self.data_panel.go_to(part)

    def _offer_import(self, path: Path) -> None:
        self._show_data(self.data_panel.importing)
        self.data_panel.importing.set_source(path)

    def _open(self, path: str) -> None:
        self._opening.open_path(Path(path))
