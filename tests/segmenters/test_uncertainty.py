"""Uncertainty is the entropy of the scores; a run that keeps it is another run than one without."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from doubles import Soft

from keramos.blocks import Block
from keramos.core import Box, Volume
from keramos.core.errors import ResumeError, SettingsError
from keramos.io import open_labels, open_scores, open_uncertainty
from keramos.segmenters import Otsu, Sauvola, encode_uncertainty, segment_volume
from keramos.segmenters.uncertainty import uncertainty
from keramos.settings.segment import SegmentationOptions

SMALL = 526 * 2**20  # bytes of memory: blocks of one chunk, twelve of them
WANTED = SegmentationOptions(scores=True, uncertainty=True, memory=SMALL)


@pytest.mark.parametrize("phases", [2, 3, 5])
def test_sure_is_zero_and_all_alike_is_one(phases: int) -> None:
    scores = np.stack([np.eye(phases)[1], np.full(phases, 1 / phases)], axis=1).astype(np.float32)
    np.testing.assert_allclose(uncertainty(scores), [0, 1], atol=1e-6)


def test_two_phases_have_the_binary_entropy() -> None:
    p = np.linspace(0.01, 0.99, 99, dtype=np.float32)
    bits = -(p * np.log2(p) + (1 - p) * np.log2(1 - p))
    np.testing.assert_allclose(uncertainty(np.stack([1 - p, p])), bits, atol=1e-6)
    stored = encode_uncertainty(np.stack([1 - p, p])[:, None, None])
    np.testing.assert_array_equal(stored[0, 0], np.rint(255 * bits))


def test_it_is_kept_beside_the_labels(volume: Volume, tmp_path: Path) -> None:
    out = tmp_path / "out.ome.zarr"
    segment_volume(volume, Soft(), out, settings=WANTED)
    found, labels = open_uncertainty(out), open_labels(out).read()
    whole = Box.whole(volume.shape)
    scores = Soft().scores(volume.read(), Block(0, whole, whole))
    np.testing.assert_array_equal(found.read(), np.rint(255 * uncertainty(scores)))
    np.testing.assert_array_equal(labels, scores.argmax(axis=0))
    assert open_scores(out).shape == found.shape == volume.shape
    assert found.voxel_size == volume.voxel_size


def test_a_run_without_it_is_another_run(volume: Volume, tmp_path: Path) -> None:
    out = tmp_path / "out.ome.zarr"
    small = volume.crop(Box((0, 0, 0), (2, 64, 64)))
    segment_volume(small, Soft(), out, settings=SegmentationOptions(uncertainty=True))
    for other, names in (
        (SegmentationOptions(), "uncertainty differs"),
        (SegmentationOptions(scores=True), "scores and uncertainty differ"),
        (SegmentationOptions(scores=True, uncertainty=True), "scores differs"),
    ):
        with pytest.raises(ResumeError, match=names):
            segment_volume(small, Soft(), out, settings=other)
    assert open_uncertainty(out).shape == (2, 64, 64)


@pytest.mark.parametrize("threshold", [Otsu(), Sauvola()])
def test_a_threshold_has_none(threshold: Otsu | Sauvola, volume: Volume, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"a trained network for --uncertainty, found {threshold.name}"):
        segment_volume(volume, threshold, tmp_path / "out.ome.zarr", settings=WANTED)
    assert not (tmp_path / "out.ome.zarr").exists()
