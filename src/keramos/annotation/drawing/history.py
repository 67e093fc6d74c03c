"""The history of a drawing: changes in order, and which of them were undone and redone."""

from __future__ import annotations

from typing import Protocol

from keramos.annotation.drawing.edit import Edit, Record
from keramos.annotation.drawing.state import DrawingState


class History(Protocol):
    """A log of records, numbered from 1."""

    @property
    def count(self) -> int:
        """The number of the last record."""
        ...

    def add(self, records: tuple[Record, ...]) -> None:
        """Append records; when this returns they are kept. StorageError: none of them is."""
        ...

    def read(self, number: int) -> Edit:
        """The edit of that number."""
        ...

    def offer(self, state: DrawingState) -> None:
        """Take the chance to remember the state after the last record."""
        ...


class MemoryHistory:
    """A history that ends with the process."""

    def __init__(self) -> None:
        self._records: list[Record] = []

    @property
    def count(self) -> int:
        """The number of the last record."""
        return len(self._records)

    def add(self, records: tuple[Record, ...]) -> None:
        """Append records."""
        self._records.extend(records)

    def read(self, number: int) -> Edit:
        """The edit of that number."""
        record = self._records[number - 1]
        if not isinstance(record, Edit):
            raise KeyError(number)
        return record

    def offer(self, state: DrawingState) -> None:
        """Nothing to do: everything is in memory."""
