"""What a phase is connected to: a body of known pieces, and scipy on random ones."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage
from shapes import CUBIC, FLAT, codes_of, volume_of

from keramos.measurements import quantify_volume, quantify_with
from keramos.settings.quantify import MeasurementOptions

SHARES = ("percolating-fraction", "isolated-fraction", "unknown-fraction")


def test_pieces_of_known_voxels_are_told_apart() -> None:
    solid = np.zeros((10, 10, 10), bool)
    solid[:, 1, 1] = True  # 10 voxels, from end to end of z
    solid[:5, 4, 4] = True  # 5 voxels, from where z starts
    solid[3:5, 6:8, 0] = True  # 4 voxels, at the face where x starts
    solid[7, 7, 7] = True  # 1 voxel, closed in
    found = quantify_with(["components"], volume_of(solid, CUBIC), MeasurementOptions())
    z = {id: found.find(id, "solid", "" if id == "isolated-fraction" else "z").value for id in SHARES}
    assert z == {"percolating-fraction": 0.5, "isolated-fraction": 0.05, "unknown-fraction": 0.45}
    assert found.find("unknown-fraction", "solid", "x").value == 0.95
    faces = {
        (end, axis): found.find(f"accessible-from-{end}-face", "solid", axis).value
        for end in ("first", "last")
        for axis in "zyx"
    }
    assert faces == {
        **{("first", "z"): 0.75, ("last", "z"): 0.5, ("first", "x"): 0.2},
        **{("last", "x"): 0, ("first", "y"): 0, ("last", "y"): 0},
    }


@pytest.mark.parametrize("memory", [2**31, 40 * 3 * 500])
def test_shares_are_those_of_scipy_in_the_largest_annotated_box(memory: int) -> None:
    codes = np.random.default_rng(3).integers(0, 3, (14, 15, 16)).astype(np.uint8)
    padded = np.pad(codes, ((0, 2), (0, 0), (0, 0)), constant_values=255)
    padded[14, :3] = 1
    found = quantify_with(["components"], codes_of(padded, FLAT), MeasurementOptions(connectivity=18, memory=memory))
    for code, phase in enumerate(("pore", "carbon", "binder")):
        labels, _ = ndimage.label(codes == code, ndimage.generate_binary_structure(3, 2))
        sizes = np.bincount(labels.ravel())
        ends = {(axis, end): set(labels.take(end, axis).ravel()) - {0} for axis in range(3) for end in (0, -1)}
        inside = set(range(1, len(sizes))) - set().union(*ends.values())
        isolated = found.find("isolated-fraction", phase)
        assert isolated.domain == "largest annotated box 0:14,0:15,0:16"
        assert isolated.value == pytest.approx(sum(sizes[list(inside)]) / sizes[1:].sum())
        for axis, name in enumerate("zyx"):
            for end, word in ((0, "first"), (-1, "last")):
                share = sum(sizes[list(ends[axis, end])]) / sizes[1:].sum()
                assert found.find(f"accessible-from-{word}-face", phase, name).value == pytest.approx(share)
            total = sum(found.find(id, phase, "" if id == "isolated-fraction" else name).value for id in SHARES)
            assert total == pytest.approx(1)


def test_along_an_axis_of_one_voxel_nothing_is_said() -> None:
    solid = np.random.default_rng(5).random((1, 20, 20)) < 0.5
    found = quantify_with(["components"], volume_of(solid, CUBIC), MeasurementOptions())
    along = [row for row in found.quantities if row.id in ("percolating-fraction", "accessible-from-first-face")]
    assert {row.axis for row in along} == {"y", "x"}
    codes = np.random.default_rng(5).integers(0, 2, (12, 12, 12)).astype(np.uint8)
    codes[:, 1::2] = 255  # the largest annotated box is a plane of them
    boxed = quantify_with(["components"], codes_of(codes, CUBIC), MeasurementOptions())
    along = [row for row in boxed.quantities if row.id in ("percolating-fraction", "accessible-from-first-face")]
    assert {row.axis for row in along} == {"z", "x"}


def test_a_single_slice_says_what_it_does_not_have() -> None:
    solid = np.random.default_rng(5).random((1, 20, 20)) < 0.5
    options = MeasurementOptions(thickness=True, paths=True, permeability=True)
    notes = quantify_volume(volume_of(solid, CUBIC), options).notes
    assert "no sizes, shortest paths, permeability: they take more than a single slice" in notes
    assert not any("single slice" in note for note in quantify_volume(volume_of(solid, CUBIC)).notes)
