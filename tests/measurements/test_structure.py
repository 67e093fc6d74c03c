"""The microstructure in one cheap pass is that of the measurements, whatever the blocks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from shapes import FLAT, codes_of

from keramos.core import Box, triple
from keramos.measurements import BlockView, count_structure, finish_structure, quantify_volume
from keramos.measurements.structure import AFTER, LAGS
from keramos.settings.quantify import MeasurementOptions

CODES = [0, 1, 2]


@pytest.fixture(scope="module")
def codes() -> np.ndarray:
    noise = gaussian_filter(np.random.default_rng(3).random((22, 40, 45)), 1.2)
    return np.digitize(noise, np.quantile(noise, [0.3, 0.7])).astype(np.uint8)


def measure(codes: np.ndarray, edge: tuple[int, int, int]) -> list:
    total = None
    starts = [range(0, n, e) for n, e in zip(codes.shape, edge, strict=True)]
    for start in ((z, y, x) for z in starts[0] for y in starts[1] for x in starts[2]):
        core = Box(start, triple([a + e for a, e in zip(start, edge, strict=True)])).clip(Box.whole(codes.shape))
        stop = triple([b + n for b, n in zip(core.stop, AFTER, strict=True)])
        read = Box(core.start, stop).clip(Box.whole(codes.shape))
        part = count_structure(BlockView(codes[read.slices], read, core, triple(codes.shape)), CODES, CODES)
        total = part if total is None else total + part
    return finish_structure(total, CODES, FLAT)


@pytest.mark.parametrize("edge", [(22, 40, 45), (9, 16, 20)])
def test_it_is_what_the_measurements_find(codes: np.ndarray, edge: tuple[int, int, int]) -> None:
    volume = codes_of(codes, FLAT)
    wanted = quantify_volume(volume, MeasurementOptions(transport=False))
    for name, structure in zip(volume.phases.names, measure(codes, edge), strict=True):
        assert len(structure.values) == 10
        for (id, axis), value in structure.values.items():
            assert value == pytest.approx(wanted.find(id, name, axis).value), id
    curve = next(c for c in wanted.curves if (c.id, c.phase, c.axis) == ("two-point-correlation", "carbon", "x"))
    lags = np.rint(np.array(curve.columns["distance"]) / FLAT.x_nm).astype(int).tolist()
    for lag in (0, 1, 4, 12):
        found = measure(codes, edge)[1].s2[2, LAGS.index(lag)]
        assert found == pytest.approx(curve.columns["probability"][lags.index(lag)])


def test_what_is_not_annotated_counts_for_nothing(codes: np.ndarray) -> None:
    masked = codes.copy()
    masked[:, :, 30:] = 255
    half, alone = measure(masked, (9, 16, 20)), measure(codes[:, :, :30], (9, 16, 20))
    for one, other in zip(half, alone, strict=True):
        found = {key: value for key, value in one.values.items() if key != ("percolating-fraction", "x")}
        assert found == pytest.approx({key: other.values[key] for key in found})
    assert half[0].s2_distance(half[0]) == 0
    variance = alone[1].s2[0, 0] * (1 - alone[1].s2[0, 0])
    known = np.isfinite(alone[1].s2) & np.isfinite(alone[0].s2)
    rms = np.sqrt(((alone[0].s2 - alone[1].s2)[known] ** 2).mean())
    assert alone[0].s2_distance(alone[1]) == pytest.approx(rms / variance)


def test_a_cube_of_three_is_resolved_and_what_lacks_a_voxel_is_not() -> None:
    codes = np.zeros((12, 12, 12), np.uint8)
    codes[1:4, 1:4, 1:4] = codes[6:9, 6:9, 6:9] = 1
    codes[6, 6, 6] = 0
    codes[1, 8, 8] = 2
    volume = codes_of(codes, FLAT)
    names = volume.phases.names
    found = quantify_volume(volume, MeasurementOptions(transport=False))
    assert [found.find("resolved-components", name).value for name in names] == [1, 1, 0]
    assert [found.find("components", name).value for name in names] == [1, 2, 1]
    assert [one.values["resolved-components", ""] for one in measure(codes, (12, 12, 12))] == [1, 1, 0]
    slices = quantify_volume(codes_of(codes[1:3], FLAT), MeasurementOptions(transport=False))
    assert not [row for row in slices.quantities if row.id == "resolved-components"]
