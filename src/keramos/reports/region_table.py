"""How often each method is wrong in the hard places."""

from __future__ import annotations

from dataclasses import dataclass

from keramos.reports.content import ReportContent
from keramos.reports.plain_words import MISSING, percent


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A region, its share of what was scored, and for each method its error as text and whether it is the least."""

    name: str
    share: str
    cells: tuple[tuple[str, bool], ...]


def region_methods(content: ReportContent) -> tuple[str, ...]:
    """The methods whose scores tell regions apart."""
    return tuple(m.name for m in content.methods if m.evaluation is not None and m.evaluation.regions)


def region_rows(content: ReportContent) -> tuple[RegionRow, ...]:
    """One row for each region that has voxels; the errors are shares of its voxels."""
    scored = [m.evaluation for m in content.methods if m.evaluation is not None and m.evaluation.regions]
    rows = []
    for regions in zip(*(evaluation.regions for evaluation in scored), strict=True):
        errors = [percent(region.error) for region in regions]
        if all(error == MISSING for error in errors):
            continue
        # What a reader sees as equal is equally good; the only method has no rival.
        least = percent(min(region.error for region in regions if region.error is not None))
        best = [error == least and len(errors) > 1 for error in errors]
        share = percent(regions[0].voxels / scored[0].voxels)
        rows.append(RegionRow(regions[0].name, share, tuple(zip(errors, best, strict=True))))
    return tuple(rows)
