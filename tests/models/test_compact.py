"""The compact network: its stated geometry is its true geometry."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from keramos.errors import SettingsError
from keramos.models import Compact, build_network, fold_batchnorm


def lively(width: int = 8) -> Compact:
    """Every path open: positive weights, so that nothing cancels and no ReLU hides an influence."""
    torch.manual_seed(0)
    network = Compact(width=width).double()
    for parameter in network.parameters():
        nn.init.uniform_(parameter, 0.01, 0.1)
    return network.eval()


def reach_of(network: Compact) -> int:
    """How far outside an 8-aligned core its output depends on the input, over every place in the core's edge cell."""
    size, low = 240, 112
    grey = torch.rand(1, 1, size, size, dtype=torch.float64).requires_grad_()
    network(grey)[0, :, low : low + 8, low : low + 8].sum().backward()
    rows = torch.nonzero(grey.grad[0, 0].abs().sum(dim=1)).flatten()
    return max(low - int(rows.min()), int(rows.max()) - (low + 7))


def test_the_halo_holds_the_receptive_field_and_no_smaller_multiple_of_the_stride_does() -> None:
    reach, halo, stride = reach_of(lively()), Compact.halo[1], Compact.stride[1]
    assert halo - stride < reach <= halo


def test_moving_the_image_by_the_stride_moves_the_output_and_by_one_pixel_does_not() -> None:
    network = lively()
    grey = torch.rand(1, 1, 256, 256, dtype=torch.float64)
    inner = slice(100, 140)
    with torch.no_grad():
        output = network(grey)[..., inner, inner]
        by_stride = network(grey.roll((8, 8), (2, 3)))[..., 108:148, 108:148]
        by_one = network(grey.roll((1, 1), (2, 3)))[..., 101:141, 101:141]
    torch.testing.assert_close(by_stride, output, rtol=1e-12, atol=1e-12)
    assert (by_one - output).abs().max() > 1e-3 * output.abs().max()


def test_folding_batchnorm_changes_nothing() -> None:
    torch.manual_seed(0)
    network = Compact(classes=3, width=8)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    network.train()(torch.randn(4, 1, 64, 64) * 2 + 1)
    network.eval()
    folded = fold_batchnorm(copy.deepcopy(network))
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.modules())
    grey = torch.randn(2, 1, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(folded(grey), network(grey), rtol=1e-4, atol=1e-5)


def test_it_is_as_small_as_it_says() -> None:
    assert sum(p.numel() for p in Compact().parameters()) < 300_000


def test_an_unknown_network_or_setting_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"expected a network named compact or fcn32s .* found 'vgg'"):
        build_network("vgg", {})
    with pytest.raises(SettingsError, match="settings that compact takes"):
        build_network("compact", {"depth": 3})
    with pytest.raises(SettingsError, match="classes >= 2"):
        build_network("compact", {"classes": 1})
