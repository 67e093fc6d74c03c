"""Segment and measure again as a report says it was done."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keramos.core.errors import FormatError, MissingFileError
from keramos.core.object_path import as_path
from keramos.core.options import Settings, list_options
from keramos.core.progress import Reporter
from keramos.measurements import Measurements
from keramos.project.quantities import read_measured_labels
from keramos.project.verb import verb
from keramos.project.verbs.quantify import quantify
from keramos.project.verbs.segment import segment
from keramos.reports.plain_words import join_words
from keramos.reports.replay_record import Numbers, ReplayRecord, find_segmentation, list_left_out, read_record
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
        FormatError: a page that no segmentation is behind, or one with a step after it that is not replayed.
        MissingFileError: inputs of `segment` or `quantify` that the page does not name, or that are gone.
        KeramosError: what `segment` and `quantify` say.
    """
    record, out = read_record(settings.report), settings.out
    segmentation = _find_replayable(record, settings.report)
    measurement: Mapping[str, Any] = {step["verb"]: step for step in record.steps}.get("quantify", {})
    read = _find_inputs(measurement, settings.report)
    asked, store = segmentation["parameters"], out / "segmentation.ome.zarr"
    moved = {name: _choose(name, getattr(settings, name), asked, settings.report) for name in ("images", "model")}
    segmenting = _options(asked, SegmentSettings) | moved | {"out": store, "fresh": settings.fresh}
    segment.run(segment.make_settings(**segmenting), reporter, replace=settings.fresh)
    measuring = _options(measurement.get("parameters", {}), QuantifySettings) | read
    measuring |= {"labels": store, "out": out / "quantities", "fresh": settings.fresh}
    measured = quantify.run(quantify.make_settings(**measuring), reporter, replace=settings.fresh)
    other = _list_other_inputs((segmentation, measurement), read_measured_labels(out / "quantities").steps)
    differences = _compare(record.numbers, _numbers_of(measured), settings.tolerance)
    return ReplayResult(out, len(record.numbers), differences, other)


def _find_replayable(record: ReplayRecord, page: Path) -> Mapping[str, Any]:
    """The step of the segmentation. FormatError without one, or with steps after it that are not replayed."""
    segmentation, left_out = find_segmentation(record.steps), list_left_out(record.steps)
    if segmentation is None:
        raise FormatError(
            f"expected a report on a segmentation by Keramos in {page}, found one without; nothing to replay"
        )
    if left_out:
        raise FormatError(
            f"expected only keramos quantify after the segmentation in {page}, found {join_words(left_out)}, not "
            "replayed; replay a report on the segmentation as it was before"
        )
    return segmentation


def _choose(name: str, given: object, asked: Mapping[str, Any], page: Path) -> object:
    """An input of the segmentation: the one given, else that of the page. FormatError if that names none."""
    chosen = given or asked.get(name)
    if chosen is None:
        raise FormatError(f"expected the {name} of the segmentation in {page}, found none; say which with --{name}")
    return chosen


def _find_inputs(step: Mapping[str, Any], page: Path) -> dict[str, str]:
    """The paths of all that a step of `quantify` read besides the labels, by its options.

    Raises:
        MissingFileError: one of them is gone, had no path, or belongs to no option.
    """
    fields = {row.name: row.field for row in list_options(QuantifySettings) if row.about.reads}
    paths = {name: str(step["parameters"].get(name)) for name in step.get("inputs", {}) if name != "labels"}
    for name, path in paths.items():
        if name not in fields or not (as_path(path).exists() or glob.glob(path)):  # noqa: PTH207 (absolute)
            raise MissingFileError(
                f"expected the {name} that keramos quantify read for {page} at {path}, found no file there; put it back"
            )
    return {fields[name]: path for name, path in paths.items()}


def _options(parameters: Mapping[str, Any], settings: type[Settings]) -> dict[str, Any]:
    """The options of a verb in a step's parameters, but for what it reads and writes, and those of its members."""
    names = {row.name: row for row in list_options(settings)}
    own = {
        row.field: parameters[name]
        for name, row in names.items()
        if parameters.get(name) is not None and not (row.about.reads or row.about.writes)
    }
    return {**own.pop("options", {}), **own}


def _list_other_inputs(then: Iterable[Mapping[str, Any]], now: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The inputs of steps whose fingerprints are not those of then; not the labels, which are made anew."""
    latest = {step["verb"]: step["inputs"] for step in now}
    rows = [(latest.get(step["verb"], {}), *row) for step in then if step for row in step["inputs"].items()]
    return tuple(name for made, name, fingerprint in rows if name != "labels" and made.get(name) != fingerprint)


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
