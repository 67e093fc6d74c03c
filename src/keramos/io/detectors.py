"""The images of one detector among those of several."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from keramos.acquisition import read_facts
from keramos.core.errors import OptionError
from keramos.io.format import Format
from keramos.io.slice_series import name_series, series_of

_OPTION = "detector"


def choose_detector(files: Mapping[Path, Format], detector: str, where: str) -> dict[Path, Format]:
    """The slice files of one detector, by what their names have in common, else by what they state themselves.

    Raises:
        OptionError: there is none of that name; the sentence has those that there are.
    """
    paths = list(files)
    by_name = _name_files(paths)
    is_named = detector.lower() in {name.lower() for name in by_name.values()}
    by_file = {} if is_named else _read_detectors(files)
    for detectors in (by_name, by_file):
        chosen = {path: files[path] for path, name in detectors.items() if name.lower() == detector.lower()}
        if chosen:
            return {path: files[path] for path in paths if path in chosen}
    known = list(dict.fromkeys([*filter(None, by_name.values()), *by_file.values()]))
    raise OptionError(_OPTION, refuse_name(detector, known, where))


def require_detector(opened_detector: str | None, detector: str, where: str) -> None:
    """OptionError unless a single file states that it is of this detector."""
    if (opened_detector or "").lower() != detector.lower():
        raise OptionError(_OPTION, refuse_name(detector, [opened_detector] if opened_detector else [], where))


def refuse_name(detector: str, known: list[str], where: str) -> str:
    """The sentence where a detector that is asked for is not among those that are known."""
    if known:
        return f"expected {' or '.join(known)}, as {where} has, got '{detector}'"
    return f"'{detector}' is asked for, but neither names nor metadata of {where} tell of a detector"


def _name_files(paths: list[Path]) -> dict[Path, str]:
    """The name of the series of each file, where there are several."""
    series = series_of(paths) if len(paths) > 1 else None
    if series is None:
        return {}
    names = name_series(paths, series)
    return {paths[z]: name for group, name in zip(series, names, strict=True) for z in group}


def _read_detectors(files: Mapping[Path, Format]) -> dict[Path, str]:
    """The detector that each file states; files that state none are left out."""
    detectors: dict[Path, str] = {}
    for path, slice_format in files.items():
        opened = slice_format.open_path(path, False)
        fact = read_facts(opened.tags[0]).get("detector") if opened.tags else None
        if fact is not None:
            detectors[path] = str(fact.value)
    return detectors
