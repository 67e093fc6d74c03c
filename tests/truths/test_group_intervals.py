"""What intervals and p-values of groups promise, by experiments whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.measurements.groups.difference import compare_groups
from keramos.measurements.groups.effect_size import hedges_g
from keramos.measurements.groups.holm import adjust_holm
from keramos.measurements.groups.power import detectable_difference
from keramos.measurements.groups.ratio import ratio_of_means
from keramos.measurements.groups.scatter import Scatter
from keramos.measurements.groups.trend import fit_trend

CRITICAL = {4: 2.776445, 6: 2.446912}
"""Two-sided 5 % of Student's t, from a table."""


@pytest.mark.parametrize(("counts", "deviations"), [((3, 3), (1, 1)), ((3, 5), (1, 3)), ((6, 3), (2, 1))])
def test_welch_intervals_hold_the_true_difference_and_ratio(
    counts: tuple[int, int], deviations: tuple[float, float]
) -> None:
    rng, times = np.random.default_rng(1), 1200
    differences, ratios = 0, 0
    for _ in range(times):
        one, two = (
            Scatter.of(rng.normal(mean, deviation, count))
            for mean, deviation, count in zip((20, 24), deviations, counts, strict=True)
        )
        difference = compare_groups(one, two)
        ratio = ratio_of_means(one, two, difference)
        low, high = difference.interval or (0, 0)
        differences += low <= 4 <= high
        low, high = (ratio.interval if ratio else None) or (0, 0)
        ratios += low <= 24 / 20 <= high
    # Welch's is known to be a little conservative with three samples; four standard errors of a share are 0.025.
    assert 0.925 <= differences / times <= 0.985
    assert 0.925 <= ratios / times <= 0.985


@pytest.mark.parametrize("quantities", [8])
def test_holm_keeps_the_error_of_the_family(quantities: int) -> None:
    """Of experiments without any difference one in twenty may call one; uncorrected, about one in four does."""
    rng, times = np.random.default_rng(2), 700
    false_calls = np.zeros(2)
    for _ in range(times):
        common = rng.normal(size=(2, 4, 1))  # quantities of one sample go together, as porosity and surface do
        values = 0.5 * common + rng.normal(size=(2, 4, quantities))
        p_values = [
            compare_groups(Scatter.of(values[0, :, n]), Scatter.of(values[1, :, n])).p or 0 for n in range(quantities)
        ]
        false_calls += [min(p_values) < 0.05, min(adjust_holm(p_values)) < 0.05]
    assert false_calls[0] / times > 0.18
    assert false_calls[1] / times < 0.05 + 3 * (0.05 * 0.95 / times) ** 0.5


@pytest.mark.parametrize(("count", "more"), [(3, 0), (3, 1), (4, 0)])
def test_a_detectable_difference_is_detected_in_four_experiments_of_five(count: int, more: int) -> None:
    rng, times, samples = np.random.default_rng(3), 200_000, count + more
    size = detectable_difference(Scatter(count, 0, 4.0), Scatter(count, 0, 4.0), more)
    assert size is not None
    one = rng.normal(0, 2, (times, samples))
    two = rng.normal(size, 2, (times, samples))
    error = np.sqrt((one.var(axis=1, ddof=1) + two.var(axis=1, ddof=1)) / samples)
    detected = np.abs(two.mean(axis=1) - one.mean(axis=1)) > CRITICAL[2 * samples - 2] * error
    assert detected.mean() == pytest.approx(0.8, abs=0.004)


def test_the_ends_of_an_effect_size_are_those_that_would_rarely_give_it() -> None:
    """Of experiments with the lower end as truth, 2.5 % give as much or more; with the upper end, as little or less."""
    one, two = Scatter.of([10.0, 11.0, 12.5]), Scatter.of([13.0, 15.0, 14.2])
    effect = hedges_g(one, two)
    assert effect is not None
    assert effect.interval is not None
    seen = (two.mean - one.mean) / np.sqrt(((one.variance or 0) + (two.variance or 0)) / 2)
    rng, times = np.random.default_rng(4), 400_000
    for end, sign in zip(effect.interval, (1, -1), strict=True):
        a, b = rng.normal(0, 1, (times, 3)), rng.normal(end, 1, (times, 3))
        found = (b.mean(axis=1) - a.mean(axis=1)) / np.sqrt((a.var(axis=1, ddof=1) + b.var(axis=1, ddof=1)) / 2)
        assert (sign * found >= sign * seen).mean() == pytest.approx(0.025, abs=0.001)
    # Without a bias: the mean of g over experiments is the truth.
    a, b = rng.normal(0, 1, (2000, 3)), rng.normal(2, 1, (2000, 3))
    distance = (b.mean(axis=1) - a.mean(axis=1)) / np.sqrt((a.var(axis=1, ddof=1) + b.var(axis=1, ddof=1)) / 2)
    correction = effect.value / seen
    assert correction * distance.mean() == pytest.approx(2, abs=0.12)


def test_intervals_of_a_slope_hold_the_true_one() -> None:
    rng, times = np.random.default_rng(5), 1500
    hours = [0, 100, 300, 500, 1000]
    held = 0
    for _ in range(times):
        line = fit_trend(hours, [30 + 0.004 * x + e for x, e in zip(hours, rng.normal(0, 1.5, 5), strict=True)])
        assert line is not None
        assert line.interval is not None
        held += line.interval[0] <= 0.004 <= line.interval[1]
    assert held / times == pytest.approx(0.95, abs=0.02)


def test_a_detectable_slope_is_detected_in_four_experiments_of_five() -> None:
    hours, times = np.array([0.0, 100, 200, 300, 400, 500]), 100_000
    line = fit_trend(hours, 30 + np.array([1.0, -1, -1, 1, 1, -1]))
    assert line is not None
    assert line.detectable is not None
    deviation = (line.standard_error or 0) * np.sqrt(np.sum((hours - 250) ** 2))
    values = line.detectable * hours + np.random.default_rng(6).normal(0, deviation, (times, 6))
    slopes = (values * (hours - 250)).sum(axis=1) / np.sum((hours - 250) ** 2)
    residuals = values - values.mean(axis=1, keepdims=True) - slopes[:, None] * (hours - 250)
    errors = np.sqrt((residuals**2).sum(axis=1) / 4 / np.sum((hours - 250) ** 2))
    assert (np.abs(slopes) / errors > CRITICAL[4]).mean() == pytest.approx(0.8, abs=0.005)
    # A second sample at each place halves the error and tells more of the scatter: 2.228 is t of ten.
    both = np.concatenate([hours, hours])
    values = (line.detectable_with_more or 0) * both + np.random.default_rng(7).normal(0, deviation, (times, 12))
    squares = np.sum((both - 250) ** 2)
    slopes = (values * (both - 250)).sum(axis=1) / squares
    residuals = values - values.mean(axis=1, keepdims=True) - slopes[:, None] * (both - 250)
    errors = np.sqrt((residuals**2).sum(axis=1) / 10 / squares)
    assert (np.abs(slopes) / errors > 2.228139).mean() == pytest.approx(0.8, abs=0.005)
