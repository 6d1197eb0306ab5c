"""Annotations exported: format, images, splits and place."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QFileDialog, QLabel, QLineEdit, QPushButton

from foodet_core.config import ExportJob

from ... import language
from ...exporting import WHICH, ExportChoice, is_taken, proposed_target
from ...form import NumberBox, pass_wheel
from ...session import Session
from ...theme import set_role
from ...transfers import Outcome, Transfers
from .parts import DataPart, JobButton, Rows, formats, make_combo, make_hint, make_row, make_small, root_of

_SETTING = "export"
_SHARE_WIDTH = 60


class ExportPart(DataPart):
    """Format, images, splits and place; nothing is written over without being asked."""

    def __init__(self, session: Session, transfers: Transfers) -> None:
        super().__init__()
        self._session, self._transfers = session, transfers
        self._rows, self.hint, self.button = Rows(), make_hint(), JobButton(transfers, ExportJob)
        self.first = self.format = make_combo()
        self.which, self.split, self.target = make_combo(), QCheckBox(), QLineEdit()
        self.val, self.test = (NumberBox(0, 90, "%", whole=True, optional=False) for _ in range(2))
        self._target_button = QPushButton()
        self._folder: Path | None = None
        self._proposed = ""
        self._replace = False
        self._val_label, self._test_label = QLabel(), QLabel()
        for share in (self.val, self.test):
            share.setMinimumWidth(_SHARE_WIDTH)
            pass_wheel(share)
        self._build()
        session.project_changed.connect(self._on_project)
        transfers.ended.connect(self._on_ended)
        language.watch(self._write)
        self._on_project()

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

    def _begin(self) -> None:
        project, choice = self._session.project, self.choice()
        if project is None or not choice.target:
            return
        if self._taken() and not self._replace:
            self._replace = True
            self._refresh()
            return
        self._session.keep(_SETTING, choice.to_json())
        self._transfers.start(choice.job(project.folder, self._session.order))

    def _refresh(self) -> None:
        asked = self._replace and self._taken()
        blocked = not self.target.text().strip() or self._is_full()
        self.button.show_state(self.tr("Replace the file") if asked else self.tr("Export"), ready=not blocked)
        self.hint.setText(self._say(asked))
        self.hint.setVisible(bool(self.hint.text()) and not self.button.is_running)
        set_role(self.hint, "warning" if asked or self._is_full() else "dim")
        self._rows.setRowVisible(self._shares, self.split.isChecked())

    def _say(self, asked: bool) -> str:
        if asked:
            return self.tr("This file exists. Click again to replace it.")
        if self._is_full():
            return self.tr("This folder holds something already: give a new or an empty one.")
        if self.split.isChecked():
            return self.tr("Images of no split are divided; others keep theirs. The project stays as it is.")
        return ""

    def _build(self) -> None:
        self._format_label = self._rows.add(self.format)
        self._which_label = self._rows.add(self.which)
        self._rows.addRow("", self.split)
        self._shares = make_row(self._val_label, self.val, self._test_label, self.test)
        self._rows.addRow(self._shares)
        self._target_label = self._rows.add(make_row(self.target, self._target_button))
        self.column.addLayout(self._rows)
        self.column.addWidget(self.hint)
        self.column.addWidget(self.button)  # Tab comes to it last
        self.button.begun.connect(self._begin)
        self._transfers.started.connect(self._refresh)
        self._transfers.ended.connect(self._refresh)
        make_small(self._target_button)
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
        self._refresh()

    def _on_project(self) -> None:
        project = self._session.project
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
        project = self._session.project
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
        self._refresh()

    def _suffix(self) -> str:
        """Of the file that will be written; empty where it will be a folder."""
        name = self.format.currentData()
        if name is None:
            return ""
        format = formats()[name]
        return "" if self.split.isChecked() and not format.splits else format.suffix

    def _taken(self) -> bool:
        if not self._suffix():
            return False
        from foodet_core.formats.format import is_file  # as `formats`

        return is_file(Path(self.target.text().strip()))

    def _is_full(self) -> bool:
        text = self.target.text().strip()
        return bool(text) and self._session.project is not None and not self._suffix() and is_taken(Path(text))

    def _on_ended(self, outcome: Outcome) -> None:
        if isinstance(outcome.job, ExportJob):
            self._proposed = self.target.text().strip() if self._is_full() else self._proposed
            self._propose()

    def _ask_target(self) -> None:
        suffix, before = self._suffix(), self.target.text().strip() or root_of(self._session)
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
