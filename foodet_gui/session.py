"""What is open, and the only place that writes it: the project, the current image, the selection, the predictions.

Widgets read it and listen to its signals; they never call each other. Predictions are not stored: the prediction lane's
boxes lie here per image until a person accepts one, which makes it an annotation in one undoable step.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Signal

from foodet_core.config import BUNDLED
from foodet_core.errors import FoodetError
from foodet_core.project.edits import Changes, ConflictError, Edit
from foodet_core.types import Annotation, BoxXyxy, ClassList, Detections, ImageRecord, ImageState

from . import labelling
from .actions import key_text
from .core_texts import said
from .hiding import Hidden
from .language import class_name, state_word
from .suggestions import NO_CLASS, Answer, Shown, open_everywhere, rename

if TYPE_CHECKING:
    from foodet_core.project.store import Project

UNFINISHED = (ImageState.UNLABELLED, ImageState.IN_PROGRESS)
_FROM, _BUNDLED_FROM = 0.5, 0.4
"""The scores from which a detector's boxes are shown at first: seven in ten of the bundled one's lie on an object then."""

T = TypeVar("T")


class Session(QObject):
    """One open project, or none. Every method that changes it tells so by a signal; a failure becomes a notice."""

    project_changed = Signal()
    changed = Signal(object, object)
    """(Changes, initiator): classes, images or boxes are different now."""
    current_changed = Signal()
    predictions_changed = Signal(int)
    """Image id: its predictions, or what of them is shown."""
    selection_changed = Signal()
    """The selected boxes, the suggestion in focus, or the current class."""
    class_wanted = Signal()
    """A box waits in `pending_box` for the first class to be named."""
    notice = Signal(str, str)
    """(text, "info" or "warning")"""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._threshold: float | None = None
        self.show_predictions = True
        self._clear()

    def _clear(self) -> None:
        self.project: Project | None = None
        self.images: dict[int, ImageRecord] = {}
        self.order: list[int] = []
        """Image ids as the list shows them; the next and previous image are those of this order."""
        self._place: int | None = None
        """Where in it the current image was found last."""
        self.classes = ClassList()
        self.current: ImageRecord | None = None
        self.annotations: tuple[Annotation, ...] = ()
        """The boxes of the current image."""
        self.current_class = 0
        self.selected: frozenset[int] = frozenset()
        """Ids of selected annotations."""
        self.hidden = Hidden()
        self.suggestion: int | None = None
        """The prediction in focus, as its position in the current image's detections."""
        self.pending_box: BoxXyxy | None = None
        self.weights: Path | None = None
        self._copied: tuple[tuple[Annotation, str], ...] = ()
        """Boxes and what their classes were called."""
        self._answers: dict[int, Answer] = {}

    # Project and image

    def open_project(self, folder: Path, images: Sequence[ImageRecord] | None = None) -> bool:
        """Open a project folder in place of the one that is open; False, with a notice, where it cannot be opened.

        `images` are those it has, where somebody knows them: of thousands, reading them takes longer than all else.
        """
        # Not before it is needed: the window is to stand first.
        from foodet_core.project.store import Project

        project = None
        try:
            project = Project.open(folder)
            weights, classes = project.get_setting("weights"), project.classes()
            images = project.images() if images is None else images
        except FoodetError as error:
            if project is not None:
                project.close()
            self.notice.emit(said(str(error)), "warning")
            return False
        self.close_project()
        self.project = project
        self.weights = _weights(project, weights)
        self._take_classes(classes)
        self.images = {image.id: image for image in images}
        self.order = list(self.images)
        self.project_changed.emit()
        self._open_next(self._first_unfinished)
        return True

    def close_project(self) -> None:
        """Let go of the project; nothing needs saving."""
        if self.project is None:
            return
        self.project.close()
        self._clear()
        self.project_changed.emit()
        self.current_changed.emit()

    def refresh(self) -> None:
        """Read everything again, after another process wrote the project."""
        if self.project is None:
            return
        self._take_classes(self.project.classes())
        self.images = {image.id: image for image in self.project.images()}
        before, self.order = self.order, list(self.images)
        current, shown = self.current, (self.current, self.annotations)
        self._read_current()
        self.project_changed.emit()
        if current is None:
            self.open_image(self._first_unfinished())
        elif current.id not in self.images:
            self._leave(current.id, before)
        elif shown != (self.current, self.annotations):
            self.current_changed.emit()
        self.selection_changed.emit()

    def open_image(self, image_id: int | None) -> None:
        """Make an image the current one; its state does not change by being looked at."""
        if self.project is None or image_id not in self.images or (image := self.measured(image_id)) is None:
            return
        had_selected = bool(self.selected) or self.suggestion is not None
        self.current = image
        self.annotations = self.project.annotations(image_id)
        self.selected, self.suggestion, self.pending_box = frozenset(), None, None
        self.current_changed.emit()
        if had_selected:
            self.selection_changed.emit()

    def keep(self, key: str, value: Any) -> None:
        """Keep a JSON value of the window's with the project, outside the history; it holds here also where that is refused."""
        if (project := self.project) is not None:
            self._ask(lambda: project.set_setting(key, value))

    def set_order(self, image_ids: Sequence[int]) -> None:
        """Tell which images the list shows, and how they follow each other."""
        self.order = list(image_ids)

    def neighbour(self, by: int) -> ImageRecord | None:
        """The image `by` places after (or before, if negative) the current one; None past the ends."""
        if self.current is None or not self.order:
            return None
        self._place = labelling.place_of(self.current.id, self.order, self._place)
        if self._place is None:
            return self.images[self.order[0]]
        place = self._place + by
        return self.images[self.order[place]] if 0 <= place < len(self.order) else None

    def step(self, by: int) -> None:
        """Go to a neighbour of the current image."""
        self._open_next(lambda: near.id if (near := self.neighbour(by)) else None)

    def _open_next(self, which: Callable[[], int | None]) -> None:
        """Open the image that is asked for; where it turns out to be none and is left out, ask again."""
        while (image_id := which()) is not None:
            self.open_image(image_id)
            if image_id in self.images:
                return

    # Files as they are looked at

    def measured(self, image_id: int) -> ImageRecord | None:
        """An image with its size, on the spot if that has yet to come; None, with a notice, where its file cannot be read."""
        image = self.images[image_id]
        if image.is_measured or self.project is None:
            return image
        from foodet_core.project.measure import measured

        try:
            image = measured(image, self.project.path(image))
        except FoodetError as error:
            if self.take_measured([], [image]):
                self.notice.emit(said(str(error)), "warning")
            return None
        return image if self.take_measured([image]) else None

    def take_measured(self, images: Sequence[ImageRecord], unreadable: Sequence[ImageRecord] = ()) -> bool:
        """Keep what files say beside the history, and leave out those that cannot be read; False if it cannot be written."""
        project = self.project
        assert project is not None
        if self._ask(lambda: project.keep_measured(images, unreadable)) is None:
            return False
        self.images.update((i.id, i) for i in images if i.id in self.images and not self.images[i.id].is_measured)
        if unreadable:
            changes = Changes(images=frozenset(image.id for image in unreadable))
            self._take(changes)
            self.changed.emit(changes, None)
        return True

    # Changing labels

    def apply(self, edit: Edit, initiator: object = None) -> bool:
        """Write an edit and tell about it; False if there was nothing to do or it could not be written."""
        if self.project is None or not edit.changes:
            return False
        project = self.project
        return self._write(lambda: project.apply(edit), initiator) is not None

    def undo(self) -> None:
        """Take back the last step and show where it was."""
        if self.project is not None:
            self._travel(self.project.undo_title, self.project.undo, self.tr("Undone: {}"))

    def redo(self) -> None:
        """Do the step again that was undone last, and show where."""
        if self.project is not None:
            self._travel(self.project.redo_title, self.project.redo, self.tr("Redone: {}"))

    def draw_box(self, box: BoxXyxy, initiator: object = None) -> None:
        """A new box of the current class, selected; without any class it waits until the first one is named."""
        if self.project is None or self.current is None:
            return
        if not self.classes:
            self.pending_box = box
            self.class_wanted.emit()
            return
        title = self.tr("draw {}").format(class_name(self.classes[self.current_class]))
        drawn = Annotation(labelling.NEW, self.current.id, self.current_class, box)
        if made := self._add_boxes(title, [drawn], initiator):
            self.select(made)

    def change_boxes(self, boxes: Iterable[tuple[int, BoxXyxy]], merge: str = "", initiator: object = None) -> None:
        """Give annotations of the current image, by id, new places; locked ones stay where they are."""
        known = {a.id: a for a in labelling.unlocked(self.annotations)}
        pairs = [(known[id], replace(known[id], box_xyxy=box)) for id, box in boxes if id in known]
        self.apply(labelling.change_boxes(self.tr("move box"), pairs, merge), initiator)

    def copy_boxes(self) -> None:
        """Remember the selected boxes, or all of the image if none is selected."""
        chosen = self.selected_boxes() or self.annotations
        self._copied = tuple((a, self.classes[a.label].name) for a in chosen)
        if self._copied:
            self.notice.emit(self.tr("Copied boxes: {}").format(len(self._copied)), "info")

    def paste_boxes(self) -> None:
        """Put the remembered boxes on the current image, cut to it; those that stand there already are left out."""
        known = labelling.in_classes(self.classes, self._copied)
        self._add_copies(known, self.tr("paste {} boxes"))
        if len(known) < len(self._copied):
            self.notice.emit(self.tr("Boxes whose class is gone are left out."), "warning")

    def copy_previous(self) -> None:
        """Put the boxes of the image before this one on it, as when a tray has hardly changed."""
        before = self.neighbour(-1)
        if self.project is not None and before is not None:
            self._add_copies(self.project.annotations(before.id), self.tr("copy {} boxes of the previous image"))

    def duplicate_boxes(self) -> None:
        """Copies of the selected boxes beside them, selected."""
        if self.current is not None:
            size_hw = self.current.size_hw
            moved = [replace(a, box_xyxy=labelling.beside(a.box_xyxy, size_hw)) for a in self.selected_boxes()]
            self._add_copies(moved, self.tr("duplicate {} boxes"))

    def _add_copies(self, boxes: Iterable[Annotation], title: str) -> None:
        """Boxes like these on the current image, cut to it and selected; those that stand there already are left out."""
        if self.project is None or self.current is None:
            return
        there = {(a.label, a.box_xyxy) for a in self.annotations}
        placed = [(a.label, labelling.cut_to(a.box_xyxy, self.current.size_hw)) for a in boxes]
        kept = [(label, box) for label, box in placed if box is not None and (label, box) not in there]
        new = [Annotation(labelling.NEW, self.current.id, label, box) for label, box in kept]
        if made := self._add_boxes(title.format(len(new)), new):
            self.select(made)

    def delete_selected(self) -> None:
        """Delete the selected boxes, or reject the suggestion in focus."""
        if self.suggestion is not None and self.current is not None:
            self.reject_prediction(self.current.id, self.suggestion)
            return
        self.apply(labelling.delete_boxes(self.tr("delete box"), self.free_boxes()))

    def choose_class(self, label: int) -> None:
        """Make a class the current one; selected boxes get it, and so does the suggestion in focus, which is accepted."""
        if not 0 <= label < len(self.classes):
            return
        self.current_class = label
        if self.suggestion is not None and self.current is not None:
            self.accept_predictions(self.current.id, [self.suggestion], label)
        title = self.tr("class {}").format(class_name(self.classes[label]))
        self.apply(labelling.change_boxes(title, [(a, replace(a, label=label)) for a in self.free_boxes()]))
        self.selection_changed.emit()

    def add_class(self, name: str) -> None:
        """Add a class and make it the current one; a box that waited for it is drawn in the same breath."""
        name, label, box = name.strip(), len(self.classes), self.pending_box
        if name and self.apply(labelling.add_class(self.tr("new class {}").format(name), label, name)):
            self.pending_box = None
            self.choose_class(label)
            if box is not None:
                self.draw_box(box)

    def drop_pending_box(self) -> None:
        """Forget the box that waits for a class."""
        self.pending_box = None
        self.selection_changed.emit()

    def rename_class(self, label: int, name: str) -> None:
        """Give a class another name in place of the one that is shown."""
        food = self.classes[label]
        if name.strip():
            title = self.tr("rename {}").format(class_name(food))
            self.apply(labelling.rename_class(title, label, food, class_name(food), name.strip()))

    def recolour_class(self, label: int, color: str) -> None:
        """Give a class another colour "#rrggbb"."""
        food = self.classes[label]
        if color != food.color:
            self.apply(labelling.recolour_class(self.tr("colour of {}").format(class_name(food)), label, food, color))

    def merge_class(self, label: int, into: int) -> None:
        """Give all boxes of a class, on every image, to another one."""
        if self.project is None or label == into:
            return
        names = class_name(self.classes[label]), class_name(self.classes[into])
        boxes = self.project.annotations_of(label)
        title = self.tr("merge {} into {}").format(*names)
        if self.apply(labelling.merge_classes(title, self.classes, label, into, boxes)):
            self.current_class = into
            self.notice.emit(
                self.tr("{} boxes are {} now. {} takes it back.").format(len(boxes), names[1], key_text("undo")), "info"
            )
            self.selection_changed.emit()

    def move_class(self, label: int, by: int) -> None:
        """Show a class so many places further down, or up if negative."""
        order = list(self.class_order)
        place = order.index(label)
        order.insert(min(max(place + by, 0), len(order) - 1), order.pop(place))
        title = self.tr("move class {}").format(class_name(self.classes[label]))
        self.apply(labelling.order_classes(title, self.classes, order))

    def choose_place(self, place: int) -> None:
        """Choose the class that stands at a place of the list, from 0 on."""
        if place < len(self.class_order):
            self.choose_class(self.class_order[place])

    @property
    def class_order(self) -> tuple[int, ...]:
        """The labels as the list shows them."""
        return labelling.class_order(self.classes)

    def set_state(self, state: ImageState) -> None:
        """Say how far the current image is."""
        if self.current is not None:
            self.apply(labelling.set_state(self.tr("mark {}").format(state_word(state)), self.current, state))

    def remove_image(self) -> None:
        """Take the current image out of the project; its file stays, and an undo brings it back with its boxes."""
        if self.current is not None:
            title = self.tr("remove {}").format(self.current.path)
            if self.apply(labelling.remove_image(title, self.current, self.annotations)):
                text = self.tr("Removed from the project; the file stays. {} takes it back.")
                self.notice.emit(text.format(key_text("undo")), "info")

    # Selection

    def selected_boxes(self) -> list[Annotation]:
        """The selected annotations that are in sight, in the order of the image's boxes."""
        return [a for a in self.visible_boxes() if a.id in self.selected]

    def free_boxes(self) -> list[Annotation]:
        """The selected annotations that are not locked; a notice says where some are."""
        chosen = self.selected_boxes()
        free = labelling.unlocked(chosen)
        if len(free) < len(chosen):
            self.notice.emit(self.tr("Locked boxes stay as they are. {} unlocks them.").format(key_text("lock")), "info")
        return free

    def visible_boxes(self) -> list[Annotation]:
        """The annotations of the current image that are in sight."""
        return self.hidden.seen_of(self.annotations, self.selected)

    def set_hidden(self, hidden: Hidden) -> None:
        """Keep boxes and suggestions out of sight."""
        self.hidden = hidden
        self.selection_changed.emit()
        self._tell_predictions()

    def select(self, ids: Collection[int]) -> None:
        """Select annotations of the current image, and nothing else."""
        self.selected, self.suggestion = frozenset(ids), None
        if ids and self.hidden.everything:
            self.set_hidden(Hidden())  # what is drawn, pasted or chosen is to be seen
        chosen = self.selected_boxes()
        if len(chosen) == 1:
            self.current_class = chosen[0].label
        self.selection_changed.emit()

    def focus_suggestion(self, index: int | None) -> None:
        """Put one prediction of the current image in focus, and unselect the boxes."""
        self.selected, self.suggestion = frozenset(), index
        self.selection_changed.emit()

    # Predictions

    @property
    def answers(self) -> Mapping[int, Answer]:
        """What the detector found, by image id; only of images that were asked for."""
        return self._answers

    def predictions(self, image_id: int) -> Detections | None:
        """What the detector found on an image; None if it has not been asked."""
        answer = self._answers.get(image_id)
        return answer.detections if answer else None

    def current_predictions(self) -> Detections:
        """What the detector found on the current image, nothing if it has not been asked."""
        found = self.predictions(self.current.id) if self.current else None
        return Detections() if found is None else found

    def shown_predictions(self) -> Shown:
        """The current image's predictions that are to be seen now."""
        answer = self._answers.get(self.current.id) if self.current else None
        if answer is None or not self.show_predictions or self.hidden.everything:
            return Shown()
        return answer.shown(self.annotations, self.threshold, self.hidden.labels)

    def set_predictions(self, image_id: int, found: Detections, weights: str, theirs: ClassList | None = None) -> None:
        """Take what `weights` found on an image, in place of an older answer, in the labels of `theirs` or the project."""
        self._answers[image_id] = Answer(found, self.classes if theirs is None else theirs, weights, self.classes)
        if self.current is not None and image_id == self.current.id:
            self.suggestion = None
        self.predictions_changed.emit(image_id)

    def set_weights(self, path: Path | None) -> None:
        """Predict with other weights from now on; answers of the old ones are forgotten, except the one on the screen."""
        if self.project is None or path == self.weights:
            return
        self.weights = path
        inside = path is not None and path.is_relative_to(self.project.folder)
        self.keep("weights", path and str(path.relative_to(self.project.folder) if inside else path))
        shown_id = self.current.id if self.current else None
        self._answers = {id: answer for id, answer in self._answers.items() if id == shown_id}
        self._tell_predictions()

    @property
    def threshold(self) -> float:
        """The score from which on predictions are shown: as a person chose, before that as suits the weights."""
        if self._threshold is not None:
            return self._threshold
        return _BUNDLED_FROM if self.weights == Path(BUNDLED) else _FROM

    def set_threshold(self, threshold: float) -> None:
        """Show predictions from this score on."""
        self._threshold = threshold
        self._tell_predictions()

    def set_show_predictions(self, show: bool) -> None:
        """Show predictions, or none."""
        self.show_predictions = show
        self._tell_predictions()

    def accept_predictions(self, image_id: int, indices: Sequence[int] | None = None, label: int | None = None) -> None:
        """Make predictions annotations, in one step: those at `indices`, or all that are shown; `label` corrects the class.

        Where both are shown, "all" are those that have a class: a proposal is to be looked at.
        """
        answer = self._answers.get(image_id)
        if self.project is None or answer is None:
            return
        shown = self.shown_predictions().open
        classed = tuple(i for i in shown if answer.detections.labels[i] != NO_CLASS)
        chosen = (classed or shown) if indices is None else indices
        if not self.classes:
            # Before a first class is named nothing can be accepted; a name given now is for the one in focus, and accepts it.
            if chosen and self.current is not None and self.current.id == image_id:
                self.focus_suggestion(chosen[0])
                self.class_wanted.emit()
            return
        new = [a for i in chosen if (a := self._accepted(image_id, answer, i, label)) is not None]
        title = self.tr("accept suggestion") if len(new) == 1 else self.tr("accept {} suggestions").format(len(new))
        if self._add_boxes(title, new):
            self.focus_suggestion(self._after(chosen[-1]) if indices is not None else None)

    def accept_suggestions(self, *, all_of_them: bool = False) -> None:
        """Accept the suggestion in focus; all that are shown if none is, or if all are asked for."""
        if self.current is not None:
            focused = None if self.suggestion is None or all_of_them else [self.suggestion]
            self.accept_predictions(self.current.id, focused)

    def open_suggestions(self, *, with_class: bool = True) -> dict[int, tuple[int, ...]]:
        """What is shown and open on every unfinished image that was asked for, by image id: of a class, or the proposals."""
        if self.project is None or not self.show_predictions or self.hidden.everything:
            return {}
        asked = self._unfinished_answers()
        boxes = self.project.some_annotations(asked)
        return open_everywhere(asked, boxes, self.threshold, self.hidden.labels, with_class)

    def nothing_is_sure(self) -> bool:
        """Whether unfinished images have answers, and none of these a detection that reaches the threshold."""
        answers = self._unfinished_answers().values()
        return bool(answers) and not any((a.detections.scores >= self.threshold).any() for a in answers)

    def _unfinished_answers(self) -> dict[int, Answer]:
        return {i: a for i, a in self._answers.items() if i in self.images and self.images[i].state in UNFINISHED}

    def accept_everywhere(self) -> None:
        """Accept the open suggestions of all images in one step."""
        answers, open_ones = self._answers, self.open_suggestions()
        accepted = (self._accepted(id, answers[id], i, None) for id, positions in open_ones.items() for i in positions)
        new = [a for a in accepted if a is not None]
        title = self.tr("accept {} suggestions on {} images").format(len(new), len({a.image_id for a in new}))
        if self._add_boxes(title, new):
            self.notice.emit(self.tr("Done: {}. {} takes it back.").format(title, key_text("undo")), "info")

    def focus_next_suggestion(self) -> None:
        """Put the next suggestion in focus, going round."""
        self.focus_suggestion(self._after(-1 if self.suggestion is None else self.suggestion))

    def reject_prediction(self, image_id: int, index: int) -> None:
        """Hide a prediction until other weights answer."""
        if (answer := self._answers.get(image_id)) is None:
            return
        answer.reject(index)
        if index == self.suggestion:
            self.focus_suggestion(self._after(index))
        self.predictions_changed.emit(image_id)

    def _accepted(self, image_id: int, answer: Answer, index: int, label: int | None) -> Annotation | None:
        found, image = answer.detections, self.measured(image_id)
        box = labelling.cut_to(found.boxes_xyxy[index].tolist(), image.size_hw) if image else None
        if box is None:
            return None
        known = self.current_class if found.labels[index] == NO_CLASS else int(found.labels[index])
        chosen = known if label is None else label
        origin = Path(answer.weights).parent.name or answer.weights
        return Annotation(labelling.NEW, image_id, chosen, box, origin, float(found.scores[index]))

    def _after(self, index: int) -> int | None:
        """The open suggestion that follows `index`, going round; None if none is left."""
        left = self.shown_predictions().open
        return next((i for i in left if i > index), left[0] if left else None)

    def _tell_predictions(self) -> None:
        if self.suggestion is not None and self.suggestion not in self.shown_predictions().open:
            self.focus_suggestion(None)
        self.predictions_changed.emit(self.current.id if self.current else 0)

    # Keeping what was read in step with what is stored

    def _add_boxes(self, title: str, new: Sequence[Annotation], initiator: object = None) -> list[int]:
        """Write new boxes on images of the project, which get their ids here: those ids, or none where nothing was written."""
        project, ids = self.project, list[int]()
        if project is None or not new:
            return []

        def write() -> Changes:
            ids.extend(project.new_id() for _ in new)
            made = [replace(box, id=id) for box, id in zip(new, ids, strict=True)]
            return project.apply(labelling.add_boxes(title, self.images, made))

        return [] if self._write(write, initiator) is None else ids

    def _travel(self, title: str | None, way: Callable[[], Changes | None], told: str) -> None:
        changes = self._write(way, None) if title is not None else None
        if changes is None or title is None:
            return
        if changes.images and (self.current is None or self.current.id not in changes.images):
            self.open_image(min(changes.images))
        self.notice.emit(told.format(said(title)), "info")

    def _write(self, way: Callable[[], Changes | None], initiator: object) -> Changes | None:
        changes = self._ask(way)
        if changes is not None:
            self._take(changes)
            self.changed.emit(changes, initiator)
        return changes

    def _ask(self, way: Callable[[], T]) -> T | None:
        """What the store answers; None where it refuses, which is told and leaves the session as the store is."""
        try:
            return way()
        except ConflictError:
            assert self.project is not None
            self.refresh()
            text = self.tr("{}: another window or run has changed it. It is shown as it is now; do the last step once more.")
            self.notice.emit(text.format(self.project.folder), "warning")
        except FoodetError as error:
            self.notice.emit(said(str(error)), "warning")
        return None

    def _take(self, changes: Changes) -> None:
        assert self.project is not None
        if changes.classes:
            self._take_classes(self.project.classes())
        self._take_images(changes.images)
        if self.current is not None and self.current.id in changes.images:
            self._read_current()
        self.selection_changed.emit()

    def _read_current(self) -> None:
        if self.project is not None and self.current is not None and self.current.id in self.images:
            self.current = self.images[self.current.id]
            self.annotations = self.project.annotations(self.current.id)
            self.selected &= {a.id for a in self.annotations}

    def _take_classes(self, classes: ClassList) -> None:
        """Have other classes; what the detector found before is called by them too."""
        self.classes = classes
        self.suggestion = rename(self._answers, classes, self.current.id if self.current else 0, self.suggestion)
        if self.current_class not in self.class_order:
            self.current_class = next(iter(self.class_order), 0)

    def _take_images(self, ids: frozenset[int]) -> None:
        """Read images that are different now; some may have come, or be gone."""
        assert self.project is not None
        stored = self.project.some_images(ids)
        came_or_went = stored.keys() != self.images.keys() & ids
        for image_id in ids - stored.keys():
            self.images.pop(image_id, None)
        self.images.update(stored)
        if not came_or_went:
            return
        self.images = dict(sorted(self.images.items()))
        before, self.order = self.order, [id for id in self.order if id in self.images]
        if self.current is not None and self.current.id not in self.images:
            self._leave(self.current.id, before)

    def _leave(self, image_id: int, order: Sequence[int]) -> None:
        """Go on to the image after one that is gone, or to the one before it."""
        place = order.index(image_id) if image_id in order else 0
        left = [id for id in (*order[place + 1 :], *reversed(order[:place]), *self.images) if id in self.images]
        self.current, self.annotations = None, ()
        self._open_next(lambda: next((id for id in left if id in self.images), None))
        if self.current is None:
            self.current_changed.emit()

    def _first_unfinished(self) -> int | None:
        unfinished = (id for id in self.order if self.images[id].state in UNFINISHED)
        return next(unfinished, next(iter(self.order), None))


def _weights(project: Project, chosen: str | None) -> Path | None:
    """The weights that a project was left with, or its newest; those that come with foodet give way to any of its own."""
    if chosen and chosen != BUNDLED:
        return project.folder / chosen
    return project.newest_weights() or (Path(BUNDLED) if chosen else None)
