"""Segment and measure again as a report says it was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keramos.core.errors import FormatError
from keramos.core.options import Settings, list_options
from keramos.core.progress import Reporter
from keramos.measurements import Measurements
from keramos.project.verb import verb
from keramos.project.verbs.quantify import quantify
from keramos.project.verbs.segment import segment
from keramos.reports.replay_record import Numbers, read_record
from keramos.settings.quantify import QuantifySettings
from keramos.settings.replay import ReplaySettings
from keramos.settings.segment import SegmentSettings


@dataclass(frozen=True)
class Difference:
    """A number of the report and the one that came out now; None where there is none."""

    id: str
    phase: str
    axis: str
    then: float | None
    now: float | None


@dataclass(frozen=True)
class ReplayResult:
    """The folder of what was made, how many numbers were compared, which differ, and which inputs are not those of the
    report, by their fingerprints."""

    folder: Path
    compared: int
    differences: tuple[Difference, ...]
    other_inputs: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "out": str(self.folder),
            "compared": self.compared,
            "differences": [vars(row) for row in self.differences],
            "other_inputs": list(self.other_inputs),
        }


@verb(ReplaySettings)
def replay(settings: ReplaySettings, reporter: Reporter) -> ReplayResult:
    """Segment and measure again as a report says, into the folder `out`, and compare each number.

    Raises:
        FormatError: a page that no segmentation is behind.
        KeramosError: images or a model that are not there any more, and what `segment` and `quantify` say.
    """
    record = read_record(settings.report)
    steps = {step["verb"]: step for step in record.steps}
    if "segment" not in steps:
        raise FormatError(
            f"expected a report on a segmentation by Keramos in {settings.report}, found one without; nothing to replay"
        )
    asked, out = steps["segment"]["parameters"], settings.out
    moved = {"images": settings.images or asked["images"], "model": settings.model or asked["model"]}
    segmenting = (
        _options(asked, SegmentSettings) | moved | {"out": out / "segmentation.ome.zarr", "fresh": settings.fresh}
    )
    made = segment.run(segment.make_settings(**segmenting), reporter, replace=settings.fresh)
    other = _list_other_inputs(steps["segment"], made.provenance.to_json())
    measuring = _options(steps.get("quantify", {}).get("parameters", {}), QuantifySettings)
    measuring |= {"labels": made, "out": out / "quantities", "fresh": settings.fresh}
    measured = quantify.run(quantify.make_settings(**measuring), reporter, replace=settings.fresh)
    numbers = _numbers_of(measured)
    return ReplayResult(out, len(record.numbers), _compare(record.numbers, numbers, settings.tolerance), other)


def _options(parameters: Mapping[str, Any], settings: type[Settings]) -> dict[str, Any]:
    """The options of a verb in a step's parameters, but for what it reads and writes, and those of its members."""
    names = {row.name: row for row in list_options(settings)}
    own = {
        row.field: parameters[name]
        for name, row in names.items()
        if parameters.get(name) is not None and not (row.about.reads or row.about.writes)
    }
    return {**own.pop("options", {}), **own}


def _list_other_inputs(step: Mapping[str, Any], now: list[dict[str, Any]]) -> tuple[str, ...]:
    """The inputs of a step whose fingerprints are not those of then."""
    then, made = step["inputs"], next(row for row in reversed(now) if row["verb"] == "segment")["inputs"]
    return tuple(name for name, fingerprint in then.items() if made.get(name) != fingerprint)


def _numbers_of(measured: Measurements) -> Numbers:
    return {(row.id, row.phase, row.axis): row.quantity.value for row in measured.quantities}


def _compare(then: Numbers, now: Numbers, tolerance: float) -> tuple[Difference, ...]:
    """The numbers of then that are others now, or are not there."""
    rows = [Difference(*key, value, now.get(key)) for key, value in then.items()]
    return tuple(row for row in rows if not _is_alike(row, tolerance))


def _is_alike(row: Difference, tolerance: float) -> bool:
    if row.then is None or row.now is None:
        return False
    return abs(row.now - row.then) <= tolerance * abs(row.then)
