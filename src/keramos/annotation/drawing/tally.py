"""When and with which tools labels were drawn, for the methods section."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from keramos.annotation.drawing.edit import Edit

_PAUSE_S = 120.0
"""A longer gap between two records is a pause, not drawing."""


@dataclass
class Tally:
    """Counts of what was done, kept up to date record by record.

    Attributes:
        edits: numbers of edits that hold, by (tool, source).
        undone: how often an edit was undone.
        first, last: times of the first and the last record (UTC, ISO 8601); empty without any.
        seconds: time spent drawing: the gaps between records without those over two minutes.
    """

    edits: Counter[tuple[str, str]] = field(default_factory=Counter)
    undone: int = 0
    first: str = ""
    last: str = ""
    seconds: float = 0.0

    def add(self, edit: Edit, sign: int = 1) -> None:
        """Count an edit that is made or redone, or (sign -1) undone."""
        key = (edit.tool, edit.source)
        self.edits[key] += sign
        if not self.edits[key]:
            del self.edits[key]
        self.undone += sign < 0

    def see(self, time: str) -> None:
        """Count the time of a record."""
        if self.last:
            gap = (datetime.fromisoformat(time) - datetime.fromisoformat(self.last)).total_seconds()
            self.seconds += gap if 0 <= gap <= _PAUSE_S else 0
        self.first, self.last = self.first or time, time

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        rows = [[*key, count] for key, count in sorted(self.edits.items())]
        values = {"undone": self.undone, "first": self.first, "last": self.last, "seconds": self.seconds}
        return {"edits": rows, **values}

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Tally:
        """The inverse of `to_json`. KeyError, TypeError or ValueError for anything else."""
        edits = Counter({(str(tool), str(source)): int(count) for tool, source, count in row["edits"]})
        return cls(edits, int(row["undone"]), str(row["first"]), str(row["last"]), float(row["seconds"]))
