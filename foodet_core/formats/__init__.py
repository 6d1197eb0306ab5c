"""Annotation files in and out."""

from __future__ import annotations

from collections.abc import Mapping

from .coco import COCO
from .csv_table import CSV
from .format import Format
from .label_studio import LABEL_STUDIO
from .labelme import LABELME
from .voc import VOC
from .yolo import YOLO

FORMATS: Mapping[str, Format] = {format.name: format for format in (COCO, YOLO, VOC, LABELME, CSV, LABEL_STUDIO)}
