"""Write the page of a comparison."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from markupsafe import Markup

from keramos.core.progress import Progress, silent
from keramos.core.registry import Registry
from keramos.reports.comparison.content import ComparisonContent
from keramos.reports.comparison.numbers import comparison_numbers
from keramos.reports.comparison.reasons import order_here
from keramos.reports.page import Head, write_page
from keramos.reports.plain_words import join_words, score
from keramos.reports.section import Section, fill

COMPARISON_SECTIONS: Registry[Section[ComparisonContent]] = Registry(
    "comparison_sections", Section, "keramos.reports.comparison.sections"
)
"""The sections of the page by name, those of other installed packages included."""

_FOOTER = " Each figure is also a PNG file in the folder figures, all numbers are in compare.json."


def write_comparison(content: ComparisonContent, folder: Path, *, progress: Progress = silent) -> dict[str, Any]:
    """Write `folder`/report.html and `folder`/figures/*.png; return every number as JSON values.

    Raises:
        StorageError: they cannot be written.
    """
    content = replace(content, figures=folder / "figures")
    head = Head(content.title, _lead(content), list(_paragraphs(content)), _FOOTER)
    write_page(head, COMPARISON_SECTIONS, content, folder / "report.html", progress)
    return comparison_numbers(content)


def _lead(content: ComparisonContent) -> str:
    """The result in two sentences."""
    order = order_here(content)[::-1]
    best = order[0]
    scores = best.evaluation.positive_scores
    bounds = scores.interval.get("iou")
    between = "" if bounds is None else f", 95 % interval {bounds[0]:.3f} to {bounds[1]:.3f}"
    first = (
        f"{best.title} segments {content.positive} best: IoU {score(best.iou)} over test crops ({score(scores.iou)} on "
        f"the whole test slice{between})."
    )
    rest = [f"{m.title} {score(m.iou)}" for m in order[1:]]
    return first if not rest else f"{first} Then {join_words(rest)}."


_PAPER = """
The tables and figures of Hirabayashi et al. 2024 (npj Comput. Mater., doi:10.1038/s41524-024-01226-5) for these images,
with the <b>{{ preset }}</b> preset. Networks: {{ training }}{% if preset == "laptop" %} (the paper trains for 120
epochs){% endif %}.
"""


def _paragraphs(content: ComparisonContent) -> Iterator[Markup]:
    yield fill(_PAPER, preset=content.preset, training=content.training)
    for note in content.notes:
        yield fill("<b>Note:</b> {{ note }}.", note=note)
    for finding in content.findings:
        yield fill("<b>{{ severity }}:</b> {{ text }}.", severity=finding.severity.capitalize(), text=finding.text)
