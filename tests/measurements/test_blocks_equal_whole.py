"""The law of measurements: split and merged, in whatever blocks, gives what the whole volume gives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from keramos.blocks import FoldCheckpoint, Plan
from keramos.core import Box, LabelVolume, PhaseTable, SourceView, VoxelSize, triple
from keramos.measurements import MEASUREMENTS, BlockMeasurement, Measurements
from keramos.measurements.block_pass import measure_in_blocks
from keramos.measurements.volume import find_measured_volume
from keramos.settings.quantify import MeasurementOptions

_MOST_BLOCKS = 64
"""Of one plan: thousands take most of the time, and try nothing that fewer of them do not."""
THREE = PhaseTable.from_names(["pore", "carbon", "binder"])


def bodies_of(labels: LabelVolume, settings: MeasurementOptions) -> tuple[LabelVolume, list[BlockMeasurement]]:
    """The measured part of labels, and every measurement in blocks that applies to it."""
    volume = find_measured_volume(labels, settings)
    members = [member for member in MEASUREMENTS.values() if member.applies(volume)]
    return volume.labels, [member.in_blocks(volume) for member in members if member.in_blocks is not None]


def measured(labels: LabelVolume, core: tuple[int, int, int], connectivity: int, threads: int = 1) -> Measurements:
    part, bodies = bodies_of(labels, MeasurementOptions(connectivity=connectivity))
    return measure_in_blocks(part, bodies, Plan(part.shape, core), threads=threads)


@settings(max_examples=60, deadline=None)
@given(
    shape=st.tuples(*[st.integers(1, 14)] * 3),
    core=st.tuples(*[st.integers(1, 9)] * 3),
    connectivity=st.sampled_from([6, 18, 26]),
    smooth=st.floats(0, 1.5),
    seed=st.integers(0, 2**32 - 1),
    unknown=st.booleans(),
)
def test_any_plan_gives_the_same(
    shape: tuple[int, int, int], core: tuple[int, int, int], connectivity: int, smooth: float, seed: int, unknown: bool
) -> None:
    assume(len(Plan(shape, core)) <= _MOST_BLOCKS)
    rng = np.random.default_rng(seed)
    codes = np.digitize(ndimage.gaussian_filter(rng.random(shape), smooth), [0.4, 0.6]).astype(np.uint8)
    if unknown:
        codes.reshape(-1)[1:][rng.random(codes.size - 1) < 0.1] = 255  # labels without any phase are refused
    labels = LabelVolume.from_array(codes, THREE, VoxelSize(20, 26.4, 20.8))
    whole = measured(labels, triple(shape), connectivity)
    assert measured(labels, core, connectivity, threads=2) == whole


def test_contacts_at_the_corner_of_eight_blocks_are_seen() -> None:
    codes = np.zeros((8, 8, 8), np.uint8)
    codes[:4, :4, :4] = 1
    codes[4:, 4:, 4:] = 1
    codes[:4, 4:, 4:] = 1  # meets the first along an edge in y and x, the second at a face
    labels = LabelVolume.from_array(codes, PhaseTable.from_names(["void", "solid"]), VoxelSize(10, 10, 10))
    for connectivity, components in ((6, 2), (18, 1), (26, 1)):
        assert measured(labels, (4, 4, 4), connectivity).find("components", "solid").value == components
    codes[:4, 4:, 4:] = 0
    for connectivity, components in ((6, 2), (18, 2), (26, 1)):
        assert measured(labels, (4, 4, 4), connectivity).find("components", "solid").value == components


@dataclass(frozen=True, eq=False)
class Breaks(SourceView):
    """Cannot be read beyond so many slices: whatever blocks share, the last one has to be read."""

    slices: int

    def read(self, box: Box) -> NDArray[np.uint8]:
        if box.stop[0] > self.slices:
            raise KeyboardInterrupt
        return self.source.read(box)


def test_a_killed_pass_gives_the_same_when_it_goes_on(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    codes = np.digitize(ndimage.gaussian_filter(rng.random((24, 20, 20)), 1), [0.45, 0.55]).astype(np.uint8)
    labels = LabelVolume.from_array(codes, THREE, VoxelSize(20, 26.4, 20.8))
    (_, bodies), plan = bodies_of(labels, MeasurementOptions()), Plan(labels.shape, (4, 10, 20))
    broken = replace(labels, source=Breaks(labels.source, 23))
    with pytest.raises(KeyboardInterrupt):
        measure_in_blocks(broken, bodies, plan, threads=2, checkpoint=FoldCheckpoint(tmp_path / "kept", {}, every_s=0))
    taken = FoldCheckpoint(tmp_path / "kept", {}, every_s=0)
    assert (taken.load(plan) or (0,))[0] >= 4
    assert measure_in_blocks(labels, bodies, plan, checkpoint=taken) == measure_in_blocks(labels, bodies, plan)
