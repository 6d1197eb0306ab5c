"""The Data tab: images added, annotations imported and exported, and what is to be known of the last time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from foodet_core.config import ExportJob, ImportJob

from .. import language
from ..exporting import WHICH, ExportChoice, is_taken, proposed_target
from ..form import LABEL_WIDTH, NumberBox
from ..session import Session
from ..theme import set_role
from ..transfers import Outcome, Transfers

if TYPE_CHECKING:
    from foodet_core.formats.format import Format
    from foodet_core.formats.recognise import Candidate

_SETTING = "export"
_MOST_REMARKS = 20
_SHARE_WIDTH = 60
_SPLITS = ("", "train", "val", "test")


def formats() -> dict[str, Format]:
    """All formats by name. They need SQLAlchemy and Pillow: not before a project is open."""
    from foodet_core.formats import FORMATS

    return dict(FORMATS)


class DataPanel(QWidget):
    """Three parts, one below the other, and what the last job told."""

    left = Signal()
    """Escape was pressed: the keyboard can go back to the canvas."""

    def __init__(self, session: Session, transfers: Transfers) -> None:
        super().__init__()
        self._session = session
        self.adding = AddPart(session, transfers)
        self.importing = ImportPart(session, transfers)
        self.exporting = ExportPart(session, transfers)
        self.told = ToldPart(transfers)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(20, 12, 20, 20)
        column.setSpacing(22)
        for part in (self.told, self.adding, self.importing, self.exporting):
            column.addWidget(part)
        column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidget(content)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._scroll)
        transfers.ended.connect(lambda _outcome: self._scroll.verticalScrollBar().setValue(0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def go_to(self, part: DataPart) -> None:
        """Put the keyboard into a part."""
        part.first.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._scroll.ensureWidgetVisible(part, 0, 0)


class DataPart(QWidget):
    """A head and what stands below it; `first` takes the keyboard."""

    def __init__(self, session: Session, transfers: Transfers) -> None:
        super().__init__()
        self.session, self.transfers = session, transfers
        self.first: QWidget = self
        self.head = QLabel()
        set_role(self.head, "head")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)
        self.column.addWidget(self.head)


class JobPart(DataPart):
    """Rows of choices, a hint, and a button that starts a job and stops it."""

    def __init__(self, session: Session, transfers: Transfers) -> None:
        super().__init__(session, transfers)
        self.rows = QFormLayout()
        self.rows.setHorizontalSpacing(12)
        self.rows.setVerticalSpacing(8)
        self.rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self.hint = QLabel(wordWrap=True)
        set_role(self.hint, "dim")
        self.button = QPushButton()
        self.column.addLayout(self.rows)
        self.button.clicked.connect(self._click)
        transfers.started.connect(self.refresh)
        transfers.ended.connect(self.refresh)

    def add_row(self, widget: QWidget) -> QLabel:
        """A row, whose label is still to be written."""
        label = QLabel()
        label.setMinimumWidth(LABEL_WIDTH)
        label.setBuddy(widget)
        self.rows.addRow(label, widget)
        return label

    def add_button(self) -> None:
        """Hint and button below the rows: Tab comes to the button last."""
        self.column.addWidget(self.hint)
        self.column.addWidget(self.button)

    @property
    def is_running(self) -> bool:
        """Whether the job under way is of this part."""
        raise NotImplementedError

    def begin(self) -> None:
        """Start the job."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Write what can be done now."""
        raise NotImplementedError

    def _click(self) -> None:
        if self.is_running:
            self.transfers.cancel()
        else:
            self.begin()


class AddPart(DataPart):
    """Images from elsewhere; they stay where they are."""

    def __init__(self, session: Session, transfers: Transfers) -> None:
        super().__init__(session, transfers)
        self.first = self._folder = QPushButton()
        self._files = QPushButton()
        self._folder.clicked.connect(self._ask_folder)
        self._files.clicked.connect(self._ask_files)
        self.column.addLayout(_beside(self._folder, self._files))
        language.watch(self._write)

    def _write(self) -> None:
        self.head.setText(self.tr("ADD IMAGES"))
        self._folder.setText(self.tr("Folder…"))
        self._files.setText(self.tr("Files…"))
        for button in (self._folder, self._files):
            button.setToolTip(self.tr("Photos stay where they are. They can also be dropped onto the window."))

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Add a folder of images"), _root(self.session))
        if folder:
            self.transfers.add_images([Path(folder)])

    def _ask_files(self) -> None:
        files, _ = QFileDialog.getOpenFileNames(self, self.tr("Add images"), _root(self.session))
        if files:
            self.transfers.add_images([Path(file) for file in files])


