"""The record in a page by which `keramos replay` makes its numbers again."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from keramos.core.errors import FormatError
from keramos.reports.content import ReportContent

RECORD_ID = "replay-record"
_RECORD = re.compile(rf'<script type="application/json" id="{RECORD_ID}">(.*?)</script>', re.DOTALL)

Numbers = dict[tuple[str, str, str], float]
"""Values by id, phase and axis of their quantities."""


@dataclass(frozen=True)
class ReplayRecord:
    """The steps behind a page, as `Provenance.to_json` gives them, and its numbers."""

    steps: tuple[dict[str, Any], ...]
    numbers: Numbers


def make_record(content: ReportContent) -> dict[str, Any]:
    """The record as JSON values; numbers that are not finite are left out."""
    rows = () if content.measurements is None else content.measurements.quantities
    numbers = [[row.id, row.phase, row.axis, row.quantity.value] for row in rows if isfinite(row.quantity.value)]
    steps = json.loads(json.dumps(list(map(dict, content.steps)), default=str), parse_constant=lambda _: None)
    return {"steps": steps, "numbers": numbers}


def read_record(page: Path) -> ReplayRecord:
    """The record in a page.

    Raises:
        FormatError: it is no report of Keramos, or one without steps.
    """
    try:
        found = _RECORD.search(page.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"expected a report by Keramos in {page}, found none ({type(error).__name__})") from None
    if found is None:
        raise FormatError(
            f"expected a report with the steps that made it in {page}, found none; write it again with keramos report"
        )
    try:
        record = json.loads(found[1])
        numbers = {(id, phase, axis): float(value) for id, phase, axis, value in record["numbers"]}
        return ReplayRecord(tuple(record["steps"]), numbers)
    except (ValueError, LookupError, TypeError):
        raise FormatError(f"expected the steps that made the report in {page}, found others; write it again") from None
