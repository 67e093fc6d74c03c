"""A stack of other voxels is taken onto the model's grid and back: what is smooth stays, edges stay in their places."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.blocks import Block, Plan
from keramos.core import VOID_SOLID, Box, Volume, VoxelSize
from keramos.core.errors import SettingsError, VoxelSizeError
from keramos.networks import Signature
from keramos.segmenters import Resampled, Segmenter, resample_to_model

FINE, COARSE = VoxelSize(20, 10, 10), VoxelSize(20, 25, 20)


@dataclass(frozen=True)
class Bright(Segmenter):
    """A stand-in with a network's face: a pixel's score is its grey value, and what it was given is kept."""

    voxel_size: VoxelSize | None = COARSE
    halo: tuple[int, int, int] = (0, 4, 4)
    seen: tuple[list[NDArray[Any]], ...] = ([],)
    name = "bright"
    phases = VOID_SOLID
    has_scale = True

    @property
    def signature(self) -> Signature:
        return Signature(halo=self.halo, stride=(1, 4, 4), voxel_size=self.voxel_size)

    def scores(self, pixels: NDArray[Any], block: Block) -> NDArray[np.float32]:
        self.seen[0].append(pixels)
        solid = pixels[block.core_in_read.slices] / np.float32(100)
        return np.stack([1 - solid, solid])

    def identity(self) -> str:
        return "bright"


def through(grey: NDArray[Any], size: VoxelSize, model: Bright | None = None) -> NDArray[np.float32]:
    """The score of solid at once and, the same, by blocks."""
    volume = Volume.from_array(grey, size)
    segmenter = Resampled(model or Bright(), size).fit_to(volume, lambda *_: None)
    whole = Box.whole(volume.shape)
    found = segmenter.scores(volume.read(), Block(0, whole, whole))[1]
    pieces = np.empty_like(found)
    for block in Plan(volume.shape, (1, 16, 24), segmenter.signature.halo):
        pieces[block.core.slices] = segmenter.scores(volume.read(block.read), block)[1]
    np.testing.assert_array_equal(pieces, found)
    return found


@pytest.mark.parametrize("size", [FINE, VoxelSize(20, 60, 33.3), VoxelSize(20, 25, 61)])
def test_a_ramp_stays_a_ramp(size: VoxelSize) -> None:
    """To a hundredth of the step from voxel to voxel, but near the border, where the outermost one is repeated."""
    y, x = np.mgrid[:60, :70]
    ramp = (y * size.y_nm * 0.02 + x * size.x_nm * 0.01).astype(np.float32)
    found = through(np.stack([ramp, 50 - ramp]), size) * 100
    inner = (slice(None), slice(6, -6), slice(6, -6))
    np.testing.assert_allclose(found[inner], np.stack([ramp, 50 - ramp])[inner], atol=2e-3)


def test_an_edge_stays_where_it_is() -> None:
    grey = np.zeros((1, 64, 64), np.uint8)
    grey[:, :, 30:] = 100
    assert np.all((through(grey, FINE)[0, 8:-8] > 0.5).argmax(axis=1) == 30)


def test_noise_of_fine_voxels_is_averaged() -> None:
    """A triangle of half-width r has the variance of about 1.5 r voxels: here 2.5 along y and 2 along x."""
    model = Bright(seen=([],))
    grey = np.random.default_rng(0).normal(50, 10, (1, 250, 200)).astype(np.float32)
    volume, whole = Volume.from_array(grey, FINE), Box.whole((1, 250, 200))
    Resampled(model, FINE, volume.shape).scores(grey, Block(0, whole, whole))
    (seen,) = model.seen[0]
    assert seen.shape == (1, 100, 100)
    assert seen.std() == pytest.approx(10 / np.sqrt(1.5 * 2.5 * 1.5 * 2), rel=0.05)


def test_slices_are_left_alone_unless_neighbours_are_read() -> None:
    thin = VoxelSize(5, 10, 10)
    one, several = Resampled(Bright(), thin), Resampled(Bright(halo=(2, 4, 4)), thin)
    assert one.scale == (1, 2.5, 2)
    assert several.scale == (4, 2.5, 2)
    assert one.signature.halo[0] == 0 < several.signature.halo[0]


def test_the_same_size_is_not_resampled_and_an_unknown_one_is_refused() -> None:
    model: Any = Bright()
    near = replace(COARSE, y_nm=27)
    assert resample_to_model(model, Volume.from_array(np.zeros((1, 8, 8), np.uint8), near)) is model
    with pytest.raises(VoxelSizeError):
        resample_to_model(model, Volume.from_array(np.zeros((1, 8, 8), np.uint8)))
    with pytest.raises(SettingsError, match="knows the voxel size"):
        resample_to_model(Bright(None), Volume.from_array(np.zeros((1, 8, 8), np.uint8), near))
    with pytest.raises(SettingsError, match="at most 8 times"):
        resample_to_model(model, Volume.from_array(np.zeros((1, 8, 8), np.uint8), VoxelSize(20, 2, 20)))
