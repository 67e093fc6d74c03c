"""The options of a report, and its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from keramos.core import Finding, Volume
from keramos.core.citation import DOI, PAPER
from keramos.core.notebook_html import escape_html, findings_html, table_html
from keramos.measurements.groups import GroupComparison
from keramos.project.phase_matching import LabelsWithNames
from keramos.reports import ReportContent
from keramos.settings.reading import ReadOptions

CITATIONS = (f"{PAPER}, doi:{DOI}",)


@dataclass(frozen=True)
class ReportResult:
    """The page that was written, its scores and times as JSON values, by method, the findings on it, and how groups of
    samples differ where there are any."""

    path: Path
    numbers: dict[str, Any]
    findings: tuple[Finding, ...] = ()
    comparison: GroupComparison | None = None

    def _repr_html_(self) -> str:
        scored = {name: (row or {}).get("evaluation") for name, row in self.numbers.items()}
        rows = [(name, f"{one['mean_iou']:.4f}") for name, one in scored.items() if one and one.get("mean_iou")]
        link = escape_html(quote(self.path.as_posix()))
        return (
            f'<p><a href="{link}" target="_blank">{escape_html(self.path)}</a></p>'
            + (table_html(("method", "mean IoU"), rows) if rows else "")
            + findings_html(self.findings)
        )


def numbers_of(content: ReportContent) -> dict[str, Any]:
    """Scores (as `evaluate` has them; None where nothing was scored) and times of each method."""
    return {
        method.name: {
            "evaluation": None if method.evaluation is None else method.evaluation.to_json(),
            "seconds_train": method.seconds_train,
            "seconds_segment": method.seconds_segment,
        }
        for method in content.methods
    }


@dataclass(frozen=True)
class ReportOptions:
    """Further content of a report beside the segmentation: images, if they have moved; a truth, and slices (z as in its
    file) to score, if not all, and not to score; quantities that were measured before; whether to measure the
    microstructure if it was not; how labels of other software are read."""

    images: Volume | None = None
    truth: LabelsWithNames | None = None
    slices: Sequence[int] | None = None
    leave_out: Sequence[int] = ()
    quantities: Path | None = None
    measure: bool = True
    reading: ReadOptions = field(default_factory=ReadOptions)
