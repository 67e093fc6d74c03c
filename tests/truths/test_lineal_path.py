"""Truths about lines and pairs of places: layers, overlapping balls, and a loop over all lines. Lengths in nm.

A line of length r misses all balls of radius R (a Boolean model whose gaps fill q) with probability
q^(1 + 3 r / (4 R)): no centre lies in the capsule around it (Torquato, Random Heterogeneous Materials, 2002, section
5.1.2). Of two places r apart the first is in a gap and the second in a ball with q - q^2 exp(lambda V(r)), V(r) the
volume that two balls r apart have in common.
"""

from __future__ import annotations

from functools import cache
from math import exp, log, pi

import numpy as np
import pytest
from numpy.typing import NDArray
from shapes import CUBIC, FLAT, boolean_balls, codes_of

from keramos.core import VoxelSize
from keramos.measurements import Measurements, quantify_with
from keramos.settings.quantify import MeasurementOptions

BOTH = pytest.mark.parametrize("size", [CUBIC, FLAT], ids=["cubic", "flat"])
RADIUS, GAPS = 120.0, 0.6


def measured(codes: NDArray[np.uint8], size: VoxelSize, names: str, **options: object) -> Measurements:
    settings = MeasurementOptions(**options)  # type: ignore[arg-type]
    return quantify_with(
        ["lineal-path", "cross-correlation", "two-point-correlation"], codes_of(codes, size, names), settings
    )


def curve_of(results: Measurements, id: str, phase: str, axis: str) -> dict[str, NDArray[np.float64]]:
    (curve,) = (c for c in results.curves if (c.id, c.phase, c.axis) == (id, phase, axis))
    return {name: np.array(column) for name, column in curve.columns.items()}


@cache
def balls(size: VoxelSize) -> Measurements:
    shape = tuple(int(1500 / d) for d in size.zyx)
    mask = boolean_balls(shape, size, RADIUS, 1 - GAPS, np.random.default_rng(3))  # type: ignore[arg-type]
    return measured(mask.astype(np.uint8), size, "gap ball")


@BOTH
def test_lines_between_balls_are_those_of_a_boolean_model(size: VoxelSize) -> None:
    """On the mean of the axes; voxels do not see a line graze a ball."""
    at = np.arange(0, 330, 30.0)
    lines = [curve_of(balls(size), "lineal-path", "gap", axis) for axis in "zyx"]
    mean = np.mean([np.interp(at, line["distance"], line["probability"]) for line in lines], axis=0)
    wanted = [GAPS ** (1 + 3 * r / (4 * RADIUS)) for r in at]
    np.testing.assert_allclose(mean, wanted, atol=0.025)


@BOTH
def test_gaps_and_balls_lie_apart_as_in_a_boolean_model(size: VoxelSize) -> None:
    volume, at = 4 / 3 * pi * RADIUS**3, np.arange(0, 330, 30.0)
    intensity = -log(GAPS) / volume
    wanted = []
    for r in at:
        common = 0.0 if r >= 2 * RADIUS else volume * (1 - 0.75 * r / RADIUS + (r / RADIUS) ** 3 / 16)
        wanted.append(GAPS - GAPS**2 * exp(intensity * common))
    lines = [curve_of(balls(size), "two-point-cross-correlation", "gap / ball", axis) for axis in "zyx"]
    for line in lines:
        fraction = balls_fraction(line)
        np.testing.assert_allclose(line["covariance"], line["probability"] - fraction * (1 - fraction), atol=1e-12)
        assert line["probability"][0] == 0
    mean = np.mean([np.interp(at, line["distance"], line["probability"]) for line in lines], axis=0)
    np.testing.assert_allclose(mean, wanted, atol=0.015)


def balls_fraction(line: dict[str, NDArray[np.float64]]) -> float:
    """The share p of one phase from p (1 - p), that of two independent places."""
    both = line["probability"][0] - line["covariance"][0]
    return float(0.5 - (0.25 - both) ** 0.5)


