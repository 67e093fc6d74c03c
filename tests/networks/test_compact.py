"""The compact networks: their stated geometry is their true geometry."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from keramos.core.errors import SettingsError
from keramos.networks import ARCHITECTURES, Compact, build_network, fold_batchnorm

FAMILY = [name for name, architecture in ARCHITECTURES.items() if not architecture.paper]


def lively(name: str) -> nn.Module:
    """Every path open: positive weights, so that nothing cancels and no ReLU hides an influence."""
    torch.manual_seed(0)
    network = build_network(name, {"width": 8}).double()
    for parameter in network.parameters():
        nn.init.uniform_(parameter, 0.01, 0.1)
    return network.eval()


def reach_of(network: nn.Module) -> int:
    """How far outside an aligned core its output depends on the input, over every place in the core's edge cell."""
    stride = network.stride[1]
    size, low = 24 * stride, 12 * stride
    grey = torch.rand(1, network.planes, size, size, dtype=torch.float64).requires_grad_()
    network(grey)[0, :, low : low + stride, low : low + stride].sum().backward()
    rows = torch.nonzero(grey.grad[0].abs().sum(dim=(0, 2))).flatten()
    return max(low - int(rows.min()), int(rows.max()) - (low + stride - 1))


@pytest.mark.parametrize("name", FAMILY)
def test_the_halo_holds_the_receptive_field_and_no_smaller_multiple_of_the_stride_does(name: str) -> None:
    network = lively(name)
    halo, stride = network.halo[1], network.stride[1]
    assert halo - stride < reach_of(network) <= halo


@pytest.mark.parametrize("name", FAMILY)
def test_every_plane_counts_and_the_halo_along_z_holds_them(name: str) -> None:
    network = lively(name)
    assert network.halo[0] == network.planes // 2 == ARCHITECTURES[name].planes // 2
    grey = torch.rand(1, network.planes, 64, 64, dtype=torch.float64).requires_grad_()
    network(grey).sum().backward()
    assert (grey.grad[0].abs().sum(dim=(1, 2)) > 0).all()


@pytest.mark.parametrize("name", FAMILY)
def test_moving_the_image_by_the_stride_moves_the_output_and_by_one_pixel_does_not(name: str) -> None:
    network = lively(name)
    grey = torch.rand(1, network.planes, 256, 256, dtype=torch.float64)
    inner, stride = slice(100, 140), network.stride[1]
    moved = slice(100 + stride, 140 + stride)
    with torch.no_grad():
        output = network(grey)[..., inner, inner]
        by_stride = network(grey.roll((stride, stride), (2, 3)))[..., moved, moved]
        by_one = network(grey.roll((1, 1), (2, 3)))[..., 101:141, 101:141]
    torch.testing.assert_close(by_stride, output, rtol=1e-12, atol=1e-12)
    assert (by_one - output).abs().max() > 1e-3 * output.abs().max()


@pytest.mark.parametrize("size", ["S", "M", "L"])
@pytest.mark.parametrize("name", FAMILY)
def test_a_size_costs_no_more_than_it_says(name: str, size: str) -> None:
    network = build_network(name, ARCHITECTURES[name].size(size))
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        network.eval()(torch.zeros(1, network.planes, 64, 64))
    assert counter.get_total_flops() / 64**2 <= {"S": 20e3, "M": 45e3, "L": 150e3}[size]
    assert ARCHITECTURES[name].sizes[size].kflop_per_pixel == {"S": 20, "M": 45, "L": 150}[size]


@pytest.mark.parametrize("name", ["compact-5", "compact-7"])
def test_more_planes_begin_as_the_network_of_one(name: str) -> None:
    one, several = Compact(width=8).eval(), build_network(name, {"width": 8}).eval()
    several.start_from_fewer(one.state_dict())
    grey = torch.rand(2, several.planes, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(several(grey), one(grey[:, several.planes // 2][:, None]))


@pytest.mark.parametrize("name", FAMILY)
def test_folding_batchnorm_changes_nothing(name: str) -> None:
    torch.manual_seed(0)
    network = build_network(name, {"classes": 3, "width": 8})
    norms = nn.BatchNorm2d | nn.BatchNorm3d
    for module in network.modules():
        if isinstance(module, norms):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    network.train()(torch.randn(4, network.planes, 64, 64) * 2 + 1)
    network.eval()
    folded = fold_batchnorm(copy.deepcopy(network))
    assert not any(isinstance(module, norms) for module in folded.modules())
    grey = torch.randn(2, network.planes, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(folded(grey), network(grey), rtol=1e-4, atol=1e-5)


def test_it_is_as_small_as_it_says() -> None:
    assert sum(p.numel() for p in Compact().parameters()) < 500_000


def test_an_unknown_network_or_setting_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"expected a network named compact or compact-5 .* found 'vgg'"):
        build_network("vgg", {})
    with pytest.raises(SettingsError, match="settings that compact takes"):
        build_network("compact", {"depth": 3})
    with pytest.raises(SettingsError, match="classes >= 2"):
        build_network("compact", {"classes": 1})
