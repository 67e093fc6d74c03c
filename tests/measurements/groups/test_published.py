"""Comparisons of groups as published worked examples print them."""

from __future__ import annotations

import pytest

from keramos.core import Quantity
from keramos.measurements.groups.difference import compare_groups, compare_single
from keramos.measurements.groups.effect_size import hedges_g
from keramos.measurements.groups.holm import adjust_holm
from keramos.measurements.groups.power import detectable_difference, scatter_factors
from keramos.measurements.groups.ratio import ratio_of_means
from keramos.measurements.groups.scatter import Scatter
from keramos.measurements.groups.trend import fit_trend

SLEEP = (
    [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
    [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
)
"""Student's sleep data (Biometrika 6, 1, 1908), with what R's manual prints of t.test on them."""
ANSCOMBE_X = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5]
ANSCOMBE_Y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]


def test_welch_on_students_sleep_data() -> None:
    found = compare_groups(*(Scatter.of(values) for values in SLEEP))
    assert found.basis == "welch"
    assert found.value == pytest.approx(1.58)
    assert found.p == pytest.approx(0.07939, abs=5e-6)
    assert found.dof == pytest.approx(17.776, abs=5e-4)
    assert found.interval == pytest.approx((-0.2054832, 3.3654832), abs=5e-7)


def test_welch_on_groups_of_unlike_scatter() -> None:
    """Two examples of the article on Welch's t-test in Wikipedia: 15 and 15 values, then 10 and 20."""
    one = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4]
    two = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 20.5, 24.4]
    found = compare_groups(Scatter.of(one), Scatter.of(two))
    assert (found.dof, found.p) == (pytest.approx(25.0, abs=0.05), pytest.approx(0.021, abs=5e-4))
    found = compare_groups(Scatter(10, 20.6, 9.0), Scatter(20, 22.1, 0.9))
    assert (found.dof, found.p) == (pytest.approx(9.9, abs=0.05), pytest.approx(0.149, abs=6e-3))  # of rounded means


def test_hedges_g_of_borenstein() -> None:
    """Introduction to Meta-Analysis, 2009, chapter 4: d = 0.5970 and g = 0.5924, by an approximate correction."""
    effect = hedges_g(Scatter(50, 100, 4.5**2), Scatter(50, 103, 5.5**2))
    assert effect is not None
    assert effect.value == pytest.approx(0.5924, abs=1e-4)
    # Its variance is printed, too: the normal interval of g, about right for a hundred samples.
    assert effect.interval == pytest.approx((0.5924 - 1.96 * 0.0411**0.5, 0.5924 + 1.96 * 0.0411**0.5), abs=0.01)


@pytest.mark.parametrize(("count", "size"), [(64, 0.5), (26, 0.8), (17, 1.0), (393, 0.2)])
def test_detectable_differences_are_those_of_cohens_table(count: int, size: float) -> None:
    """Statistical Power Analysis, 1988, table 2.4.1: samples a group for a power of 0.80 at two-sided 5 %."""
    group = Scatter(count, 0, 1)
    fewer = Scatter(count - 1, 0, 1)
    found, found_with_fewer = detectable_difference(group, group), detectable_difference(fewer, fewer)
    assert found is not None
    assert found_with_fewer is not None
    assert found <= size * 1.001 < found_with_fewer * 1.002
    assert detectable_difference(fewer, fewer, more=1) == pytest.approx(found)


def test_holm_of_a_worked_example() -> None:
    """The four hypotheses of the article on the Holm-Bonferroni method in Wikipedia."""
    assert adjust_holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert adjust_holm([0.6, 0.7]) == [1.0, 1.0]
    assert adjust_holm([]) == []


def test_trend_of_anscombes_first_set() -> None:
    """The American Statistician 27, 17, 1973: slope 0.5, standard error 0.118, start 3.0; p as R prints it."""
    line = fit_trend(ANSCOMBE_X, ANSCOMBE_Y)
    assert line is not None
    assert (line.slope, line.start) == (pytest.approx(0.5001, abs=5e-5), pytest.approx(3.0001, abs=5e-5))
    assert line.standard_error == pytest.approx(0.1179, abs=5e-5)
    assert line.p == pytest.approx(0.00217, abs=5e-6)
    assert line.interval == pytest.approx((0.5001 - 2.262 * 0.1179, 0.5001 + 2.262 * 0.1179), abs=2e-4)


