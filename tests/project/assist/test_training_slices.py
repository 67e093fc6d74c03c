"""Annotated slices on a network's own grid: the same places, the same phases, whatever the voxel size."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.core import NOT_ANNOTATED, LabelVolume, PhaseTable, Volume, VoxelSize
from keramos.core.errors import LabelError
from keramos.project.assist.drawn_labels import read_drawn
from keramos.project.assist.kept_knowledge import add_certain_voxels, measure_agreement
from keramos.project.assist.training_slices import TrainingSlices, choose_grid, merge_codes

TABLE = PhaseTable.from_names(["void", "solid"])


def ramp(shape: tuple[int, int, int]) -> np.ndarray:
    z, y, x = np.indices(shape)
    return (3 * z + 2 * y + x).astype(np.float32)


def test_a_ramp_stays_one_on_the_coarser_grid_and_neighbours_lie_the_models_distance_away() -> None:
    volume = Volume.from_array(ramp((40, 32, 48)), (5, 10, 10))
    reader = TrainingSlices(volume, VoxelSize(20, 20, 20), 3)
    codes = np.full((32, 48), NOT_ANNOTATED, np.uint8)
    codes[10:14, 8:24] = 1
    item = reader.collect({20: codes}, TABLE).slices[0]
    assert item.grey.shape == item.codes.shape == (16, 24)
    rows, columns = np.indices((16, 24)) * 2 + 0.5
    inner = (slice(2, -2), slice(2, -2))
    assert np.allclose(item.grey[inner], (60 + 2 * rows + columns)[inner], atol=1e-3)
    assert np.allclose((item.planes[2] - item.planes[0])[inner], 2 * 4 * 3, atol=1e-3)
    assert np.array_equal(np.argwhere(item.codes == 1), [[y, x] for y in (5, 6) for x in range(4, 12)])


def test_slices_of_the_networks_own_voxel_size_are_as_they_are() -> None:
    grey = np.random.default_rng(0).integers(0, 255, (5, 20, 30), np.uint8)
    item = TrainingSlices(Volume.from_array(grey), None, 3).collect({0: np.zeros((20, 30), np.uint8)}, TABLE).slices[0]
    assert all(np.array_equal(plane, grey[z]) for plane, z in zip(item.planes, (0, 0, 1), strict=True))


def test_a_thin_stroke_is_not_lost_on_a_coarser_grid_and_a_finer_one_repeats_codes() -> None:
    thin = np.full((40, 1), NOT_ANNOTATED, np.uint8)
    thin[17] = 1
    assert np.flatnonzero(merge_codes(thin, 4.0) == 1).tolist() == [4]
    assert merge_codes(np.array([[0], [1]], np.uint8), 0.5).ravel().tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("size", "resampled"), [((5, 5, 5), True), ((20, 26, 20), False), ((3, 3, 3), False), ((60, 60, 60), False)]
)
def test_the_models_grid_is_taken_from_4_to_50_nm_unless_voxels_are_alike(
    size: tuple[float, float, float], resampled: bool
) -> None:
    assert (choose_grid(VoxelSize(*size), VoxelSize(20, 26.4, 20.8)) is not None) is resampled


def test_one_phase_alone_teaches_nothing() -> None:
    codes = np.full((3, 8, 8), NOT_ANNOTATED, np.uint8)
    codes[1, 2] = 1
    with pytest.raises(LabelError, match="two phases are drawn; so far there is solid"):
        read_drawn(LabelVolume.from_array(codes, TABLE))


def test_certain_voxels_are_added_as_many_as_drawn_and_none_near_a_stroke_that_contradicts() -> None:
    drawn = np.full((96, 96), NOT_ANNOTATED, np.uint8)
    drawn[:4, :60], drawn[90:, 90:] = 0, 1
    solid = np.full((96, 96), 0.05, np.float32)
    solid[40:50] = 0.6
    scores = {3: np.stack([1 - solid, solid]), 9: np.zeros((2, 96, 96), np.float32)}
    assert measure_agreement({3: drawn}, scores, np.arange(2, dtype=np.uint8)) == pytest.approx(240 / 276)
    more = add_certain_voxels({3: drawn}, scores, np.arange(2, dtype=np.uint8), seed=1)[3]
    added = (drawn == NOT_ANNOTATED) & (more != NOT_ANNOTATED)
    assert added.sum() == 276
    assert np.array_equal(more[~added], drawn[~added])
    assert not more[added].any()
    assert not added[40:50].any()
    assert not added[70:, 70:].any()


def test_phases_that_are_known_only_together_are_no_contradiction_and_are_not_added() -> None:
    drawn = np.full((96, 96), NOT_ANNOTATED, np.uint8)
    drawn[:4, :60], drawn[4:6, :60], drawn[6:8, :60] = 0, 1, 2
    solid = np.full((96, 96), 0.95, np.float32)
    solid[:4], solid[50:] = 0.05, 0.05
    scores, groups = {3: np.stack([1 - solid, solid, solid])}, np.array([0, 1, 1], np.uint8)
    assert measure_agreement({3: drawn}, scores, groups) == 1
    more = add_certain_voxels({3: drawn}, scores, groups, seed=1)[3]
    added = more != drawn
    assert added.sum() == (drawn != NOT_ANNOTATED).sum() // 3
    assert not more[added].any()
    assert not added[4:50].any()