class ImportPart(JobPart):
    """A file or folder of annotations, the format it was recognised as, and where its images lie."""

    def __init__(self, session: Session, transfers: Transfers) -> None:
        super().__init__(session, transfers)
        self.first = self.source = QLineEdit()
        self.format, self.split, self.images = _combo(), _combo(), QLineEdit()
        self._file, self._folder, self._images_button = (QPushButton() for _ in range(3))
        self._looking = False
        self._found: tuple[Candidate, ...] = ()
        self._build()
        self.source.textChanged.connect(self._look)
        self.format.currentIndexChanged.connect(self.refresh)
        transfers.recognised.connect(self._on_recognised)
        session.project_changed.connect(self._on_project)
        language.watch(self._write)

    @property
    def is_running(self) -> bool:
        return isinstance(self.transfers.running, ImportJob)

    def set_source(self, path: Path) -> None:
        """Choose a file or folder; its format is found out."""
        if self.source.text() == str(path):
            self._look()
        self.source.setText(str(path))

    def begin(self) -> None:
        chosen, project = self._chosen(), self.session.project
        if project is not None and chosen is not None:
            images = self.images.text().strip() or None
            split = _SPLITS[self.split.currentIndex()] or None
            self.transfers.start(ImportJob(str(project.folder), str(chosen.path), chosen.format, images, split))

    def refresh(self) -> None:
        running = self.is_running
        self.button.setText(self.tr("Stop") if running else self.tr("Import"))
        ready = self._chosen() is not None and self.transfers.running is None
        self.button.setEnabled(running or ready)
        self.format.setEnabled(bool(self.source.text()) and not self._looking)
        self.hint.setText(self._say())
        self.hint.setVisible(bool(self.hint.text()))

    def _build(self) -> None:
        self._source_label = self.add_row(self.source)
        self.rows.addRow(_row(self._file, self._folder))
        self._format_label = self.add_row(self.format)
        self._images_label = self.add_row(_row(self.images, self._images_button))
        self._split_label = self.add_row(self.split)
        self.add_button()
        _make_small(self._images_button)
        self.split.addItems(list(_SPLITS))
        self._file.clicked.connect(self._ask_file)
        self._folder.clicked.connect(self._ask_folder)
        self._images_button.clicked.connect(self._ask_images)

    def _write(self) -> None:
        self.head.setText(self.tr("IMPORT ANNOTATIONS"))
        self._source_label.setText(self.tr("From"))
        self.source.setAccessibleName(self.tr("From"))
        self.source.setPlaceholderText(self.tr("file or folder"))
        self._file.setText(self.tr("File…"))
        self._folder.setText(self.tr("Folder…"))
        self._format_label.setText(self.tr("Format"))
        self._images_label.setText(self.tr("Images in"))
        self.images.setPlaceholderText(self.tr("project folder"))
        self.images.setToolTip(self.tr("The folder that image names in the file are relative to."))
        self._split_label.setText(self.tr("Split"))
        names = self.tr("as the file says"), self.tr("train"), self.tr("val"), self.tr("test")
        for place, name in enumerate(names):
            self.split.setItemText(place, name)
        self.images.setAccessibleName(self._images_label.text())
        self._fill()

    def _say(self) -> str:
        chosen = self._chosen()
        if self._looking or not self.source.text():
            return ""
        if len(self._found) == 1 and chosen == self._found[0]:
            return self.tr("Recognised as {}.").format(formats()[chosen.format].title)
        if chosen is not None:
            return ""
        if self._found:
            return self.tr("There are several sets of annotations here: choose one.")
        return self.tr("What format this is in cannot be told: choose it.")

    def _chosen(self) -> Candidate | None:
        found: Candidate | None = self.format.currentData()
        return found

    def _look(self) -> None:
        text = self.source.text().strip()
        self._found, self._looking = (), bool(text)
        self._fill()
        if text:
            self.transfers.look(Path(text))

    def _on_recognised(self, path: Path, found: tuple[Candidate, ...]) -> None:
        if self._looking and self.source.text().strip() == str(path):
            self._found, self._looking = found, False
            self._fill()

    def _fill(self) -> None:
        """The format's choices: what was recognised, then everything that a person may know better."""
        self.format.blockSignals(True)
        self.format.clear()
        source = self.source.text().strip()
        if source and not self._looking:
            for title, candidate in _choices(Path(source), self._found):
                self.format.addItem(title, candidate)
            self.format.setCurrentIndex(0 if len(self._found) == 1 else -1)
        self.format.setPlaceholderText(self.tr("looking…") if self._looking else "–")
        self.format.blockSignals(False)
        self.refresh()

    def _on_project(self) -> None:
        if self.session.project is None:
            self.source.clear()
            self.images.clear()

    def _ask_file(self) -> None:
        file, _ = QFileDialog.getOpenFileName(self, self.tr("An annotation file"), _root(self.session))
        if file:
            self.set_source(Path(file))

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("A folder of annotations"), _root(self.session))
        if folder:
            self.set_source(Path(folder))

    def _ask_images(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("The folder of the images"), _root(self.session))
        if folder:
            self.images.setText(str(Path(folder)))


