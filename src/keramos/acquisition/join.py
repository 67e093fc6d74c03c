"""Facts about a stack from those of its slices and of its project file."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import mean
from typing import Any

from keramos.acquisition.acquisition import Acquisition, Pair
from keramos.acquisition.changes import report_changes
from keramos.acquisition.fact_names import FACT_NAMES
from keramos.acquisition.follow import decide_followed
from keramos.acquisition.positions import check_positions, steps_of
from keramos.acquisition.resampled import report_other_width
from keramos.acquisition.tilt import report_turned_scan
from keramos.acquisition.values import tidy
from keramos.acquisition.vendor import Fact
from keramos.core import Finding, rank_findings

Row = Mapping[str, Fact]


def join_slices(
    rows: Sequence[Row],
    given: Row | None = None,
    named: Fact | None = None,
    project: Row | None = None,
    findings: Sequence[Finding] = (),
    named_z_nm: Sequence[float] | None = None,
    columns: int | None = None,
) -> Acquisition:
    """The acquisition behind a stack.

    Args:
        rows: the facts of each slice, in the order of the stack.
        given: facts that the format itself states, such as those in a header of the whole stack; they win.
        named: the distance of slices in nm by the names of their files, which the slices' own positions outdo.
        project: facts of a project file: what was asked for. What slices say wins.
        findings: doubts that are known already.
        named_z_nm: the positions of the slices in the names of their files.
        columns: pixels of a slice along x.
    """
    places = _positions(rows)
    thickness = _thickness(places, named)
    facts = {**(project or {}), **thickness, **_common_facts(rows), **(given or {})}
    doubts = check_positions(places, (project or {}).get("voxel_size_z_nm"), named_z_nm) if places else []
    order = _cutting_order(rows)
    if order is not None:
        facts.setdefault("cutting_order", order)
    followed = decide_followed(rows, facts)
    if followed is not None:
        facts["followed"] = followed
    others = [report_turned_scan(facts.get("scan_rotation_deg"))]
    others += [] if columns is None else [report_other_width(facts, columns)]
    doubts += [doubt for doubt in others if doubt is not None]
    times = _of_each(rows, "time")
    return Acquisition(
        facts=facts,
        slices=len(rows),
        slice_z_nm=None if places is None else places.value,
        slice_corrections_px=_corrections(rows, facts),
        followed=followed,
        times=None if times is None else tuple(fact.value for fact in times),
        findings=rank_findings([*findings, *report_changes(rows), *doubts]),
    )


def _common_facts(rows: Sequence[Row]) -> dict[str, Fact]:
    """The facts about a stack, each as most of the slices that state it have it."""
    counts: dict[str, Counter[Any]] = {}
    firsts: dict[tuple[str, Any], Fact] = {}
    for row in rows:
        for name, fact in row.items():
            if name not in FACT_NAMES or not FACT_NAMES[name].is_of_slice:
                counts.setdefault(name, Counter())[fact.value] += 1
                firsts.setdefault((name, fact.value), fact)
    return {name: firsts[name, count.most_common(1)[0][0]] for name, count in counts.items()}


def _of_each(rows: Sequence[Row], name: str) -> list[Fact] | None:
    """A fact of every slice; None unless each has it."""
    facts = [row[name] for row in rows if name in row]
    return facts if facts and len(facts) == len(rows) else None


def _positions(rows: Sequence[Row]) -> Fact | None:
    facts = _of_each(rows, "slice_z_nm")
    return None if facts is None or len(facts) < 2 else Fact(tuple(fact.value for fact in facts), facts[0].source)


def _thickness(places: Fact | None, named: Fact | None) -> Row:
    """The mean distance of neighbouring slices by their positions, else by the names of files."""
    if places is None:
        return {} if named is None else {"voxel_size_z_nm": named}
    steps = steps_of(places.value)
    step = tidy(mean(steps))
    source = f"{places.source} (mean of {len(steps)} step{'s' if len(steps) > 1 else ''})"
    return {"voxel_size_z_nm": Fact(step, source)} if step > 0 else {}


def _cutting_order(rows: Sequence[Row]) -> Fact | None:
    """Whether slices were imaged in the order of the stack or in the opposite one, by their times; None where they do
    not tell."""
    facts = _of_each(rows, "time")
    if facts is None or len(facts) < 3:
        return None
    signs = Counter((b.value > a.value) - (b.value < a.value) for a, b in pairwise(facts))
    later, earlier = signs[1], signs[-1]
    if later + earlier == 0 or min(later, earlier) > 0.05 * (later + earlier):
        return None
    return Fact("increasing" if later > earlier else "decreasing", f"times of the slices ({facts[0].source})")


def _corrections(rows: Sequence[Row], facts: Row) -> tuple[Pair, ...] | None:
    """The shifts of the field of view in pixels. A pixel of an image that is corrected for the tilt is as long on the
    section as is stated, and shorter by the cosine of the tilt as the electron beam sees it."""
    shifts = _of_each(rows, "field_shift_um")
    edges = [facts.get(f"voxel_size_{axis}_nm") for axis in "yx"]
    if shifts is None or edges[0] is None or edges[1] is None:
        return None
    seen = 1.0
    if "tilt_deg" in facts and "tilt_corrected" in facts and facts["tilt_corrected"].value:
        seen = math.cos(math.radians(facts["tilt_deg"].value))
    y, x = edges[0].value * seen / 1e3, edges[1].value / 1e3
    return tuple((tidy(shift.value[0] / y), tidy(shift.value[1] / x)) for shift in shifts)
