"""The ways to sort the images: values by image id in, ids out. No window.

Images without a value come last, whichever way round the list is. What a detector's answers are worth stands in `doubts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Order(StrEnum):
    """What the images are sorted by."""

    ADDED = "added"
    NAME = "name"
    DATE = "date"
    BOXES = "boxes"
    UNCERTAINTY = "uncertainty"
    DISAGREEMENT = "disagreement"

    @property
    def most_first(self) -> bool:
        """Whether the list begins with the highest value, unless it is turned round."""
        return self in (Order.UNCERTAINTY, Order.DISAGREEMENT)

    @property
    def predicted(self) -> bool:
        """Whether it depends on what a detector found."""
        return self in (Order.UNCERTAINTY, Order.DISAGREEMENT)


def sort_ids(ids: Iterable[int], values: Mapping[int, Any], *, most_first: bool) -> list[int]:
    """The ids by their values; those that are alike keep the order they come in, those without a value come last."""
    ids = list(ids)
    known = [id for id in ids if id in values]
    return sorted(known, key=values.__getitem__, reverse=most_first) + [id for id in ids if id not in values]


def seconds_taken(date: object) -> float | None:
    """When a photo was taken, in seconds since 1970, from a date such as "2026-11-25 18:10:00"; None where it is none.

    A date without a time zone is taken for UTC: photos of one camera follow each other wherever they are sorted.
    """
    try:
        taken = datetime.fromisoformat(str(date))
    except ValueError:
        return None
    return (taken if taken.tzinfo else taken.replace(tzinfo=UTC)).timestamp()
