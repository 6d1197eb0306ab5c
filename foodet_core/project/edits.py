"""An edit as a value: what stood before and what stands after, key by key.

Nothing here knows a database or a window. Because both sides are stored, the inverse of an edit is the edit swapped, and
two edits in a row (a drag) join into one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ..errors import FoodetError
from ..types import Annotation, FoodClass, ImageRecord

Kind = Literal["class", "image", "annotation"]
Key = tuple[Kind, int]
Value = FoodClass | ImageRecord | Annotation


class ConflictError(FoodetError):
    """An edit starts from something else than what is stored: the caller's picture of the project is out of date."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after; None where it does not exist.

    The number in `key` is the label of a class, and the id of an image or annotation.
    """

    key: Key
    before: Value | None
    after: Value | None


@dataclass(frozen=True)
class Edit:
    """One step of work: all its changes happen, or none.

    Each key stands in it at most once. An edit with the same non-empty `merge` as the newest step becomes part of that step.
    """

    title: str
    changes: tuple[Change, ...]
    merge: str = ""

    def inverse(self) -> Edit:
        """The edit that takes this one back."""
        return replace(self, changes=tuple(Change(c.key, c.after, c.before) for c in self.changes))

    def then(self, later: Edit) -> Edit:
        """Both edits as one step under the title of `later`; what comes back to its start is no change."""
        joined = {c.key: c for c in self.changes}
        for c in later.changes:
            first = joined.get(c.key)
            joined[c.key] = Change(c.key, first.before if first else c.before, c.after)
        return replace(later, changes=tuple(c for c in joined.values() if c.before != c.after))


@dataclass(frozen=True)
class Changes:
    """What an edit, an undo or a redo touched. `images` are the ids of images whose record or boxes are different now."""

    keys: frozenset[Key] = frozenset()
    images: frozenset[int] = frozenset()

    @classmethod
    def of(cls, edit: Edit) -> Changes:
        """What `edit`, or its inverse, touches."""
        values = [value for c in edit.changes for value in (c.before, c.after)]
        images = {value.image_id for value in values if isinstance(value, Annotation)}
        images |= {value.id for value in values if isinstance(value, ImageRecord)}
        return cls(frozenset(c.key for c in edit.changes), frozenset(images))

    @property
    def classes(self) -> bool:
        """Whether the class list is different now."""
        return any(kind == "class" for kind, _ in self.keys)
