"""An exported file in ONNX Runtime, on the processor; torch takes no part in running it."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from .errors import InputError
from .models.weights import WeightsInfo, read_description
from .types import ByteArray, FloatArray, IntArray

SUFFIX = ".onnx"
INPUT, OUTPUTS = "images", ("boxes", "scores", "labels")
_REMEDY = "Write it again with `foodet export-model`."
_ERRORS_ONLY = 3
SIDE_BY_SIDE = 4
"""So many batches are computed at a time at the most: each needs memory of its own."""


class OnnxModel:
    """An exported detector, ready to run; `info` is what its file says of itself."""

    def __init__(self, session: Any, info: WeightsInfo) -> None:
        self._session, self.info = session, info

    @classmethod
    def open(cls, path: Path) -> OnnxModel:
        """Read a file and try it on an empty image.

        Raises InputError where ONNX Runtime is missing, or the file is damaged or not one that foodet wrote.
        """
        if find_spec("onnxruntime") is None:
            raise InputError(path, "needs ONNX Runtime", "Run: pip install 'foodet[export]'")
        if not path.is_file():
            raise InputError(path, "does not exist", _REMEDY)
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = _ERRORS_ONLY
        # The cores are shared by batches; one batch on all of two cores is hardly sooner done than on one.
        options.intra_op_num_threads = max((os.cpu_count() or 1) // SIDE_BY_SIDE, 1)
        # Threads that wait for one another by spinning take the cores from those that read and draw.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's errors have no base of their own
            raise InputError(path, f"cannot be read as an ONNX file ({error})", _REMEDY) from error
        model = cls(session, read_description(path, session.get_modelmeta().custom_metadata_map))
        try:
            model.run(np.zeros((1, model.info.imgsz, model.info.imgsz, 3), np.uint8))
        except Exception as error:
            raise InputError(path, f"does not compute what it describes ({error})", _REMEDY) from error
        return model

    def run(self, squares_BSS3: ByteArray) -> tuple[FloatArray, IntArray, FloatArray]:
        """Letterboxed images (B, S, S, 3) -> scores (B, N), labels (B, N), boxes (B, N, 4) xyxy in 0..1, best first."""
        boxes, scores, labels = self._session.run(list(OUTPUTS), {INPUT: squares_BSS3})
        return scores, labels, boxes / self.info.imgsz
