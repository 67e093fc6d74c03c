"""The law of measurements: split and merged, in whatever blocks, gives what the whole volume gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from keramos.quantify import Measurements
from keramos.quantify.local import measure_locally
from keramos.quantify.measurement import Domain
from keramos.quantify.run import measurements_of
from keramos.quantify.settings import QuantifySettings
from keramos.tiling import Plan
from keramos.volume import LabelVolume, PhaseTable, VoxelSize, triple

THREE = PhaseTable.named(["pore", "carbon", "binder"])


def measured(labels: LabelVolume, core: tuple[int, int, int], connectivity: int, workers: int = 1) -> Measurements:
    domain = Domain(labels.shape, labels.require_voxel_size(), labels.phases, tuple(range(len(labels.phases))))
    measurements = measurements_of(domain, QuantifySettings(connectivity=connectivity))
    return measure_locally(labels, measurements, Plan(labels.shape, core), workers=workers)


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
    rng = np.random.default_rng(seed)
    codes = np.digitize(ndimage.gaussian_filter(rng.random(shape), smooth), [0.4, 0.6]).astype(np.uint8)
    if unknown:
        codes[rng.random(shape) < 0.1] = 255
    labels = LabelVolume.from_array(codes, THREE, VoxelSize(20, 26.4, 20.8))
    whole = measured(labels, triple(shape), connectivity)
    assert measured(labels, core, connectivity, workers=2) == whole


def test_contacts_at_the_corner_of_eight_blocks_are_seen() -> None:
    codes = np.zeros((8, 8, 8), np.uint8)
    codes[:4, :4, :4] = 1
    codes[4:, 4:, 4:] = 1
    codes[:4, 4:, 4:] = 1  # meets the first along an edge in y and x, the second at a face
    labels = LabelVolume.from_array(codes, PhaseTable.named(["void", "solid"]), VoxelSize(10, 10, 10))
    for connectivity, components in ((6, 2), (18, 1), (26, 1)):
        assert measured(labels, (4, 4, 4), connectivity).find("components", "solid").value == components
    codes[:4, 4:, 4:] = 0
    for connectivity, components in ((6, 2), (18, 2), (26, 1)):
        assert measured(labels, (4, 4, 4), connectivity).find("components", "solid").value == components
