"""A detector as an ONNX file that runs without torch: network and `postprocess` in one graph.

The graph comes from `torch.export`, which refuses what it cannot keep general, so that a file never holds the routing or the
batch size of the example that it was made with. In ONNX Runtime it is as fast as the older tracing exporter's, or slightly
faster. Batch norms behind a convolution are folded into it when the file is loaded.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor, nn
from torch.nn import functional

from .config import check_imgsz
from .errors import InputError
from .models.detector import Detector
from .models.moe import PLAIN_GROUPS, FoldedPlain, MoE
from .models.postprocess import postprocess

OPSET = 20
INPUT, OUTPUTS = "images", ("scores", "labels", "boxes")
PACKAGES = ("onnx", "onnxscript")


def export_onnx(detector: Detector, path: Path, imgsz: int) -> None:
    """Write `detector`, in eval mode and at float32, as an ONNX file for squares of `imgsz` pixels.

    images (B, 3, imgsz, imgsz) float 0..1 -> scores (B, T), labels (B, T) int64, boxes (B, T, 4) cxcywh in 0..1, best first;
    any B. Raises InputError where the packages of the extra `export` are missing, the network or `imgsz` cannot be exported,
    or the disk refuses.
    """
    _check(detector, imgsz)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
            scratch = Path(folder) / path.name
            _program(detector, imgsz).save(scratch, external_data=False)
            scratch.replace(path)
    except OSError as error:
        raise InputError(path, f"cannot be written ({error})", "Free some space or choose another folder.") from error


def _check(detector: Detector, imgsz: int) -> None:
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise InputError("ONNX export", f"needs {' and '.join(missing)}", "Run: pip install 'foodet[export]'")
    if detector.decoder is None:
        raise InputError(
            "ONNX export", "does not hold the NMS that decoder=none needs", "Export a detector trained with decoder=detr."
        )
    check_imgsz(imgsz)


class _Exported(nn.Module):
    """What the file computes: images (B, 3, H, W) in 0..1 -> `postprocess`ed detections."""

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self.detector = _exportable(detector)

    def forward(self, images_BCHW: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return postprocess(self.detector(images_BCHW))


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


@torch.no_grad()
def _program(detector: Detector, imgsz: int) -> torch.onnx.ONNXProgram:
    # Two images: `torch.export` would take a batch of one for a constant.
    images = torch.zeros(2, 3, imgsz, imgsz)
    with _quiet():
        program = torch.onnx.export(
            _Exported(detector).eval(),
            (images,),
            dynamo=True,
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            input_names=[INPUT],
            output_names=OUTPUTS,
            opset_version=OPSET,
            verbose=False,
        )
    assert program is not None
    return program


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
