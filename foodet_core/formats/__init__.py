"""Annotation files in and out."""

from __future__ import annotations

from collections.abc import Mapping

from .coco import COCO
from .format import Format

FORMATS: Mapping[str, Format] = {format.name: format for format in (COCO,)}
