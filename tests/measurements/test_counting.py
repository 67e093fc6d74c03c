"""Counts in large blocks, against plain counting."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from keramos.core import Box
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.configurations import Configurations
from keramos.measurements.counting.phase_voxels import count_slices
from keramos.measurements.counting.voxel_pairs import count_within, lags_along
from keramos.measurements.counting.windows import Windows


@pytest.mark.parametrize("shape", [(54, 53, 52), (56, 52, 51)], ids=["an odd number of cells", "an even number"])
def test_many_cells_are_counted_as_few_are(shape: tuple[int, int, int]) -> None:
    codes = np.random.default_rng(3).integers(0, 2, shape).astype(np.uint8)
    block = BlockView(codes, Box.whole(shape), Box.whole(shape), shape)
    z, y, x = (n - 1 for n in shape)
    cells = sum(
        codes[c : c + z, b : b + y, a : a + x].astype(int) << (4 * c + 2 * b + a)
        for c, b, a in product((0, 1), repeat=3)
    )
    expected = [np.count_nonzero(cells == number) for number in range(256)]
    counted = Configurations((1,), Windows(shape, (1, 1, 1))).count_inside(block)
    assert counted.ravel().tolist() == expected


def test_slices_deeper_than_a_byte_counts() -> None:
    mask = np.random.default_rng(4).random((600, 3, 2)) < 0.9
    assert [each.tolist() for each in count_slices(mask)] == [
        mask.sum(axis=axes).tolist() for axes in ((1, 2), (0, 2), (0, 1))
    ]


@pytest.mark.parametrize("axis", range(3))
def test_pairs_of_several_phases_along_lines(axis: int) -> None:
    shape = (13, 21, 10)
    codes = np.random.default_rng(5).integers(0, 4, shape).astype(np.uint8)
    block = BlockView(codes, Box.whole(shape), Box.whole(shape), shape)
    lines = np.moveaxis((codes == 1) | (codes == 3), axis, 0)
    expected = [np.count_nonzero(lines[lag:] & lines[: len(lines) - lag]) for lag in lags_along(shape[axis])]
    assert count_within(block, (1, 3), axis).tolist() == expected
