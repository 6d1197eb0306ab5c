"""A network's ONNX graph with its convolutions in 8-bit integers, by ONNX Runtime's static quantisation.

Matrix products and all else, the decoder's attention among them, stay in float.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from .types import ByteArray

if TYPE_CHECKING:
    from onnx import ModelProto

_SCORES = re.compile(r"dense_head\.score\.\d+\.2\.weight$")
"""The weights that class scores come out of."""


def quantize(network: ModelProto, squares: Iterable[ByteArray]) -> ModelProto:
    """What `export.to_onnx` made, in int8; `squares` (S, S, 3) are letterboxed images that show which values occur.

    Weights have a scale per channel and 7 bits, activations 8: with 8 each, processors without VNNI overflow when they add two
    products. The layers that give class scores stay in float: rounded to 8 bits, neighbours' scores would be the same, and the
    decoder tells a duplicate by the better score of the other one.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with TemporaryDirectory(prefix="foodet-") as folder:
        given, prepared, quantised = (Path(folder, name) for name in ("given.onnx", "prepared.onnx", "quantised.onnx"))
        onnx.save(network, given)
        scores = [node.name for node in network.graph.node if any(map(_SCORES.search, node.input))]
        quant_pre_process(given, prepared, skip_symbolic_shape=True)  # folds batch norms into convolutions
        quantize_static(
            prepared,
            quantised,
            _Calibration([entry.name for entry in network.graph.input], squares),
            op_types_to_quantize=["Conv"],
            nodes_to_exclude=scores,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return onnx.load(quantised)


class _Calibration:
    """Images one at a time, as ONNX Runtime's `CalibrationDataReader` gives them."""

    def __init__(self, inputs: list[str], squares: Iterable[ByteArray]) -> None:
        self._inputs, self._squares = inputs, iter(squares)

    def get_next(self) -> dict[str, np.ndarray] | None:
        square = next(self._squares, None)
        if square is None:
            return None
        return dict(zip(self._inputs, (square[None], np.array(square.shape[:2])), strict=True))
