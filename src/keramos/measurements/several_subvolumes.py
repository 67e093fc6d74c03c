"""Subvolumes spread evenly over a volume, and the means of what is measured in each of them.

One box in the middle says nothing of how far it is from the rest of the volume. Several, each in the middle of its own
part, give a mean, and their spread its standard error: they are far enough apart to count as independent samples of
the material, and are alike in size, so that they share what a box of that size does to a number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from math import prod, sqrt

import numpy as np

from keramos.core import Box, Finding, triple
from keramos.measurements.counting.interval import Spread, add_interval
from keramos.measurements.registry import curve_specs, quantity_specs
from keramos.measurements.results import Curve, Measured, Measurements
from keramos.measurements.subvolume import middle_box
from keramos.measurements.volume import MeasuredVolume

_LEAST = 4
"""With fewer subvolumes Student's t is so wide that their spread tells nothing."""


def spread_boxes(within: Box, max_voxels: int, along: int) -> tuple[Box, ...]:
    """Boxes of at most so many voxels, `along` of them (or as many as fit) along each axis, each in the middle of its
    part of the box `within`; the middle one alone where fewer than four fit.

    Example:
        >>> [str(box) for box in spread_boxes(Box((0, 0, 0), (4, 20, 30)), 4**3, 2)]
        ['0:4,3:7,5:9', '0:4,3:7,21:25', '0:4,13:17,5:9', '0:4,13:17,21:25']
        >>> [str(box) for box in spread_boxes(Box((0, 0, 0), (4, 4, 30)), 4**3, 2)]
        ['0:4,0:4,13:17']
    """
    shape = middle_box(within.shape, max_voxels).shape
    counts = [min(along, n // edge) for n, edge in zip(within.shape, shape, strict=True)]
    if prod(counts) < _LEAST:
        counts = [1, 1, 1]
    lines = [_starts(*line) for line in zip(within.shape, shape, counts, strict=True)]
    return tuple(Box((0, 0, 0), shape).shift(triple(start)).shift(within.start) for start in product(*lines))


def _starts(length: int, edge: int, count: int) -> list[int]:
    """The starts of boxes of an edge in the middles of so many parts of a length; the same from both ends."""
    first = [((2 * part + 1) * length - count * edge) // (2 * count) for part in range(count // 2)]
    middle = [(length - edge) // 2] if count % 2 else []
    return [*first, *middle, *(length - edge - start for start in reversed(first))]


def average(parts: Sequence[Measurements]) -> Measurements:
    """The means of what was measured in each subvolume, with intervals from the spread between them; those of one as
    they are. What only some subvolumes have gets a mean of these, without an interval, and a note says so."""
    if len(parts) == 1:
        return parts[0]
    rows: dict[tuple[str, str, str], list[Measured]] = {}
    curves: dict[tuple[str, str, str], list[Curve]] = {}
    for part in parts:
        for row in part.quantities:
            rows.setdefault((row.id, row.phase, row.axis), []).append(row)
        for curve in part.curves:
            curves.setdefault((curve.id, curve.phase, curve.axis), []).append(curve)
    notes = [f"{note} (in {count} of {len(parts)} subvolumes)" for note, count in _count_notes(parts).items()]
    for found in rows.values():
        if len(found) < len(parts):
            who = " ".join(filter(None, [found[0].name, found[0].phase and f"of {found[0].phase}"]))
            axis = found[0].axis and f" along {found[0].axis}"
            notes.append(f"{who}{axis} is the mean of the {len(found)} of {len(parts)} subvolumes that have one")
    return Measurements(
        tuple(_average_rows(found, len(parts)) for found in rows.values()),
        tuple(pooled for found in curves.values() if (pooled := _pool(found)) is not None),
        tuple(notes),
        tuple(dict.fromkeys(finding for part in parts for finding in part.findings)),
    )


def _count_notes(parts: Sequence[Measurements]) -> Counter[str]:
    return Counter(note for part in parts for note in dict.fromkeys(part.notes))


def _average_rows(found: Sequence[Measured], count: int) -> Measured:
    values = np.array([row.quantity.value for row in found])
    first, last = (row.quantity.domain for row in (found[0], found[-1]))
    methods = {row.quantity.method for row in found}
    specs = quantity_specs()
    method = methods.pop() if len(methods) == 1 or found[0].id not in specs else specs[found[0].id].method
    domain = f"{len(found)} subvolumes, {first} to {last}" if len(found) > 1 else first
    quantity = replace(found[0].quantity, value=float(values.mean()), method=method, domain=domain)
    row = replace(found[0], quantity=quantity)
    if len(found) < count:
        return row
    error = float(values.std(ddof=1)) / sqrt(count)
    return add_interval(row, Spread(error, count - 1), 0.0 if (values >= 0).all() else -np.inf)


def _pool(found: Sequence[Curve]) -> Curve | None:
    """The curve of all subvolumes together; None of one that does not say how."""
    spec = curve_specs().get(found[0].id)
    if spec is None or spec.pool is None:
        return None
    columns = spec.pool([curve.columns for curve in found])
    return replace(found[0], columns=columns, method=f"{found[0].method}; mean of {len(found)} subvolumes")


def report_part(volume: MeasuredVolume, boxes: Sequence[Box], names: Sequence[str]) -> tuple[Finding, ...]:
    """A finding about what is measured in a part of the volume only; none where that is all of it."""
    share = sum(box.voxels for box in boxes) / prod(volume.shape)
    if share >= 1 or not names:
        return ()
    size, several = " x ".join(map(str, boxes[0].shape)), len(boxes) > 1
    where = f"{len(boxes)} subvolumes of {size} voxels" if several else f"the middle {size} voxels"
    others = len(names) - 1
    what = names[0] + (f" and {others} other quantit{'ies' if others > 1 else 'y'}" if others else "")
    return (
        Finding(
            "part-of-volume",
            f"{what} were measured in {where}, {100 * share:.2g} % of the volume",
            "the values are means, with intervals from the spread between them"
            if several
            else "the values are those of this part, without intervals, and other parts may differ",
            "" if several else "measure several subvolumes, or smaller ones where fewer than four fit",
            "note",
        ),
    )
