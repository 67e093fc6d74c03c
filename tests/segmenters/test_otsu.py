"""Otsu's threshold: codes without scores are those of the scores, and each chunk of a stack is read once for it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import prod
from pathlib import Path

import numpy as np
import pytest
from skimage.filters import threshold_multiotsu, threshold_otsu

from keramos.blocks import Block
from keramos.core import Box, PhaseTable, Volume
from keramos.io import create_image, open_volume
from keramos.segmenters import decide, methods
from keramos.segmenters.methods.otsu import OTSU, Otsu

SHAPE = (5, 40, 30)
TYPES = ["uint8", "uint16", "int16", "float32"]


def grey_of(kind: str) -> np.ndarray:
    """Three levels of grey with noise; of numbers with a sign some are below zero."""
    rng = np.random.default_rng(0)
    grey = rng.choice([40, 110, 190], SHAPE) + rng.normal(0, 9, SHAPE) - (100 if kind in ("int16", "float32") else 0)
    return grey.astype(kind)


def three_phases(order: tuple[int, ...]) -> Otsu:
    return replace(OTSU, phases=PhaseTable.from_names("abc"), codes_by_grey=order)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(
    "otsu",
    [
        OTSU,
        replace(OTSU, codes_by_grey=(1, 0)),
        replace(OTSU, scope="stack"),
        three_phases((0, 1, 2)),
        three_phases((2, 0, 1)),
    ],
    ids=["two", "two, dark last", "of the stack", "three", "three in another order"],
)
def test_codes_are_those_of_the_highest_scores(kind: str, otsu: Otsu) -> None:
    grey = grey_of(kind)
    ready = otsu.fit_to(Volume.from_array(grey))
    block = Block(0, Box((1, 8, 0), (4, 40, 30)), Box((1, 0, 0), (5, 40, 30)))
    pixels = grey[block.read.slices]
    codes = ready.codes(pixels, block)
    assert codes.dtype == np.uint8
    assert np.array_equal(codes, decide(ready.scores(pixels, block)))
    assert set(np.unique(codes)) == set(range(len(otsu.phases)))


@pytest.mark.parametrize("kind", TYPES[:3])
def test_the_threshold_of_each_slice_is_that_of_its_pixels(kind: str) -> None:
    grey = grey_of(kind)
    two, three = (each.fit_to(Volume.from_array(grey)).thresholds for each in (OTSU, three_phases((0, 1, 2))))
    assert [row[0] for row in two] == [threshold_otsu(slice_) for slice_ in grey]
    for row, slice_ in zip(three, grey, strict=True):
        np.testing.assert_allclose(row, threshold_multiotsu(slice_, 3, nbins=int(np.ptp(slice_)) + 1), atol=1)


def test_large_slices_are_counted_as_small_ones_are() -> None:
    grey = np.random.default_rng(1).gamma(2.0, 30.0, (2, 400, 401 * 2)).clip(0, 255).astype(np.uint8)
    thresholds = OTSU.fit_to(Volume.from_array(grey)).thresholds
    assert [row[0] for row in thresholds] == [threshold_otsu(slice_) for slice_ in grey]


@pytest.mark.parametrize("kind", ["uint8", "float32"])
@pytest.mark.parametrize("chunks_at_once", [1, 3, 100])
def test_each_chunk_is_read_once(
    chunks_at_once: int, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grey, chunk = grey_of(kind), (2, 16, 8)
    writer = create_image(tmp_path / "v.ome.zarr", SHAPE, kind, voxel_size=None, chunks=chunk)
    writer.write(Box.whole(SHAPE), grey)
    writer.finish()
    decoded: list[tuple[int, ...]] = []
    sizes: list[int] = []
    read = Volume.read

    def note(self: Volume, box: Box) -> np.ndarray:
        ranges = [range(a // n, -(-b // n)) for a, b, n in zip(box.start, box.stop, chunk, strict=True)]
        decoded.extend(product(*ranges))
        sizes.append(prod(box.shape))
        return read(self, box)

    monkeypatch.setattr(Volume, "read", note)
    monkeypatch.setattr(methods.otsu, "_BYTES_AT_ONCE", chunks_at_once * prod(chunk) * grey.itemsize)
    thresholds = OTSU.fit_to(open_volume(tmp_path / "v.ome.zarr")).thresholds
    grid = list(product(range(3), range(3), range(4)))
    passes = 2 if kind == "float32" else 1  # its range is looked for first
    assert sorted(decoded) == sorted(passes * grid)
    assert max(sizes) <= chunks_at_once * prod(chunk)
    monkeypatch.undo()
    assert thresholds == OTSU.fit_to(Volume.from_array(grey)).thresholds
