"""A network's ONNX graph with its large convolutions in 8-bit integers, by ONNX Runtime's static quantisation.

Small ones, matrix products and all else, the decoder's attention among them, stay in float.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from .types import ByteArray

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

_SCORES = re.compile(r"dense_head\.score\.\d+\.2\.weight$")
"""The weights that class scores come out of."""
_LARGE = 4000
"""Weights. At 320 px on one core with VNNI 0.89 of the time in float, all that are not grouped 0.98, all of them 1.14."""


def quantize(network: ModelProto, squares: Iterable[ByteArray]) -> ModelProto:
    """What `export.to_onnx` made, in int8; `squares` (S, S, 3) are letterboxed images that show which values occur.

    Weights have a scale per channel and 7 bits, activations 8: with 8 each, processors without VNNI overflow when they add two
    products. Convolutions of few weights stay in float, since what integers save does not pay for the conversion; so do those
    in groups, narrow groups of integers taking ONNX Runtime up to a dozen times as long; and the layers that give class scores:
    rounded to 8 bits, neighbours' scores would be the same, and the decoder tells a duplicate by the better score of the other
    one.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with TemporaryDirectory(prefix="foodet-") as folder:
        given, prepared, quantised = (Path(folder, name) for name in ("given.onnx", "prepared.onnx", "quantised.onnx"))
        onnx.save(network, given)
        quant_pre_process(given, prepared, skip_symbolic_shape=True)  # folds batch norms into convolutions
        large = _large_convolutions(onnx.load(prepared))
        quantize_static(
            prepared,
            quantised,
            _Calibration([entry.name for entry in network.graph.input], squares),
            op_types_to_quantize=["Conv"],
            nodes_to_quantize=large,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return onnx.load(quantised)


def _large_convolutions(network: ModelProto) -> list[str]:
    """The names of the nodes whose integers are faster, those of class scores left out."""
    sizes = {weight.name: math.prod(weight.dims) for weight in network.graph.initializer}

    def is_large(node: NodeProto) -> bool:
        grouped = any(attribute.name == "group" and attribute.i > 1 for attribute in node.attribute)
        return not grouped and sizes.get(node.input[1], 0) >= _LARGE and not _SCORES.search(node.input[1])

    return [node.name for node in network.graph.node if node.op_type == "Conv" and is_large(node)]


class _Calibration:
    """Images one at a time, as ONNX Runtime's `CalibrationDataReader` gives them."""

    def __init__(self, inputs: list[str], squares: Iterable[ByteArray]) -> None:
        self._inputs, self._squares = inputs, iter(squares)

    def get_next(self) -> dict[str, np.ndarray] | None:
        square = next(self._squares, None)
        if square is None:
            return None
        return dict(zip(self._inputs, (square[None], np.array(square.shape[:2])), strict=True))
