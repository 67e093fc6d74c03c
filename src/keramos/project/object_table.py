"""The file with one row for each object: CSV, or Parquet where its package is installed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from keramos.core.files import whole_file, write_whole
from keramos.core.optional import import_optional
from keramos.measurements import Table

_ROWS = 50_000


def write_table(path: Path, table: Table) -> None:
    """Write a table, its units behind the names of its columns; CSV holds numbers to nine digits.

    Raises:
        StorageError: the disk refuses.
        MissingPackageError: Parquet, and pyarrow is not installed.
    """
    columns = {
        f"{name}_{table.units[name]}" if table.units[name] not in ("", "1") else name: column
        for name, column in table.columns.items()
    }
    if path.suffix.lower() == ".parquet":
        arrow = import_optional("pyarrow", extra="parquet", purpose="write Parquet")
        parquet = import_optional("pyarrow.parquet", extra="parquet", purpose="write Parquet")
        with whole_file(path) as partial:
            parquet.write_table(arrow.table({name: np.asarray(column) for name, column in columns.items()}), partial)
        return
    write_whole(path, lambda file: _write_csv(file, columns))


def _write_csv(file: BinaryIO, columns: dict[str, Any]) -> None:
    """The rows in batches, so that millions of them take little memory."""
    file.write((",".join(columns) + "\n").encode())
    for rows in _batches(list(columns.values())):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        file.write(text.getvalue().encode())


def _batches(columns: list[Any]) -> Iterator[list[tuple[Any, ...]]]:
    for start in range(0, len(columns[0]), _ROWS):
        parts = [np.asarray(column[start : start + _ROWS]) for column in columns]
        yield list(zip(*(_format(part) for part in parts), strict=True))


def _format(part: Any) -> list[Any]:
    """Values as they are written: nothing for a number that is none."""
    if part.dtype.kind == "f":
        return ["" if value != value else f"{value:.9g}" for value in part.tolist()]
    return list(part.tolist())
