"""Results of measurements: named quantities and curves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keramos.core import Finding, Quantity
from keramos.core.notebook_html import escape_html, findings_html, table_html

AXES = ("z", "y", "x")
OBJECT_TABLE, WINDOW_TABLE, PORE_TABLE, THROAT_TABLE = "objects", "windows", "pores", "throats"
SENSITIVITY_TABLE = "sensitivity"
"""The ids of tables."""
_SHOWN_COLUMNS = ("phase", "quantity", "axis", "value", "unit", "interval", "interval incl. segmentation", "domain")


def join_phases(names: Iterable[str]) -> str:
    """The text that stands for several phases in the place of one.

    Example:
        >>> join_phases(["pore", "nickel"])
        'pore / nickel'
    """
    return " / ".join(names)


@dataclass(frozen=True, slots=True)
class Measured:
    """One quantity of a phase, or of all (`phase` empty), along an axis, or along none (`axis` empty); what several
    phases have between them has their names, joined by `join_phases`.

    `id` is stable, such as `phase-fraction`; `name` is for readers.
    """

    id: str
    name: str
    quantity: Quantity
    phase: str = ""
    axis: str = ""


@dataclass(frozen=True)
class Curve:
    """Columns of equal length with their units, such as a distribution: `columns["length"]` in `units["length"]`."""

    id: str
    name: str
    columns: Mapping[str, Sequence[float]]
    units: Mapping[str, str]
    method: str
    phase: str = ""
    axis: str = ""


@dataclass(frozen=True, eq=False)
class Table:
    """One row for each of many things: columns of equal length with their units (`1` for a number, empty for text)."""

    id: str
    name: str
    units: Mapping[str, str]
    columns: Mapping[str, Any]


@dataclass(frozen=True)
class Measurements:
    """The quantities and curves of one or several measurements, notes on what could not be measured, findings about
    what the volume cannot tell, and tables."""

    quantities: tuple[Measured, ...] = ()
    curves: tuple[Curve, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    tables: tuple[Table, ...] = ()

    def __add__(self, other: Measurements) -> Measurements:
        return Measurements(
            self.quantities + other.quantities,
            self.curves + other.curves,
            self.notes + other.notes,
            self.findings + other.findings,
            self.tables + other.tables,
        )

    def _repr_html_(self) -> str:
        rows = [
            (
                row.phase,
                row.name,
                row.axis,
                f"{row.quantity.value:.5g}",
                "" if row.quantity.unit == "1" else row.quantity.unit,
                *(" to ".join(f"{end:.4g}" for end in pair or ()) for pair in _intervals(row.quantity)),
                row.quantity.domain,
            )
            for row in self.quantities
        ]
        notes = "".join(f"<p>{escape_html(note)}</p>" for note in self.notes)
        return table_html(_SHOWN_COLUMNS, rows) + notes + findings_html(self.findings)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Notes and findings as sentences."""
        return (*self.notes, *(finding.text for finding in self.findings))

    def find(self, id: str, phase: str = "", axis: str = "") -> Quantity:
        """The quantity of that id, phase and axis.

        Raises:
            KeyError: there is none.

        Example:
            >>> row = Measured("phase-fraction", "phase fraction", Quantity(0.4, "1", "voxels counted"), "solid")
            >>> Measurements((row,)).find("phase-fraction", "solid").value
            0.4
        """
        for row in self.quantities:
            if (row.id, row.phase, row.axis) == (id, phase, axis):
                return row.quantity
        raise KeyError(f"no {id} of '{phase}' along '{axis}'")


def _intervals(quantity: Quantity) -> tuple[tuple[float, float] | None, ...]:
    return quantity.interval, quantity.segmentation
