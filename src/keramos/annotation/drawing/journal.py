"""The journal of a drawing on disk: every change is in it before it is called saved.

The first line says what the drawing is of; each further line is a record (`records`). Lines are only ever added. What a
killed process left of a line is cut off when the journal is opened again. A line that was damaged later is left out and
named in a finding: the changes after it are kept.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zlib import crc32, error

from keramos.annotation.drawing.edit import Edit, Record
from keramos.annotation.drawing.records import decode_record, decode_row, encode_record, encode_row, salvage_rows
from keramos.annotation.drawing.snapshot import Snapshot, SnapshotFile
from keramos.annotation.drawing.state import DrawingState
from keramos.core import Finding, Triple, name_ranges
from keramos.core.errors import FormatError, StorageError
from keramos.core.files import append_whole, translate_os_errors

JOURNAL: Final = "keramos-journal"
VERSION: Final = 1
_FEWEST, _SHARE = 1000, 0.02
"""A snapshot is due after so many records, or this share of all: reading the rest takes seconds at most."""


@dataclass(frozen=True, eq=False)
class _Line:
    """A record, with its place in the file."""

    start: int
    record: Record


class Journal:
    """The records of one drawing, in a file of JSON lines. `open_drawing` opens or makes one.

    Attributes:
        path: the file.
        header: its first line.
        findings: what was wrong with it when it was opened.
    """

    def __init__(self, path: Path, header: dict[str, Any], size: int) -> None:
        self.path, self.header = path, header
        self.findings: list[Finding] = []
        self._size, self._is_torn = size, False
        self._offsets = array("q")
        self._snapshot_count, self._checksum = 0, 0
        self._snapshots = SnapshotFile(snapshot_path(path))

    @property
    def count(self) -> int:
        """The number of the last record."""
        return len(self._offsets)

    def add(self, records: tuple[Record, ...]) -> None:
        """Append records, on the disk when this returns. StorageError: none of them is in the journal."""
        lines = [encode_record(record) for record in records]
        self._refuse_other_writer()
        try:
            append_whole(self.path, b"".join(lines), size=self._size)
        except StorageError:
            self._is_torn = True
            raise
        self._is_torn = False
        for line in lines:
            self._offsets.append(self._size)
            self._size += len(line)
        self._checksum = crc32(lines[-1])

    def read(self, number: int) -> Edit:
        """The edit of that number. FormatError if its line was damaged since."""
        with translate_os_errors(self.path), self.path.open("rb") as file:
            file.seek(self._offsets[number - 1])
            line = file.readline()
        row = decode_row(line) or next((row for start, row in salvage_rows(line) if start == 0), None)
        record = None if row is None else _decode(row)
        if not isinstance(record, Edit) or record.number != number:
            raise FormatError(
                f"record {number} of {self.path} is damaged, so it and what was drawn before it cannot be undone; the "
                "labels are as they were drawn"
            )
        return record

    def offer(self, state: DrawingState) -> None:
        """Save a snapshot if many records were added since the last one."""
        if self.count - self._snapshot_count >= max(_FEWEST, int(_SHARE * self.count)):
            self.save_snapshot(state)

    def save_snapshot(self, state: DrawingState) -> None:
        """Save the state after the last record beside the journal. One that cannot be saved is done without: all of it
        is in the journal."""
        self._snapshot_count = self.count
        snapshot = Snapshot(self.header["journal"], self._size, self._checksum, self._offsets, state)
        try:
            self._snapshots.write(snapshot)
        except StorageError:
            return

    def load(self, shape: Triple) -> Iterator[DrawingState | Record]:
        """The last snapshot, if there is one, then each record after it."""
        snapshot = self._snapshots.read(self.header["journal"], shape)
        if snapshot is not None and self._matches(snapshot):
            self._size, self._offsets, self._checksum = snapshot.size, snapshot.offsets, snapshot.checksum
            self._snapshot_count = self.count
            yield snapshot.state
        else:
            self._snapshots.forget()
        lost: list[int] = []
        for line in self._read_lines():
            missing = range(self.count + 1, line.record.number)
            if line.record.number <= self.count:
                lost.append(line.record.number)
                continue
            lost.extend(missing)
            self._offsets.extend([-1] * len(missing))
            self._offsets.append(line.start)
            yield line.record
        if lost:
            self.findings.append(_describe_lost(self.path, lost))

    def _read_lines(self) -> Iterator[_Line]:
        """The whole records after the first `_size` bytes, which grow by what is kept of the file."""
        with translate_os_errors(self.path), self.path.open("rb") as file:
            file.seek(self._size)
            for line in file:
                row = decode_row(line) if line.endswith(b"\n") else None
                rows = salvage_rows(line) if row is None else [(0, row)]
                if not line.endswith(b"\n"):
                    yield from self._mend_end(rows)
                    return
                for start, each in rows:
                    record = _decode(each)
                    if record is not None:
                        yield _Line(self._size + start, record)
                self._size += len(line)
                self._checksum = crc32(line)

    def _mend_end(self, rows: list[tuple[int, dict[str, Any]]]) -> Iterator[_Line]:
        """Replace a last line without its end by the records that are whole in it."""
        content = b"".join(encode_row({key: row[key] for key in row if key != "crc"}) for _, row in rows)
        append_whole(self.path, content, size=self._size)
        if not rows:
            self.findings.append(_describe_cut(self.path))
        for line in content.splitlines(keepends=True):
            record = _decode(decode_row(line) or {})
            if record is not None:
                yield _Line(self._size, record)
            self._size += len(line)
            self._checksum = crc32(line)

    def _matches(self, snapshot: Snapshot) -> bool:
        """Whether the journal still holds what the snapshot was made of."""
        if not snapshot.offsets or self.path.stat().st_size < snapshot.size:
            return False
        start = next((offset for offset in reversed(snapshot.offsets) if offset >= 0), 0)
        with translate_os_errors(self.path), self.path.open("rb") as file:
            file.seek(start)
            return crc32(file.read(snapshot.size - start)) == snapshot.checksum

    def _refuse_other_writer(self) -> None:
        """StorageError if the file is not as this journal left it."""
        with translate_os_errors(self.path):
            size = self.path.stat().st_size if self.path.exists() else -1
        if size < self._size or (size > self._size and not self._is_torn):
            raise StorageError(
                f"{self.path} was changed or removed by another program while it was open, so nothing more is written "
                "to it; close the drawing and open it again"
            )


def snapshot_path(journal: Path) -> Path:
    """The path of the snapshot of a journal."""
    return journal.with_suffix(".snapshot")


def _decode(row: dict[str, Any]) -> Record | None:
    try:
        return decode_record(row)
    except (KeyError, TypeError, ValueError, error):
        return None


def _describe_lost(path: Path, lost: list[int]) -> Finding:
    return Finding(
        "damaged-journal",
        f"{len(lost)} records of the journal {path.name} are damaged ({name_ranges(lost)})",
        "these changes are lost; those before and after them are kept",
        "look at the slices that were drawn then",
    )


def _describe_cut(path: Path) -> Finding:
    return Finding(
        "cut-journal",
        f"the last line of the journal {path.name} was not complete and was cut off",
        "the change that was being saved when the program ended is lost",
        severity="note",
    )
