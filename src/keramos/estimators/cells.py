"""Estimates as texts of a table, for the terminal and for pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from keramos.estimators.bodies import BallSize
from keramos.estimators.estimator import GROUPS
from keramos.estimators.reconciliation import Reconciliation, Row
from keramos.measurements.printed import Printed

_COLUMNS = ("estimator", "value", "z y x", "bias here", "of a ball", "printed by")


@dataclass(frozen=True)
class EstimateTable:
    """The estimates of a group for a phase: columns that are empty everywhere are left out. `sentence` says what to
    report, `reported` which rows that is."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    reported: tuple[bool, ...]
    sentence: str


def list_tables(found: Reconciliation) -> Iterator[EstimateTable]:
    """A table for each phase and group, in their order."""
    for one in found.advice:
        of_it = [row for row in found.rows if (row.group, row.phase) == (one.group, one.phase)]
        unit = "" if of_it[0].unit == "1" else f", {of_it[0].unit}"
        cells = [dict(zip(_COLUMNS, _cells(row), strict=True)) for row in of_it]
        columns = tuple(name for name in _COLUMNS if any(row[name] for row in cells))
        yield EstimateTable(
            f"{one.phase}: {GROUPS[one.group]}{unit}".removeprefix(": "),
            columns,
            tuple(tuple(row[name] for name in columns) for row in cells),
            tuple(row.report for row in of_it),
            one.sentence,
        )


def list_bodies(found: Reconciliation) -> list[str]:
    """A sentence for each phase on the balls that tell the bias, and whether they are as wide as it is."""
    return [
        f"bias here: on balls of {own.drawn_nm:.3g} nm radius, {_compare(own, phase)}, in the same voxels; of surfaces "
        f"on balls of {narrow.drawn_nm:.3g} nm, {_compare(narrow, f'{phase} or what lies between')}"
        for phase, (own, narrow) in found.balls.items()
    ]


def _compare(size: BallSize, what: str) -> str:
    """A clause on how wide the balls are that are drawn."""
    if size.fits:
        return f"as wide as {what} on the mean"
    if size.drawn_nm < size.wanted_nm:
        return f"NARROWER than {what} ({size.wanted_nm:.3g} nm), for wider ones take too long: its bias is another"
    return f"WIDER than {what} ({size.wanted_nm:.3g} nm), for voxels show no narrower ones: its bias is not known"


def _cells(row: Row) -> Sequence[str]:
    values = {axis: "-" if value is None else f"{value:.4g}" for axis, value in row.values.items()}
    return (
        row.title,
        values.get("", ""),
        "" if "" in values else " ".join(values.values()),
        "" if row.bias is None else f"{100 * row.bias:+.1f} %",
        "" if row.of_ball is None else f"{row.of_ball:.3g}",
        ", ".join(_name(one) for one in row.printed),
    )


def _name(printed: Printed) -> str:
    """The program without its version, which the JSON file has, and the factor of what it prints."""
    name = re.sub(r" [\d.]+$", "", printed.program)
    return name if printed.times == 1 else f"{name} x {printed.times:g}"
