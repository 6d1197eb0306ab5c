"""A detector as an ONNX file that runs without torch: an image in, boxes in its pixels out.

The network's graph comes from `torch.export`, which refuses what it cannot keep general, so that a file never holds the routing
or the batch size of the example that it was made with. In ONNX Runtime it is as fast as the older tracing exporter's, or
slightly faster. Batch norms behind a convolution are folded into it when the file is loaded. In front of the network stands the
letterbox, written in ONNX itself: filters, rounding and grey are those of `data.transforms.letterbox`, to one step of 255, so
that a file finds what foodet finds. A square of the network's size passes by it untouched.
"""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from . import __version__
from .config import check_imgsz
from .data.transforms import GREY
from .errors import InputError
from .losses.box_ops import to_xyxy
from .models.detector import Detector
from .models.moe import PLAIN_GROUPS, FoldedPlain, MoE
from .models.postprocess import postprocess
from .models.weights import KEY, WeightsInfo
from .runtime import OUTPUTS

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto

OPSET = 20
PACKAGES = ("onnx", "onnxscript")
USAGE = (
    "images: uint8 (B, height, width, 3), RGB, upright, all of one size, any size. boxes: float32 (B, N, 4), x0 y0 x1 y1 in "
    "pixels of these images. scores: float32 (B, N), 0..1, best first. labels: int64 (B, N), positions in `names`."
)
_SQUARES, _SIZE_HW = "squares", "size_hw"


def export_onnx(detector: Detector, info: WeightsInfo, path: Path) -> None:
    """Write `detector`, in eval mode and at float32, as an ONNX file; what `info` says goes into its metadata.

    images (B, H, W, 3) uint8, any B, H and W -> boxes (B, N, 4) xyxy in pixels of the images, scores (B, N), labels (B, N)
    int64, best first. Raises InputError where the packages of the extra `export` are missing, the network or its size cannot
    be exported, or the disk refuses.
    """
    check_exportable(detector, info.imgsz)
    with beside(path) as folder:
        write_onnx(to_onnx(detector, info.imgsz), info, folder / path.name)
        (folder / path.name).replace(path)


def check_exportable(detector: Detector, imgsz: int) -> None:
    """Raises InputError where packages of the extra `export` are missing, or the network or its size cannot be exported."""
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise InputError("ONNX export", f"needs {' and '.join(missing)}", "Run: pip install 'foodet[export]'")
    if detector.decoder is None:
        raise InputError(
            "ONNX export", "does not hold the NMS that decoder=none needs", "Export a detector trained with decoder=detr."
        )
    check_imgsz(imgsz)


@torch.no_grad()
def to_onnx(detector: Detector, imgsz: int) -> ModelProto:
    """The network behind the letterbox: squares (B, S, S, 3) uint8 of images of one size_hw (2,) -> `OUTPUTS`."""
    # Two images: `torch.export` would take a batch of one for a constant.
    squares = torch.zeros(2, imgsz, imgsz, 3, dtype=torch.uint8)
    with _quiet():
        program = torch.onnx.export(
            _Network(detector).eval(),
            (squares, torch.tensor([imgsz, imgsz])),
            dynamo=True,
            dynamic_shapes=({0: torch.export.Dim("batch")}, None),
            input_names=[_SQUARES, _SIZE_HW],
            output_names=OUTPUTS,
            opset_version=OPSET,
            verbose=False,
        )
    assert program is not None
    return program.model_proto


def write_onnx(network: ModelProto, info: WeightsInfo, path: Path, pass_squares: bool = True) -> None:
    """Write what `to_onnx` made, with the letterbox in front of it and what `info` says in the metadata."""
    import onnx

    graph = letterbox_graph(info.imgsz, pass_squares)
    # What the letterbox gives, the network takes by the same names.
    del graph.output[:]
    graph.MergeFrom(network.graph)
    del graph.input[1:]
    model = onnx.ModelProto()
    model.CopyFrom(network)
    model.graph.CopyFrom(graph)
    onnx.helper.set_model_props(model, describe(info))
    onnx.save(model, path)


