import json
from pathlib import Path

import numpy as np
import pytest

from foodet_core.pixels import write_jpeg


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with `a.jpg`, `b.jpg` and `sub/饭.jpg`, each 60 x 40 pixels."""
    root = tmp_path / "photos"
    for n, name in enumerate(("a.jpg", "b.jpg", "sub/饭.jpg")):
        write_jpeg(root / name, np.full((40, 60, 3), 50 * n, np.uint8))
    return root


@pytest.fixture
def content() -> dict:
    """A COCO file about `photos` that uses all that COCO can say; `sub/饭.jpg` has no boxes."""
    return {
        "info": {"year": 2026, "说明": "饭"},
        "licenses": [{"id": 1, "name": "CC0"}],
        "images": [
            {"id": 11, "file_name": "a.jpg", "width": 60, "height": 40, "license": 1, "date_captured": "today"},
            {"id": 5, "file_name": "b.jpg", "width": 60, "height": 40},
            {"id": 7, "file_name": "sub/饭.jpg", "width": 60, "height": 40},
        ],
        "annotations": [
            {
                "id": 900,
                "image_id": 11,
                "category_id": 30,
                "bbox": [0.1, 0.2, 10.3, 20.7],
                "area": 150.5,
                "iscrowd": 0,
                "segmentation": [[0.1, 0.2, 10.4, 0.2, 5.0, 20.9]],
                "unknown": {"鸡": [1, None]},
            },
            {
                "id": 3,
                "image_id": 11,
                "category_id": 2,
                "bbox": [0, 0, 60, 40],
                "area": 2400,
                "iscrowd": 1,
                "segmentation": {"size": [40, 60], "counts": [0, 2400]},
            },
            {"id": 4, "image_id": 5, "category_id": 2, "bbox": [1, 2, 3, 4], "area": 12, "iscrowd": 0},
        ],
        "categories": [
            {"id": 30, "name": "鸡蛋 🥚", "supercategory": "food"},
            {"id": 2, "name": "rice"},
            {"id": 9, "name": "never seen"},
        ],
    }


@pytest.fixture
def write_file(tmp_path: Path):
    """Write a COCO file and return its path."""

    def write(content, name="labels.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return write
