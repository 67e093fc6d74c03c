"""Merged voxels have the most frequent code of theirs."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from keramos.core import ArraySource, Box
from keramos.writers.coarse import Coarse, most_frequent
from keramos.writers.slabs import thickness


def counted(codes: np.ndarray, merged: int) -> np.ndarray:
    """One group after the other: the most frequent; in a tie the first voxel's if it is among them, else the lowest."""
    out = np.zeros([length // merged for length in codes.shape], np.uint8)
    for index in np.ndindex(*out.shape):
        group = codes[tuple(slice(i * merged, (i + 1) * merged) for i in index)].ravel().tolist()
        votes = Counter(group)
        tied = [code for code in sorted(votes) if votes[code] == max(votes.values())]
        out[index] = group[0] if group[0] in tied else tied[0]
    return out


@pytest.mark.parametrize("merged", [1, 2, 3, 5])
def test_the_most_frequent_code_wins(merged: int, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = np.random.default_rng(merged).choice([0, 1, 2, 255], (11, 10, 13)).astype(np.uint8)
    coarse = Coarse(ArraySource(codes), merged)
    expected = counted(codes, merged)
    np.testing.assert_array_equal(coarse.read(Box.whole(coarse.shape)), expected)
    assert coarse.shape == expected.shape
    box = Box((0, 1, 0), (2, 2, 2))
    np.testing.assert_array_equal(coarse.read(box), expected[box.slices])
    monkeypatch.setattr("keramos.writers.coarse.thickness", lambda _: 1)
    np.testing.assert_array_equal(coarse.read(Box.whole(coarse.shape)), expected)


def test_ties_favour_no_phase() -> None:
    halves = np.random.default_rng(0).permuted(np.tile([0, 0, 0, 0, 1, 1, 1, 1], (4000, 1)), axis=1)
    codes = halves.reshape(4000, 2, 2, 2).transpose(1, 2, 0, 3).reshape(2, 2, 8000).astype(np.uint8)
    found = most_frequent(codes, 2).mean()
    assert found == pytest.approx(0.5, abs=4 * 0.5 / 4000**0.5)


def test_slabs_are_whole_chunks_where_they_can_be() -> None:
    assert thickness((99, 2048, 2048)) == 16
    assert thickness((99, 1500, 1500)) == 16, "not 29, which would read each chunk of 16 nearly twice"
    assert thickness((99, 1024, 1024)) == 64
    assert thickness((99, 4096, 4096)) == 4
    assert thickness((99, 2**14, 2**14)) == 1
