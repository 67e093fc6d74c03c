"""Law: no seams. Whatever the volume's shape, the network's stride and planes, the tiles and the memory, scores are
those of the whole within 1e-5, and labels differ only where the margin between the phases is smaller than that."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from keramos.blocks import Block, plan_blocks
from keramos.core import VOID_SOLID, Box, CuttingOrder, View, Volume
from keramos.networks import Checkpoint, Compact, ModelCard, Normalisation, Training, phase_rows
from keramos.segmenters import NetworkSegmenter, decide
from keramos.segmenters.memory import slabs

SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 150), st.integers(1, 150))
CHUNKS = st.tuples(st.integers(1, 5), st.integers(5, 70), st.integers(5, 70))


@cache
def segmenter(planes: int, levels: int) -> NetworkSegmenter:
    """A small network with weights that pass on what they get."""
    torch.manual_seed(planes)
    network = Compact(planes=planes, width=4, levels=levels)
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.kaiming_normal_(module.weight)
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.3)
    training = Training(
        images=(),
        annotated_slices=(),
        annotated_voxels=0,
        data_sha256="",
        seed=0,
        steps=0,
        seconds=0,
        device="cpu",
        settings={},
    )
    card = ModelCard(
        architecture="compact",
        architecture_settings=network.settings,
        phases=phase_rows(VOID_SOLID),
        positive=1,
        normalisation=Normalisation(mean=120, std=35),
        voxel_size_nm=None,
        training=training,
        scores={},
        versions={},
    )
    return NetworkSegmenter(Checkpoint(card, network.state_dict(), "test"))


@given(
    SHAPES,
    CHUNKS,
    st.integers(1, 40_000),
    st.sampled_from([(1, 3), (3, 3), (5, 4), (7, 3)]),
    st.sampled_from([1, 2**16, 2**28]),
    st.sampled_from(["increasing", "decreasing"]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_blocks_and_their_slabs_give_what_the_whole_gives(
    monkeypatch: pytest.MonkeyPatch,
    shape: tuple[int, int, int],
    chunk: tuple[int, int, int],
    most: int,
    network: tuple[int, int],
    batch: int,
    order: CuttingOrder,
) -> None:
    grey = np.random.default_rng(0).integers(40, 200, shape).astype(np.uint8)
    volume = replace(Volume.from_array(grey), view=View(38.0, order, "section"))
    ready = segmenter(*network).fit_to(volume, lambda *_: None)
    whole = Box.whole(shape)
    expected = ready.scores(grey, Block(0, whole, whole))
    found = np.full_like(expected, np.nan)
    monkeypatch.setattr("keramos.segmenters.memory.BATCH_BYTES", batch)
    signature = ready.signature
    for block in plan_blocks(shape, halo=signature.halo, stride=signature.stride, chunk=chunk, max_voxels=most):
        pixels = volume.read(block.read)
        for slab in slabs(block, signature, shape[0]):
            seen = pixels[slab.read.relative_to(block.read).slices]
            found[(slice(None), *slab.core.slices)] = ready.scores(seen, slab)
    assert np.abs(found - expected).max() <= 1e-5
    clear = np.abs(expected[1] - expected[0]) > 1e-5
    assert np.array_equal(decide(found)[clear], decide(expected)[clear])
