"""Law: the blocks in which a volume is measured change no digit of what is measured in them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from keramos.blocks import Plan
from keramos.core import LabelVolume, PhaseTable, VoxelSize
from keramos.measurements import MEASUREMENTS
from keramos.measurements.block_pass import measure_in_blocks
from keramos.measurements.results import Measurements
from keramos.measurements.volume import MeasuredVolume
from keramos.settings.quantify import MeasurementOptions

SHAPE = (32, 48, 40)
SETTINGS = MeasurementOptions(fabric=True, heterogeneity=True, transport=False)


def measure(codes: NDArray[np.uint8], voxel_size: VoxelSize, core: tuple[int, int, int]) -> list[str]:
    """All rows and curves, with every digit."""
    labels = LabelVolume.from_array(codes, PhaseTable.from_names(["pore", "carbon", "binder"]), voxel_size)
    volume = MeasuredVolume.of_annotated(labels, SETTINGS)
    bodies = [
        member.in_blocks(volume)
        for member in MEASUREMENTS.values()
        if member.in_blocks is not None and member.applies(volume)
    ]
    found: Measurements = measure_in_blocks(labels, bodies, Plan(SHAPE, core))
    assert any(row.id == "fibre-angle" for row in found.quantities)
    return [*map(repr, found.quantities), *map(repr, found.curves)]


@pytest.mark.parametrize(
    ("seed", "edges"), [(0, (10.0, 13.2, 10.4)), (1, (0.3, 0.3, 0.3)), (2, (40.0, 10.0, 10.0)), (3, (7.0, 5.0, 900.0))]
)
def test_blocks_change_no_digit(seed: int, edges: tuple[float, float, float]) -> None:
    random = np.random.default_rng(seed).random(SHAPE)
    codes = np.digitize(ndimage.gaussian_filter(random, 1.5), [0.48, 0.52]).astype(np.uint8)
    whole = measure(codes, VoxelSize(*edges), SHAPE)
    for core in ((16, 32, 32), (5, 48, 40)):
        assert measure(codes, VoxelSize(*edges), core) == whole
