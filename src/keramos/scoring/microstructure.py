"""The microstructure of a prediction beside that of the truth, as values and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StructureRow:
    """One quantity of one phase, of the prediction and of the truth.

    Attributes:
        id, name, unit, phase, axis: of the quantity; `axis` is empty where it has none.
        predicted, true: its values where both are known; None where they cannot be told, and for distances.
        error: predicted over true less 1; None where the true value is 0 or unknown. Of a distance the distance.
        noise_floor: the size of the same error between two simulated annotations of the truth.
    """

    id: str
    name: str
    unit: str
    phase: str
    axis: str
    predicted: float | None
    true: float | None
    error: float | None
    noise_floor: float | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.id, self.phase, self.axis)


@dataclass(frozen=True)
class MicrostructureScores:
    """The microstructure of a prediction beside that of the truth.

    Attributes:
        dimensions: 3 where a whole volume is annotated, 2 where single slices are.
        domain: what was measured, in words.
        rows: the quantities.
        noise_floor: how the noise floor was found, in words.
    """

    dimensions: int
    domain: str
    rows: tuple[StructureRow, ...]
    noise_floor: str = ""

    def row(self, id: str, phase: str, axis: str = "") -> StructureRow:
        """The row of a quantity; KeyError if there is none."""
        for row in self.rows:
            if row.key == (id, phase, axis):
                return row
        raise KeyError(f"no {id} of '{phase}' along '{axis}'")

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "dimensions": self.dimensions,
            "domain": self.domain,
            "noise_floor": self.noise_floor,
            "quantities": [asdict(row) for row in self.rows],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> MicrostructureScores:
        """The inverse of `to_json`; KeyError or TypeError for anything else."""
        rows = tuple(StructureRow(**row) for row in data["quantities"])
        return cls(data["dimensions"], data["domain"], rows, data["noise_floor"])
