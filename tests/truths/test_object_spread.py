"""The spread of means over objects against what theory says of independent ones at random places."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from shapes import CUBIC, boolean_balls, volume_of

from keramos.core import Box
from keramos.measurements import quantify_volume
from keramos.measurements.separation.spread import find_influences, spread_of_density, spread_of_mean
from keramos.settings.quantify import MeasurementOptions

BOX = Box((2, 0, 3), (66, 64, 67))


def scatter(count: float, reach: int, rng: np.random.Generator) -> Any:
    """Objects at random places of a larger body, so many in 64^3 voxels on the mean, that reach so far to all sides;
    those that the box cuts have the weight 0."""
    edges = np.array(BOX.shape)
    outer = edges + 2 * reach
    places = rng.integers(0, outer, (rng.poisson(count * outer.prod() / edges.prod()), 3)) - reach + BOX.start
    low, high = places - reach, places + reach
    inside = ((low > BOX.start) & (high < np.array(BOX.stop) - 1)).all(axis=1)
    weight = np.where(inside, np.prod(edges / (edges - 2 * reach - 2)), 0.0)
    first = np.zeros((1, 3), int)
    sums = SimpleNamespace(low=np.concatenate([first, low]), high=np.concatenate([first, high]))
    return SimpleNamespace(sums=sums, centre=places + 0.5, weight=weight, edges=np.array([10.0, 10.0, 10.0]))


@pytest.mark.parametrize("reach", [0, 12])
def test_the_density_of_random_places_has_the_error_of_a_poisson_number(reach: int) -> None:
    """However large objects are, and whatever the faces cut of them."""
    ratios = []
    for seed in range(40):
        rows = scatter(300, reach, np.random.default_rng(seed))
        spread = spread_of_density(rows, BOX)
        assert spread is not None
        ratios.append(spread.standard_error * BOX.voxels / np.sqrt(np.sum(rows.weight**2)))
    # Of the variance of windows and that with their neighbours the larger one counts: a little too large.
    assert 1.0 < np.mean(ratios) < 1.25


def values_of(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    return rng.normal(100, 20, count)


def test_the_mean_of_independent_values_has_the_error_of_a_mean() -> None:
    ratios = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        rows = scatter(300, 3, rng)
        values = values_of(len(rows.weight), rng)
        spread = spread_of_mean(rows, BOX, values)
        assert spread is not None
        used = values[rows.weight > 0]
        ratios.append(spread.standard_error / (used.std(ddof=1) / np.sqrt(len(used))))
    assert 1.0 < np.mean(ratios) < 1.25


def test_values_that_are_alike_in_a_place_tell_less() -> None:
    """Four objects at every place, with one value: the mean is as sure as that of a quarter of the objects."""
    ratios = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        rows = scatter(100, 3, rng)
        values = values_of(len(rows.weight), rng)
        sums = {name: np.concatenate([ends[:1], *[ends[1:]] * 4]) for name, ends in vars(rows.sums).items()}
        rows.sums, rows.centre = SimpleNamespace(**sums), np.concatenate([rows.centre] * 4)
        used = values[rows.weight > 0]
        rows.weight = np.concatenate([rows.weight] * 4)
        spread = spread_of_mean(rows, BOX, np.concatenate([values] * 4))
        assert spread is not None
        ratios.append(spread.standard_error / (used.std(ddof=1) / np.sqrt(len(used))))
    assert 0.95 < np.mean(ratios) < 1.25


def test_an_influence_is_what_the_mean_would_be_without_one() -> None:
    rng = np.random.default_rng(0)
    weights, values = rng.uniform(1, 9, 12), rng.normal(5, 2, 12)
    without = [np.average(np.delete(values, n), weights=np.delete(weights, n)) for n in range(12)]
    np.testing.assert_allclose(find_influences(weights, values), np.average(values, weights=weights) - without)


def test_one_object_of_another_size_leaves_one_degree_of_freedom() -> None:
    rows = scatter(300, 3, np.random.default_rng(1))
    values = np.ones(len(rows.weight))
    values[np.flatnonzero(rows.weight)[5]] = 9
    spread = spread_of_mean(rows, BOX, values)
    assert spread is not None
    assert spread.dof == pytest.approx(1, abs=0.1)
    many = spread_of_mean(rows, BOX, values_of(len(values), np.random.default_rng(2)))
    assert many is not None
    assert many.dof > 8


def test_a_dozen_objects_have_no_spread() -> None:
    rows = scatter(12, 2, np.random.default_rng(0))
    assert 5 < np.count_nonzero(rows.weight) < 20
    assert spread_of_density(rows, BOX) is None


def test_means_of_objects_have_intervals_and_the_median_has_none() -> None:
    mask = boolean_balls((56, 56, 56), CUBIC, 40.0, 0.25, np.random.default_rng(0))
    found = quantify_volume(volume_of(mask, CUBIC), MeasurementOptions(objects="solid", transport=False))
    for name in ("object-density", "object-mean-diameter", "coordination-number"):
        quantity = found.find(name, "solid")
        assert quantity.interval is not None
        low, high = quantity.interval
        assert 0 <= low < quantity.value < high < 2 * quantity.value
    # Independent objects have the error of a Poisson number; those that keep apart have less, those that gather more.
    density, number = found.find("object-density", "solid"), found.find("objects", "solid").value
    assert density.standard_error is not None
    assert 0.5 < density.standard_error / density.value * np.sqrt(number) < 2
    assert found.find("object-d50", "solid").interval is None
    assert found.find("objects", "solid").interval is None
    few = quantify_volume(volume_of(mask[:28, :28, :28], CUBIC), MeasurementOptions(objects="solid", transport=False))
    assert few.find("object-density", "solid").interval is None
    assert any(f.kind == "no-interval" and "objects per volume" in f.message for f in few.findings)
