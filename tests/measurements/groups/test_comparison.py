"""Groups of samples compared, quantity by quantity: what is chosen, what is left out, what is corrected for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from keramos.core import LabelVolume, PhaseTable, Quantity, VoxelSize
from keramos.core.errors import FormatError, SettingsError
from keramos.measurements import Measured, Measurements, quantify_with, quantity_specs
from keramos.measurements.groups import GroupComparison, GroupedSample, compare_samples
from keramos.measurements.tables import from_json, to_json
from keramos.settings.quantify import MeasurementOptions

Half = float | None


def row(
    id: str, value: float, phase: str = "pore", axis: str = "", half: Half = None, unit: str = "", error: Half = None
) -> Measured:
    spec = quantity_specs()[id]
    bounds = None if half is None else (value - half, value + half)
    return Measured(
        id, spec.name, Quantity(value, unit or spec.unit, spec.method, bounds, standard_error=error), phase, axis
    )


def samples(groups: dict[str, Sequence[Sequence[Measured]]]) -> list[GroupedSample]:
    return [
        GroupedSample(f"{group}{n + 1}", group, Measurements(tuple(rows)))
        for group, each in groups.items()
        for n, rows in enumerate(each)
    ]


def two_groups(id: str, first: Sequence[float], other: Sequence[float], half: Half = None) -> GroupComparison:
    return compare_samples(samples({"a": [[row(id, v, half=half)] for v in first], "b": [[row(id, v)] for v in other]}))


def test_a_phase_that_says_the_same_is_left_out() -> None:
    """Pores and solid of two phases: one fraction is one less the other, and both have one surface."""

    def sample(fraction: float, surface: float) -> list[Measured]:
        rows = [row("phase-fraction", fraction), row("phase-fraction", 1 - fraction, "solid")]
        return [*rows, row("specific-surface-area", surface), row("specific-surface-area", surface, "solid")]

    given = samples({"a": [sample(0.3, 5), sample(0.31, 6)], "b": [sample(0.4, 7), sample(0.45, 9)]})
    found = compare_samples(given)
    assert [one.key for one in found.quantities] == [
        ("phase-fraction", "solid", ""),
        ("specific-surface-area", "solid", ""),
    ]
    assert len(found.mirrored) == found.tested == 2
    wanted = compare_samples(given, ["phase-fraction:pore"])
    assert [one.key for one in wanted.quantities] == [("phase-fraction", "pore", "")]


def test_holm_counts_all_quantities_and_groups() -> None:
    rows = {
        group: [[row("tortuosity-factor", t + n / 20, axis="z"), row("phase-fraction", f + n / 50)] for n in range(3)]
        for group, t, f in (("a", 1.5, 0.30), ("b", 1.8, 0.31), ("c", 1.5, 0.32))
    }
    found = compare_samples(samples(rows))
    p_values = {
        (one.about.id, each.group): (each.difference.p, each.p_holm)
        for one in found.quantities
        for each in one.differences
    }
    assert found.tested == len(p_values) == 4
    least = min(p_values, key=lambda key: p_values[key][0] or 0)
    assert least == ("tortuosity-factor", "b")
    assert p_values[least][1] == pytest.approx(4 * (p_values[least][0] or 0))
    assert max(adjusted or 0 for _, adjusted in p_values.values()) == 1


def test_a_sample_without_a_quantity_is_left_out_of_it_alone() -> None:
    rows = [[row("phase-fraction", 0.3), row("neck-diameter", 50)], [row("phase-fraction", 0.32)]]
    more = [[row("phase-fraction", 0.4), row("neck-diameter", float("nan"))]]
    found = compare_samples(samples({"a": rows, "b": [*more, *rows]}), ["phase-fraction", "neck-diameter"])
    by_id = {one.about.id: one for one in found.quantities}
    assert list(by_id["neck-diameter"].values) == ["a1", "b2"]
    assert by_id["neck-diameter"].groups["b"].count == 1
    assert by_id["phase-fraction"].groups["b"].count == 3
    lacking = compare_samples(samples({"a": rows, "b": more}), ["neck-diameter"])
    assert lacking.quantities == ()
    assert lacking.lacking == (("neck-diameter", "pore", ""),)


def test_the_share_of_the_scatter_within_samples() -> None:
    """A standard error of 1, however wide the interval; between the samples the variance is 4, and in both together."""

    def share(*errors: Half) -> float | None:
        rows = [[row("mean-local-thickness", v, half=9, error=e)] for v, e in zip((48, 50, 52), errors, strict=True)]
        return compare_samples(samples({"a": rows, "b": rows})).quantities[0].sampling_share

    assert share(1, 1, 1) == pytest.approx(0.25)
    assert share(1, 2, 1) == pytest.approx(0.5)
    assert share(9, 9, 9) == 1
    assert share(1, None, 1) is None  # a file of an earlier version


def test_small_volumes_of_one_material_differ_by_their_sampling_alone() -> None:
    """Each has 27 windows, whose interval is of Student's t with 2.7 degrees of freedom: that of a normal distribution
    of the same width would explain all. The squares of errors of so few windows are 1.4 times too large on the mean."""
    rng, labels = np.random.default_rng(3), PhaseTable.from_names(["pore", "solid"])
    given = []
    for n in range(64):
        codes = (ndimage.gaussian_filter(rng.standard_normal((24, 24, 24)), 1)[3:-3, 3:-3, 3:-3] > 0).astype(np.uint8)
        volume = LabelVolume.from_array(codes, labels, VoxelSize(10, 10, 10))
        found = quantify_with(["phase-fraction"], volume, MeasurementOptions(phase=("pore",)))
        given.append(GroupedSample(f"s{n}", "ab"[n % 2], from_json(to_json(found))))
    # Half of the scatter comes from elsewhere: each fraction is moved by as much as their spread, up or down.
    values = np.array([one.measurements.find("phase-fraction", "pore").value for one in given])
    moved = [
        replace(one, measurements=moved_by(one.measurements, sign * values.std()))
        for one, sign in zip(given, [1, 1, -1, -1] * 16, strict=True)
    ]
    assert compare_samples(moved).quantities[0].sampling_share == pytest.approx(1.2 * 0.5, rel=0.3)


def moved_by(found: Measurements, amount: float) -> Measurements:
    rows = (replace(r, quantity=replace(r.quantity, value=r.quantity.value + amount)) for r in found.quantities)
    return replace(found, quantities=tuple(rows))


def test_a_series_of_single_samples_has_a_trend_and_no_differences() -> None:
    values = [0.30, 0.31, 0.33, 0.34]
    given = [
        GroupedSample(f"s{n}", f"s{n}", Measurements((row("phase-fraction", v),)), 100.0 * n)
        for n, v in enumerate(values)
    ]
    found = compare_samples(given, against="hours").quantities[0]
    assert found.differences == ()
    assert found.trend is not None
    assert found.trend.slope == pytest.approx(1.4e-4)
    assert found.trend_p_holm == found.trend.p


@pytest.mark.parametrize(
    ("wanted", "said"),
    [(["phase-fractoin"], "did you mean phase-fraction"), (["phase-fraction:void"], "found 'phase-fraction:void'")],
)
def test_a_quantity_that_nobody_has_is_refused(wanted: list[str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        compare_samples(samples({"a": [[row("phase-fraction", 0.3)]], "b": [[row("phase-fraction", 0.4)]]}), wanted)


def test_one_quantity_in_two_units_is_refused() -> None:
    one, two = [row("phase-fraction", 0.3)], [row("phase-fraction", 30, unit="%")]
    with pytest.raises(FormatError, match="found 1 in a1 and % in b1"):
        compare_samples(samples({"a": [one], "b": [two]}))
