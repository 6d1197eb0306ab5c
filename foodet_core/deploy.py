"""From weights to a file for other programs, measured on the way: the run behind `foodet export-model`."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .config import ExportModelJob
from .data.transforms import letterbox
from .errors import InputError
from .evaluate.run import ValSet, in_classes
from .events import Event, Finished, Progress, Started
from .export import beside, check_exportable, describe, to_onnx, write_onnx
from .formats.source import open_source
from .models.weights import WeightsInfo, load_weights
from .pixels import read_rgb
from .quantize import quantize
from .runtime import SUFFIX as ONNX
from .runtime import OnnxModel
from .types import ByteArray, LabelledSet

if TYPE_CHECKING:
    from onnx import ModelProto

OPENVINO = ".xml"
CALIBRATED_ON = 100


def export_model(job: ExportModelJob) -> Iterator[Event]:
    """Write `job.weights` as `job.out`: .onnx, in int8 if asked, or .xml with .bin beside it for OpenVINO, at float32.

    With labelled images the last event's detail holds what was measured on them in ONNX Runtime, under `float` and `int8`.
    Raises InputError where something given cannot be used or a package is missing; then nothing is written.
    """
    began, out = time.monotonic(), Path(job.out)
    _check(job, out)
    detector, info = load_weights(Path(job.weights))
    if job.imgsz not in (None, info.imgsz):
        info = replace(info, imgsz=job.imgsz, metrics={})  # what was measured at another size does not hold
    check_exportable(detector, info.imgsz)
    labelled = {
        name: in_classes(open_source(source), info.classes, job.weights)
        for name, source in (("calibrate", job.calibrate), ("val", job.val or job.calibrate))
        if source is not None
    }
    yield Started("export-model", "", {"imgsz": info.imgsz, "classes": len(info.classes)})
    yield Progress(0, 1, "exporting")
    with beside(out) as folder:
        network = to_onnx(detector, info.imgsz)
        files = {"float": folder / "float.onnx"}
        write_onnx(network, info, files["float"])
        if job.int8:
            yield Progress(0, 1, "calibrating")
            files["int8"] = folder / "int8.onnx"
            network = quantize(network, _squares(labelled["calibrate"], info.imgsz))
            info = replace(info, metrics={}, note=f"int8. {info.note}".strip())
            write_onnx(network, info, files["int8"])
        measured = (yield from _measure(files, labelled["val"], info.imgsz)) if "val" in labelled else {}
        if out.suffix == OPENVINO:
            _write_openvino(network, info, out, folder)
        else:
            files["int8" if job.int8 else "float"].replace(out)
    yield Finished("export-model", "done", _text(out, measured), time.monotonic() - began, {"file": str(out), **measured})


def _check(job: ExportModelJob, out: Path) -> None:
    if out.suffix not in (ONNX, OPENVINO):
        remedy = f"Name it {ONNX} (ONNX Runtime and others) or {OPENVINO} (OpenVINO)."
        raise InputError(out, "is of no kind that a detector can be exported to", remedy)
    if job.int8 and out.suffix == OPENVINO:  # found other boxes there than in ONNX Runtime, for which it is calibrated
        raise InputError(out, "is not written in int8", f"Name it {ONNX}, or leave --int8 away.")
    needed = {"onnxruntime": "export"} if job.int8 or job.val or job.calibrate else {}
    if out.suffix == OPENVINO:
        needed["openvino"] = "openvino"
    for package, extra in needed.items():
        if find_spec(package) is None:
            raise InputError(out, f"needs {package}", f"Run: pip install 'foodet[{extra}]'")


def _squares(labelled: LabelledSet, imgsz: int) -> Iterator[ByteArray]:
    """Letterboxed images, evenly from the whole set."""
    images = labelled.images
    count = min(len(images), CALIBRATED_ON)
    for n in range(count):
        yield letterbox([read_rgb(labelled.path(images[n * len(images) // count]), imgsz)], imgsz)[0]


def _measure(files: dict[str, Path], labelled: LabelledSet, imgsz: int) -> Generator[Event, None, dict[str, Any]]:
    val = ValSet(labelled, imgsz)
    yield from val.prepare()
    measured: dict[str, Any] = {"images": len(val)}
    for name, file in files.items():
        metrics = yield from val.measure(OnnxModel.open(file))
        measured[name] = metrics.summary()
    return measured


def _write_openvino(network: ModelProto, info: WeightsInfo, out: Path, folder: Path) -> None:
    """OpenVINO's two files, by way of `folder`; what is metadata in ONNX is runtime information in them."""
    import openvino

    # OpenVINO 2026.4 gave wrong boxes for the first batch of another size that took the letterbox's way for squares.
    write_onnx(network, info, folder / "plain.onnx", pass_squares=False)
    # Not `openvino.convert_model`, which reports its use to the vendor over the network.
    model = openvino.Core().read_model(folder / "plain.onnx")
    for name, value in describe(info).items():
        model.set_rt_info(value, ["foodet", name])
    openvino.save_model(model, folder / out.name, compress_to_fp16=False)
    for file in (out.with_suffix(".bin"), out):
        (folder / file.name).replace(file)


def _text(out: Path, measured: dict[str, Any]) -> str:
    text = f"Wrote {out}."
    if "int8" in measured:
        exact, rounded = measured["float"]["AP"], measured["int8"]["AP"]
        return f"{text} AP {rounded:.3f} in int8, {exact:.3f} in float ({rounded - exact:+.3f}) on {measured['images']} images."
    return f"{text} AP {measured['float']['AP']:.3f} on {measured['images']} images." if measured else text
