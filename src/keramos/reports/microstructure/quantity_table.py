"""Measured quantities as rows of text: the headline numbers by phase, and all of them with method and domain."""

from __future__ import annotations

from dataclasses import dataclass

from keramos.measurements import AXES, Measured, Measurements, quantity_specs
from keramos.reports.microstructure.figures import interval_text, segmentation_text, spell_out, value_text
from keramos.reports.plain_words import MISSING

ALL_PHASES = "All phases together"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with its unit, its interval and that of its segmentation; `axis` is empty for what has no direction."""

    axis: str
    value: str
    interval: str
    segmentation: str = ""


@dataclass(frozen=True, slots=True)
class QuantityRow:
    """A quantity of a phase: one cell, or one for each of Z Y X."""

    name: str
    meaning: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class PhaseGroup:
    """The rows of one phase."""

    title: str
    rows: tuple[QuantityRow, ...]


@dataclass(frozen=True, slots=True)
class FullRow:
    """Everything about one quantity."""

    name: str
    phase: str
    axis: str
    value: str
    interval: str
    method: str
    domain: str
    segmentation: str = ""


def headline_groups(measurements: Measurements) -> tuple[PhaseGroup, ...]:
    """The headline quantities, phase by phase; what belongs to no phase comes last."""
    phases = dict.fromkeys(row.phase for row in measurements.quantities)
    groups = [_group(measurements, phase) for phase in sorted(phases, key=lambda phase: phase == "")]
    return tuple(group for group in groups if group.rows)


def full_rows(measurements: Measurements) -> tuple[FullRow, ...]:
    """All quantities, in the order of the phases and of their specifications; those without one come last."""
    phases, ids = list(dict.fromkeys(row.phase for row in measurements.quantities)), list(quantity_specs())
    ordered = sorted(measurements.quantities, key=lambda row: (phases.index(row.phase), place_of(row.id, ids)))
    return tuple(_full(row) for row in ordered)


def place_of(id: str, ids: list[str]) -> int:
    """The place of a quantity in tables; the last one for a quantity without a specification."""
    return ids.index(id) if id in ids else len(ids)


def _group(measurements: Measurements, phase: str) -> PhaseGroup:
    rows = []
    for id, spec in quantity_specs().items():
        own = [row for row in measurements.quantities if (row.id, row.phase) == (id, phase)]
        if own and spec.headline:
            # A name may hold braces: it is put in by replacing, not by formatting.
            meaning = spec.meaning.replace("{phase}", phase or "the phase")
            rows.append(QuantityRow(spec.name, meaning, _cells(own)))
    return PhaseGroup(phase or ALL_PHASES, tuple(rows))


def _cells(rows: list[Measured]) -> tuple[Cell, ...]:
    """One cell for what has no direction; else one for each axis, a dash where there is none."""
    if not any(row.axis for row in rows):
        return (_cell(rows[0]),)
    by_axis = {row.axis: row for row in rows}
    return tuple(_cell(by_axis[axis]) if axis in by_axis else Cell(axis, MISSING, "") for axis in AXES)


def _cell(row: Measured) -> Cell:
    id, quantity = row.id, row.quantity
    return Cell(row.axis, value_text(id, quantity), interval_text(id, quantity), segmentation_text(id, quantity))


def _full(row: Measured) -> FullRow:
    cell = _cell(row)
    return FullRow(
        row.name,
        row.phase,
        row.axis,
        cell.value,
        cell.interval,
        spell_out(row.quantity.method),
        row.quantity.domain,
        cell.segmentation,
    )
