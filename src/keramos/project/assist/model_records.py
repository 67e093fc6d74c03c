"""The models of a project, each a file `NNNN.keramos` with a record of what it learnt and how it scored beside it.

Number 0 stands for the bundled weights, which every project has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from keramos.core.errors import SettingsError
from keramos.core.files import write_text
from keramos.project.assist.held_out_score import HeldOutScore, Interval
from keramos.project.assist.places import BUNDLED_WEIGHTS, CURRENT, model_file, read_current
from keramos.project.assist.squares import Squares

_SQUARES = "held-out.json"


@dataclass(frozen=True)
class Gain:
    """The gain of a model in IoU over an `earlier` one on the same held-out labels."""

    earlier: int
    difference: float
    interval: Interval | None


@dataclass(frozen=True)
class ModelRecord:
    """A model: what it learnt and how it scored.

    Attributes:
        number: of its file; 0 for the bundled weights.
        start: the model that it went on from.
        slices: those whose labels it learnt (z of the stack that is open).
        voxels: labelled voxels that it learnt, by phase.
        seconds, steps: of its training.
        stopped: whether the training was ended early.
        time: when it was made (ISO 8601, UTC).
        edit: number of the last stroke in the labels, where known.
        grid_nm: voxel size that it works at, where that is not the stack's.
        accepted: share of the labels that are accepted proposals.
        scored: whether the score was counted already; until then it is None.
        scored_by_hand: whether the score leaves accepted proposals out, as it does now.
        score: on labels that no model learns; None where there are too few.
        gain: over the model it went on from.
        notes: sentences that the user should read.
        findings: about labels and training (`Finding.to_json`).
    """

    number: int
    start: int
    slices: tuple[int, ...]
    voxels: Mapping[str, int]
    seconds: float
    steps: int
    stopped: bool
    time: str
    edit: int | None = None
    grid_nm: tuple[float, float, float] | None = None
    score: HeldOutScore | None = None
    gain: Gain | None = None
    notes: tuple[str, ...] = ()
    findings: tuple[Mapping[str, Any], ...] = ()
    accepted: float = 0.0
    scored_by_hand: bool = False
    scored: bool = True

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "score": None if self.score is None else self.score.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ModelRecord:
        """The inverse of `to_json`, without a score that may be of accepted proposals, as it once was. KeyError or
        TypeError where something is missing."""
        gain, score, grid = data["gain"], data["score"], data["grid_nm"]
        if data.get("accepted", 1) and not data.get("scored_by_hand"):
            gain = score = None
        interval = gain and gain["interval"]
        return cls(
            **{
                **data,
                "slices": tuple(data["slices"]),
                "grid_nm": None if grid is None else tuple(grid),
                "score": None if score is None else HeldOutScore.from_json(score),
                "gain": None if gain is None else Gain(**{**gain, "interval": interval and tuple(interval)}),
                "notes": tuple(data["notes"]),
                "findings": tuple(data["findings"]),
            }
        )


class ModelRecords:
    """The models in a folder, which one is in use, and the squares that none of them learns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def list(self) -> list[ModelRecord]:
        """The models that are complete, the first one first; a record that cannot be read is left out."""
        records = []
        for path in sorted(self.folder.glob("[0-9]*.json")):
            try:
                record = ModelRecord.from_json(json.loads(path.read_text("utf-8")))
            except (ValueError, KeyError, TypeError, AttributeError):
                continue
            if self.file(record.number).is_file():
                records.append(record)
        return records

    def file(self, number: int) -> Path:
        """The model file of that number."""
        return model_file(self.folder, number)

    def next_number(self) -> int:
        """The number of the next model: no number is given twice, whatever was left unfinished."""
        taken = [int(path.name[:4]) for path in self.folder.glob("[0-9][0-9][0-9][0-9].keramos")]
        return max([BUNDLED_WEIGHTS, *taken]) + 1

    def get(self, number: int) -> ModelRecord | None:
        """The record of a model; None for the bundled weights."""
        if number == BUNDLED_WEIGHTS:
            return None
        record = next((record for record in self.list() if record.number == number), None)
        if record is None:
            raise SettingsError(f"there is no model {number} in this project; look at the list of its models")
        return record

    def save(self, record: ModelRecord) -> None:
        text = json.dumps(record.to_json(), indent=1, allow_nan=False)
        write_text(self.file(record.number).with_suffix(".json"), text + "\n")

    @property
    def current(self) -> int:
        """The number of the model in use."""
        return read_current(self.folder)

    def use(self, number: int) -> None:
        """Make it the model in use. SettingsError if there is none of that number."""
        self.get(number)
        write_text(self.folder / CURRENT, json.dumps({"model": number}) + "\n")

    def squares(self, shape: tuple[int, int]) -> Squares:
        """The squares that are held out and learnt so far; none yet for slices of another shape."""
        try:
            squares = Squares.from_json(_read(self.folder / _SQUARES))
        except (KeyError, TypeError, ValueError):
            return Squares(shape)
        return squares if squares.shape == shape else Squares(shape)

    def keep_squares(self, squares: Squares) -> None:
        write_text(self.folder / _SQUARES, json.dumps(squares.to_json()) + "\n")

    def update(self, record: ModelRecord, **changes: Any) -> ModelRecord:
        """The record with changes, in its file, too."""
        changed = replace(record, **changes)
        self.save(changed)
        return changed


def _read(path: Path) -> dict[str, Any]:
    """The JSON object in a file; nothing where there is none."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
