"""The paper's networks: counted by hand, and the same outputs as an independent Keras build of the same layers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from keramos.core.errors import SettingsError
from keramos.networks import ARCHITECTURES, build_network
from keramos.networks.architectures.fcn import Fcn
from keramos.networks.architectures.unet import UNet
from keramos.networks.binary import as_phases
from keramos.networks.keras_layers import SameConv2d, he_normal, padding

FIXTURES = Path(__file__).parents[1] / "fixtures" / "keras"


def parameters(network: nn.Module) -> int:
    return sum(tensor.numel() for tensor in network.parameters())


def test_unet_has_the_paper_s_parameters() -> None:
    pairs = [(1, 64), (64, 128), (128, 256), (256, 512), (512, 1024)]
    encoder = sum(16 * i * o for i, o in pairs)  # one 4x4 convolution each, without bias
    batchnorm = sum(2 * o for _, o in pairs)  # gamma and beta
    up = sum(4 * 2 * w * w for w in (512, 256, 128, 64))  # 2x2, from twice the width
    decoder = sum(16 * 2 * w * w for w in (512, 256, 128, 64))  # 4x4, after joining two of the width
    assert parameters(UNet()) == encoder + batchnorm + up + decoder + 16 * 64 == 25_073_536


@pytest.mark.parametrize(
    ("name", "decoder"),
    [
        ("fcn32s", 4096 + 64 * 64),
        ("fcn16s", 4096 + 16 + 512 + 32 * 32),
        ("fcn8s", 4096 + 16 + 512 + 1 + 16 + 256 + 16 * 16),
    ],
)
def test_fcn_has_vgg16_and_the_decoder_of_the_code(name: str, decoder: int) -> None:
    vgg = 9 * (1 * 64 + 64 * 64 + 64 * 128 + 128 * 128 + 128 * 256 + 2 * 256 * 256 + 256 * 512 + 5 * 512 * 512)
    head = 49 * 512 * 4096 + 4096 * 4096
    with torch.device("meta"):
        assert sum(t.numel() for t in _fcn_shapes(name)) == vgg + head + decoder


def _fcn_shapes(name: str) -> list[Tensor]:
    return list(build_network(name, {}).parameters())


def test_two_phases_share_one_output_and_more_have_one_each() -> None:
    logit = torch.randn(2, 1, 4, 4)
    torch.testing.assert_close(as_phases(logit).softmax(dim=1)[:, 1:], logit.sigmoid())
    for name in [architecture.name for architecture in ARCHITECTURES.values() if architecture.paper]:
        small = {"width": 2} if name == "unet" else {"width": 2, "head": 4}
        grey = torch.rand(1, 1, 64, 96)
        assert build_network(name, small).eval()(grey).shape == (1, 2, 64, 96)
        assert build_network(name, {**small, "classes": 3}).eval()(grey).shape == (1, 3, 64, 96)


@pytest.mark.parametrize(
    ("length", "kernel", "stride", "expected"),
    [
        (64, 4, 1, (1, 2)),
        (64, 3, 1, (1, 1)),
        (64, 7, 1, (3, 3)),
        (64, 11, 4, (3, 4)),
        (64, 7, 2, (2, 3)),
        (64, 3, 2, (0, 1)),
        (65, 3, 2, (1, 1)),
        (64, 5, 2, (1, 2)),
        (64, 1, 2, (0, 0)),
        (64, 2, 2, (0, 0)),
    ],
)
def test_same_padding_is_as_tensorflow_documents_it(
    length: int, kernel: int, stride: int, expected: tuple[int, int]
) -> None:
    assert padding(length, kernel, stride) == expected


def test_weights_start_he_normal_and_cut_at_two_deviations() -> None:
    weight = torch.empty(400, 64, 4, 4)
    he_normal(weight)
    deviation = (2 / (64 * 16)) ** 0.5
    assert weight.std().item() == pytest.approx(deviation, rel=0.01)
    assert weight.abs().max().item() <= 2 * deviation / 0.8796 * 1.001
    assert SameConv2d(1, 4, 3).bias is None


def keras_order(module: nn.Module) -> Iterator[nn.Module]:
    """Modules with weights in the order in which the Keras build makes its layers."""
    if isinstance(module, UNet):
        for part in (*module.down, module.bridge, *module.up, module.head):
            yield from keras_order(part)
    elif isinstance(module, Fcn):
        parts = [module.backbone, module.head, module.score, module.join4, module.between, module.join3, module.last]
        for part in parts:
            if part is not None:
                yield from keras_order(part)
    elif isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.BatchNorm2d):
        yield module
    else:
        for name, child in module.named_children():
            if name != "project":
                yield from keras_order(child)
        if getattr(module, "project", None) is not None:
            yield module.project  # type: ignore[misc]


def drawn(shape: list[int], number: int, kind: str) -> np.ndarray:
    """The recipe's weights, as tools/keras_fixtures.py draws them."""
    rng = np.random.RandomState(number)
    if kind == "kernel":
        return rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[:-1]))
    return (
        0.3 + 0.4 * rng.random_sample(shape)
        if kind in ("gamma", "moving_variance")
        else 0.1 * rng.standard_normal(shape)
    )


