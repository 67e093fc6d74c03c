"""The record of a run: what was made from what, and every number, as `run.json` in the run's folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from keramos.core.errors import FormatError
from keramos.core.files import write_text

RECORD = "run.json"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MethodRecord(_Strict):
    """One method; `evaluation` as `evaluate` has it. Paths are relative to the run's folder, so that it can move."""

    name: str
    labels: str
    model: str | None = None
    evaluation: dict[str, Any] | None = None
    seconds_train: float | None = None
    seconds_segment: float | None = None
    note: str = ""


class RunRecord(_Strict):
    """A run's files and results. `annotated_slices` (z) were used for training. `quantities` is the folder of what was
    measured of the method `measured`, `truth_quantities` that of the truth; `findings` are about the images and
    labels."""

    format: Literal["keramos-run-1"] = "keramos-run-1"
    title: str
    images: str
    truth: str | None = None
    annotated_slices: tuple[int, ...] = ()
    methods: tuple[MethodRecord, ...] = ()
    measured: str | None = None
    quantities: str | None = None
    truth_quantities: str | None = None
    facts: dict[str, str] = {}
    methods_text: str = ""
    citations: tuple[str, ...] = ()
    findings: tuple[dict[str, Any], ...] = ()


def write_record(folder: Path, record: RunRecord) -> None:
    """Write `folder`/run.json. StorageError if that cannot be."""
    write_text(folder / RECORD, json.dumps(record.model_dump(mode="json"), indent=1, allow_nan=False) + "\n")


def read_record(folder: Path) -> RunRecord:
    """Read `folder`/run.json; FormatError if it is not such a record."""
    path = folder / RECORD
    try:
        return RunRecord.model_validate_json(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise FormatError(
            f"expected the record of a Keramos run in {path}, found a file that is no text; make the run again"
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise FormatError(
            f"expected the record of a Keramos run in {path}, found at {where or 'its start'}: {first['msg']}; "
            "make the run again"
        ) from None
