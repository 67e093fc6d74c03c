"""Provenance of a result: the steps that made it, with their parameters and versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    """One step: its verb, parameters (JSON values), hashes of its inputs, and versions of the software."""

    verb: str
    parameters: dict[str, Any]
    inputs: dict[str, str]
    versions: dict[str, str]


@dataclass(frozen=True)
class Provenance:
    """Steps that led to a result, first to last.

    Example:
        >>> history = Provenance().then(Step("segment", {"model": "otsu"}, {}, {"keramos": "1"}))
        >>> Provenance.from_json(history.to_json()) == history
        True
    """

    steps: tuple[Step, ...] = ()

    def then(self, step: Step) -> Provenance:
        """The same steps with one more at the end."""
        return Provenance((*self.steps, step))

    def to_json(self) -> list[dict[str, Any]]:
        return [dict(vars(step)) for step in self.steps]

    @classmethod
    def from_json(cls, rows: list[dict[str, Any]]) -> Provenance:
        return cls(tuple(Step(**row) for row in rows))
