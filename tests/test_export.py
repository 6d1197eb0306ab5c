"""An exported detector, run by ONNX Runtime, finds what the detector itself finds, routing each image by its own gates."""

import sys
from dataclasses import dataclass
from pathlib import Path

import onnxruntime
import pytest
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn

from foodet_core.config import ModelConfig
from foodet_core.errors import InputError
from foodet_core.export import export_onnx
from foodet_core.losses.box_ops import pairwise_iou, to_xyxy
from foodet_core.models.detector import Detector
from foodet_core.models.moe import MoE
from foodet_core.models.postprocess import postprocess
from foodet_core.models.presets import Preset

IMGSZ, CLASSES = 96, 3
# As deep as nano where depth is of another kind; everything else as small as it gets, since export time goes by operators.
TINY = Preset(
    stem=8,
    widths=(16, 16, 32, 32),
    depths=(1, 1, 1, 1),
    neck=32,
    narrow=16,
    box_tower=16,
    decoder_width=32,
    decoder_layers=1,
    decoder_heads=2,
    decoder_hidden=32,
    decoder_points=2,
    queries=20,
    snake_taps=3,
)
CONFIGS = {
    "dense": ModelConfig(moe="dense"),
    # The backbone has a part in it because every export takes long.
    "top2": ModelConfig(moe="top2", experts=("ghost", "plain", "plain"), backbone="torchvision:resnet18"),
}
Found = tuple[Tensor, Tensor, Tensor]


@dataclass(frozen=True)
class Exported:
    """A detector and the ONNX Runtime session of its file."""

    detector: Detector
    session: onnxruntime.InferenceSession

    def eager(self, images: Tensor) -> Found:
        with torch.no_grad():
            return postprocess(self.detector(images))

    def run(self, images: Tensor) -> Found:
        scores, labels, boxes = self.session.run(["scores", "labels", "boxes"], {"images": images.numpy()})
        return torch.from_numpy(scores), torch.from_numpy(labels), torch.from_numpy(boxes)


def images() -> Tensor:
    """Two images of different texture and brightness."""
    generator = torch.Generator().manual_seed(1)
    noise = torch.rand(2, 3, IMGSZ, IMGSZ, generator=generator)
    stripes = (torch.arange(IMGSZ) // 8 % 2).float()
    return torch.stack([noise[0] * 0.4, 0.5 + 0.3 * stripes + noise[1] * 0.2])


def build(config: ModelConfig) -> Detector:
    """As after a training: running statistics of its own, no layer at its zero start, and gates that tell `images()` apart."""
    torch.manual_seed(0)
    detector = Detector(config, TINY, CLASSES)
    for module in detector.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.1)
    for module in detector.modules():
        if isinstance(module, MoE):
            nn.init.constant_(module.norm.weight, 4.0)  # loud enough that its routing is seen in the detections
    if detector.decoder is not None:
        for refine in detector.decoder.refine:
            nn.init.normal_(refine.score.weight, std=0.1)
            nn.init.normal_(refine.edges[-1].weight, std=0.1)
    detector.train()
    with torch.no_grad():
        for _ in range(3):
            detector(torch.cat([images(), torch.rand(2, 3, IMGSZ, IMGSZ)]))
        detector.eval()
        for level, x in levels(detector).items():
            _route_apart(level, x.mean((2, 3)))
    return detector


def levels(detector: Detector) -> dict[MoE, Tensor]:
    """What every mixture of experts sees of `images()`; no gate changes it, for it comes from the backbone."""
    seen: dict[MoE, Tensor] = {}
    mixtures = [module for module in detector.modules() if isinstance(module, MoE)]
    hooks = [moe.register_forward_pre_hook(lambda module, given: seen.update({module: given[0]})) for moe in mixtures]
    detector(images())
    for hook in hooks:
        hook.remove()
    return seen


def _route_apart(moe: MoE, means: Tensor) -> None:
    """Make the gates of two images, given the means (2, C) of their maps, prefer the first and the second expert."""
    assert moe.gate is not None
    apart = means[0] - means[1]
    nn.init.zeros_(moe.gate.weight)
    moe.gate.weight[0] = 8 * apart / apart.square().sum()
    moe.gate.weight[1] = -moe.gate.weight[0]
    moe.gate.bias.copy_(-moe.gate.weight @ means.mean(0))


@pytest.fixture(scope="module", params=CONFIGS)
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    detector = build(CONFIGS[request.param])
    path = tmp_path_factory.mktemp("export") / "new folder" / "detector.onnx"
    export_onnx(detector, path, IMGSZ)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    return Exported(detector, onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]))


def same(found: Found, expected: Found) -> bool:
    """Whether both hold the same detections of every image, in any order: class, score within 1e-3, IoU of at least 0.99."""
    if [x.shape for x in found] != [x.shape for x in expected] or [x.dtype for x in found] != [x.dtype for x in expected]:
        return False
    scores, labels, boxes = zip(found, expected, strict=True)
    ious = pairwise_iou(to_xyxy(boxes[0]), to_xyxy(boxes[1]))
    alike = (labels[0].unsqueeze(2) == labels[1].unsqueeze(1)) & (ious >= 0.99)
    alike &= (scores[0].unsqueeze(2) - scores[1].unsqueeze(1)).abs() <= 1e-3
    return all(pairs[linear_sum_assignment(pairs, maximize=True)].all() for pairs in alike.numpy())


def test_the_file_finds_in_each_image_what_the_detector_finds(exported: Exported) -> None:
    for image in images().split(1):
        assert same(exported.run(image), exported.eager(image))


def test_the_file_takes_a_batch_of_any_size(exported: Exported) -> None:
    batch = torch.cat([images(), images()[:1]])
    for count in (2, 3):
        assert same(exported.run(batch[:count]), exported.eager(batch[:count]))


def test_the_two_images_prefer_different_experts_and_the_comparison_would_see_them_confused(
    exported: Exported, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = images().split(1)
    with torch.no_grad():
        gates = [exported.detector(image)["gates"] for image in (first, second)]
    for of_first, of_second in zip(*gates, strict=True):
        assert of_first.argmax() == 0
        assert of_second.argmax() == 1
    found = exported.run(second)
    routing = {level: level.gates(x[:1]).detach() for level, x in levels(exported.detector).items()}
    monkeypatch.setattr(MoE, "gates", lambda self, x: routing[self].expand(len(x), -1))
    assert not same(found, exported.eager(second))


def test_the_decoder_of_these_tests_is_not_the_identity(exported: Exported) -> None:
    with torch.no_grad():
        outputs = exported.detector(images())
    assert (outputs["pred_boxes_BQ4"] - outputs["ref_boxes_BQ4"]).abs().max() > 0.005


def test_a_detector_without_a_decoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"NMS.*decoder=detr"):
        export_onnx(build(ModelConfig(decoder="none")), tmp_path / "x.onnx", IMGSZ)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("imgsz", [0, 100])
def test_a_size_that_the_detector_cannot_take_is_refused(imgsz: int, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="multiple of 32"):
        export_onnx(Detector(ModelConfig(), TINY, CLASSES), tmp_path / "x.onnx", imgsz)


def test_missing_packages_are_named_with_their_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(InputError, match=r"needs onnxscript\. Run: pip install 'foodet\[export\]'"):
        export_onnx(Detector(ModelConfig(), TINY, CLASSES), tmp_path / "x.onnx", IMGSZ)


def test_a_folder_that_cannot_be_is_refused_before_the_export(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        export_onnx(Detector(ModelConfig(), TINY, CLASSES), tmp_path / "file" / "x.onnx", IMGSZ)
