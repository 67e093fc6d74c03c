"""Voxels of a prepared volume are what raw slices show, moved and placed; parts of it are the same as the whole."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.core import ArraySource, Box
from keramos.preparation import (
    REMEDIES,
    Preparation,
    PreparedSource,
    RawStack,
    SliceShifts,
    SliceTransforms,
    common_window,
    place_on_grid,
)

Y, X = np.mgrid[:40, :52].astype(np.float64)
SHIFTS = np.array([(0.0, 0.0), (1.5, -2.25), (-1.0, 0.75), (-0.5, 1.5)])
POSITIONS = np.array([0.0, 20.0, 46.0, 60.0])


def scene(z_nm: float, dy: float = 0.0, dx: float = 0.0) -> np.ndarray:
    """A smooth specimen, linear along z, whose picture shows at (y, x) what lies at (y + dy, x + dx)."""
    return 120 + z_nm + 30 * np.sin((Y + dy) / 4) + 25 * np.cos((X + dx) / 5)


def prepare(**remedies: object) -> tuple[ArraySource, Preparation]:
    """Four slices of which number 2 is blank, so that its neighbours have numbers 0, 1, 3 and 4."""
    slices = [scene(z, *shift) for z, shift in zip(POSITIONS, SHIFTS, strict=True)]
    raw = np.stack([*slices[:2], np.zeros_like(slices[0]), *slices[2:]]).astype(np.float32)
    shifts = SliceShifts(SHIFTS, np.zeros_like(SHIFTS))
    field = Box((0, 0, 0), (5, 40, 52))
    grid = place_on_grid(POSITIONS, 20.0)
    window = common_window(SHIFTS, 40, 52)
    return ArraySource(raw), Preparation(field, (0, 1, 3, 4), (2,), (), POSITIONS, shifts, grid, remedies, window)


def test_the_volume_is_the_specimen_on_an_even_grid() -> None:
    raw, preparation = prepare()
    source = PreparedSource(raw, preparation)
    voxels = source.read(Box.whole(source.shape))
    rows, columns = preparation.window
    assert source.shape == (4, rows.stop - rows.start, columns.stop - columns.start) == (4, 37, 47)
    for z in range(4):
        right = scene(20.0 * z)[rows, columns]
        assert np.abs(voxels[z] - right)[5:-5, 5:-5].max() < 0.5


def test_parts_are_as_the_whole_with_remedies() -> None:
    observers = {name: REMEDIES.find(name).observe(RawStack((5, 40, 52))) for name in REMEDIES}
    raw, _ = prepare()
    for z in (0, 1, 3, 4):
        for observer in observers.values():
            observer.add(z, raw.array[z] * (1 + 0.1 * z))
    raw, preparation = prepare(**{name: observer.finish() for name, observer in observers.items()})
    source = PreparedSource(raw, preparation)
    whole = source.read(Box.whole(source.shape))
    for box in (Box((1, 0, 0), (2, 37, 47)), Box((2, 3, 9), (4, 20, 47)), Box((0, 36, 0), (1, 37, 1))):
        assert source.read(box) == pytest.approx(whole[box.slices], abs=1e-3)


def test_integers_are_rounded_and_clipped() -> None:
    raw, preparation = prepare()
    bright = ArraySource(np.clip(raw.array * 1.35, 0, 255).astype(np.uint8))
    voxels = PreparedSource(bright, preparation).read(Box((0, 0, 0), (4, 37, 47)))
    assert voxels.dtype == np.uint8
    assert voxels.max() == 255


def test_pixels_that_go_forth_come_back_however_the_shift_is_rounded() -> None:
    shifts = np.array([[0.5, -1.5], [1.5, 2.49], [-0.5, 0.51], [2.0, -0.5]])
    transforms = SliceTransforms(
        (4, 40, 50),
        (4, 33, 41),
        np.arange(4),
        np.arange(4.0),
        (3, 5),
        shifts,
        frozenset(),
    )
    for z, shift in enumerate(shifts):
        (back, *raw), (forth, *volume) = transforms.origin_of(z), transforms.place_of(z)
        assert (back, forth) == (z, z)
        for axis, (there, here) in enumerate(zip(raw, volume, strict=True)):
            assert np.array_equal(here[there], np.arange(len(there)))
            assert np.abs(there - (np.arange(len(there)) + (3, 5)[axis] - shift[axis])).max() <= 0.5