def describe(info: WeightsInfo) -> dict[str, str]:
    """The metadata of a model file: for every program `names` (JSON), `imgsz` and `usage`, for foodet all of `info`."""
    names = json.dumps(info.classes.names, ensure_ascii=False)
    own = json.dumps(info.to_json(), ensure_ascii=False)
    return {"names": names, "imgsz": str(info.imgsz), "usage": USAGE, "foodet_version": __version__, KEY: own}


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A scratch folder on the disk of `path`, whose folder is made. Raises InputError where the disk refuses anything."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
            yield Path(folder)
    except OSError as error:
        raise InputError(path, f"cannot be written ({error})", "Free some space or choose another folder.") from error


def letterbox_graph(imgsz: int, pass_squares: bool) -> GraphProto:
    """images (B, H, W, 3) uint8 -> squares (B, imgsz, imgsz, 3) uint8, size_hw (2,) int64 of the images.

    With `pass_squares`, images of that size go by undrawn, by way of ONNX's If.
    """
    import onnx

    axes = "".join(Template(_AXIS).substitute(axis=axis, number=number) for number, axis in enumerate("yx"))
    drawing = Template(_DRAWING).substitute(side=imgsz, grey=GREY, axes=axes)
    text = Template(_LETTERBOX_UNLESS_SQUARE if pass_squares else _LETTERBOX).substitute(side=imgsz, drawing=drawing)
    return onnx.compose.add_prefix_graph(onnx.parser.parse_graph(text), "letterbox_", rename_inputs=False, rename_outputs=False)


# The square is W_y · image · W_xᵀ: row i of W holds how much each pixel along an axis counts in pixel i of the square: how near
# it is or, where the image shrinks to less than a half, the part of i that it covers (OpenCV's INTER_AREA).
# Interpolation is INTER_LINEAR_EXACT: in parts of 256, which float32 adds up without loss, and halves go up. Areas go to the
# nearest level, halves to the even one.
_LETTERBOX = """
letterbox (uint8[batch, height, width, 3] images) => (uint8[batch, $side, $side, 3] squares, int64[2] size_hw) {
size_hw = Shape <start = 1, end = 3> (images)
$drawing
squares = Identity (drawn)
}
"""
_LETTERBOX_UNLESS_SQUARE = """
letterbox (uint8[batch, height, width, 3] images) => (uint8[batch, $side, $side, 3] squares, int64[2] size_hw) {
size_hw = Shape <start = 1, end = 3> (images)
square_hw = Constant <value = int64[2] {$side, $side}> ()
differences = Sub (size_hw, square_hw)
distances = Abs (differences)
distance = ReduceMax <keepdims = 0> (distances)
nothing = Constant <value = int64 {0}> ()
fits = Equal (distance, nothing)
squares = If (fits) <
    then_branch = fitting () => (uint8[batch, $side, $side, 3] given) { given = Identity (images) },
    else_branch = resized () => (uint8[batch, $side, $side, 3] drawn) { $drawing }
>
}
"""
_DRAWING = """
zero = Constant <value = float {0.0}> ()
half = Constant <value = float {0.5}> ()
one = Constant <value = float {1.0}> ()
side = Constant <value = float {$side.0}> ()
grey = Constant <value = float {$grey.0}> ()
last_axis = Constant <value = int64[1] {1}> ()

exact_side = Constant <value = double {$side.0}> ()
exact_one = Constant <value = double {1.0}> ()
exact_hw = Cast <to = 11> (size_hw)
long_side = ReduceMax <keepdims = 0> (exact_hw)
scale = Div (exact_side, long_side)
scaled_hw = Mul (exact_hw, scale)
whole_hw = Round (scaled_hw)
drawn_hw = Max (whole_hw, exact_one)
lengths = Cast <to = 1> (exact_hw)
counts = Cast <to = 1> (drawn_hw)
steps = Div (lengths, counts)
step = ReduceMax <keepdims = 0> (steps)
two = Constant <value = float {2.0}> ()
parts = Constant <value = float {256.0}> ()
skips = Greater (step, two)

row = Range (zero, side, one)
rows = Unsqueeze (row, last_axis)
$axes
planes = Transpose <perm = [0, 3, 1, 2]> (images)
values = Cast <to = 1> (planes)
x_turned = Transpose <perm = [1, 0]> (x_weights)
narrow = MatMul (values, x_turned)
image = MatMul (y_weights, narrow)
x_used_turned = Transpose <perm = [1, 0]> (x_used)
used = And (y_used, x_used_turned)
square = Where (used, image, grey)

nearest = Round (square)
raised = Add (square, half)
nearest_up = Floor (raised)
levels = Where (skips, nearest, nearest_up)
bytes = Cast <to = 2> (levels)
drawn = Transpose <perm = [0, 2, 3, 1]> (bytes)
"""
_AXIS = """
${axis}_number = Constant <value = int64 {$number}> ()
${axis}_length = Gather (lengths, ${axis}_number)
${axis}_count = Gather (counts, ${axis}_number)
${axis}_step = Div (${axis}_length, ${axis}_count)
${axis}_low = Mul (rows, ${axis}_step)
${axis}_high = Add (${axis}_low, ${axis}_step)
${axis}_pixel = Range (zero, ${axis}_length, one)
${axis}_next = Add (${axis}_pixel, one)
${axis}_begin = Max (${axis}_low, ${axis}_pixel)
${axis}_end = Min (${axis}_high, ${axis}_next)
${axis}_gap = Sub (${axis}_end, ${axis}_begin)
${axis}_covered = Relu (${axis}_gap)
${axis}_shares = Div (${axis}_covered, ${axis}_step)

${axis}_reach = Mul (${axis}_step, half)
${axis}_centre = Add (${axis}_low, ${axis}_reach)
${axis}_middle = Sub (${axis}_centre, half)
${axis}_last = Sub (${axis}_length, one)
${axis}_inside = Clip (${axis}_middle, zero, ${axis}_last)
${axis}_offset = Sub (${axis}_inside, ${axis}_pixel)
${axis}_away = Abs (${axis}_offset)
${axis}_near = Sub (one, ${axis}_away)
${axis}_nearness = Relu (${axis}_near)
${axis}_parts = Mul (${axis}_nearness, parts)
${axis}_whole_parts = Round (${axis}_parts)
${axis}_rounded = Div (${axis}_whole_parts, parts)

${axis}_weights = Where (skips, ${axis}_shares, ${axis}_rounded)
${axis}_used = Less (rows, ${axis}_count)
"""


