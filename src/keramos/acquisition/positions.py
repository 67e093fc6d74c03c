"""Doubts about the positions of slices that a microscope wrote."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import mean, median, pstdev

from keramos.acquisition.vendor import Fact
from keramos.core import Finding
from keramos.core.finding import UNEVEN_STEPS

_EVEN, _SAME = 0.02, 0.05
"""Share of the nominal distance by which steps may vary (sd), and by which their mean may differ from it."""
_GAP = 1.7


def check_positions(places: Fact, nominal: Fact | None, named_z_nm: Sequence[float] | None = None) -> list[Finding]:
    """Findings: positions that turn back, that are uneven, whose distance is not the nominal one, or that contradict
    those in the names of the files."""
    steps = [b - a for a, b in pairwise(places.value)]
    sign = 1 if sum(steps) >= 0 else -1
    findings = _report_turns(places, [sign * step for step in steps])
    if findings:
        return findings
    usual = median(map(abs, steps))
    findings += _report_gaps(places, [abs(step) for step in steps], usual)
    inner = steps_of(places.value)
    if len(inner) > 1 and pstdev(inner) > _EVEN * usual:
        findings.append(_report_uneven(places, inner))
    if nominal is not None and abs(mean(inner) / nominal.value - 1) > _SAME:
        findings.append(_report_nominal(places, mean(inner), nominal))
    if named_z_nm is not None and len(named_z_nm) == len(places.value):
        findings += _report_names(places, named_z_nm, usual)
    return findings


def steps_of(places: Sequence[float]) -> list[float]:
    """The distances of neighbouring slices, without those over a gap.

    Example:
        >>> steps_of([0, 20, 41, 80, 100])
        [20, 21, 20]
    """
    steps = [abs(b - a) for a, b in pairwise(places)]
    return [step for step in steps if step < _GAP * median(steps)] or steps


def _report_turns(places: Fact, steps: Sequence[float]) -> list[Finding]:
    turns = [z for z, step in enumerate(steps) if step <= 0]
    if not turns:
        return []
    return [
        Finding(
            "slice-order",
            f"by {places.source} {len(turns)} slices do not lie behind the one before, the first at z = {turns[0] + 1}",
            "slices may lie at the wrong depth, or twice at one",
            "see whether the files are in the order in which they were cut",
            slices=tuple(z + 1 for z in turns),
        )
    ]


def _report_gaps(places: Fact, steps: Sequence[float], usual: float) -> list[Finding]:
    gaps = [z for z, step in enumerate(steps) if step >= _GAP * usual]
    if not gaps:
        return []
    count = sum(round(steps[z] / usual) - 1 for z in gaps)
    return [
        Finding(
            "missing-slice",
            f"by {places.source} about {count} slices are missing, in {len(gaps)} places",
            "the slices on both sides are taken as neighbours all the same",
            "add the missing slices, or measure only on one side of them (--box)",
            slices=tuple(sorted({place for z in gaps for place in (z, z + 1)})),
        )
    ]


def _report_uneven(places: Fact, steps: Sequence[float]) -> Finding:
    return Finding(
        "slice-thickness",
        f"by {places.source} slices lie {min(steps):.4g} to {max(steps):.4g} nm apart ({mean(steps):.4g} ± "
        f"{pstdev(steps):.2g} nm)",
        f"all are taken as {mean(steps):.4g} nm thick, which shifts what lies deep and blurs anisotropy",
        "keramos prepare puts them onto even distances",
        severity="note" if pstdev(steps) < 0.1 * mean(steps) else "warning",
        topic=UNEVEN_STEPS,
    )


def _report_nominal(places: Fact, step: float, nominal: Fact) -> Finding:
    return Finding(
        "slice-thickness",
        f"slices lie {step:.4g} nm apart on average ({places.source}), but {nominal.value:.4g} nm was asked for "
        f"({nominal.source})",
        "the positions are taken",
        severity="note",
    )


def _report_names(places: Fact, named: Sequence[float], usual: float) -> list[Finding]:
    """A finding where the positions in the names are others, apart from where they begin."""
    differences = [a - b for a, b in zip(places.value, named, strict=True)]
    off = [z for z, difference in enumerate(differences) if abs(difference - differences[0]) > 0.5 * usual]
    if not off:
        return []
    z = off[0]
    return [
        Finding(
            "slice-thickness",
            f"slice {z} lies {places.value[z] - places.value[0]:.4g} nm behind the first one by {places.source}, but "
            f"{named[z] - named[0]:.4g} nm by the name of its file" + (f" ({len(off)} slices)" if len(off) > 1 else ""),
            "the positions that the microscope wrote into the files are taken",
            "see whether files were renamed or exchanged",
            slices=tuple(off),
        )
    ]
