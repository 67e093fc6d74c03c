"""Truths about sizes, intrusion and constrictivity: bodies whose bulges and necks are known. Lengths in nm."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from scipy import ndimage
from shapes import CUBIC, FLAT, Mask, centres, codes_of

from keramos.core import VoxelSize
from keramos.measurements import Measurements, quantify_volume
from keramos.settings.quantify import MeasurementOptions

SIZES = MeasurementOptions(thickness=True, transport=False, phase=("void",))
UNEVEN = pytest.mark.parametrize("size", [VoxelSize(20, 20, 20), VoxelSize(40, 20, 20), VoxelSize(80, 20, 20)], ids=str)
BOTH = pytest.mark.parametrize("size", [CUBIC, FLAT], ids=["cubic", "flat"])


def measure(void: Mask, size: VoxelSize, settings: MeasurementOptions = SIZES) -> Measurements:
    return quantify_volume(codes_of((~void).astype(np.uint8), size, "void solid"), settings)


def value(results: Measurements, id: str, axis: str = "") -> float:
    return results.find(id, "void", axis).value


def has(results: Measurements, id: str, axis: str = "") -> bool:
    return any((row.id, row.axis) == (id, axis) for row in results.quantities)


def shape_of(nm: tuple[float, float, float], size: VoxelSize) -> tuple[int, int, int]:
    z, y, x = (int(length / edge) | 1 for length, edge in zip(nm, size.zyx, strict=True))
    return z, y, x


@BOTH
def test_a_gap_between_plates_has_its_half_width_along_both_of_its_axes(size: VoxelSize) -> None:
    gap = np.zeros((13, 12, 14), bool)
    gap[3:10] = True
    results = measure(gap, size)
    for id, axis in (("size-r50", ""), ("intrusion-r50", "y"), ("intrusion-r50-all-faces", "")):
        assert value(results, id, axis) == pytest.approx(3.5 * size.z_nm, rel=1e-5)
    for axis in "yx":
        assert value(results, "constrictivity", axis) == pytest.approx(1, rel=1e-6)
    assert not has(results, "constrictivity", "z"), "it does not reach the faces across z"
    assert any("no constrictivity of void along z: from its first face 0 %" in note for note in results.notes)


@BOTH
def test_parallel_tubes_are_covered_by_their_areas_and_entered_as_they_are_covered(size: VoxelSize) -> None:
    """Two tubes, 8 and 4 voxels in radius: the wide one holds four fifths."""
    wide, narrow = 8 * max(size.zyx), 4 * max(size.zyx)
    _, y, x = centres(shape_of((1, 2.4 * wide, 4.6 * wide), size), size)
    across = (y**2 + (x + 1.1 * wide) ** 2 <= wide**2) | (y**2 + (x - 1.1 * wide) ** 2 <= narrow**2)
    results = measure(np.repeat(across, 10, axis=0), size)
    half_voxel = max(size.zyx) / 2
    assert value(results, "size-r50") == pytest.approx(wide, abs=half_voxel)
    assert value(results, "intrusion-r50", "z") == pytest.approx(value(results, "size-r50"), rel=1e-6)
    assert value(results, "constrictivity", "z") == pytest.approx(1, rel=1e-6)
    (curve,) = (c for c in results.curves if (c.id, c.phase) == ("continuous-size-distribution", "void"))
    radius, covered = (np.array(curve.columns[name]) for name in ("radius", "covered"))
    middle = covered[radius > (wide + narrow) / 2][-1]
    assert middle == pytest.approx(wide**2 / (wide**2 + narrow**2), abs=0.02)
    (entered,) = (c for c in results.curves if (c.id, c.axis) == ("intrusion", "z"))
    np.testing.assert_allclose(entered.columns["intruded"], covered, rtol=1e-9)


@BOTH
def test_an_ink_bottle_fills_at_the_radius_of_its_neck(size: VoxelSize) -> None:
    """A ball behind a tube that is open at the first face of z alone."""
    bulge, neck = 8 * max(size.zyx), 3 * max(size.zyx)
    z, y, x = centres(shape_of((3.4 * bulge, 2.5 * bulge, 2.5 * bulge), size), size)
    across = y**2 + x**2
    void = ((z - 0.4 * bulge) ** 2 + across <= bulge**2) | ((across <= neck**2) & (z <= 0.4 * bulge))
    results = measure(np.asarray(void), size)
    half_voxel = max(size.zyx) / 2
    assert value(results, "size-r50") == pytest.approx(bulge, abs=half_voxel)
    for id, axis in (("intrusion-r50-first-face", "z"), ("intrusion-r50-all-faces", "")):
        assert value(results, id, axis) == pytest.approx(neck, abs=half_voxel)
    assert not has(results, "intrusion-r50-last-face", "z")
    assert not has(results, "constrictivity", "z")
    assert any("first face 100 %" in note and "last 0 %" in note for note in results.notes)


@BOTH
def test_a_row_of_balls_that_overlap_is_as_constricted_as_their_circles_of_contact(size: VoxelSize) -> None:
    radius = 8 * max(size.zyx)
    distance = 1.7 * radius
    z, y, x = centres(shape_of((2.4 * radius, 2.4 * radius, 3 * distance), size), size)
    row = np.asarray(z**2 + y**2 + ((x + distance / 2) % distance - distance / 2) ** 2 <= radius**2)
    results, neck = measure(row, size), sqrt(radius**2 - distance**2 / 4)
    assert value(results, "intrusion-r50", "x") == pytest.approx(neck, abs=max(size.zyx))
    assert value(results, "constrictivity", "x") == pytest.approx((neck / radius) ** 2, abs=0.11)
    assert value(results, "intrusion-r50-first-face", "x") == value(results, "intrusion-r50-last-face", "x")


def connected_to(face: int, axis: int, void: Mask, neighbours: int) -> float:
    """The share of a mask in pieces that reach its first (0) or last (-1) face across an axis."""
    labels, _ = ndimage.label(void, ndimage.generate_binary_structure(3, {6: 1, 26: 3}[neighbours]))
    at_face = np.setdiff1d(labels.take(face, axis=axis), [0])
    return float(np.isin(labels, at_face).sum() / void.sum())


def intruded(results: Measurements, axis: str) -> dict[str, list[float]]:
    (curve,) = (c for c in results.curves if (c.id, c.phase, c.axis) == ("intrusion", "void", axis))
    return dict(curve.columns)


@UNEVEN
def test_a_wall_of_one_voxel_keeps_balls_out_however_uneven_the_voxels_are(size: VoxelSize) -> None:
    """Channels that are open along z, and closed pores behind walls of one voxel."""
    void = np.zeros((16, 20, 60), bool)
    for x in range(2, 56, 9):
        void[:, 6:12, x : x + 2] = True
        void[3:13, 6:12, x + 3 : x + 8] = True
    results = measure(void, size)
    for face in ("first_face", "last_face"):
        assert intruded(results, "z")[face][-1] == pytest.approx(connected_to(0, 0, void, 26), rel=1e-9)
    assert not has(results, "intrusion-r50", "z"), "less than half of it is connected to a face"


@UNEVEN
def test_a_wall_of_one_voxel_sends_balls_round_through_the_door(size: VoxelSize) -> None:
    """A slit of two voxels that is open at the first face, and one like it behind each of its walls; the doors, of one
    voxel, are at the far end."""
    void = np.zeros((16, 20, 12), bool)
    void[:15, 4:16, 5:7] = True
    for slit, door in ((2, 4), (8, 7)):
        void[2:15, 4:16, slit : slit + 2] = True
        void[14, 9, door] = True
    entered = intruded(measure(void, size), "z")
    wider = np.array(entered["radius"]) > 15
    assert np.array(entered["first_face"])[wider][-1] == pytest.approx(15 * 12 * 2 / void.sum(), abs=0.01)
    assert entered["first_face"][-1] == pytest.approx(1)


@pytest.mark.parametrize("size", [CUBIC, VoxelSize(50, 10, 20), VoxelSize(10, 30, 90)], ids=str)
@pytest.mark.parametrize("fraction", [0.25, 0.4, 0.55])
def test_no_more_is_entered_than_is_connected_to_the_face(size: VoxelSize, fraction: float) -> None:
    noise = np.random.default_rng(round(100 * fraction)).standard_normal((18, 20, 22))
    smooth = ndimage.gaussian_filter(noise, 1.0)
    void = np.asarray(smooth < np.quantile(smooth, fraction))
    for neighbours in (6, 26):
        results = measure(void, size, replace(SIZES, connectivity=neighbours))
        for axis, name in enumerate("zyx"):
            for column, face in (("first_face", 0), ("last_face", -1)):
                most = connected_to(face, axis, void, neighbours)
                assert intruded(results, name)[column][-1] == pytest.approx(most, rel=1e-9)
                assert value(results, f"accessible-from-{column.replace('_', '-')}", name) == pytest.approx(most)


def test_halves_that_reach_one_face_each_make_no_r50_of_both() -> None:
    """Half of the phase is entered from the first face and the other half from the last, but nothing passes."""
    void = np.zeros((12, 9, 14), bool)
    void[:8, 2:7, 2:6] = void[4:, 2:7, 8:12] = True
    results = measure(void, CUBIC)
    for face in ("first", "last"):
        assert has(results, f"intrusion-r50-{face}-face", "z")
    for id in ("intrusion-r50", "constrictivity", "neck-diameter"):
        assert not has(results, id, "z")
    assert any("no constrictivity of void along z" in note and "reaches both" in note for note in results.notes)


def test_closed_pores_count_in_the_half_that_must_be_entered() -> None:
    """A tube through the volume beside a closed cavity of more volume: no r50 of intrusion; beside one of less: its."""
    for deep, told in ((20, False), (6, True)):
        void = np.zeros((24, 16, 30), bool)
        void[:, 5:11, 3:9] = True
        void[2 : 2 + deep, 4:12, 15:26] = True
        results = measure(void, CUBIC)
        assert has(results, "intrusion-r50", "z") is told
        assert has(results, "constrictivity", "z") is told
        if told:
            assert value(results, "intrusion-r50", "z") == pytest.approx(30, abs=5)


def test_a_phase_without_borders_and_an_absent_one_have_no_sizes_and_a_note() -> None:
    results = quantify_volume(
        codes_of(np.zeros((9, 9, 9), np.uint8), CUBIC, "void solid"),
        MeasurementOptions(thickness=True, transport=False),
    )
    assert not any("r50" in row.id for row in results.quantities)
    for phase, why in (("void", "is everywhere"), ("solid", "is absent")):
        assert any(note.startswith(f"no sizes of {phase}: it {why}") for note in results.notes)


def test_a_slice_has_no_sizes_of_a_volume() -> None:
    flat = np.zeros((1, 20, 20), bool)
    flat[:, 5:15] = True
    assert not any("r50" in row.id for row in measure(flat, CUBIC).quantities)