@BOTH
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_lines_across_layers_are_exact(size: VoxelSize, axis: int) -> None:
    """Layers of 6 and 4 voxels: a line of n steps begins at 6 - n of every 10 places; one along them ends nowhere."""
    codes = np.moveaxis(np.tile(np.repeat([0, 1], [6, 4]), (8, 9, 6)), 2, axis).astype(np.uint8)
    results = measured(np.ascontiguousarray(codes), size, "pore solid")
    across = curve_of(results, "lineal-path", "pore", "zyx"[axis])
    steps = np.rint(across["distance"] / size.zyx[axis])
    np.testing.assert_allclose(across["distance"], steps * size.zyx[axis])
    assert steps[:10].tolist() == list(range(10))
    wanted = 6 * np.maximum(6 - steps, 0) / (60 - steps)
    np.testing.assert_allclose(across["probability"], wanted)
    along = curve_of(results, "lineal-path", "pore", "zyx"[axis - 1])
    np.testing.assert_allclose(along["probability"], 0.6)
    beside = curve_of(results, "two-point-cross-correlation", "pore / solid", "zyx"[axis])
    assert beside["probability"][1] == pytest.approx(11 / (2 * 59))
    assert not curve_of(results, "two-point-cross-correlation", "pore / solid", "zyx"[axis - 1])["probability"].any()


@pytest.mark.parametrize("holes", [False, True])
def test_lines_and_pairs_are_what_a_loop_finds(holes: bool) -> None:
    rng = np.random.default_rng(5)
    codes = np.repeat(rng.integers(0, 3, (4, 5, 5)), 3, axis=2).astype(np.uint8)
    codes = np.repeat(np.repeat(codes, 2, axis=0), 2, axis=1)
    if holes:
        codes[rng.random(codes.shape) < 0.05] = 255
        codes[:4, :5] = 255
    for memory in (2**31, 40 * 3 * 200):
        results = measured(codes, FLAT, "pore carbon binder", memory=memory)
        for axis, name in enumerate("zyx"):
            lines = np.moveaxis(codes, axis, 2).reshape(-1, codes.shape[axis])
            for code, phase in enumerate(("pore", "carbon", "binder")):
                found = curve_of(results, "lineal-path", phase, name)
                for distance, probability in zip(found["distance"], found["probability"], strict=True):
                    n = round(distance / FLAT.zyx[axis]) + 1
                    pieces = [line[a : a + n] for line in lines for a in range(len(line) - n + 1)]
                    known = [piece for piece in pieces if (piece < 255).all()]
                    inside = sum(bool((piece == code).all()) for piece in known)
                    assert probability == pytest.approx(inside / len(known), rel=1e-12)
            for one, other, phases in ((0, 1, "pore / carbon"), (0, 2, "pore / binder"), (1, 2, "carbon / binder")):
                found = curve_of(results, "two-point-cross-correlation", phases, name)
                for distance, probability in zip(found["distance"], found["probability"], strict=True):
                    lag = round(distance / FLAT.zyx[axis])
                    a, b = lines[:, : lines.shape[1] - lag], lines[:, lag:]
                    known = (a < 255) & (b < 255)
                    both = ((a == one) & (b == other) | (a == other) & (b == one))[known].mean()
                    assert probability == pytest.approx(both / 2, rel=1e-12, abs=1e-15)


def test_one_slice_and_absent_phases_have_the_lines_that_there_are() -> None:
    codes = np.random.default_rng(6).integers(0, 2, (1, 30, 30)).astype(np.uint8)
    results = measured(codes, CUBIC, "pore carbon binder")
    assert curve_of(results, "lineal-path", "pore", "z")["distance"].tolist() == [0]
    assert not curve_of(results, "lineal-path", "binder", "x")["probability"].any()
    assert not curve_of(results, "two-point-cross-correlation", "pore / binder", "x")["probability"].any()
    many = measured(codes, CUBIC, "a b c d e f g")
    assert not any(curve.id == "two-point-cross-correlation" for curve in many.curves)
    named = measured(codes, CUBIC, "a b c d e f g", phase=("a", "c"))
    assert {c.phase for c in named.curves if c.id == "two-point-cross-correlation"} == {"a / c"}
