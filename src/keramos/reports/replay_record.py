"""The record in a page by which `keramos replay` makes its numbers again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
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

_REPEATED = frozenset({"remove flicker", "remove", "quantify"})
"""Steps after a segmentation that a replay does again: those that segmenting itself records, and measuring."""


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


def find_segmentation(steps: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The last step that segments; None without one."""
    return next((step for step in reversed(steps) if step.get("verb") == "segment"), None)


def list_left_out(steps: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Verbs of the steps after the segmentation that a replay does not do again, such as proofreading."""
    verbs = [str(step.get("verb", "")) for step in steps]
    later = verbs[len(verbs) - verbs[::-1].index("segment") :] if "segment" in verbs else []
    return tuple(verb for verb in dict.fromkeys(later) if verb not in _REPEATED)


def is_replayable(steps: Sequence[Mapping[str, Any]]) -> bool:
    """Whether steps are those of a segmentation whose model they name, with nothing after it that is left out."""
    segmentation = find_segmentation(steps)
    return bool(segmentation and (segmentation.get("parameters") or {}).get("model")) and not list_left_out(steps)


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
