"""The samples of a page with their groups, as options or a table name them."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from keramos.core.errors import MissingFileError, OptionError, SettingsError
from keramos.core.object_path import ObjectPath, as_path
from keramos.project.sample_sheet import SheetRow, read_sheet
from keramos.settings.report import ReportSettings


@dataclass(frozen=True)
class SampleDesign:
    """The samples to set side by side; `grouped` if groups or a series were named. `against` names the series."""

    rows: tuple[SheetRow, ...]
    grouped: bool = False
    against: str = ""

    @property
    def paths(self) -> list[Path]:
        return [row.path for row in self.rows]


def read_design(settings: ReportSettings) -> SampleDesign:
    """The samples that the options name: by themselves, in groups, or in a table.

    Raises:
        SettingsError, OptionError: two ways at once, or none; groups of a series that are no numbers.
        MissingFileError, FormatError: a table that is not there or is none; a pattern that nothing matches.
    """
    ways = [bool(settings.runs), bool(settings.groups), settings.sheet is not None]
    if sum(ways) > 1:
        raise SettingsError("expected the samples by themselves, in --groups or in --sheet, found two of these")
    if not any(ways):
        raise SettingsError("expected a run's folder, a segmentation or samples to report on, found none")
    if settings.sheet is not None:
        return SampleDesign(tuple(read_sheet(as_path(settings.sheet), settings.against)), True, settings.against)
    if settings.groups:
        rows = [
            SheetRow(path, name, _number(name) if settings.against else None)
            for name, texts in settings.groups.items()
            for path in _expand(texts, name)
        ]
        return SampleDesign(tuple(rows), True, settings.against)
    if settings.against:
        raise OptionError("against", "expected only with --sheet, or with --groups whose names are numbers")
    return SampleDesign(tuple(SheetRow(as_path(run)) for run in settings.runs))


def _expand(texts: Sequence[str], group: str) -> list[Path]:
    """The paths of a group, patterns written out."""
    paths: list[Path] = []
    for text in texts:
        if glob.has_magic(text) and not as_path(text).exists():
            matches = _match(text)
            if not matches:
                raise MissingFileError(f"expected samples of the group {group}, found nothing that matches {text}")
            paths += matches
        else:
            paths.append(as_path(text))
    return paths


def _match(pattern: str) -> list[Path]:
    """The paths of a pattern, sorted; in a bucket the last part of an address may be one."""
    address = as_path(pattern)
    if isinstance(address, ObjectPath):
        return sorted(address.parent.glob(address.name))
    return [Path(match) for match in sorted(glob.glob(pattern))]  # noqa: PTH207 (may be absolute)


def _number(name: str) -> float:
    try:
        value = float(name)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise OptionError("against", f"expected groups whose names are numbers, as in 0=... 100=..., found '{name}'")
    return value
