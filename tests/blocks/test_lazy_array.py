"""Dask arrays of volumes: the same pixels, read only where they are asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.blocks import to_dask
from keramos.blocks.lazy_array import chunks_for
from keramos.core import Box, Volume

SHAPE = (6, 40, 50)


def pixels() -> NDArray[np.uint16]:
    return np.arange(np.prod(SHAPE), dtype=np.uint16).reshape(SHAPE)


@dataclass(eq=False)
class Watched:
    """An array that remembers the boxes that were read."""

    shape: tuple[int, int, int] = SHAPE
    piece_shape: tuple[int, int, int] = (2, 16, 16)
    boxes: list[Box] = field(default_factory=list)

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(np.uint16)

    def read(self, box: Box) -> NDArray[np.uint16]:
        self.boxes.append(box)
        if self.shape != SHAPE:
            raise AssertionError("too large to read")
        return pixels()[box.slices]


@pytest.mark.parametrize(
    "index",
    [
        (slice(None),) * 3,
        3,
        (slice(1, 5), 7, slice(None)),
        (-1, slice(10, 2, -3), slice(None, None, 7)),
        (slice(2, 2), slice(None), 4),
        (Ellipsis, slice(3, 9)),
        ([0, 4], slice(None), slice(None)),
    ],
    ids=str,
)
def test_indexing_gives_what_numpy_gives(index: Any) -> None:
    lazy = to_dask(Volume(Watched()))
    assert lazy.dtype == np.uint16
    np.testing.assert_array_equal(lazy[index].compute(scheduler="synchronous"), pixels()[index])


def test_nothing_is_read_before_it_is_computed_and_then_only_its_chunks() -> None:
    source = Watched((10_000, 20_000, 30_000))
    lazy = to_dask(Volume(source))
    lazy[5000].mean()
    assert not source.boxes
    depth, height, width = chunks_for(source)
    assert source.piece_shape[0] <= depth < 100
    assert depth * height * width < 2**24
    small = Watched()
    to_dask(Volume(small))[1, 3, 4].compute(scheduler="synchronous")
    assert all(box.start[0] <= 1 < box.stop[0] for box in small.boxes)


@pytest.mark.parametrize("piece", [(1, 40, 50), (2, 16, 16), (64, 64, 64)])
def test_chunks_are_whole_pieces_or_the_volume(piece: tuple[int, int, int]) -> None:
    shape = (300, 3000, 2000)
    source = Watched(shape, piece)
    for chunk, edge, length in zip(chunks_for(source), piece, shape, strict=True):
        assert chunk == length or chunk % edge == 0


def test_a_part_of_a_volume_is_that_part() -> None:
    part = Volume(Watched()).crop(Box((1, 5, 6), (4, 30, 31)))
    np.testing.assert_array_equal(to_dask(part).compute(scheduler="synchronous"), pixels()[1:4, 5:30, 6:31])
