"""The file of a pore network: CSV as `openpnm.io.network_from_csv` reads it, or JSON of its dictionary.

CSV has one column a property (`pore.coords[0]`), pores and throats side by side from the first row on; the shorter
columns end in empty cells. JSON has the arrays themselves: `{"pore.coords": [[x, y, z], ...], "throat.conns": ...}`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from keramos.core.files import write_text, write_whole

if TYPE_CHECKING:
    from keramos.measurements import Table

_ROWS = 50_000
_PART = re.compile(r"(.*)\[(\d)\]")


def write_network(path: Path, pores: Table, throats: Table) -> None:
    """Write a network whose columns have OpenPNM's names, in metres. StorageError where the disk refuses."""
    columns = {**pores.columns, **throats.columns}
    if path.suffix.lower() == ".json":
        write_text(path, json.dumps(_join_parts(columns)) + "\n")
    else:
        write_whole(path, lambda file: _write_csv(file, columns))


def _join_parts(columns: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Columns as lists; `name[0]`, `name[1]`, ... as one list of lists."""
    joined: dict[str, list[Any]] = {}
    for name, column in columns.items():
        part = _PART.fullmatch(name)
        if part is None:
            joined[name] = np.asarray(column).tolist()
        elif part[2] == "0":
            parts = [value for key, value in columns.items() if key.startswith(f"{part[1]}[")]
            joined[part[1]] = np.stack(parts, axis=1).tolist()
    return joined


def _write_csv(file: BinaryIO, columns: Mapping[str, Any]) -> None:
    file.write((",".join(columns) + "\n").encode())
    count = max(len(column) for column in columns.values())
    for start in range(0, count, _ROWS):
        parts = [_pad(column[start : start + _ROWS], min(_ROWS, count - start)) for column in columns.values()]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(islice(zip(*parts, strict=True), _ROWS))
        file.write(text.getvalue().encode())


def _pad(column: Any, rows: int) -> list[Any]:
    values = np.asarray(column).tolist()
    texts = [f"{value:.9g}" if isinstance(value, float) else value for value in values]
    return [*texts, *([""] * (rows - len(texts)))]
