"""Quantities as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keramos.apps.cli.console import print_table
from keramos.measurements import display_of

if TYPE_CHECKING:
    from keramos.measurements import Measured, Measurements

_COLUMNS = ("quantity", "unit", "value", "95 % interval", "along z", "along y", "along x")
_SURE = "CI incl. segmentation"


def print_quantities(found: Measurements) -> None:
    """One table for each phase, and one of what belongs to no phase; a row for each quantity."""
    for phase in dict.fromkeys(row.phase for row in found.quantities):
        rows = [row for row in found.quantities if row.phase == phase]
        by_name = {row.name: [other for other in rows if other.name == row.name] for row in rows}
        columns: tuple[str, ...] = _COLUMNS
        cells = [_cells(name, own) for name, own in by_name.items()]
        if any(row.quantity.segmentation for row in rows):
            columns = (*columns, _SURE)
            cells = [(*row, _sure(own)) for row, own in zip(cells, by_name.values(), strict=True)]
        print_table(phase or "all phases", columns, cells)
    domains = {row.quantity.domain for row in found.quantities} - {"whole volume"}
    for domain in sorted(domains):
        of_it = dict.fromkeys(row.name for row in found.quantities if row.quantity.domain == domain)
        print(f"of the {domain} only: {', '.join(of_it)}")


def _cells(name: str, rows: list[Measured]) -> tuple[str, ...]:
    unit = rows[0].quantity.unit
    whole = next((row for row in rows if not row.axis), None)
    along: dict[str, str] = {row.axis: _value(row) for row in rows if row.axis}
    value = "" if whole is None else _value(whole)
    interval = None if whole is None else whole.quantity.interval
    between = "" if interval is None else " to ".join(map(_number, interval))
    return (name, "" if unit == "1" else unit, value, between, *(along.get(axis, "") for axis in "zyx"))


def _sure(rows: list[Measured]) -> str:
    """The 95 % interval that includes the error of the segmentation, by axis where there is one."""
    found = [(row.axis, " to ".join(map(_number, q))) for row in rows if (q := row.quantity.segmentation) is not None]
    return ", ".join(f"{axis} {between}".strip() for axis, between in found)


def _value(row: Measured) -> str:
    """The value; a share that is not quite all is not rounded to 1."""
    value = row.quantity.value
    text = _number(value)
    return "> 0.9999" if display_of(row.id) == "fraction" and text == "1" and value < 1 else text


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) and abs(value) >= 1000 else f"{value:.4g}"