def fill(network: nn.Module, recipe: list[list[object]]) -> None:
    names = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
    numbered = iter(enumerate(recipe))
    for module in keras_order(network):
        for _ in range(4 if isinstance(module, nn.BatchNorm2d) else 1):
            number, (layer, kind, shape) = next(numbered)
            values = drawn(shape, number, kind)  # type: ignore[arg-type]
            if kind == "kernel":
                assert (layer == "Conv2DTranspose") == isinstance(module, nn.ConvTranspose2d)
                values = values.transpose(3, 2, 0, 1)
            tensor = getattr(module, names.get(str(kind), "weight"))
            assert tensor.shape == values.shape
            tensor.data.copy_(torch.from_numpy(values))
    assert next(numbered, None) is None, "every layer of the Keras build has its place"


CASES = {
    "unet": ("unet", {"width": 4}),
    **{f"fcn{s}s-vgg16": (f"fcn{s}s", {"width": 4, "head": 24}) for s in (32, 16, 8)},
    "fcn8s-alexnet": ("fcn8s", {"width": 4, "head": 24, "backbone": "alexnet"}),
    "fcn8s-resnet50": ("fcn8s", {"width": 4, "backbone": "resnet50"}),
}


@pytest.mark.parametrize("case", CASES)
def test_outputs_are_those_of_an_independent_keras_build(case: str) -> None:
    architecture, settings = CASES[case]
    fixture = np.load(FIXTURES / f"{case}.npz")
    network = build_network(architecture, settings).eval()
    fill(network, json.loads(str(fixture["recipe"])))
    grey = np.random.RandomState(2024).random_sample((1, 64, 96, 1)).astype(np.float32)
    with torch.inference_mode():
        found = network(torch.from_numpy(grey[..., 0])[:, None]).softmax(dim=1)[0, 1].numpy()
    assert np.abs(found - fixture["output"]).max() < 1e-4
    assert np.ptp(fixture["output"]) > 0.02


@pytest.mark.parametrize("case", CASES)
def test_nothing_beyond_the_halo_matters(case: str) -> None:
    architecture, settings = CASES[case]
    small = {"width": 2, **({"head": 4} if "head" in settings else {})}
    network = build_network(architecture, {**settings, **small}).eval()
    stride, halo = network.stride[2], network.halo[2]  # type: ignore[index]
    torch.manual_seed(0)
    width = 2 * halo + 4 * stride
    grey = torch.rand(1, 1, 2 * stride, width)
    left, right = grey.clone(), grey.clone()
    left[..., :stride], right[..., -stride:] = 5.0, 5.0
    with torch.inference_mode():
        whole, left, right = network(grey), network(left), network(right)
    torch.testing.assert_close(left[..., stride + halo :], whole[..., stride + halo :], rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(right[..., : -stride - halo], whole[..., : -stride - halo], rtol=1e-4, atol=1e-6)
    assert not torch.equal(left[..., : 2 * stride], whole[..., : 2 * stride])


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(SettingsError, match="backbone vgg16, alexnet, resnet50"):
        build_network("fcn8s", {"backbone": "oak"})
    with pytest.raises(SettingsError, match="settings that unet takes"):
        build_network("unet", {"depth": 4})
