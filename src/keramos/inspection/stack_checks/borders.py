"""Empty borders, and information bars that are burnt into the pixels."""

from __future__ import annotations

import numpy as np

from keramos.core import Finding
from keramos.inspection.check import Check
from keramos.inspection.stack_survey import StackSurvey
from keramos.inspection.whole_slices import Margins, find_bar

_LEAST_SHARE = 0.002
_MOST = 0.9


def find_borders(survey: StackSurvey) -> list[Finding]:
    """A finding about an information bar, unless the file states one already, and one about a border of one grey
    value."""
    if not survey.samples:
        return []
    bar = find_bar(survey.samples)
    straight = survey.margins
    wedges = Margins(*np.max([sample.wedges for sample in survey.samples], axis=0).tolist())
    findings = []
    # Text lies on the bar, so that not all of its rows hold one value.
    if bar > straight.bottom:
        if not any(one.kind == "information-bar" for one in survey.volume.findings):
            findings.append(_report_bar(survey, bar))
        straight = straight._replace(bottom=0)
    border = straight.widen(wedges)
    if _share(survey, border) >= _LEAST_SHARE and max(border) > 0:
        findings.append(_report_border(survey, border, slanting=max(wedges) > 0))
    return findings


def _share(survey: StackSurvey, border: Margins) -> float:
    """The share of the slice that a border takes."""
    rows, columns = survey.volume.shape[1:]
    inner = max(0, rows - border.top - border.bottom) * max(0, columns - border.left - border.right)
    return 1 - inner / (rows * columns)


def _advise_box(survey: StackSurvey, border: Margins) -> str:
    """Advice to cut the border off, where something is left."""
    if _share(survey, border) > _MOST:
        return "cut the images anew"
    (_, rows, columns), (_, y, x) = survey.volume.shape, survey.volume.origin
    low, high = f"{y + border.top}:{y + rows - border.bottom}", f"{x + border.left}:{x + columns - border.right}"
    return f"cut it off (--box :,{low},{high}), here and wherever these images are read"


def _report_bar(survey: StackSurvey, rows: int) -> Finding:
    border = Margins(0, rows)
    return Finding(
        "information-bar",
        f"{rows} rows at the bottom of the slices are no image but an information bar of the microscope",
        f"it is segmented like the sample: {100 * _share(survey, border):.0f} % of the voxels count as one phase or "
        "another, as a slab that runs through the whole stack, connected along z, with letters for structures",
        _advise_box(survey, border),
    )


def _report_border(survey: StackSurvey, border: Margins, *, slanting: bool) -> Finding:
    sides = ("at the top", "at the bottom", "on the left", "on the right")
    listed = ", ".join(f"{wide} px {where}" for wide, where in zip(border, sides, strict=True) if wide)
    value = survey.samples[len(survey.samples) // 2].value
    return Finding(
        "empty-border",
        f"a {'slanting ' if slanting else ''}border of one grey value ({value:g}) surrounds the images, as left by an "
        f"alignment: up to {listed}",
        f"it counts as one phase: up to {100 * _share(survey, border):.1f} % of the voxels are added to it, as a wall "
        "or a gap along the sides of the volume that connects what is not connected, with a surface of its own",
        _advise_box(survey, border),
    )


BORDERS = Check("borders", "stack", find_borders)
