"""A slice looked at by itself, in tiles, is what the whole stack would show, for networks of several slices too."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from keramos.annotation.survey import SliceViewer, grey_quantiles
from keramos.blocks import Block
from keramos.core import VOID_SOLID, Box, Volume
from keramos.networks import Checkpoint, ModelCard, Normalisation, Training, build_network, phase_rows
from keramos.segmenters import NetworkSegmenter
from keramos.segmenters.uncertainty import uncertainty

SHAPE = (5, 150, 200)
STACK = Volume.from_array(np.random.default_rng(0).integers(0, 255, SHAPE).astype(np.uint8))


def predictor(name: str) -> NetworkSegmenter:
    torch.manual_seed(0)
    network = build_network(name, {"width": 8}).eval()
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
        architecture=name,
        architecture_settings=network.settings,
        phases=phase_rows(VOID_SOLID),
        positive=1,
        normalisation=Normalisation(mean=128, std=20),
        voxel_size_nm=None,
        training=training,
        scores={},
        versions={},
    )
    return NetworkSegmenter(Checkpoint(card, network.state_dict(), "test"))


@pytest.mark.parametrize("name", ["compact", "compact-5"])
def test_a_slice_in_tiles_is_the_slice_of_the_whole(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made, whole = predictor(name), Box.whole(SHAPE)
    expected = uncertainty(made.scores(STACK.read(), Block(0, whole, whole)))
    assert expected.std() > 0.001
    monkeypatch.setattr("keramos.annotation.survey._TILE_BYTES", 1)  # the smallest tiles there are
    viewer = SliceViewer(STACK, made)
    for z in range(SHAPE[0]):
        np.testing.assert_allclose(viewer.unsure(z), expected[z], atol=1e-5)


def test_quantiles_of_grey_values_leave_outliers_aside() -> None:
    pixels = np.tile(np.arange(100, 200, dtype=np.uint8), (2, 100, 1))
    before = grey_quantiles(Volume.from_array(pixels), 0)
    assert before[0] == pytest.approx(102, abs=1)
    assert before[-1] == pytest.approx(196, abs=1)
    pixels[0, 0, :40] = 255
    np.testing.assert_allclose(grey_quantiles(Volume.from_array(pixels), 0), before, atol=2)
