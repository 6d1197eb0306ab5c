"""Backbones of torchvision give the maps that its own feature extraction gives; their weights are tensors or are refused."""

import copy
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torchvision import models
from torchvision.models.feature_extraction import create_feature_extractor

from foodet_core.config import ModelConfig
from foodet_core.errors import InputError
from foodet_core.models.backbone import build_backbone
from foodet_core.models.detector import build_detector
from foodet_core.models.presets import PRESETS
from foodet_core.models.public_backbone import PublicBackbone, public_backbone, public_names, start_from_imagenet

# Of each family a small network, and the last node before its maps shrink to the next stride, and at the end.
NODES = {
    "convnext_tiny": ("features.2.0", "features.4.0", "features.6.0", "features.7"),
    "efficientnet_b0": ("features.2", "features.3", "features.5", "features.8"),
    "mnasnet0_5": ("layers.8", "layers.9", "layers.11", "layers.16"),
    "mobilenet_v2": ("features.3", "features.6", "features.13", "features.18"),
    "mobilenet_v3_small": ("features.1", "features.3", "features.8", "features.12"),
    "regnet_y_400mf": tuple(f"trunk_output.block{i}" for i in (1, 2, 3, 4)),
    "resnet18": ("layer1", "layer2", "layer3", "layer4"),
    "shufflenet_v2_x0_5": ("maxpool", "stage2", "stage3", "conv5"),
}
MEAN, STD = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
SMALL = "mobilenet_v3_small"
FILE = "mobilenet_v3_small-047dcff4.pth"


def images() -> Tensor:
    return torch.rand(2, 3, 64, 96, generator=torch.Generator().manual_seed(1))


def settled(network: nn.Module) -> nn.Module:
    """With running statistics of its own."""
    network.train()
    with torch.no_grad():
        network(torch.rand(4, 3, 64, 64))
    return network.eval()


def kept(name: str = SMALL, seed: int = 5) -> nn.Module:
    """A whole network of torchvision with weights that are told from fresh ones."""
    torch.manual_seed(seed)
    return settled(models.get_model(name))


@pytest.mark.parametrize("name", NODES)
def test_the_maps_are_those_of_torchvision_s_own_feature_extraction(name: str, torch_cache: Path) -> None:
    network = kept(name)
    backbone = public_backbone(name, network.state_dict()).eval()
    extractor = create_feature_extractor(network, list(NODES[name]), suppress_diff_warning=True)
    expected = list(extractor((images() - MEAN.view(3, 1, 1)) / STD.view(3, 1, 1)).values())
    levels = backbone(images())
    assert [x.shape[-2:] for x in levels] == [(16, 24), (8, 12), (4, 6), (2, 3)]
    assert [x.shape[1] for x in levels] == list(backbone.widths)
    for level, other in zip(levels, expected, strict=True):
        torch.testing.assert_close(level, other, atol=1e-5, rtol=1e-4)


def test_images_are_normalised_as_torchvision_says_for_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    said = SimpleNamespace(transforms=lambda: SimpleNamespace(mean=[0.5, 0.4, 0.3], std=[0.25, 0.5, 1.0]))
    monkeypatch.setattr(models, "get_model_weights", lambda _: SimpleNamespace(DEFAULT=said))
    backbone = public_backbone(SMALL).eval()
    shifted = torch.stack([(images()[:, 0] - 0.5) * 4, (images()[:, 1] - 0.4) * 2, images()[:, 2] - 0.3], 1)
    torch.testing.assert_close(backbone(images())[0], backbone.stages[0](shifted))


@pytest.mark.parametrize("name", ["resnet19", "vgg16", "vit_b_16", "swin_t", "regnet_y_128gf", "fcn_resnet50"])
def test_another_network_is_refused_with_those_that_work(name: str) -> None:
    with pytest.raises(InputError, match=f"setting backbone: torchvision has no network '{name}'") as caught:
        build_detector(ModelConfig(backbone=f"torchvision:{name}"), 2)
    assert all(known in caught.value.remedy for known in NODES)


