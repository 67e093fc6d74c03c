"""A preparation as bytes, so that a run that was killed goes on with the very same numbers."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box
from keramos.core.errors import FormatError
from keramos.preparation.preparation import Preparation
from keramos.preparation.remedy import REMEDIES
from keramos.preparation.slice_grid import SliceGrid
from keramos.preparation.slice_positions import SlicePositions
from keramos.preparation.slice_shifts import Shear, SliceShifts

Arrays = dict[str, NDArray[Any]]


def to_bytes(preparation: Preparation) -> bytes:
    """The preparation as the content of a file (npz), without loss."""
    arrays: Arrays = {}
    rows, columns = preparation.window
    facts = {
        "field": [preparation.field.start, preparation.field.stop],
        "kept": preparation.kept,
        "blank": preparation.blank,
        "repeated": preparation.repeated,
        "tears": preparation.tears,
        "digests": preparation.digests,
        "is_unrelated": preparation.is_unrelated,
        "window": [[rows.start, rows.stop], [columns.start, columns.stop]],
        "shifts": _take_apart(preparation.shifts, "shifts", arrays),
        "grid": _take_apart(preparation.grid, "grid", arrays),
        "remedies": {
            name: _take_apart(values, f"remedies.{name}", arrays) for name, values in preparation.remedies.items()
        },
    }
    facts["positions"] = {
        "source": preparation.source,
        "is_resampled": preparation.is_resampled,
        "known": {name: _take_apart(value, f"known.{name}", arrays) for name, value in preparation.known.items()},
    }
    arrays["positions_nm"] = preparation.positions_nm
    file = BytesIO()
    np.savez(file, facts=np.frombuffer(json.dumps(facts).encode(), np.uint8), allow_pickle=False, **arrays)
    return file.getvalue()


def from_bytes(content: bytes) -> Preparation:
    """The inverse of `to_bytes`. FormatError for anything else."""
    try:
        with np.load(BytesIO(content), allow_pickle=False) as file:
            arrays = dict(file)
        facts = json.loads(arrays.pop("facts").tobytes())
        shifts, positions = dict(facts["shifts"]), facts["positions"]
        for name in ("shear", "free_shear"):
            shifts[name] = _read_shear(shifts[name])
        return Preparation(
            Box(*map(tuple, facts["field"])),
            tuple(facts["kept"]),
            tuple(facts["blank"]),
            tuple(facts["repeated"]),
            arrays["positions_nm"],
            _put_together(SliceShifts, shifts, "shifts", arrays),
            _put_together(SliceGrid, facts["grid"], "grid", arrays),
            {
                name: _put_together(REMEDIES.find(name).parameters, values, f"remedies.{name}", arrays)
                for name, values in facts["remedies"].items()
            },
            (slice(*facts["window"][0]), slice(*facts["window"][1])),
            tuple((first, second) for first, second in facts["tears"]),
            bool(facts["is_unrelated"]),
            positions["source"],
            {
                name: _put_together(SlicePositions, values, f"known.{name}", arrays)
                for name, values in positions["known"].items()
            },
            positions["is_resampled"],
            tuple(facts.get("digests", ())),
        )
    except (KeyError, TypeError, ValueError, OSError, BadZipFile) as error:
        raise FormatError(f"expected a saved preparation, found damage ({error}); start over with --fresh") from error


def _take_apart(value: Any, prefix: str, arrays: Arrays) -> dict[str, Any]:
    """The fields of a frozen value as JSON values, its arrays put aside by name."""
    plain: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        own = getattr(value, field.name)
        if isinstance(own, np.ndarray):
            arrays[f"{prefix}.{field.name}"] = own
        else:
            plain[field.name] = dataclasses.asdict(own) if isinstance(own, Shear) else own
    return plain


def _put_together(kind: type, plain: Mapping[str, Any], prefix: str, arrays: Arrays) -> Any:
    start = f"{prefix}."
    own = {name[len(start) :]: array for name, array in arrays.items() if name.startswith(start)}
    return kind(**plain, **own)


def _read_shear(row: Mapping[str, Any] | None) -> Shear | None:
    return None if row is None else Shear(tuple(row["yx"]), tuple(row["sd"]), row["source"])
