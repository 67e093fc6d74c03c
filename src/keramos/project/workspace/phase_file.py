"""Names and colours of a project's phases. Their codes never change: labels are drawn with them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keramos.core import Phase, PhaseTable
from keramos.core.errors import FormatError, LabelError
from keramos.core.files import write_text

MAX_PHASES = 32
"""More cannot be told apart on a page."""
_COLOUR = re.compile("#[0-9a-f]{6}")
_LONGEST_NAME = 60


def read_phases(path: Path) -> PhaseTable | None:
    """The phases in a file; None if there is none. FormatError for one that holds something else."""
    if not path.exists():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return make_phases(content["phases"], content["positive"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        raise FormatError(
            f"expected the names and colours of phases in {path}, found something else; put a copy back, or remove it"
        ) from None


def write_phases(path: Path, phases: PhaseTable) -> None:
    """Write the phases, whole or not at all. StorageError."""
    rows = [{"name": phase.name, "colour": phase.colour} for phase in phases]
    content = {"phases": rows, "positive": phases.phases[phases.positive].name}
    write_text(path, json.dumps(content, indent=1) + "\n")


def make_phases(rows: Any, positive: Any) -> PhaseTable:
    """Phases from JSON: a name and a colour (`#rrggbb`) each, in the order of their codes, and the name of the phase of
    interest, the last one if None. LabelError for what cannot be phases.

    Example:
        >>> make_phases([{"name": "pore", "colour": "#000000"}, {"name": "YSZ", "colour": "#E69F00"}], None).names
        ('pore', 'YSZ')
    """
    if not isinstance(rows, Sequence) or isinstance(rows, str) or not 2 <= len(rows) <= MAX_PHASES:
        raise LabelError(f"phases are a list of 2 to {MAX_PHASES}, each with a name and a colour")
    phases = tuple(_make_phase(row, code) for code, row in enumerate(rows))
    table = PhaseTable(phases, len(phases) - 1)
    if positive is None:
        return table
    if not isinstance(positive, str):
        raise LabelError("positive is the name of the phase of interest")
    return PhaseTable(phases, table.code(positive))


def _make_phase(row: Any, code: int) -> Phase:
    name = row.get("name") if isinstance(row, dict) else None
    colour = row.get("colour") if isinstance(row, dict) else None
    if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise LabelError(f"phase {code} needs a name of 1 to {_LONGEST_NAME} characters")
    if not isinstance(colour, str) or not _COLOUR.fullmatch(colour.lower()):
        raise LabelError(f"phase {code} needs a colour such as #e69f00")
    return Phase(name.strip(), colour.lower())
