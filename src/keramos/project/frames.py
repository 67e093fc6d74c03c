"""Results as data frames of pandas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from keramos.core import Finding
from keramos.core.errors import SettingsError
from keramos.core.optional import import_optional
from keramos.measurements import Curve, Measurements, Table
from keramos.measurements.tables import ROW_COLUMNS, table_rows
from keramos.scoring import Evaluation

if TYPE_CHECKING:
    import pandas as pd

_SCORES = ("precision", "recall", "iou", "dice", "iou_without_boundary")


def to_pandas(result: Measurements | Table | Curve | Evaluation | Iterable[Finding]) -> pd.DataFrame:
    """A data frame of a result: one row for each quantity (columns as in `quantities.csv`), object, window, point of a
    curve, phase or finding. Units are in the frame's `attrs`, or in a column of their own.

    Raises:
        MissingPackageError: pandas is not installed.
        SettingsError: something else than a result.

    Example:
        >>> from keramos.core import Quantity
        >>> from keramos.measurements import Measured
        >>> rows = Measured("phase-fraction", "phase fraction", Quantity(0.4, "1", "voxels counted"), "solid")
        >>> to_pandas(Measurements((rows,)))[["id", "phase", "value"]].values.tolist()
        [['phase-fraction', 'solid', 0.4]]
    """
    pandas = import_optional("pandas", extra="notebook", purpose="make data frames")
    if isinstance(result, Measurements):
        rows = [[None if cell == "" and at > 3 else cell for at, cell in enumerate(row)] for row in table_rows(result)]
        return _frame(pandas, rows, ROW_COLUMNS)
    if isinstance(result, Table | Curve):
        frame = pandas.DataFrame({name: list(column) for name, column in result.columns.items()})
        frame.attrs = {"units": dict(result.units), "name": result.name}
        return frame
    if isinstance(result, Evaluation):
        return _frame(pandas, _score_rows(result), ("phase", *_SCORES, "iou_low", "iou_high"))
    findings = list(result) if isinstance(result, Iterable) else [None]
    if not all(isinstance(one, Finding) for one in findings):
        raise SettingsError(
            f"expected quantities, a table, a curve, scores or findings, found {type(result).__name__}; "
            "volumes become arrays by keramos.to_xarray or keramos.to_dask"
        )
    columns = ("kind", "severity", "slices", "message", "effect", "advice")
    return _frame(pandas, [[getattr(one, name) for name in columns] for one in findings], columns)


def _frame(pandas: Any, rows: Any, columns: Iterable[str]) -> pd.DataFrame:
    frame: pd.DataFrame = pandas.DataFrame(rows, columns=list(columns))
    return frame


def _score_rows(scores: Evaluation) -> list[list[Any]]:
    rows = []
    for phase in scores.phases:
        ends = phase.interval.get("iou") or (None, None)
        rows.append([phase.name, *(getattr(phase, name) for name in _SCORES), *ends])
    return rows
