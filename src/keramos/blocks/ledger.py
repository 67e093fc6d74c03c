"""Which blocks of a run are finished, on disk, so that a killed run resumes where it stopped.

A text file of JSON lines: first the identity of the run (what would change its bytes), then one line per finished
block. A line is written after its block's pixels; a line cut short by a crash is not counted.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from keramos.core.errors import LedgerError, StorageError
from keramos.core.files import write_text


class Ledger:
    """The finished blocks of one run. Open with `open_ledger`."""

    def __init__(self, path: Path, done: set[int], finished: bool) -> None:
        self.path = path
        self.done = done
        self.finished = finished

    def record(self, index: int) -> None:
        """Block `index` is written for good."""
        self._append({"block": index})
        self.done.add(index)

    def finish(self) -> None:
        """Nothing is left to do, pyramid included."""
        self._append({"finished": True})
        self.finished = True

    def _append(self, row: dict[str, Any]) -> None:
        try:
            with self.path.open("a", encoding="utf-8", newline="\n") as file:
                file.write("\n" + json.dumps(row))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StorageError(
                f"expected to write the run's ledger {self.path}, found {error.strerror}; make room and run again"
            ) from error


def open_ledger(path: Path, identity: dict[str, str]) -> Ledger:
    """Start the ledger of a run, or take up the one that is there.

    Raises:
        LedgerError: the file belongs to a run with another identity; the message names what differs.
        StorageError: a new ledger cannot be written.
    """
    if not path.exists():
        write_text(path, json.dumps({"identity": identity}))
        return Ledger(path, set(), False)
    rows = _rows(path)
    found = rows[0].get("identity") if rows else None
    if found != identity:
        raise LedgerError(_difference(path, found, identity))
    done = {int(row["block"]) for row in rows if "block" in row}
    return Ledger(path, done, any("finished" in row for row in rows))


def pinned(path: Path, name: str) -> str | None:
    """What the run of this ledger, if there is one, was begun with: a part of its identity."""
    rows = _rows(path) if path.is_file() else []
    found = rows[0].get("identity") if rows else None
    return found.get(name) if isinstance(found, dict) else None


def begun(path: Path) -> bool:
    """Whether the run of this ledger has finished any block."""
    return any("block" in row or "finished" in row for row in _rows(path))


def _rows(path: Path) -> list[dict[str, Any]]:
    rows = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue  # a line the crash cut short: its block is done again
        if isinstance(row, dict):
            rows.append(row)
    return rows


def _difference(path: Path, found: Any, expected: dict[str, str]) -> str:
    if not isinstance(found, dict):
        return f"expected a ledger of this run in {path}, found an unreadable one; start again with --fresh"
    names = sorted(k for k in expected.keys() | found.keys() if found.get(k) != expected.get(k))
    return (
        f"expected to resume {path.parent}, found that it was begun with another {', '.join(names)}; "
        "give what it was begun with, start again with --fresh, or write to another --out"
    )