class ExportPart(JobPart):
    """Format, images, splits and place; nothing is written over without being asked."""

    def __init__(self, session: Session, transfers: Transfers) -> None:
        super().__init__(session, transfers)
        self.first = self.format = _combo()
        self.which, self.split, self.target = _combo(), QCheckBox(), QLineEdit()
        self.val, self.test = (NumberBox(0, 90, "%", whole=True, optional=False) for _ in range(2))
        self._target_button = QPushButton()
        self._folder: Path | None = None
        self._proposed = ""
        self._replace = False
        self._val_label, self._test_label = QLabel(), QLabel()
        for share in (self.val, self.test):
            share.setMinimumWidth(_SHARE_WIDTH)
        self._build()
        session.project_changed.connect(self._on_project)
        transfers.ended.connect(self._on_ended)
        language.watch(self._write)

    @property
    def is_running(self) -> bool:
        return isinstance(self.transfers.running, ExportJob)

    def choice(self) -> ExportChoice:
        """What is chosen."""
        return ExportChoice(
            self.format.currentData() or "coco",
            WHICH[max(self.which.currentIndex(), 0)],
            self.split.isChecked(),
            int(self.val.number() or 0),
            int(self.test.number() or 0),
            self.target.text().strip(),
        )

    def begin(self) -> None:
        project, choice = self.session.project, self.choice()
        if project is None or not choice.target:
            return
        if self._taken() and not self._replace:
            self._replace = True
            self.refresh()
            return
        self.session.keep(_SETTING, choice.to_json())
        self.transfers.start(choice.job(project.folder, self.session.order))

    def refresh(self) -> None:
        running = self.is_running
        taken = self._taken()
        asked = self._replace and taken
        self.button.setText(self.tr("Stop") if running else self.tr("Replace the file") if asked else self.tr("Export"))
        blocked = not self.target.text().strip() or self._is_full()
        self.button.setEnabled(running or (not blocked and self.transfers.running is None))
        self.hint.setText(self._say(asked))
        self.hint.setVisible(bool(self.hint.text()) and not running)
        set_role(self.hint, "warning" if asked or self._is_full() else "dim")
        self.rows.setRowVisible(self._shares, self.split.isChecked())

    def _say(self, asked: bool) -> str:
        if asked:
            return self.tr("This file exists. Click again to replace it.")
        if self._is_full():
            return self.tr("This folder holds something already: give a new or an empty one.")
        if self.split.isChecked():
            return self.tr("Images of no split are divided; others keep theirs. The project stays as it is.")
        return ""

    def _build(self) -> None:
        self._format_label = self.add_row(self.format)
        self._which_label = self.add_row(self.which)
        self.rows.addRow("", self.split)
        self._shares = _row(self._val_label, self.val, self._test_label, self.test)
        self.rows.addRow(self._shares)
        self._target_label = self.add_row(_row(self.target, self._target_button))
        self.add_button()
        _make_small(self._target_button)
        self._target_button.clicked.connect(self._ask_target)
        self.which.addItems([""] * len(WHICH))
        self.format.currentIndexChanged.connect(self._propose)
        self.split.toggled.connect(self._propose)
        self.target.textChanged.connect(self._on_target)

    def _write(self) -> None:
        self.head.setText(self.tr("EXPORT ANNOTATIONS"))
        self._format_label.setText(self.tr("Format"))
        self._which_label.setText(self.tr("Images"))
        for place, text in enumerate((self.tr("all labelled"), self.tr("done only"), self.tr("labelled, as listed"))):
            self.which.setItemText(place, text)
        self.split.setText(self.tr("train, val and test"))
        self._val_label.setText(self.tr("val"))
        self._test_label.setText(self.tr("test"))
        self._target_label.setText(self.tr("To"))
        self.target.setPlaceholderText(self.tr("file or new folder"))
        for field, label in ((self.val, self._val_label), (self.test, self._test_label), (self.target, self._target_label)):
            field.setAccessibleName(label.text())
        self.refresh()

    def _on_project(self) -> None:
        project = self.session.project
        if project is None or project.folder == self._folder:
            return
        self._folder = project.folder
        if not self.format.count():
            for name, format in formats().items():
                self.format.addItem(format.title, name)
        choice = ExportChoice.from_json(project.get_setting(_SETTING))
        self._proposed = ""
        self.target.clear()
        self.format.setCurrentIndex(max(self.format.findData(choice.format), 0))
        self.which.setCurrentIndex(WHICH.index(choice.which) if choice.which in WHICH else 0)
        self.split.setChecked(choice.split)
        self.val.set_number(choice.val)
        self.test.set_number(choice.test)
        self._proposed = ""
        self.target.setText(choice.target)
        self._propose()

    def _propose(self) -> None:
        """A place that fits the format, unless a person gave one that may fit."""
        project = self.session.project
        if project is None:
            return
        text = self.target.text().strip()
        misfit = text and (Path(text).suffix != self._suffix() or self._is_full())
        if not text or text == self._proposed or misfit:
            name = self.format.currentData() or "coco"
            self._proposed = str(proposed_target(project.name, project.root, name, self._suffix()))
            self.target.setText(self._proposed)
        self._on_target()

    def _on_target(self) -> None:
        self._replace = False
        self.refresh()

    def _suffix(self) -> str:
        """Of the file that will be written; empty where it will be a folder."""
        name = self.format.currentData()
        if name is None:
            return ""
        format = formats()[name]
        return "" if self.split.isChecked() and not format.splits else format.suffix

    def _taken(self) -> bool:
        return bool(self._suffix()) and Path(self.target.text().strip()).is_file()

    def _is_full(self) -> bool:
        text = self.target.text().strip()
        return bool(text) and self.session.project is not None and not self._suffix() and is_taken(Path(text))

    def _on_ended(self, outcome: Outcome) -> None:
        if isinstance(outcome.job, ExportJob):
            self._proposed = self.target.text().strip() if self._is_full() else self._proposed
            self._propose()

    def _ask_target(self) -> None:
        suffix, before = self._suffix(), self.target.text().strip() or _root(self.session)
        if suffix:
            title, pattern = self.tr("Export to a file"), f"*{suffix}"
            # Whether to write over a file is asked here, in one way for all places.
            options = QFileDialog.Option.DontConfirmOverwrite
            target, _ = QFileDialog.getSaveFileName(self, title, before, pattern, options=options)
        else:
            parent = str(Path(before).parent)
            target = QFileDialog.getExistingDirectory(self, self.tr("Export to an empty folder"), parent)
        if target:
            self.target.setText(str(Path(target)))