def test_a_single_sample_against_a_group_shares_its_scatter() -> None:
    """Crawford and Howell: t = (x - mean) / (s sqrt((n + 1) / n)), n - 1 degrees of freedom."""
    group = Scatter.of([9.0, 10.0, 11.0, 10.0])
    found = compare_groups(group, Scatter.of([13.0]))
    deviation = (2 / 3) ** 0.5
    assert found.basis == "shared-scatter"
    half = 3.182446 * deviation * (5 / 4) ** 0.5
    assert found.interval == pytest.approx((3 - half, 3 + half), rel=1e-5)
    mirrored = compare_groups(Scatter.of([13.0]), group)
    assert mirrored.interval == pytest.approx((-3 - half, -3 + half), rel=1e-5)


def test_single_samples_have_the_scatter_within_them_alone() -> None:
    """Half-widths 3 and 4 make one of 5, which is 1.96 standard errors."""
    one, two = (Quantity(value, "nm", "", (value - half, value + half)) for value, half in ((10, 3), (15, 4)))
    found = compare_single(one, two)
    assert found.basis == "within-sample"
    assert found.interval == pytest.approx((0, 10))
    assert found.p == pytest.approx(0.05, abs=1e-6)
    nothing = compare_single(one, Quantity(15, "nm", ""))
    assert (nothing.basis, nothing.interval, nothing.p, nothing.value) == ("none", None, None, 5)


def test_groups_without_scatter_are_not_tested() -> None:
    same, other = Scatter.of([1.0, 1.0 + 1e-15, 1.0]), Scatter.of([1.0, 1.0])
    found = compare_groups(same, other)
    assert (found.basis, found.interval, found.p) == ("none", None, None)
    assert hedges_g(same, other) is None
    assert detectable_difference(same, other) is None
    assert same.interval is None
    # One that scatters is enough: its mean against the other's value, n - 1 degrees of freedom.
    half = 4.302653 * (1 / 3) ** 0.5
    assert compare_groups(Scatter.of([9, 10, 11]), other).interval == pytest.approx((-9 - half, -9 + half))


def test_fieller_ends_where_the_test_of_the_ratio_is_just_undecided() -> None:
    one, two = Scatter.of([9.0, 10.0, 11.5]), Scatter.of([14.0, 15.5, 15.0])
    difference = compare_groups(one, two)
    ratio = ratio_of_means(one, two, difference)
    assert ratio is not None
    assert ratio.interval is not None
    assert difference.interval is not None
    limit = (difference.interval[1] - difference.value) / (difference.standard_error or 0)
    for end in ratio.interval:
        error = ((two.variance or 0) / 3 + end**2 * (one.variance or 0) / 3) ** 0.5
        assert abs(two.mean - end * one.mean) / error == pytest.approx(limit)
    near_zero = Scatter.of([-0.5, 1.0, 0.5])
    assert ratio_of_means(near_zero, two, compare_groups(near_zero, two)).interval is None  # type: ignore[union-attr]
    assert ratio_of_means(Scatter.of([-1.0, -2.0]), two, difference) is None


def test_the_scatter_of_three_and_three_samples_is_known_within_a_factor() -> None:
    """Chi-squared tables: 0.484 and 11.143 with four degrees of freedom."""
    assert scatter_factors(4) == pytest.approx(((4 / 11.143) ** 0.5, (4 / 0.484) ** 0.5), rel=1e-3)


def test_a_line_needs_three_samples_at_two_places() -> None:
    assert fit_trend([0, 1], [1, 2]) is None
    assert fit_trend([3, 3, 3], [1, 2, 3]) is None
    straight = fit_trend([0, 1, 2], [1, 2, 3])
    assert straight is not None
    assert (straight.slope, straight.p, straight.interval) == (pytest.approx(1), None, None)
