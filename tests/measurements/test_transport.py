"""The solver against exact answers, and against a direct solution assembled another way."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse import lil_array
from scipy.sparse.linalg import spsolve
from shapes import CUBIC, FLAT, SIZES

from keramos.core import VOID_SOLID, LabelVolume, VoxelSize
from keramos.core.errors import ConvergenceError, SettingsError
from keramos.core.options import list_options
from keramos.measurements import quantify_volume, transport
from keramos.measurements.tortuosity import merge_voxels
from keramos.settings.quantify import MeasurementOptions


def direct(codes: NDArray[np.uint8], values: dict[int, float], axis: int, size: VoxelSize) -> float:
    """Effective conductivity by a loop over faces and a direct solver."""
    k = np.vectorize(lambda code: values.get(int(code), 0.0))(codes).astype(float)
    conducts = k > 0
    labels, _ = ndimage.label(conducts)
    ends = [set(np.unique(np.take(labels, end, axis))) - {0} for end in (0, -1)]
    k[~np.isin(labels, list(ends[0] & ends[1]))] = 0
    number = -np.ones(k.shape, int)
    number[k > 0] = np.arange(np.count_nonzero(k))
    unknowns = np.count_nonzero(k)
    matrix, source = lil_array((unknowns, unknowns)), np.zeros(unknowns)
    area = [size.volume_nm3 / step for step in size.zyx]
    first = []
    for at in zip(*np.nonzero(k), strict=True):
        for way in range(3):
            there = tuple(n + (other == way) for other, n in enumerate(at))
            if there[way] < k.shape[way] and k[there] > 0:
                resistance = size.zyx[way] / 2 / k[at] + size.zyx[way] / 2 / k[there]
                g = area[way] / resistance
                i, j = number[at], number[there]
                matrix[i, i] += g
                matrix[j, j] += g
                matrix[i, j] -= g
                matrix[j, i] -= g
        end = area[axis] * k[at] / (size.zyx[axis] / 2)
        if at[axis] == 0:
            matrix[number[at], number[at]] += end
            source[number[at]] += end
            first.append((number[at], end))
        if at[axis] == k.shape[axis] - 1:
            matrix[number[at], number[at]] += end
    x = spsolve(matrix.tocsc(), source)
    flux = sum(end * (1 - x[i]) for i, end in first)
    length = k.shape[axis] * size.zyx[axis]
    section = np.prod(k.shape) * size.volume_nm3 / length
    return float(flux * length / section)


@pytest.mark.parametrize("size", SIZES, ids=["cubic", "flat"])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_porous_body_is_solved_as_directly(size: VoxelSize, axis: int) -> None:
    noise = ndimage.gaussian_filter(np.random.default_rng(axis).random((15, 12, 17)), 1.2)
    codes = (noise > np.quantile(noise, 0.45)).astype(np.uint8)
    found = transport(codes, {1: 1.0}, axis, size)
    assert found.effective == pytest.approx(direct(codes, {1: 1.0}, axis, size), rel=1e-6)
    assert found.effective > 0


@pytest.mark.parametrize("size", SIZES, ids=["cubic", "flat"])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_several_conducting_phases_are_solved_as_directly(size: VoxelSize, axis: int) -> None:
    noise = ndimage.gaussian_filter(np.random.default_rng(9 + axis).random((12, 14, 13)), 1.0)
    codes = np.digitize(noise, np.quantile(noise, [0.3, 0.7])).astype(np.uint8)
    values = {0: 1.0, 1: 0.02, 2: 30.0}
    found = transport(codes, values, axis, size)
    assert found.effective == pytest.approx(direct(codes, values, axis, size), rel=1e-6)


EDGES = [(n, n, n) for n in (20.8, 3.3, 1, 5, 0.1, 1000, 7e-3)] + [
    (20 * n, 26.4 * n, 20.8 * n) for n in (1, 1e-3, 1000)
]


def test_no_unit_of_length_or_of_conductivity_changes_a_number() -> None:
    """In nm, um or anything else; nor does a factor that binary fractions cannot hold."""
    noise = ndimage.gaussian_filter(np.random.default_rng(2).random((24, 20, 16)), 1.2)
    codes = np.digitize(noise, np.quantile(noise, [0.4, 0.7])).astype(np.uint8)
    cubic, flat = (
        [
            transport(codes, {0: 3.0 * unit, 1: 0.7 * unit}, 0, VoxelSize(*edges)).effective / unit
            for edges, unit in zip(some, (1, 1e-9, 3e7, 0.1, 1e5, 7, 1e-4), strict=False)
        ]
        for some in (EDGES[:7], EDGES[7:])
    )
    assert cubic == pytest.approx([cubic[0]] * 7, rel=1e-9)
    assert flat == pytest.approx([flat[0]] * 3, rel=1e-9)
    assert flat[0] != pytest.approx(cubic[0], rel=1e-3)


@pytest.mark.parametrize("edge", [1.0, 20.8, 3.3])
def test_what_flows_in_flows_out_again(edge: float) -> None:
    """Through a long crooked channel: a matrix whose diagonal is rounded lost a few per mille on the way."""
    codes = np.zeros((201, 9, 3), np.uint8)
    codes[::2] = 1
    codes[1::4, 0] = codes[3::4, -1] = 1
    solved = transport(codes, {1: 1.0}, 0, VoxelSize(edge, 1.1 * edge, edge), tolerance=1e-8)
    assert solved.imbalance < 1e-5
    # Steps of half a voxel at the ends, 100 crossings of 8 faces along Y, 200 faces along Z.
    assert solved.effective == pytest.approx(direct(codes, {1: 1.0}, 0, VoxelSize(edge, 1.1 * edge, edge)), rel=1e-6)


def test_a_flow_that_is_not_solved_has_no_number_and_advice_that_can_be_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("keramos.measurements.flow.multigrid._MAX_ITERATIONS", 1)
    noise = ndimage.gaussian_filter(np.random.default_rng(2).random((30, 24, 20)), 1.2)
    labels = LabelVolume.from_array((noise > np.median(noise)).astype(np.uint8), VOID_SOLID, CUBIC)
    results = quantify_volume(labels, MeasurementOptions(conductivity={"void": 1.0, "solid": 2.0}))
    ids = {row.id for row in results.quantities}
    assert not ids & {"tortuosity-factor", "relative-diffusivity", "effective-conductivity"}
    unsolved = [finding for finding in results.findings if finding.kind == "not-converged"]
    assert len(unsolved) == 9
    options = {row.name for row in list_options(MeasurementOptions) if not row.about.internal}
    for finding in unsolved:
        assert "relative residual" in finding.message
        assert set(re.findall(r"--([a-z-]+)", finding.advice)) | {finding.advice.split()[-1]} <= options


def test_progress_is_of_the_work_that_is_left() -> None:
    noise = ndimage.gaussian_filter(np.random.default_rng(2).random((40, 24, 20)), 1.2)
    told: list[tuple[int, int]] = []
    transport((noise > 0.5).astype(np.uint8), {1: 1.0}, 0, CUBIC, progress=lambda *at: told.append(at))
    done = [at for at, total in told if total == 100]
    assert done == sorted(done)
    assert len(done) == len(told)
    assert (done[0], done[-1]) == (0, 100)
    assert 30 < done[len(done) // 2] < 70


@pytest.mark.parametrize("contrast", [1e6, 1e26])
def test_phases_that_hardly_conduct_give_the_right_number_or_none(contrast: float) -> None:
    """Single precision holds no product of two conductivities 10^26 times below the highest."""
    codes = np.zeros((12, 9, 8), np.uint8)
    codes[:, 4:], codes[6] = 1, 2
    values = {0: 3.0, 1: 7.0, 2: contrast}
    if contrast < 1e9:
        solved = transport(codes, values, 0, FLAT)
        assert solved.effective == pytest.approx(direct(codes, values, 0, FLAT), rel=1e-6)
    else:
        with pytest.raises(ConvergenceError, match="stopped at a relative residual"):
            transport(codes, values, 0, FLAT)


def test_layers_along_the_flow_conduct_by_their_mean_and_across_it_by_their_harmonic_mean() -> None:
    codes = np.zeros((24, 30, 36), np.uint8)
    codes[:, 10:] = 1
    values = {0: 1.0, 1: 7.0}
    along, across = (10 * 1 + 20 * 7) / 30, 30 / (10 / 1 + 20 / 7)
    assert transport(codes, values, 0, FLAT).effective == pytest.approx(along, rel=1e-4)
    assert transport(codes, values, 2, FLAT).effective == pytest.approx(along, rel=1e-4)
    assert transport(codes, values, 1, FLAT).effective == pytest.approx(across, rel=1e-4)


def test_a_straight_channel_has_the_tortuosity_factor_one_and_a_dead_end_none() -> None:
    codes = np.zeros((20, 16, 16), np.uint8)
    codes[:, 4:9, 5:12] = 1
    found = transport(codes, {1: 1.0}, 0, CUBIC)
    assert codes.mean() / found.effective == pytest.approx(1, rel=1e-4)
    codes[11] = 0
    nothing = transport(codes, {1: 1.0}, 0, CUBIC)
    assert (nothing.effective, nothing.iterations) == (0.0, 0)


@pytest.mark.parametrize("slope", [0.5, 1.0])
def test_a_slanted_plate_is_as_tortuous_as_its_slope(slope: float) -> None:
    """A thin plate at an angle to the flow is longer by 1 / cos and thinner by cos: tortuosity factor 1 + slope^2.

    Bias: the staircase of a plate 24 voxels thick is 3 % (slope 1/2) to 6 % (slope 1) too tortuous, and the ends, where
    flow cuts the corner, make it up to 6 % less so.
    """
    z, y = np.mgrid[0:160, 0:260]
    plate = np.abs(y - 30 - slope * z) < 12 * np.hypot(1, slope)
    codes = np.repeat(plate[:, :, None], 2, axis=2).astype(np.uint8)
    found = transport(codes, {1: 1.0}, 0, CUBIC)
    assert codes.mean() / found.effective == pytest.approx(1 + slope**2, rel=0.08)


def test_it_turns_with_the_volume() -> None:
    noise = ndimage.gaussian_filter(np.random.default_rng(3).random((20, 24, 28)), 1.5)
    codes = (noise > np.median(noise)).astype(np.uint8)
    here = transport(codes, {1: 1.0}, 1, FLAT).effective
    assert transport(codes[:, ::-1, ::-1].copy(), {1: 1.0}, 1, FLAT).effective == pytest.approx(here, rel=1e-4)
    turned = VoxelSize(FLAT.y_nm, FLAT.x_nm, FLAT.z_nm)
    assert transport(codes.transpose(1, 2, 0).copy(), {1: 1.0}, 0, turned).effective == pytest.approx(here, rel=1e-4)


def test_conductivities_that_make_no_sense_are_refused() -> None:
    codes = np.ones((4, 4, 4), np.uint8)
    for values in ({}, {1: 0.0}, {1: -1.0}, {1: float("nan")}):
        with pytest.raises(SettingsError, match="conductivities of at least 0"):
            transport(codes, values, 0, CUBIC)


@pytest.mark.parametrize("size", SIZES, ids=["cubic", "flat"])
def test_the_factor_is_told_at_double_voxels_too(size: VoxelSize) -> None:
    codes = np.zeros((32, 32, 33), np.uint8)
    codes[:, 4:12, 6:10] = 1  # a straight channel along Z: nothing depends on the voxels
    noise = ndimage.gaussian_filter(np.random.default_rng(0).random((48, 48, 48)), 3, mode="wrap")
    body = (noise > np.quantile(noise, 0.4)).astype(np.uint8)
    straight, crooked = (
        quantify_volume(LabelVolume.from_array(labels, VOID_SOLID, size), MeasurementOptions(phase=("solid",)))
        for labels in (codes, body)
    )
    for id in ("tortuosity-factor", "tortuosity-factor-at-double-voxels"):
        assert straight.find(id, "solid", "z").value == pytest.approx(1, rel=1e-4)
    with pytest.raises(KeyError):
        straight.find("tortuosity-factor-at-double-voxels", "solid", "x")
    fine, coarse = (crooked.find(f"tortuosity-factor{at}", "solid", "y").value for at in ("", "-at-double-voxels"))
    assert coarse == pytest.approx(fine, rel=0.1)
    assert coarse != pytest.approx(fine, rel=1e-3)


def test_merged_voxels_are_those_of_a_loop() -> None:
    mask = np.random.default_rng(0).random((5, 6, 7)) < 0.5
    for (z, y, x), found in np.ndenumerate(merge_voxels(mask)):
        assert found == (np.sum(mask[2 * z : 2 * z + 2, 2 * y : 2 * y + 2, 2 * x : 2 * x + 2]) >= 4)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_taufactor_finds_the_same(axis: int) -> None:
    taufactor = pytest.importorskip("taufactor", reason="a peer, too heavy to ask for: pip install taufactor")
    noise = ndimage.gaussian_filter(np.random.default_rng(3).random((40, 40, 40)), 2.5, mode="wrap")
    mask = noise > np.quantile(noise, 0.5)
    solver = taufactor.Solver(np.moveaxis(mask, axis, 0).astype(np.uint8), device="cpu")
    solver.solve(verbose=False, conv_crit=1e-3)
    ours = transport(mask.astype(np.uint8), {1: 1.0}, axis, CUBIC)
    assert mask.mean() / ours.effective == pytest.approx(float(np.ravel(solver.tau)[0]), rel=0.005)
