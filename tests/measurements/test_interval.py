"""Intervals hold the mean they are made for as often as they say, and the spread is that of means of many samples."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from shapes import boolean_balls

from keramos.core import Box, LabelVolume, PhaseTable, VoxelSize, triple
from keramos.measurements import BlockView, quantify_with
from keramos.measurements.counting.chord_ends import count_chord_ends
from keramos.measurements.counting.interval import Spread, interval, ratio_spread, variance_interval
from keramos.measurements.counting.windows import Windows
from keramos.settings.quantify import MeasurementOptions

MEAN, SAMPLES, VOXELS = 0.4, 1000, 1000.0


def sample_windows(grid: tuple[int, int, int], reach: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Fractions of windows about MEAN; windows further apart than `reach` are independent."""
    noise = rng.standard_normal([n + reach for n in grid])
    mean = ndimage.uniform_filter(noise, reach + 1, mode="constant", origin=-((reach + 1) // 2))
    return MEAN + 0.05 * (reach + 1) ** 1.5 * mean[tuple(slice(reach, None) for _ in grid)]


THICK = [((3, 3, 3), 1), ((4, 4, 4), 1), ((8, 8, 8), 2), ((9, 9, 9), 3)]
THIN = [((2, 16, 16), 2), ((4, 16, 16), 3)]


@pytest.mark.parametrize(("grid", "reach"), THICK + THIN)
def test_intervals_of_a_mean_hold_it_in_95_of_100_samples(grid: tuple[int, int, int], reach: int) -> None:
    """With few windows and with many that are alike: the two intervals that are easily too narrow. Of a thin volume,
    too, which is divided along its long axes only. The interval of the variance holds that of the means, too."""
    rng, below = np.random.default_rng(1), np.full(grid, VOXELS)
    held, means, variances, of_variance = 0, [], [], []
    for _ in range(SAMPLES):
        above = VOXELS * sample_windows(grid, reach, rng)
        means.append(float(above.sum() / below.sum()))
        spread = ratio_spread(above, below, below > 0)
        assert spread is not None
        variances.append(spread.standard_error**2)
        low, high = interval(means[-1], spread) or (0.0, 0.0)
        held += low <= MEAN <= high
        of_variance.append(variance_interval(variances[-1], spread) or (0.0, 0.0))
    assert 0.93 < np.mean([low <= np.var(means) <= high for low, high in of_variance]) < 1
    assert 0.935 < held / SAMPLES < 0.99
    assert 0.72 < np.mean(variances) / np.var(means) < 1.2


def test_windows_without_voxels_count_for_nothing() -> None:
    rng = np.random.default_rng(2)
    above = VOXELS * sample_windows((12, 6, 6), 1, rng)
    below = np.full(above.shape, VOXELS)
    alone = ratio_spread(above, below, below > 0)
    wide, wide_below = (np.pad(part, ((0, 0), (0, 4), (0, 6))) for part in (above, below))
    assert alone is not None
    assert ratio_spread(wide, wide_below, wide_below > 0) == alone
    assert ratio_spread(wide, wide_below, np.ones(wide.shape, bool)) != alone


def test_too_few_windows_have_no_interval() -> None:
    below = np.full((3, 3, 2), VOXELS)
    assert ratio_spread(below * 0.5, below, below > 0) is None
    above = VOXELS * sample_windows((2, 2, 16), 1, np.random.default_rng(3))
    assert ratio_spread(above, np.full(above.shape, VOXELS), above > 0) is None
    assert interval(0.5, None) is None
    assert variance_interval(0.5, None) is None


def test_windows_that_do_not_differ_have_no_interval() -> None:
    """A volume of one phase does not say that its material has one only; nor do 216 windows that are a third solid."""
    below = np.full((6, 6, 6), VOXELS)
    for share in (0.0, 1.0, 1 / 3):
        assert ratio_spread(below * share, below, below > 0) is None
        assert interval(share, Spread(1e-17 * share, 20)) is None


@pytest.mark.parametrize("radius", [0, 40], ids=["voxels", "balls"])
def test_mean_chords_lie_in_the_intervals_of_other_volumes(radius: float) -> None:
    """Of overlapping balls, and of voxels without any order. No end of a chord is seen at the volume's faces, of which
    only the outer windows have some: that widens no interval, which is not much wider than the volumes differ."""
    rng, size, shape = np.random.default_rng(5), VoxelSize(10, 12, 14), (48, 36, 30)
    values, intervals = [], []
    for _ in range(24):
        codes = (boolean_balls(shape, size, radius, 0.4, rng) if radius else rng.random(shape) < 0.4).astype(np.uint8)
        labels = LabelVolume.from_array(codes, PhaseTable.from_names(["void", "solid"]), size)
        found = quantify_with(["chords"], labels, MeasurementOptions(phase=("solid",)))
        lengths = [found.find("mean-intercept-length", "solid", axis) for axis in "zyx"]
        values.append([length.value for length in lengths])
        intervals.append([length.interval for length in lengths])
    mean, ends = np.mean(values, axis=0), np.array(intervals)
    held = (ends[:, :, 0] <= mean) & (mean <= ends[:, :, 1])
    assert held.mean() > 0.9
    wider = (ends[:, :, 1] - ends[:, :, 0]).mean(axis=0) / 2 / np.std(values, axis=0)
    assert 1.6 < wider.mean() < 5


def test_ends_of_chords_are_those_that_a_walk_along_lines_meets() -> None:
    rng, phases = np.random.default_rng(6), 2
    codes = rng.choice(np.array([0, 1, 255], np.uint8), (7, 9, 8), p=[0.5, 0.4, 0.1])
    box, windows = Box.whole(codes.shape), Windows(triple(codes.shape), (2, 3, 2))
    expected = np.zeros((phases + 1, 3, *windows.grid), np.int64)
    padded = np.pad(codes, 1, constant_values=255)
    for place in np.argwhere(codes != 255):
        window = tuple(int(np.searchsorted(windows.cuts[n], place[n], "right")) - 1 for n in range(3))
        own = codes[tuple(place)]
        for axis in range(3):
            for step in (-1, 1):
                beside = padded[tuple(place + 1 + step * np.eye(3, dtype=int)[axis])]
                if beside != own:
                    expected[(phases if beside == 255 else own, axis, *window)] += 1
    assert np.array_equal(count_chord_ends(BlockView(codes, box, box, triple(codes.shape)), phases, windows), expected)
