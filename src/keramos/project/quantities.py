"""The files that quantifying writes, and how they are read again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from keramos.core import Provenance
from keramos.core.errors import FormatError, KeramosError
from keramos.core.files import make_folder, write_texts
from keramos.measurements import Measurements
from keramos.measurements.tables import CURVE_COLUMNS, ROW_COLUMNS, curve_rows, from_json, table_rows, to_json

QUANTITIES = "quantities.json"


def write_quantities(folder: Path, found: Measurements, provenance: Provenance) -> None:
    """`quantities.json` (everything), `quantities.csv` and `curves.csv` (for a spreadsheet). StorageError if not."""
    make_folder(folder)
    data = {**to_json(found), "provenance": provenance.to_json()}
    texts = {
        "quantities.csv": _csv(ROW_COLUMNS, table_rows(found)),
        "curves.csv": _csv(CURVE_COLUMNS, curve_rows(found)),
        QUANTITIES: json.dumps(data, indent=1, allow_nan=False) + "\n",
    }
    write_texts({folder / name: text for name, text in texts.items()})


def read_quantities(path: Path) -> Measurements:
    """The measurements in a folder or a `quantities.json`. FormatError if they are none."""
    file = path / QUANTITIES if path.is_dir() else path
    try:
        return from_json(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, AttributeError) as error:
        raise FormatError(
            f"expected quantities by Keramos in {file}, found none ({type(error).__name__}); run keramos quantify "
            "with --out"
        ) from None
    except KeramosError as error:
        raise FormatError(f"{file}: {error}; run keramos quantify again") from None


def read_measured_fingerprint(folder: Path) -> str | None:
    """The fingerprint of the labels that the quantities in a folder were measured of; None if it does not say."""
    try:
        steps = json.loads((folder / QUANTITIES).read_text(encoding="utf-8"))["provenance"]
        return str(steps[-1]["inputs"]["labels"])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
