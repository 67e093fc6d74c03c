"""Where a result came from: the steps that made it, with their parameters and versions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    """One step: the verb, its parameters (JSON values), hashes of its inputs and versions of what ran."""

    verb: str
    parameters: dict[str, Any]
    inputs: dict[str, str]
    versions: dict[str, str]


@dataclass(frozen=True)
class Provenance:
    """The steps that led to a result, first to last."""

    steps: tuple[Step, ...] = ()

    def then(self, step: Step) -> Provenance:
        return Provenance((*self.steps, step))

    def to_json(self) -> list[dict[str, Any]]:
        return [asdict(step) for step in self.steps]

    @classmethod
    def from_json(cls, rows: list[dict[str, Any]]) -> Provenance:
        return cls(tuple(Step(**row) for row in rows))
