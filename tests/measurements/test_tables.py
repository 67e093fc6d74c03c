"""Measurements are written and read again, ids and all; files of version 0.1 had none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from keramos.core import Quantity
from keramos.core.errors import FormatError
from keramos.measurements import Curve, Measured, Measurements, curve_specs, quantity_specs
from keramos.measurements.tables import CURVE_COLUMNS, ROW_COLUMNS, curve_rows, from_json, table_rows, to_json

NAMES_OF_0_1 = {
    "phase fraction": "phase-fraction",
    "specific surface area": "specific-surface-area",
    "triple-phase boundary length": "triple-phase-boundary-length",
    "mean intercept length": "mean-intercept-length",
    "mean local thickness": "mean-local-thickness",
    "neck diameter": "neck-diameter",
    "correlation length": "correlation-length",
    "anisotropy": "anisotropy",
    "largest component": "largest-component",
    "percolating fraction": "percolating-fraction",
    "tortuosity factor": "tortuosity-factor",
    "tortuosity factor at double voxels": "tortuosity-factor-at-double-voxels",
    "relative diffusivity": "relative-diffusivity",
    "effective conductivity": "effective-conductivity",
    "representative volume": "representative-volume",
    "mean curvature": "mean-curvature",
    "Euler number density": "euler-number-density",
    "Euler number": "euler-number",
    "Euler number (26)": "euler-number-26",
    "components": "components",
}
CURVES_OF_0_1 = {
    "phase fraction of slices": "phase-fraction-of-slices",
    "spread of the phase fraction between windows": "phase-fraction-spread",
    "chord length distribution": "chord-length-distribution",
    "two-point correlation": "two-point-correlation",
    "local thickness": "local-thickness",
    "component sizes": "component-sizes",
}


def as_0_1_wrote(names: list[str], curves: list[str]) -> dict[str, Any]:
    row = {"phase": "solid", "axis": "", "value": 0.5, "unit": "1", "method": "counted", "interval": [0.4, 0.6]}
    more = {"level": 0.95, "domain": "whole volume"}
    curve = {"phase": "solid", "axis": "z", "method": "counted", "units": {"a": "nm"}, "columns": {"a": [1.0]}}
    return {
        "format": "keramos-quantities-1",
        "quantities": [{"name": name, **row, **more} for name in names],
        "curves": [{"name": name, **curve} for name in curves],
        "notes": ["a note"],
    }


def test_files_of_version_0_1_get_the_ids_of_their_names() -> None:
    results = from_json(as_0_1_wrote([*NAMES_OF_0_1, "glow in the dark"], [*CURVES_OF_0_1, "glow over time"]))
    assert [row.id for row in results.quantities] == [*NAMES_OF_0_1.values(), "glow-in-the-dark"]
    assert [curve.id for curve in results.curves] == [*CURVES_OF_0_1.values(), "glow-over-time"]
    assert results.find("phase-fraction", "solid") == Quantity(0.5, "1", "counted", (0.4, 0.6))
    assert results.notes == ("a note",)


def test_ids_are_stable() -> None:
    assert {spec.name: spec.id for spec in quantity_specs().values()}.items() >= NAMES_OF_0_1.items()
    assert {spec.name: spec.id for spec in curve_specs().values()}.items() >= CURVES_OF_0_1.items()


def test_rows_say_how_they_are_shown() -> None:
    ids = ("coverage", "tortuosity-factor", "components", "of-another-package")
    rows = to_json(Measurements(tuple(Measured(id, id, Quantity(0.5, "1", "counted"), "", "") for id in ids)))
    assert [row["display"] for row in rows["quantities"]] == ["fraction", "number", "count", "number"]


def test_what_is_written_is_read_again() -> None:
    quantity = Quantity(0.5, "1", "counted", (0.4, 0.6), 0.95, "box 0:2,0:2,0:2", (0.3, 0.7), 0.03)
    row = Measured("made-elsewhere", "made elsewhere", quantity, "solid", "y")
    curve = Curve(
        "curve-elsewhere", "curve elsewhere", {"a": [1.0, 2.0], "b": [3.0, 4.0]}, {"a": "nm", "b": "1"}, "how"
    )
    results = Measurements((row,), (curve,), ("a note",))
    assert from_json(json.loads(json.dumps(to_json(results)))) == results
    (cells,) = (dict(zip(ROW_COLUMNS, row, strict=True)) for row in table_rows(results))
    assert (cells["id"], cells["name"], cells["phase"], cells["axis"]) == (
        "made-elsewhere",
        "made elsewhere",
        "solid",
        "y",
    )
    assert (cells["low"], cells["high"], cells["segmentation_low"], cells["domain"]) == (
        0.4,
        0.6,
        0.3,
        "box 0:2,0:2,0:2",
    )
    points = [dict(zip(CURVE_COLUMNS, row, strict=True)) for row in curve_rows(results)]
    assert [(point["id"], point["x_value"], point["y_value"]) for point in points] == [
        ("curve-elsewhere", 1.0, 3.0),
        ("curve-elsewhere", 2.0, 4.0),
    ]


@pytest.mark.parametrize("data", [{}, {"format": "other"}, {"format": "keramos-quantities-1", "quantities": [{}]}])
def test_other_files_are_refused(data: dict[str, Any]) -> None:
    with pytest.raises(FormatError, match="expected quantities"):
        from_json(data)
