"""Measurements as JSON values and as rows of tables, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from math import isnan, nan
from typing import Any

from keramos.core import Finding, Quantity
from keramos.core.errors import FormatError
from keramos.measurements.registry import curve_specs, display_of, quantity_specs
from keramos.measurements.results import SENSITIVITY_TABLE, Curve, Measured, Measurements, Table
from keramos.measurements.spec import CurveSpec, QuantitySpec

FORMAT = "keramos-quantities-1"
SHORT_TABLES = (SENSITIVITY_TABLE,)
"""The tables that stand among the quantities; others have a row for each object or window, in files of their own."""
ROW_COLUMNS = (
    "id",
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
CURVE_COLUMNS = ("id", "name", "phase", "axis", "x", "x_value", "x_unit", "y", "y_value", "y_unit")


def to_json(measured: Measurements) -> dict[str, Any]:
    """All of it, as values that JSON knows."""
    rows = [
        {
            "id": row.id,
            "name": row.name,
            "phase": row.phase,
            "axis": row.axis,
            **asdict(row.quantity),
            "display": display_of(row.id),
        }
        for row in measured.quantities
    ]
    curves = [
        {
            "id": curve.id,
            "name": curve.name,
            "phase": curve.phase,
            "axis": curve.axis,
            "method": curve.method,
            "units": dict(curve.units),
            "columns": {name: list(column) for name, column in curve.columns.items()},
        }
        for curve in measured.curves
    ]
    return {
        "format": FORMAT,
        "quantities": rows,
        "curves": curves,
        "notes": list(measured.notes),
        "findings": [finding.to_json() for finding in measured.findings],
        "tables": [_write_table(table) for table in measured.tables if table.id in SHORT_TABLES],
    }


def from_json(data: Mapping[str, Any]) -> Measurements:
    """The measurements that `to_json` wrote; version 0.1 wrote no ids, which then follow from the names.

    Raises:
        FormatError: it is something else.
    """
    if data.get("format") != FORMAT:
        raise FormatError(f"expected quantities of the format {FORMAT}, found {data.get('format', 'no format')}")
    try:
        return Measurements(
            tuple(_read_row(row) for row in data["quantities"]),
            tuple(_read_curve(curve) for curve in data["curves"]),
            tuple(data["notes"]),
            # Earlier versions wrote neither findings nor tables.
            tuple(Finding.from_json(row) for row in data.get("findings", ())),
            tuple(_read_table(table) for table in data.get("tables", ())),
        )
    except (KeyError, TypeError) as error:
        raise FormatError(f"expected quantities as Keramos writes them, found them without {error}") from None


def table_rows(measured: Measurements) -> list[tuple[Any, ...]]:
    """One row per quantity, in the order of `ROW_COLUMNS`."""
    rows = []
    for row in measured.quantities:
        q = row.quantity
        low, high = q.interval or ("", "")
        sure = q.segmentation or ("", "")
        level = q.level if q.interval or q.segmentation else ""
        who = (row.id, row.name, row.phase, row.axis)
        rows.append((*who, q.value, q.unit, low, high, level, q.domain, q.method, *sure))
    return rows


def curve_rows(measured: Measurements) -> list[tuple[Any, ...]]:
    """One row per point of every curve, in the order of `CURVE_COLUMNS`: the first column against each other one."""
    rows = []
    for curve in measured.curves:
        x, *others = curve.columns
        who = (curve.id, curve.name, curve.phase, curve.axis)
        for y in others:
            for a, b in zip(curve.columns[x], curve.columns[y], strict=True):
                rows.append((*who, x, a, curve.units[x], y, b, curve.units[y]))
    return rows


def _read_row(row: Mapping[str, Any]) -> Measured:
    # Earlier versions wrote no interval of the segmentation, and no standard error.
    interval, segmentation = (
        None if ends is None else (ends[0], ends[1]) for ends in (row["interval"], row.get("segmentation"))
    )
    quantity = Quantity(
        row["value"],
        row["unit"],
        row["method"],
        interval,
        row["level"],
        row["domain"],
        segmentation,
        row.get("standard_error"),
    )
    return Measured(_id_of(row, quantity_specs()), row["name"], quantity, row["phase"], row["axis"])


def _read_curve(curve: Mapping[str, Any]) -> Curve:
    identity = _id_of(curve, curve_specs())
    columns, units = curve["columns"], curve["units"]
    return Curve(identity, curve["name"], columns, units, curve["method"], curve["phase"], curve["axis"])


def _write_table(table: Table) -> dict[str, Any]:
    """JSON knows no NaN: a number that there is not is null."""
    columns = {
        name: [None if isinstance(value, float) and isnan(value) else value for value in column]
        for name, column in table.columns.items()
    }
    return {"id": table.id, "name": table.name, "units": dict(table.units), "columns": columns}


def _read_table(table: Mapping[str, Any]) -> Table:
    columns = {name: [nan if value is None else value for value in column] for name, column in table["columns"].items()}
    return Table(table["id"], table["name"], table["units"], columns)


def _id_of(row: Mapping[str, Any], specs: Mapping[str, QuantitySpec] | Mapping[str, CurveSpec]) -> str:
    """The id that was written; without one, that of the specification of this name, or the name with hyphens."""
    if "id" in row:
        return str(row["id"])
    by_name = {spec.name: spec.id for spec in specs.values()}
    return by_name.get(row["name"], str(row["name"]).replace(" ", "-"))
