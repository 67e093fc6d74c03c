"""Subvolumes spread evenly over a volume, and the means of what is measured in each of them.

One box in the middle says nothing of how far it is from the rest of the volume. Several, each in the middle of its own
part, give a mean, and their spread its standard error. They are alike in size, so that they share what a box of that
size does to a number, and a quarter of their edge apart at least: touching ones are so alike that their spread is too
small. What is left of that makes intervals too sure still (benchmarks/quantity_coverage.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod, sqrt
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Finding, triple
from keramos.measurements.counting.interval import Spread, add_interval, interval
from keramos.measurements.registry import curve_specs, quantity_specs
from keramos.measurements.results import Curve, Measured, Measurements
from keramos.measurements.subvolume import middle_box
from keramos.measurements.subvolume_notes import explain_gaps
from keramos.measurements.volume import MeasuredVolume

Numbers = NDArray[np.float64]
Key = tuple[str, str, str]
"""Id, phase and axis."""
_STEP = 1e-3
"""Of the deviations from the mean, for derivatives."""
_PART = 1.25
"""Edges of a box that its part of the volume has at least, where an axis has several."""
_LEAST = 4
"""With fewer subvolumes Student's t is so wide that their spread tells nothing."""


def spread_boxes(within: Box, max_voxels: int, along: int) -> tuple[Box, ...]:
    """Boxes of at most so many voxels, `along` of them (or as many as fit with gaps) along each axis, each in the
    middle of its part of the box `within`; the middle one alone where fewer than four fit.

    Example:
        >>> [str(box) for box in spread_boxes(Box((0, 0, 0), (4, 20, 30)), 4**3, 2)]
        ['0:4,3:7,5:9', '0:4,3:7,21:25', '0:4,13:17,5:9', '0:4,13:17,21:25']
        >>> [str(box) for box in spread_boxes(Box((0, 0, 0), (4, 4, 30)), 4**3, 2)]
        ['0:4,0:4,13:17']
    """
    shape = middle_box(within.shape, max_voxels).shape
    counts = [min(along, max(1, int(n / (_PART * edge)))) for n, edge in zip(within.shape, shape, strict=True)]
    if prod(counts) < _LEAST:
        counts = [1, 1, 1]
    lines = [_starts(*line) for line in zip(within.shape, shape, counts, strict=True)]
    return tuple(Box((0, 0, 0), shape).shift(triple(start)).shift(within.start) for start in product(*lines))