class ToldPart(QWidget):
    """What the last job told: its sentence, and every remark, until the next one starts."""

    def __init__(self, transfers: Transfers) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.texts: list[str] = []
        self.hide()
        transfers.started.connect(lambda _job: self.hide())
        transfers.ended.connect(self._show)

    def _show(self, outcome: Outcome) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        more = len(outcome.remarks) - _MOST_REMARKS
        remarks = [*outcome.remarks[:_MOST_REMARKS], *([self.tr("and {} more").format(more)] if more > 0 else [])]
        self.texts = [outcome.text, *remarks]
        for place, text in enumerate(self.texts):
            label = QLabel(_breakable(text), wordWrap=True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            set_role(label, ("" if outcome.ok else "warning") if place == 0 else "dim")
            self._column.addWidget(label)
        self.show()


def _choices(source: Path, found: Sequence[Candidate]) -> list[tuple[str, Candidate]]:
    """What was recognised, and after it every format for the source as it stands."""
    from foodet_core.formats.recognise import Candidate

    titles = {name: format.title for name, format in formats().items()}
    several = len(found) > 1
    first = [(f"{c.path.name} · {titles[c.format]}" if several else titles[c.format], c) for c in found]
    known = {c for _, c in first}
    return first + [(title, c) for name, title in titles.items() if (c := Candidate(name, source)) not in known]


def _root(session: Session) -> str:
    return str(session.project.root) if session.project is not None else ""


def _combo() -> QComboBox:
    """A combo box that is as wide as there is room, not as its longest choice."""
    combo = QComboBox()
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(6)
    return combo


def _make_small(button: QPushButton) -> None:
    """A button beside a field, that looks for what the field holds."""
    button.setText("…")
    set_role(button, "small")
    button.setFixedWidth(34)


def _beside(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    return row


def _row(*widgets: QWidget) -> QWidget:
    row = QWidget()
    row.setLayout(_beside(*widgets))
    row.setFocusProxy(widgets[0])
    return row


def _breakable(text: str) -> str:
    """A text whose paths may be broken after a separator: a line of the panel is short."""
    return text.replace("/", "/\u200b").replace("\\", "\\\u200b")