class _Network(nn.Module):
    """What `to_onnx` writes down."""

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self.detector = _exportable(detector)

    def forward(self, squares_BSS3: Tensor, size_hw: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        scores, labels, boxes = postprocess(self.detector(squares_BSS3.permute(0, 3, 1, 2).float() / 255))
        limits = size_hw.flip(0).repeat(2).float()
        # The long side fills the square, so the square stands for (side, side) pixels of the image.
        pixels = to_xyxy(boxes) * limits.amax(0)
        return torch.minimum(pixels.clamp(min=0), limits), scores, labels


class _GatedPlain(nn.Module):
    """`FoldedPlain` with one convolution per expert, their outputs gated.

    A folded kernel needs a group for every image, and in ONNX the number of groups is fixed while the batch is not.
    """

    def __init__(self, folded: FoldedPlain) -> None:
        super().__init__()
        self.kernels = nn.ParameterList(kernel.detach().clone() for kernel in folded.kernels.chunk(folded.experts))

    def forward(self, x: Tensor, gates: Tensor) -> Tensor:
        """x (B, C, H, W) and gates (B, K) -> (B, C, H, W)."""
        first, *others = (
            gates[:, k, None, None, None] * functional.conv2d(x, kernel, padding=1, groups=PLAIN_GROUPS)
            for k, kernel in enumerate(self.kernels)
        )
        return sum(others, first)


def _exportable(detector: Detector) -> Detector:
    """A copy on the CPU in eval mode, with every module in a form that ONNX can say."""
    exportable = copy.deepcopy(detector).cpu().float().eval()
    for module in exportable.modules():
        if isinstance(module, MoE) and module.folded is not None:
            module.folded = _GatedPlain(module.folded)  # type: ignore[assignment]
    return exportable


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the optimizer's remarks on what it leaves as it is."""
    logger = logging.getLogger("onnxscript")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