def _starts(length: int, edge: int, count: int) -> list[int]:
    """The starts of boxes of an edge in the middles of so many parts of a length; the same from both ends."""
    first = [((2 * part + 1) * length - count * edge) // (2 * count) for part in range(count // 2)]
    middle = [(length - edge) // 2] if count % 2 else []
    return [*first, *middle, *(length - edge - start for start in reversed(first))]


def average(parts: Sequence[Measurements], fractions: Sequence[Mapping[str, float]] = ()) -> Measurements:
    """The means of what was measured in each subvolume, with intervals from the spread between them; those of one as
    they are. What follows from means is computed of these, so that they agree (`QuantitySpec.of_means`); subvolumes
    count by what they hold of the phase where a quantity is a mean over it (`QuantitySpec.weighted`). What only some
    subvolumes have gets a mean of these, without an interval, and a note says so. What subvolumes that a phase fills
    lack, such as its sizes, which are larger than they, is not given at all.

    Args:
        parts: what was measured in each.
        fractions: of each phase by name in each, for weights and for what follows from means.
    """
    if len(parts) == 1:
        return parts[0]
    found: dict[Key, dict[int, Measured]] = {}
    curves: dict[Key, dict[int, Curve]] = {}
    for number, part in enumerate(parts):
        for row in part.quantities:
            found.setdefault((row.id, row.phase, row.axis), {})[number] = row
        for curve in part.curves:
            curves.setdefault((curve.id, curve.phase, curve.axis), {})[number] = curve
    held = {phase: np.array([fraction[phase] for fraction in fractions]) for phase in (fractions or [{}])[0]}
    filled = {phase: set(np.flatnonzero(shares == 1).tolist()) for phase, shares in held.items()}
    series = {
        key: np.array([each[n].quantity.value if n in each else np.nan for n in range(len(parts))])
        for key, each in found.items()
    }
    rows: list[Measured] = []
    partial: list[Measured] = []
    for key, each in found.items():
        _, phase, axis = key
        if filled.get(phase, set()) - each.keys():
            continue
        own = {id: values for (id, of, along), values in series.items() if of == phase and along in ("", axis)}
        if phase in held:
            own["fraction"] = held[phase]
        row, has_all = _average_row(list(each.values()), own, _domains(parts))
        rows.append(row)
        if not has_all:
            partial.append(row)
    pooled = (
        _pool(each, held.get(key[1])) for key, each in curves.items() if not filled.get(key[1], set()) - each.keys()
    )
    return Measurements(
        tuple(rows),
        tuple(curve for curve in pooled if curve is not None),
        (*explain_gaps(parts, partial), *_say_filled(found, filled, len(parts))),
        tuple(dict.fromkeys(finding for part in parts for finding in part.findings)),
    )


def _say_filled(found: Mapping[Key, Mapping[int, Measured]], filled: Mapping[str, set[int]], count: int) -> list[str]:
    """A note for each phase that is too large for some subvolumes to tell of it what others do."""
    notes = []
    for phase, numbers in filled.items():
        each = [rows for (_, of, _), rows in found.items() if of == phase and numbers - rows.keys()]
        if each:
            names = ", ".join(dict.fromkeys(next(iter(rows.values())).name for rows in each))
            notes.append(
                f"no {names} of {phase}: it fills {len(numbers)} of {count} subvolumes, which have none; measure "
                "larger ones (domain), or the middle alone (subvolumes 1)"
            )
    return notes


def _domains(parts: Sequence[Measurements]) -> list[str]:
    return [part.quantities[0].quantity.domain for part in parts if part.quantities]


def _average_row(found: Sequence[Measured], series: Mapping[str, Numbers], domains: list[str]) -> tuple[Measured, bool]:
    """A mean, or what follows from means, and whether all subvolumes have what it is made of.

    Args:
        found: the row of each subvolume that has one.
        series: values in all subvolumes by id, NaN where there is none: those of its phase and axis.
        domains: of the subvolumes, for what follows from means of all.
    """
    id = found[0].id
    spec, method = quantity_specs().get(id), found[0].quantity.method
    of_means = None if spec is None else spec.of_means
    low, high = (-np.inf, np.inf) if spec is None else (spec.low, spec.high)
    if spec is not None:
        method = spec.method if of_means is None else f"{spec.method}; of means over subvolumes"
    function, series = _weigh(of_means or itemgetter(id), series)
    count = len(series[id])
    value, error = _evaluate(function, series)
    has_all = bool(np.isfinite(error))
    if not has_all:  # of the same subvolumes, whatever it is made of
        has = np.isfinite(series[id])
        value, _ = _evaluate(function, {name: values[has] for name, values in series.items()})
    if of_means is None or not has_all:
        domains = [row.quantity.domain for row in found]
    domain = f"{len(domains)} subvolumes, {domains[0]} to {domains[-1]}" if len(domains) > 1 else domains[0]
    row = replace(found[0], quantity=replace(found[0].quantity, value=value, method=method, domain=domain))
    if not has_all:
        return row, False
    row = add_interval(row, Spread(error, count - 1), min(low, value), max(high, value))
    if of_means is not None and value > 0 and row.quantity.interval is not None:
        bounds = interval(0.0, Spread(error / value, count - 1))  # of its logarithm: a ratio, as its inverse
        if bounds is not None:
            below, above = (value * float(np.exp(bound)) for bound in bounds)
            within = max(min(low, value), below), min(max(high, value), above)
            row = replace(row, quantity=replace(row.quantity, interval=within))
    return row, True


def _weigh(
    function: Callable[[Mapping[str, float]], float], series: Mapping[str, Numbers]
) -> tuple[Callable[[Mapping[str, float]], float], Mapping[str, Numbers]]:
    """A function of means and series, those of means over the phase as means of products with its fraction."""
    specs, held = quantity_specs(), series.get("fraction")
    weighted = [id for id in series if id in specs and specs[id].weighted]
    if held is None or not weighted:
        return function, series
    products = {id: np.where(held == 0, 0.0, series[id] * held) for id in weighted}
    return lambda means: function({**means, **{id: means[id] / means["fraction"] for id in weighted}}), {
        **series,
        **products,
    }


def _evaluate(function: Callable[[Mapping[str, float]], float], series: Mapping[str, Numbers]) -> tuple[float, float]:
    """A function of the means of series, and its standard error by the delta method; that is NaN where one of those
    that it takes has gaps."""
    ids, values = list(series), np.stack(list(series.values()))
    means = np.nansum(values, axis=1) / np.isfinite(values).sum(axis=1).clip(1)
    ups, downs = (
        np.array([function(dict(zip(ids, moved, strict=True))) for moved in (means[:, None] + step).T])
        for step in (_STEP * (values - means[:, None]), -_STEP * (values - means[:, None]))
    )
    count = values.shape[1]
    error = sqrt(float(np.sum(((ups - downs) / (2 * _STEP)) ** 2)) / (count * max(count - 1, 1)))
    return float(function(dict(zip(ids, means, strict=True)))), error


def _pool(found: Mapping[int, Curve], held: Numbers | None) -> Curve | None:
    """The curve of all subvolumes together, each by what it holds of the phase; None of one that does not say how."""
    first = next(iter(found.values()))
    spec = curve_specs().get(first.id)
    if spec is None or spec.pool is None:
        return None
    weights = [1.0 if held is None else float(held[number]) for number in found]
    columns = spec.pool([curve.columns for curve in found.values()], weights)
    return replace(first, columns=columns, method=f"{first.method}; mean of {len(found)} subvolumes")


_PLACES = {True: "the middle", False: "the largest annotated box, or its middle:"}
"""The place of a single subvolume, by whether all voxels of the volume are annotated."""


@dataclass(frozen=True)
class MeasuredPart:
    """The boxes that quantities were measured in, and the `names` of these."""

    boxes: Sequence[Box]
    names: Sequence[str]


def report_parts(volume: MeasuredVolume, parts: Sequence[MeasuredPart]) -> tuple[Finding, ...]:
    """A finding about what is measured in parts of the volume only; none where all is measured in all of it."""
    shares = [sum(box.voxels for box in part.boxes) / volume.annotated_voxels for part in parts]
    told = [(part, share) for part, share in zip(parts, shares, strict=True) if share < 1 and part.names]
    if not told:
        return ()
    of = "the volume" if volume.annotated_voxels == prod(volume.given_shape) else "the annotated voxels"
    several = [len(part.boxes) > 1 for part, _ in told]
    means = "means, with intervals from the spread between them"
    alone = "those of this part, without intervals, and other parts may differ"
    effect = {
        (True,): f"the values are {means}",
        (False,): f"the values are {alone}",
        (False, True): f"values of several subvolumes are {means}; those of one are {alone}",
    }[tuple(sorted(set(several)))]
    return (
        Finding(
            "part-of-volume",
            "; ".join(f"{_say_part(volume, part)}, {100 * share:.2g} % of {of}" for part, share in told),
            effect,
            "" if all(several) else "measure several subvolumes, or smaller ones where fewer than four fit",
            "note",
        ),
    )


def _say_part(volume: MeasuredVolume, part: MeasuredPart) -> str:
    size, count, others = " x ".join(map(str, part.boxes[0].shape)), len(part.boxes), len(part.names) - 1
    where = f"{count} subvolumes of {size} voxels" if count > 1 else f"{_PLACES[volume.is_box]} {size} voxels"
    what = part.names[0] + (f" and {others} other quantit{'ies' if others > 1 else 'y'}" if others else "")
    return f"{what} were measured in {where}"
