"""Quantities as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keramos.cli.console import print_table

if TYPE_CHECKING:
    from keramos.quantify import Measured, Measurements

_COLUMNS = ("quantity", "unit", "value", "95 % interval", "along z", "along y", "along x")


def print_quantities(found: Measurements) -> None:
    """One table for each phase, and one of what belongs to no phase; a row for each quantity."""
    for phase in dict.fromkeys(row.phase for row in found.quantities):
        rows = [row for row in found.quantities if row.phase == phase]
        names = dict.fromkeys(row.name for row in rows)
        print_table(
            phase or "all phases", _COLUMNS, [_cells(name, [r for r in rows if r.name == name]) for name in names]
        )
    domains = {row.quantity.domain for row in found.quantities} - {"whole volume"}
    for domain in sorted(domains):
        of_it = dict.fromkeys(row.name for row in found.quantities if row.quantity.domain == domain)
        print(f"of the {domain} only: {', '.join(of_it)}")


def _cells(name: str, rows: list[Measured]) -> tuple[str, ...]:
    unit = rows[0].quantity.unit
    whole = next((row.quantity for row in rows if not row.axis), None)
    along: dict[str, str] = {row.axis: _number(row.quantity.value) for row in rows if row.axis}
    value = "" if whole is None else _number(whole.value)
    between = "" if whole is None or whole.interval is None else " to ".join(map(_number, whole.interval))
    return (name, "" if unit == "1" else unit, value, between, *(along.get(axis, "") for axis in "zyx"))


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) and abs(value) >= 1000 else f"{value:.4g}"
