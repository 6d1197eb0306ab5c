"""A tiny detector, as after a training, with its exported file: made once for all tests, since an export takes seconds."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
import pytest
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn

from foodet_core.config import ModelConfig
from foodet_core.export import to_onnx, write_onnx
from foodet_core.losses.box_ops import to_xyxy
from foodet_core.models.detector import Detector
from foodet_core.models.moe import MoE
from foodet_core.models.postprocess import postprocess
from foodet_core.models.presets import PRESETS, Preset
from foodet_core.models.weights import WEIGHTS_NAME, WeightsInfo, save_weights
from foodet_core.types import ClassList

if TYPE_CHECKING:
    from onnx import ModelProto

IMGSZ = 96
NAMES = ("red", "blue", "蛋")
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
    """A detector, what of it lies behind the letterbox, and the file. `Found` is scores, labels, boxes xyxy in pixels."""

    detector: Detector
    info: WeightsInfo
    network: "ModelProto"
    path: Path
    session: onnxruntime.InferenceSession
    images: Tensor
    """Two squares of different texture and brightness, (2, S, S, 3) uint8, that the gates tell apart."""

    def eager(self, squares: Tensor) -> Found:
        with torch.no_grad():
            scores, labels, boxes = postprocess(self.detector(squares.permute(0, 3, 1, 2).float() / 255))
        return scores, labels, (to_xyxy(boxes) * IMGSZ).clamp(0, IMGSZ)

    def run(self, images: Tensor) -> Found:
        scores, labels, boxes = self.session.run(["scores", "labels", "boxes"], {"images": images.numpy()})
        return torch.from_numpy(scores), torch.from_numpy(labels), torch.from_numpy(boxes)

    def levels(self) -> dict[MoE, Tensor]:
        return levels(self.detector, self.images)

    @staticmethod
    def same(found: Found, expected: Found, score: float = 1e-4, pixels: float = 0.01) -> bool:
        """Whether both hold the same detections of every image, in any order: class, score to `score`, edges to `pixels`."""
        if [(x.shape, x.dtype) for x in found] != [(x.shape, x.dtype) for x in expected]:
            return False
        scores, labels, boxes = zip(found, expected, strict=True)
        alike = torch.cdist(*boxes, p=torch.inf) <= pixels
        alike &= labels[0].unsqueeze(2) == labels[1].unsqueeze(1)
        alike &= (scores[0].unsqueeze(2) - scores[1].unsqueeze(1)).abs() <= score
        return all(pairs[linear_sum_assignment(pairs, maximize=True)].all() for pairs in alike.numpy())


def make_images() -> Tensor:
    generator = torch.Generator().manual_seed(1)
    noise = torch.rand(2, IMGSZ, IMGSZ, 3, generator=generator)
    stripes = (torch.arange(IMGSZ) // 8 % 2).float()[:, None]
    return (torch.stack([noise[0] * 0.4, 0.5 + 0.3 * stripes + noise[1] * 0.2]) * 255).round().byte()


def build(config: ModelConfig, images: Tensor) -> Detector:
    """As after a training: running statistics of its own, no layer at its zero start, and gates that tell `images` apart."""
    torch.manual_seed(0)
    detector = Detector(config, TINY, len(NAMES))
    for module in detector.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.1)
    for module in detector.modules():
        if isinstance(module, MoE):
            nn.init.constant_(module.norm.weight, 4.0)  # loud enough that its routing is seen in the detections
    assert detector.decoder is not None
    for refine in detector.decoder.refine:
        nn.init.normal_(refine.score.weight, std=0.1)
        nn.init.normal_(refine.edges[-1].weight, std=0.1)
    detector.train()
    with torch.no_grad():
        for _ in range(3):
            detector(torch.cat([images.permute(0, 3, 1, 2) / 255, torch.rand(2, 3, IMGSZ, IMGSZ)]))
        detector.eval()
        for level, x in levels(detector, images).items():
            _route_apart(level, x.mean((2, 3)))
    return detector


def levels(detector: Detector, images: Tensor) -> dict[MoE, Tensor]:
    """What every mixture of experts sees of `images`; no gate changes it, for it comes from the backbone."""
    seen: dict[MoE, Tensor] = {}
    mixtures = [module for module in detector.modules() if isinstance(module, MoE)]
    hooks = [moe.register_forward_pre_hook(lambda module, given: seen.update({module: given[0]})) for moe in mixtures]
    detector(images.permute(0, 3, 1, 2) / 255)
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


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Exported]:
    """The exported detector of one of CONFIGS."""
    made: dict[str, Exported] = {}

    def get(name: str) -> Exported:
        if name not in made:
            images = make_images()
            detector, info = build(CONFIGS[name], images), WeightsInfo(CONFIGS[name], ClassList.of(NAMES), IMGSZ, {"AP": 0.5})
            network, path = to_onnx(detector, IMGSZ), tmp_path_factory.mktemp("export") / "detector.onnx"
            write_onnx(network, info, path)
            session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
            made[name] = Exported(detector, info, network, path, session, images)
        return made[name]

    return get


@pytest.fixture(scope="session", params=CONFIGS)
def exported(request: pytest.FixtureRequest, export: Callable[[str], Exported]) -> Exported:
    return export(request.param)


@pytest.fixture(scope="session")
def dense(export: Callable[[str], Exported]) -> Exported:
    return export("dense")


@pytest.fixture
def run(dense: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run's folder with the weights of `dense`; `nano` is as tiny as that."""
    monkeypatch.setitem(PRESETS, "nano", TINY)
    save_weights(tmp_path / "run" / WEIGHTS_NAME, dense.detector.state_dict(), dense.info)
    return tmp_path / "run"


@pytest.fixture(scope="session")
def photo() -> np.ndarray:
    """A drawn picture (H, W, 3), larger than the network's square."""
    rng = np.random.default_rng(3)
    picture = np.full((180, 240, 3), 150, np.uint8) + rng.integers(0, 20, (180, 240, 1), np.uint8)
    picture[30:90, 40:120] = (200, 40, 40)
    picture[100:160, 130:210] = (40, 60, 210)
    return picture
