"""Truths about viscous flow: slits, pipes and lattices of balls of known permeability, and laws. Lengths in nm."""

from __future__ import annotations

from itertools import permutations
from math import pi

import numpy as np
import pytest
from shapes import CUBIC, FLAT, Mask, boolean_balls, centres, codes_of, volume_of

from keramos.core import VoxelSize
from keramos.measurements import Measurements, permeability, quantify_volume, several_subvolumes
from keramos.measurements.flow.stokes import StokesFlow
from keramos.settings.quantify import MeasurementOptions

BOTH = pytest.mark.parametrize("size", [CUBIC, FLAT], ids=["cubic", "flat"])


def measure(void: Mask, size: VoxelSize) -> Measurements:
    settings = MeasurementOptions(permeability=True, transport=False, phase=("void",), memory=2**28)
    return quantify_volume(volume_of(~void, size), settings)


def value(results: Measurements, axis: str) -> float:
    return results.find("permeability", "void", axis).value


@BOTH
@pytest.mark.parametrize("count", [4, 8])
def test_a_slit_has_the_square_of_its_width_over_twelve(size: VoxelSize, count: int) -> None:
    """And 2 / n^2 more."""
    void = np.zeros((6, count + 4, 7), bool)
    void[:, 2:-2] = True
    results = measure(void, size)
    truth = (count * size.y_nm) ** 2 / 12 * count / (count + 4)
    for axis in "zx":
        assert value(results, axis) == pytest.approx(truth * (1 + 2 / count**2), rel=1e-3)
    assert value(results, "y") == 0
    assert "no permeability of void along y: it does not reach both ends through faces of voxels" in results.notes


@BOTH
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_pipe_has_the_square_of_its_radius_over_eight(size: VoxelSize, axis: int) -> None:
    radius = 10 * max(size.zyx)
    turned = VoxelSize.of(np.roll(size.zyx, -axis).tolist())
    shape = (8, *(int(2.3 * radius / d) for d in turned.zyx[1:]))
    _, y, x = centres(shape, turned)  # type: ignore[arg-type]
    void = np.repeat(np.asarray(y**2 + x**2 <= radius**2), 8, axis=0)
    share = float(void.mean())
    results = measure(np.ascontiguousarray(void.transpose(np.roll((0, 1, 2), axis))), size)
    assert value(results, "zyx"[axis]) == pytest.approx(radius**2 / 8 * share, rel=0.03)


@pytest.mark.parametrize(("share", "drag"), [(0.125, 4.292), (0.343, 15.4)])
def test_a_lattice_of_balls_has_the_drag_of_sangani_and_acrivos(share: float, drag: float) -> None:
    """Simple cubic: k = L^3 / (6 pi a K) (Int. J. Multiphase Flow 8, 343, 1982); balls of 7 and 10 voxels' radius."""
    edge = 24 * 10.0
    radius = (3 * share / (4 * pi)) ** (1 / 3) * edge
    z, y, x = centres((24, 24, 24), CUBIC)
    results = measure(np.asarray(z**2 + y**2 + x**2 > radius**2), CUBIC)
    truth = edge**3 / (6 * pi * radius * drag)
    assert value(results, "z") == pytest.approx(truth, rel=0.06)
    assert value(results, "z") == pytest.approx(value(results, "x"), rel=1e-3)


def test_pipes_in_a_row_resist_as_the_sum_of_both() -> None:
    """A wide slit, then a narrow one: with sudden walls the narrow one resists a little more than alone."""
    void = np.zeros((60, 24, 2), bool)
    void[:30, 2:22] = True
    void[30:, 9:15] = True
    truth = 60 / (30 / 20**3 + 30 / 6**3) / 12 / 24 * 100
    assert 0.85 * truth < value(measure(void, CUBIC), "z") < 1.07 * truth


def test_dead_ends_hardly_matter() -> None:
    void = np.zeros((20, 16, 12), bool)
    void[:, 4:10, 3:9] = True
    blind = void.copy()
    blind[8:12, 10:16, 3:9] = True
    assert value(measure(blind, CUBIC), "z") == pytest.approx(value(measure(void, CUBIC), "z"), rel=0.12)
    assert value(measure(blind, CUBIC), "z") > value(measure(void, CUBIC), "z")


