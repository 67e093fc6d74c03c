"""A table of samples (CSV): which file belongs to which group, and where it stands in a series."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from keramos.core.errors import FormatError, MissingFileError, OptionError
from keramos.core.near_names import did_you_mean
from keramos.core.object_path import as_path, is_address

_DELIMITERS = ",;\t"
_FILE, _GROUP = "file", "group"


@dataclass(frozen=True)
class SheetRow:
    """A sample: its path, its group (empty: none is named) and its number in the series (None: there is none)."""

    path: Path
    group: str = ""
    x: float | None = None


def read_sheet(path: Path, against: str = "") -> list[SheetRow]:
    """The rows of a table with a column `file` (paths from the table's folder), and a column `group` or the column
    `against` of numbers, or both. Commas, semicolons (then 0,5 is a number, too) or tabs part the columns.

    Raises:
        MissingFileError, FormatError: no such table, or one without these columns, or with a cell that is empty.
        OptionError: no column `against`.
    """
    columns, rows = _read_table(path)
    if _FILE not in columns or (_GROUP not in columns and not against):
        raise FormatError(
            f"expected a table with columns 'file' and 'group' (or with --against one of numbers), found "
            f"{', '.join(columns) or 'no columns'} in {path}"
        )
    if against and against.lower() not in columns:
        raise OptionError("against", f"expected a column of {path}, found '{against}'{did_you_mean(against, columns)}")
    found = [_sample(row, number, path, against.lower()) for number, row in rows]
    if not found:
        raise FormatError(f"expected a sample in each row of {path}, found no row below the names of the columns")
    return found


def _read_table(path: Path) -> tuple[list[str], list[tuple[int, Mapping[str, str]]]]:
    """The names of the columns in lower case, and the rows that are not empty, with their numbers."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise MissingFileError(f"expected a table of samples, found nothing at {path}; check the path") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(
            f"expected a table of samples as text (CSV) in {path}, found {type(error).__name__}"
        ) from None
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    lines = [[cell.strip() for cell in line] for line in csv.reader(text.splitlines(), delimiter=delimiter)]
    if not lines:
        return [], []
    columns = [name.lower() for name in lines[0]]
    decimal = {ord(","): "."} if delimiter == ";" else {}
    return columns, list(_rows(lines[1:], columns, decimal))


def _rows(lines: list[list[str]], columns: list[str], decimal: dict[int, str]) -> Iterator[tuple[int, dict[str, str]]]:
    for number, line in enumerate(lines, 2):
        if any(line):
            cells = dict(zip(columns, line, strict=False))
            numbers = {name: text.translate(decimal) for name, text in cells.items() if name not in (_FILE, _GROUP)}
            yield number, cells | numbers


def _sample(row: Mapping[str, str], number: int, path: Path, against: str) -> SheetRow:
    for name in (_FILE, _GROUP, against):
        if name in row and not row[name]:
            raise FormatError(f"expected a value in column '{name}' of row {number} of {path}, found an empty cell")
    if not row.get(_FILE):
        raise FormatError(f"expected a file in row {number} of {path}, found none")
    place = as_path(row[_FILE]) if is_address(row[_FILE]) else path.parent / row[_FILE]
    return SheetRow(place, row.get(_GROUP, ""), _number(row, number, path, against))


def _number(row: Mapping[str, str], number: int, path: Path, against: str) -> float | None:
    if not against:
        return None
    try:
        value = float(row.get(against, ""))
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise FormatError(
            f"expected a number in column '{against}' of row {number} of {path}, found '{row.get(against, '')}'"
        )
    return value
