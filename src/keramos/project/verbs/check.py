"""Check a stack and its labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keramos.core import Finding, Volume, rank_findings
from keramos.core.errors import FindingError
from keramos.core.notebook_html import escape_html, findings_html
from keramos.core.progress import FindingCollector, Reporter
from keramos.inspection import run_checks, survey_stack
from keramos.learning import collect_annotated
from keramos.project.image_label_pairs import open_pairs
from keramos.project.inputs import load_images
from keramos.project.verb import verb
from keramos.settings.check import CheckSettings
from keramos.settings.reading import ReadOptions


@dataclass(frozen=True)
class CheckResult:
    """Findings about a stack and its labels, the gravest first."""

    images: Volume
    findings: tuple[Finding, ...]

    def _repr_html_(self) -> str:
        found = findings_html(self.findings) or "<p>no findings</p>"
        return f"<strong>{escape_html(self.images.name)}</strong>{found}"

    def to_json(self) -> dict[str, Any]:
        """JSON values: the stack's name, shape (z y x) and voxel size in nm, and the findings."""
        size = self.images.voxel_size
        return {
            "images": self.images.name,
            "shape": list(self.images.shape),
            "voxel_size_nm": None if size is None else list(size.zyx),
            "findings": [finding.to_json() for finding in self.findings],
        }


@verb(CheckSettings)
def check(settings: CheckSettings, reporter: Reporter) -> CheckResult:
    """Look for what is wrong with a stack, and with labels of it.

    Raises:
        KeramosError: files that cannot be read, or labels that do not fit the stack.
    """
    options, collector = ReadOptions.of(settings), FindingCollector(reporter, quiet=True)
    images = load_images(settings.images, options)
    findings = list(images.findings)
    if any(finding.severity == "fatal" for finding in findings):  # what the slices show means nothing then
        return CheckResult(images, rank_findings(findings))
    findings += run_checks("stack", survey_stack(images, progress=reporter.progress("look at the slices", "slice")))
    if settings.labels is not None:
        try:
            of_the_region = options.replace(box=None)  # the images are cut already
            pairs = open_pairs(
                images, settings.labels, slices=settings.slices, options=of_the_region, reporter=collector
            )
            data = collect_annotated(pairs, only=settings.slices)
            findings += run_checks("labels", data, [volume for volume, _ in pairs])
        except FindingError as error:
            findings.append(error.finding)
    return CheckResult(images, rank_findings((*collector.findings, *findings)))
