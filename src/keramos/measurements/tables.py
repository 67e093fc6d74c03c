"""Measurements as JSON values and as rows of tables, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from keramos.core import Quantity
from keramos.core.errors import FormatError
from keramos.measurements.measured import Curve, Measured, Measurements

FORMAT = "keramos-quantities-1"
ROW_COLUMNS = (
    "name",
    "phase",
    "axis",
    "value",
    "unit",
    "low",
    "high",
    "level",
    "domain",
    "method",
    "segmentation_low",
    "segmentation_high",
)
CURVE_COLUMNS = ("name", "phase", "axis", "x", "x_value", "x_unit", "y", "y_value", "y_unit")


def to_json(found: Measurements) -> dict[str, Any]:
    """Everything, as values that JSON knows."""
    rows = [
        {"name": row.name, "phase": row.phase, "axis": row.axis, **asdict(row.quantity)} for row in found.quantities
    ]
    curves = [
        {
            "name": c.name,
            "phase": c.phase,
            "axis": c.axis,
            "method": c.method,
            "units": dict(c.units),
            "columns": {name: list(column) for name, column in c.columns.items()},
        }
        for c in found.curves
    ]
    return {"format": FORMAT, "quantities": rows, "curves": curves, "notes": list(found.notes)}


def from_json(data: Mapping[str, Any]) -> Measurements:
    """What `to_json` made of it. FormatError if it is something else."""
    if data.get("format") != FORMAT:
        raise FormatError(f"expected quantities of the format {FORMAT}, found {data.get('format', 'no format')}")
    try:
        return Measurements(
            tuple(_row(row) for row in data["quantities"]),
            tuple(
                Curve(c["name"], c["columns"], c["units"], c["method"], c["phase"], c["axis"]) for c in data["curves"]
            ),
            tuple(data["notes"]),
        )
    except (KeyError, TypeError) as error:
        raise FormatError(f"expected quantities as Keramos writes them, found them without {error}") from None


def table_rows(found: Measurements) -> list[tuple[Any, ...]]:
    """One row per quantity, in the order of `ROW_COLUMNS`."""
    rows = []
    for row in found.quantities:
        low, high = row.quantity.interval or ("", "")
        sure = row.quantity.segmentation or ("", "")
        level = row.quantity.level if row.quantity.interval or row.quantity.segmentation else ""
        q = row.quantity
        rows.append((row.name, row.phase, row.axis, q.value, q.unit, low, high, level, q.domain, q.method, *sure))
    return rows


def curve_rows(found: Measurements) -> list[tuple[Any, ...]]:
    """One row per point of every curve, in the order of `CURVE_COLUMNS`: the first column against each other one."""
    rows = []
    for curve in found.curves:
        x, *others = curve.columns
        for y in others:
            for a, b in zip(curve.columns[x], curve.columns[y], strict=True):
                rows.append((curve.name, curve.phase, curve.axis, x, a, curve.units[x], y, b, curve.units[y]))
    return rows


def _row(row: Mapping[str, Any]) -> Measured:
    # Earlier versions wrote no interval of the segmentation.
    between, sure = (
        None if ends is None else (ends[0], ends[1]) for ends in (row["interval"], row.get("segmentation"))
    )
    quantity = Quantity(row["value"], row["unit"], row["method"], between, row["level"], row["domain"], sure)
    return Measured(row["name"], quantity, row["phase"], row["axis"])
