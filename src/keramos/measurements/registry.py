"""All measurements, those of other installed packages included, and the specifications they state."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeVar

from keramos.core.errors import SettingsError
from keramos.core.registry import Registry
from keramos.measurements.measurement import Measurement
from keramos.measurements.results import Measurements
from keramos.measurements.spec import CurveSpec, Display, QuantitySpec

MEASUREMENTS: Registry[Measurement] = Registry("measurements", Measurement, "keramos.measurements")
"""Members by name: values of class `Measurement` in the modules of this package, and entry points
`keramos.measurements`."""

S = TypeVar("S", QuantitySpec, CurveSpec)


def quantity_specs() -> dict[str, QuantitySpec]:
    """The specifications of all quantities by id, in the order of tables.

    Example:
        >>> next(iter(quantity_specs()))
        'phase-fraction'
    """
    return dict(_sort_quantities(tuple(MEASUREMENTS.values())))


def display_of(id: str) -> Display:
    """The way in which values of a quantity are shown; as numbers, if it is not known.

    Example:
        >>> display_of("phase-fraction"), display_of("tortuosity-factor")
        ('fraction', 'number')
    """
    spec = quantity_specs().get(id)
    return "number" if spec is None else spec.display


@lru_cache(maxsize=1)  # the rows of a page ask for it hundreds of times
def _sort_quantities(members: tuple[Measurement, ...]) -> dict[str, QuantitySpec]:
    specs = _unique(spec for member in members for spec in member.quantities)
    return dict(sorted(specs.items(), key=lambda item: item[1].rank))


def curve_specs() -> dict[str, CurveSpec]:
    """The specifications of all curves by id, in the order of their charts; those without a chart come last."""
    specs = _unique(spec for member in MEASUREMENTS.values() for spec in member.curves)
    return dict(sorted(specs.items(), key=lambda item: item[1].chart.rank if item[1].chart else 1_000_000))


def in_order(results: Measurements) -> Measurements:
    """Quantities and curves in the order of their specifications, so that no member's file name decides it."""
    ranks, places = list(quantity_specs()), list(curve_specs())
    return Measurements(
        tuple(sorted(results.quantities, key=lambda row: ranks.index(row.id))),
        tuple(sorted(results.curves, key=lambda curve: places.index(curve.id))),
        results.notes,
        results.findings,
        results.tables,
    )


def _unique(specs: Iterable[S]) -> dict[str, S]:
    unique: dict[str, S] = {}
    for spec in specs:
        if unique.setdefault(spec.id, spec) is not spec:
            raise SettingsError(f"two measurements give different specifications of '{spec.id}'; rename one of them")
    return unique
