"""Samples side by side: a column each, and how the others differ from the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from keramos.core import Quantity
from keramos.measurements import AXES, Measured, quantity_specs
from keramos.measurements.groups import difference_interval
from keramos.reports.content import Comparison
from keramos.reports.microstructure.figures import bounds_text, interval_text, number, scale_of, value_text
from keramos.reports.microstructure.quantity_table import place_of
from keramos.reports.plain_words import MISSING, SPACE


@dataclass(frozen=True, slots=True)
class SampleCell:
    """A value or a difference with its interval; `apart` where the interval of a difference leaves out zero."""

    value: str
    interval: str
    apart: bool = False


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One quantity in every sample, then the difference of each further sample from the first."""

    id: str
    name: str
    where: str
    samples: tuple[SampleCell, ...]
    differences: tuple[SampleCell, ...]

    @property
    def comparison(self) -> str:
        """Whether its difference is `told`, `shown` or `folded`."""
        spec = quantity_specs().get(self.id)
        return "folded" if spec is None else spec.comparison


def sample_rows(comparison: Comparison) -> tuple[SampleRow, ...]:
    """The quantities that at least two samples have, by phase and in the order of their specifications."""
    tables = [{(row.phase, row.id, row.axis): row for row in rows.quantities} for _, rows in comparison.samples]
    keys = dict.fromkeys(key for table in tables for key in table)
    shared = [key for key in keys if sum(key in table for table in tables) > 1]
    phases, ids = list(dict.fromkeys(key[0] for key in keys)), list(quantity_specs())
    ordered = sorted(shared, key=lambda k: (phases.index(k[0]), place_of(k[1], ids), AXES.index(k[2]) if k[2] else -1))
    return tuple(_row([table.get(key) for table in tables], comparison.independent) for key in ordered)


def _row(rows: Sequence[Measured | None], independent: bool) -> SampleRow:
    about = next(row for row in rows if row is not None)
    where = ", ".join(word for word in (about.phase, f"along {about.axis}" if about.axis else "") if word)
    quantities = [None if row is None else row.quantity for row in rows]
    cells = [
        SampleCell(MISSING, "") if q is None else SampleCell(value_text(about.id, q), interval_text(about.id, q))
        for q in quantities
    ]
    first, *others = quantities
    differences = tuple(_difference(about.id, first, other, independent) for other in others)
    return SampleRow(about.id, about.name, where, tuple(cells), differences)


def _difference(id: str, first: Quantity | None, other: Quantity | None, independent: bool) -> SampleCell:
    if first is None or other is None or first.unit != other.unit or not isfinite(other.value - first.value):
        return SampleCell(MISSING, "")
    factor, unit = scale_of(id, first.unit)
    words = "points" if unit == "%" else unit
    value = number(factor * (other.value - first.value), digits=3, sign=True) + (f"{SPACE}{words}" if words else "")
    bounds = difference_interval(first, other) if independent else None
    if bounds is None:
        return SampleCell(value, "")
    low, high = bounds
    return SampleCell(value, bounds_text(factor * low, factor * high), low > 0 or high < 0)
