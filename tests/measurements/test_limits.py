"""What a volume cannot tell is said, not guessed; and it tells what it can."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from shapes import CUBIC, volume_of

from keramos.core import PhaseTable, VoxelSize
from keramos.core.errors import MemoryShortageError
from keramos.core.volume import LabelVolume
from keramos.measurements import Measurements, quantify_volume
from keramos.measurements.tables import from_json, to_json
from keramos.settings.quantify import MeasurementOptions

LOCAL = MeasurementOptions(transport=False, phase=("solid",))


@cache
def isotropic() -> NDArray[np.bool_]:
    """A body that looks alike along all axes, its intercepts about 13 voxels long."""
    noise = ndimage.gaussian_filter(np.random.default_rng(0).standard_normal((44, 112, 112)), 3)
    return np.asarray(noise[2:42] > 0)


def kinds(results: Measurements) -> dict[str, str]:
    return {finding.kind: finding.severity for finding in results.findings}


@pytest.mark.parametrize("slices", [2, 4])
def test_a_few_slices_tell_nothing_along_z(slices: int) -> None:
    """An intercept of ten times their depth, and an anisotropy of four, were what one border more or less decided."""
    results = quantify_volume(volume_of(isotropic()[:slices], CUBIC), LOCAL)
    told = {(row.id, row.axis) for row in results.quantities}
    assert not told & {("mean-intercept-length", "z"), ("anisotropy", ""), ("representative-volume", "")}
    assert ("mean-intercept-length", "x") in told
    found = kinds(results)
    assert (found["thin-volume"], found["intercept-beyond-volume"]) == ("warning", "note")
    thin = next(finding for finding in results.findings if finding.kind == "thin-volume")
    assert f"{slices} voxels ({10 * slices} nm) along z" in thin.message
    assert from_json(to_json(results)).findings == results.findings


@pytest.mark.parametrize("slices", [2, 10])
def test_a_thin_stack_has_the_intervals_of_its_long_axes(slices: int) -> None:
    """Their width is that of the spread between stacks of the same shape, cut from one material."""
    noise = ndimage.gaussian_filter(np.random.default_rng(1).standard_normal((16 * slices, 112, 112)), 3, mode="wrap")
    stacks = [
        quantify_volume(volume_of(noise[z : z + slices] > 0, CUBIC), LOCAL) for z in range(0, 16 * slices, slices)
    ]
    fractions = [results.find("phase-fraction", "solid") for results in stacks]
    held = [q.interval is not None and q.interval[0] <= 0.5 <= q.interval[1] for q in fractions]
    assert sum(held) >= 14
    assert stacks[0].find("specific-surface-area", "solid").interval is not None
    halves = [(q.interval[1] - q.interval[0]) / 2 for q in fractions if q.interval is not None]
    assert 1 < np.median(halves) / np.std([q.value for q in fractions]) < 6


def test_the_intervals_of_one_slice_do_not_depend_on_the_distance_to_the_next() -> None:
    """Nor does anything else; and they are as wide as the spread between slices of one material says."""
    noise = ndimage.gaussian_filter(np.random.default_rng(4).standard_normal((16, 112, 112)), (0, 3, 3))
    options = replace(LOCAL, heterogeneity=True)
    stacks = [
        [quantify_volume(volume_of(one[None] > 0, VoxelSize(z, 20, 20)), options) for one in noise[:many]]
        for z, many in ((20, 16), (100, 1), (400, 1))
    ]
    for results in stacks[1:]:
        for one, other in zip(stacks[0][0].quantities, results[0].quantities, strict=True):
            assert (other.id, other.quantity.interval) == (one.id, pytest.approx(one.quantity.interval))
    fractions = [results.find("phase-fraction", "solid") for results in stacks[0]]
    halves = [(q.interval[1] - q.interval[0]) / 2 for q in fractions if q.interval is not None]
    assert len(halves) == 16
    assert 1 < np.median(halves) / np.std([q.value for q in fractions]) < 6


def test_a_cube_is_not_called_thin() -> None:
    noise = ndimage.gaussian_filter(np.random.default_rng(2).standard_normal((64, 64, 64)), 2)
    assert not kinds(quantify_volume(volume_of(noise > 0, CUBIC), LOCAL))


def test_a_volume_of_one_phase_has_no_interval() -> None:
    results = quantify_volume(volume_of(np.ones((40, 40, 40), bool), CUBIC), LOCAL)
    fraction = results.find("phase-fraction", "solid")
    assert (fraction.value, fraction.interval) == (1, None)
    assert all(row.quantity.interval is None for row in results.quantities)
    assert not any(row.id == "representative-volume" for row in results.quantities)
    assert kinds(results) == {"one-phase": "warning"}


def test_a_phase_that_is_nowhere_is_named() -> None:
    names = PhaseTable.from_names(["pore", "carbon", "binder"])
    labels = LabelVolume.from_array((isotropic()[:, :40, :40]).astype(np.uint8), names, CUBIC)
    results = quantify_volume(labels, MeasurementOptions(transport=False))
    assert "no annotated voxel is binder" in next(f.message for f in results.findings if f.kind == "absent-phase")
    assert results.find("phase-fraction", "binder").interval is None


def test_too_small_a_volume_says_which_intervals_are_missing() -> None:
    results = quantify_volume(volume_of(isotropic()[:12, :12, :12], CUBIC), LOCAL)
    missing = next(finding for finding in results.findings if finding.kind == "no-interval")
    assert "phase fraction, specific surface area" in missing.message
    assert missing.severity == "note"


def test_a_domain_that_does_not_fit_into_the_memory_is_refused_before_any_work() -> None:
    phases = PhaseTable.from_names(["void", "solid"])
    labels = LabelVolume.from_array(np.zeros((160, 150, 150), np.uint8), phases, CUBIC)
    with pytest.raises(
        MemoryShortageError, match=r"^transport, thickness and paths .* 160 x 150 x 150 voxels .*domain of 149 voxels$"
    ):
        quantify_volume(labels, MeasurementOptions(memory=2**28))
    assert quantify_volume(labels, MeasurementOptions(memory=2**28, transport=False, phase=("void",))).quantities


@pytest.mark.parametrize(("thickness", "is_told"), [(1, True), (3, False)])
def test_films_of_a_voxel_are_told(thickness: int, is_told: bool) -> None:
    """Their surface is 2 per distance between them; what neighbouring voxels show of it is nearer to that."""
    solid = np.zeros((40, 24, 24), bool)
    for start in range(4, 36, 8):
        solid[start : start + thickness] = True
    results = quantify_volume(volume_of(solid, CUBIC), LOCAL)
    assert ("thin-structures" in kinds(results)) == is_told
    if is_told:
        (finding,) = (one for one in results.findings if one.kind == "thin-structures")
        alone = float(finding.effect.split("solid from ")[1].split(" ")[0])
        true = 4 * 2 / (39 * 10) * 1000
        assert abs(alone / true - 1) < 0.08
        assert results.find("specific-surface-area", "solid").value > 1.3 * true