def test_a_backbone_of_torchvision_has_its_own_widths_and_the_rest_those_of_the_preset(torch_cache: Path) -> None:
    config = ModelConfig(backbone=f"torchvision:{SMALL}")
    detector = build_detector(config, 2)
    assert detector.backbone.widths == (16, 24, 48, 576)
    fresh = build_detector(ModelConfig(), 2)
    for part in ("dense_head", "decoder"):
        ours, theirs = (network.get_submodule(part).state_dict() for network in (detector, fresh))
        assert {k: v.shape for k, v in ours.items()} == {k: v.shape for k, v in theirs.items()}


def test_a_copy_is_in_the_mode_of_its_original_and_shares_nothing() -> None:
    backbone = public_backbone("shufflenet_v2_x0_5").eval()
    twin = copy.deepcopy(backbone)
    assert not any(module.training for module in twin.modules())
    before = [level.clone() for level in backbone(images())]
    with torch.no_grad():
        for parameter in twin.parameters():
            parameter.zero_()
    for level, same in zip(before, backbone(images()), strict=True):
        assert torch.equal(level, same)


def test_it_starts_from_the_weights_in_torch_s_cache(torch_cache: Path) -> None:
    network = kept()
    torch.save(network.state_dict(), torch_cache / FILE)
    backbone = build_backbone(f"torchvision:{SMALL}", PRESETS["nano"])
    said = start_from_imagenet(backbone, f"torchvision:{SMALL}")
    assert said == "MobileNet_V3_Small_Weights.IMAGENET1K_V1"
    expected = public_backbone(SMALL, network.state_dict()).state_dict()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in backbone.state_dict().items())


def test_what_cannot_be_downloaded_is_named_with_its_remedy(torch_cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backbone = public_backbone(SMALL)
    with pytest.raises(InputError, match=rf"torchvision:{SMALL}: .*cannot be had.*no route to host.*put a good {FILE} into"):
        start_from_imagenet(backbone, f"torchvision:{SMALL}")
    assert list(torch_cache.iterdir()) == []
    assert capsys.readouterr().out == ""  # where events go


class Explosive:
    """A pickle that leaves a folder behind when it is read."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.trace),)


def pickled(path: Path, trace: Path) -> None:
    with path.open("wb") as file:
        pickle.dump({"features": Explosive(trace)}, file)


def saved(path: Path, trace: Path) -> None:
    torch.save({"features": Explosive(trace)}, path)


def of_another_network(path: Path, trace: Path) -> None:
    torch.save({"features": torch.zeros(1)}, path)


def torn(path: Path, trace: Path) -> None:
    torch.save({"features": torch.zeros(100)}, path)
    path.write_bytes(path.read_bytes()[:200])


@pytest.mark.parametrize("write", [pickled, saved, of_another_network, torn])
def test_a_file_that_holds_anything_else_is_refused_and_never_run(
    write: Callable[[Path, Path], None], torch_cache: Path
) -> None:
    trace = torch_cache / "trace"
    write(torch_cache / FILE, trace)
    with pytest.raises(InputError, match=f"torchvision:{SMALL}: .*cannot be had"):
        start_from_imagenet(public_backbone(SMALL), f"torchvision:{SMALL}")
    assert not trace.exists()


def test_a_backbone_of_ours_has_no_such_weights() -> None:
    with pytest.raises(InputError, match=r"weights imagenet: are for a backbone of torchvision, not for 'hybrid'"):
        start_from_imagenet(build_backbone("hybrid", PRESETS["nano"]), "hybrid")


def test_a_chain_that_torchvision_does_not_have_can_be_a_backbone_too() -> None:
    steps = [nn.Conv2d(3 if i == 0 else 4 * i, 4 * (i + 1), 3, 2, 1) for i in range(5)]
    network = nn.Sequential(nn.Sequential(*steps), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(20, 10))
    backbone = PublicBackbone(network, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    assert backbone.widths == (8, 12, 16, 20)
    assert [len(stage) for stage in backbone.stages] == [2, 1, 1, 1]


def test_the_names_are_torchvision_s() -> None:
    assert set(NODES) <= set(public_names()) <= set(models.list_models(models))
