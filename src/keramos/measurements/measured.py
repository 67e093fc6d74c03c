"""What quantifying gives: named quantities and curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from keramos.core import Quantity

AXES = ("z", "y", "x")


@dataclass(frozen=True, slots=True)
class Measured:
    """One quantity of a phase, or of all (`phase` empty), along an axis, or along none (`axis` empty)."""

    name: str
    quantity: Quantity
    phase: str = ""
    axis: str = ""


@dataclass(frozen=True)
class Curve:
    """Columns of equal length with their units, such as a distribution: `columns["length"]` in `units["length"]`."""

    name: str
    columns: Mapping[str, Sequence[float]]
    units: Mapping[str, str]
    method: str
    phase: str = ""
    axis: str = ""


@dataclass(frozen=True)
class Measurements:
    """All that one measurement found."""

    quantities: tuple[Measured, ...] = ()
    curves: tuple[Curve, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def __add__(self, other: Measurements) -> Measurements:
        return Measurements(self.quantities + other.quantities, self.curves + other.curves, self.notes + other.notes)

    def find(self, name: str, phase: str = "", axis: str = "") -> Quantity:
        """The quantity of that name, phase and axis; KeyError if there is none."""
        for row in self.quantities:
            if (row.name, row.phase, row.axis) == (name, phase, axis):
                return row.quantity
        raise KeyError(f"no {name} of '{phase}' along '{axis}'")