def test_it_turns_with_the_volume_and_scales_with_the_square_of_its_unit() -> None:
    void = ~boolean_balls((14, 12, 16), FLAT, 80, 0.35, np.random.default_rng(1))
    here = measure(void, FLAT)
    values = {axis: value(here, axis) for axis in "zyx"}
    assert min(values.values()) > 0
    for axes in list(permutations(range(3)))[1::2]:
        turned = measure(np.ascontiguousarray(void.transpose(axes)), VoxelSize.of([FLAT.zyx[a] for a in axes]))
        for axis, name in enumerate("zyx"):
            assert value(turned, name) == pytest.approx(values["zyx"[axes[axis]]], rel=1e-3)
    for axis, name in enumerate("zyx"):
        flipped = measure(np.ascontiguousarray(np.flip(void, axis)), FLAT)
        assert value(flipped, name) == pytest.approx(values[name], rel=1e-3)
    large = measure(void, VoxelSize(*(3 * d for d in FLAT.zyx)))
    assert [value(large, axis) / values[axis] for axis in "zyx"] == pytest.approx([9] * 3, rel=1e-9)


def test_unannotated_voxels_around_a_body_change_nothing() -> None:
    void = ~boolean_balls((12, 12, 12), CUBIC, 40, 0.35, np.random.default_rng(3))
    codes = np.pad((~void).astype(np.uint8), 5, constant_values=255)
    settings = MeasurementOptions(permeability=True, transport=False, phase=("void",))
    padded = quantify_volume(codes_of(codes, CUBIC, "void solid"), settings)
    for axis in "zyx":
        assert value(padded, axis) == value(measure(void, CUBIC), axis)


def test_a_volume_that_does_not_fit_into_the_memory_is_solved_in_its_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permeability, "_BYTES_PER_VOXEL", 500_000)
    void = np.ones((20, 20, 20), bool)
    void[:, ::2] = False
    results = measure(void, CUBIC)
    (finding,) = (finding for finding in results.findings if finding.kind == "smaller-domain")
    assert "voxels fit into the memory" in finding.text
    assert results.find("permeability", "void", "z").domain.startswith("box ")
    # A slit that the box begins with is as wide as its mirror image and itself.
    assert value(results, "z") == pytest.approx(100 / 12 * 3 / 2, rel=0.25)


def test_subvolumes_that_do_not_fit_into_the_memory_are_solved_in_boxes_of_one_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Slits that are open in every second layer at one end of the volume and in every fourth at the other: the first
    take twice the memory."""
    monkeypatch.setattr(permeability, "_BYTES_PER_VOXEL", 500_000)
    void = np.zeros((16, 16, 40), bool)
    void[:, ::2, :20] = True
    void[:, ::4, 20:] = True
    shapes: list[tuple[int, ...]] = []

    def solve(mask: Mask, *_: object, **__: object) -> StokesFlow:
        shapes.append(tuple(sorted(mask.shape)))
        return StokesFlow(1.0, 0.0, 1)

    monkeypatch.setattr(permeability, "solve_stokes", solve)
    monkeypatch.setattr(several_subvolumes, "_LEAST", 2)
    settings = MeasurementOptions(
        permeability=True, transport=False, phase=("void",), memory=2**28, domain=16, subvolumes=2
    )
    found = quantify_volume(volume_of(~void, CUBIC), settings)
    assert len(shapes) == 6
    assert len(set(shapes)) == 1
    assert np.prod(shapes[0]) <= 2**28 / 500_000 / 0.5 < 16**3
    assert len([finding for finding in found.findings if finding.kind == "smaller-domain"]) == 1


def test_the_estimate_of_kozeny_and_carman_is_its_formula() -> None:
    void = ~boolean_balls((24, 24, 24), CUBIC, 45, 0.4, np.random.default_rng(0))
    results = measure(void, CUBIC)
    surface = results.find("specific-surface-area", "void").value / 1e3
    estimate = results.find("kozeny-carman-permeability", "void").value
    assert estimate == pytest.approx(float(void.mean()) ** 3 / (5 * surface**2), rel=1e-6)
    assert 0.3 < estimate / np.mean([value(results, axis) for axis in "zyx"]) < 3


def test_a_slice_has_none() -> None:
    assert not any("permeability" in row.id for row in measure(np.ones((1, 9, 9), bool), CUBIC).quantities)


def test_what_no_wall_holds_has_no_permeability() -> None:
    results = measure(np.ones((8, 8, 8), bool), CUBIC)
    assert not any(row.id == "permeability" and row.phase == "void" for row in results.quantities)
    assert "no permeability of void along z: no wall holds it" in results.notes
