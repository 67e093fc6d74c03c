"""The files that quantifying writes, and how they are read again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keramos.core import Provenance, VoxelSize
from keramos.core.errors import FormatError, KeramosError
from keramos.core.files import make_folder, remove_file, write_texts
from keramos.measurements import SENSITIVITY_TABLE, WINDOW_TABLE, Measurements
from keramos.measurements.tables import CURVE_COLUMNS, ROW_COLUMNS, curve_rows, from_json, table_rows, to_json
from keramos.project.output_kinds import OUTPUT_KINDS

QUANTITIES = "quantities.json"
BESIDE = {WINDOW_TABLE: "windows.csv", SENSITIVITY_TABLE: "sensitivity.csv"}
"""Files of tables beside the quantities, by the tables' ids."""


@dataclass(frozen=True)
class MeasuredLabels:
    """Facts about the labels that quantities were measured of: voxel size and the fingerprint of their images, None
    where a file does not say; the steps that led to the quantities (`Provenance.to_json`)."""

    voxel_size: VoxelSize | None = None
    images: str | None = None
    steps: tuple[Mapping[str, Any], ...] = ()


def write_quantities(
    folder: Path, found: Measurements, provenance: Provenance, labels: MeasuredLabels | None = None
) -> None:
    """`quantities.json` (everything), `quantities.csv` and `curves.csv` (for a spreadsheet). StorageError if not."""
    make_folder(folder)
    about = labels or MeasuredLabels()
    size = None if about.voxel_size is None else list(about.voxel_size.zyx)
    data = {
        **to_json(found),
        "labels": {"voxel_size_nm": size, "images": about.images},
        "provenance": provenance.to_json(),
    }
    texts = {
        "quantities.csv": _csv(ROW_COLUMNS, table_rows(found)),
        "curves.csv": _csv(CURVE_COLUMNS, curve_rows(found)),
        QUANTITIES: json.dumps(data, indent=1, allow_nan=False) + "\n",
    }
    write_texts({folder / name: text for name, text in texts.items()})


def remove_other_tables(folder: Path, kept: Collection[str]) -> None:
    """Remove the tables of an earlier run, by their ids but these, for the quantities beside them are not of it; not a
    file of another kind."""
    own = OUTPUT_KINDS["quantities"].files(folder)
    for table, name in BESIDE.items():
        file = folder / name
        if table not in kept and file.is_file() and own[file](file):
            remove_file(file)


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


def read_measured_labels(path: Path) -> MeasuredLabels:
    """Facts about the labels that the quantities in a folder or a file were measured of; earlier versions wrote a voxel
    size only where it was given as an option."""
    file = path / QUANTITIES if path.is_dir() else path
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        steps = tuple(data.get("provenance", ()))
        given = steps[-1]["parameters"].get("voxel_size") if steps else None
        about = data.get("labels") or {}
        size = about.get("voxel_size_nm") or given
        return MeasuredLabels(None if size is None else VoxelSize.of(size), about.get("images"), steps)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return MeasuredLabels()


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
