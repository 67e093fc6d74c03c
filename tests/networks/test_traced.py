"""What a network costs and looks like, found by running it."""

from __future__ import annotations

import pytest

from keramos.networks import build_network
from keramos.networks.traced import trace_layers


def test_the_paper_s_unet_costs_1380_kflop_per_pixel() -> None:
    found = trace_layers(build_network("unet", {}), 64)
    down = [
        16 * i * o / 4**level for level, (i, o) in enumerate([(1, 64), (64, 128), (128, 256), (256, 512), (512, 1024)])
    ]
    up = [4 * 2 * w * w / 4 ** (level + 1) for level, w in enumerate((64, 128, 256, 512))]
    out = [16 * 2 * w * w / 4**level for level, w in enumerate((64, 128, 256, 512))]
    assert found.flop_per_pixel == pytest.approx(2 * (sum(down) + sum(up) + sum(out) + 16 * 64))
    assert found.flop_per_pixel == pytest.approx(1.38e6, rel=0.01)
    assert found.parameters == 25_073_536


def test_the_compact_network_costs_a_seventieth() -> None:
    assert 1.38e6 / 80 < trace_layers(build_network("compact", {}), 64).flop_per_pixel < 1.38e6 / 70


def test_layers_come_in_the_order_in_which_they_run() -> None:
    layers = trace_layers(build_network("unet", {"width": 4}), 64).layers
    assert [layer.kind for layer in layers[:4]] == ["convolution", "pool", "convolution", "pool"]
    assert [layer.edge for layer in layers if layer.kind == "pool"] == [32, 16, 8, 4]
    assert [layer.edge for layer in layers if layer.kind == "upsample"] == [8, 16, 32, 64]
    bridge = layers[8]
    assert (bridge.kind, bridge.inputs, bridge.outputs, bridge.edge) == ("convolution", 32, 64, 4)
    joined = layers[-2]
    assert (joined.inputs, joined.outputs) == (8, 4), "the encoder's features are joined to the decoder's"
    fcn = trace_layers(build_network("fcn8s", {"width": 4, "head": 8}), 64).layers
    assert [layer.edge for layer in fcn if layer.kind == "upsample"] == [4, 8, 64]
    assert sum(layer.kind == "convolution" for layer in fcn) == 13 + 2 + 1 + 1 + 1 + 1
