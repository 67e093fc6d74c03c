"""Write the page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from keramos.core.files import write_bytes
from keramos.reports.amount_table import amount_rows
from keramos.reports.browser import slice_browser
from keramos.reports.content import ReportContent
from keramos.reports.embedded import embedded_json
from keramos.reports.fraction_over_z import fraction_over_z
from keramos.reports.headline import explanation, headline
from keramos.reports.learning_curve import learning_curve
from keramos.reports.microstructure import methods_prose, microstructure_context
from keramos.reports.plain_words import listed
from keramos.reports.provenance_table import fact_rows, step_rows
from keramos.reports.region_table import region_methods, region_rows
from keramos.reports.score_table import COLUMNS, boundary_shares, confusion_tables, score_rows
from keramos.reports.slice_rows import layout, legend, slice_rows, truth_legend
from keramos.reports.surface import surface_view
from keramos.version import __version__


def write_report(content: ReportContent, path: Path) -> None:
    """Write one HTML file that needs nothing else: pictures and scripts inside, nothing from the network.

    Without scripts the page shows all but what is turned and leafed through.

    Raises:
        StorageError: the file cannot be written.
    """
    write_page("report.html.j2", _context(content), path)


def write_page(template: str, context: Mapping[str, Any], path: Path) -> None:
    """Fill a template and write the page, whole or not at all. StorageError if it cannot be written."""
    # Text from file names and metadata reaches the page: everything is escaped.
    environment = Environment(
        loader=PackageLoader("keramos.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    html = environment.get_template(template).render(context)
    # A file name that is not text on this machine shows question marks and never stops the page.
    write_bytes(path, html.encode("utf-8", errors="replace"))


def _context(content: ReportContent) -> dict[str, Any]:
    phases = content.phases
    scored = bool(content.scored)
    browser, surface = slice_browser(content), surface_view(content)
    many = scored and phases is not None and len(phases) > 2
    return {
        "title": content.title,
        "version": __version__,
        "headline": headline(content),
        "explanation": explanation(content),
        "phase": "" if phases is None else phases.names[phases.positive],
        "columns": COLUMNS,
        "scores": score_rows(content) if content.methods else (),
        "scored": scored,
        "other_scores": [
            (name, score_rows(content, name))
            for code, name in enumerate(phases.names if many and phases is not None else ())
            if phases is not None and code != phases.positive
        ],
        "intervals": _how_intervals_were_found(content),
        "boundary_shares": boundary_shares(content),
        "notes": [(m.name, m.note) for m in content.methods if m.note],
        "confusions": confusion_tables(content),
        "region_methods": region_methods(content),
        "regions": region_rows(content),
        "slices": slice_rows(content),
        "legend": legend(content),
        "truth_legend": truth_legend(content),
        "has_truth": content.truth is not None,
        "layout": layout(content),
        "has_voxel_size": content.volume.voxel_size is not None,
        "browser": browser,
        "browser_json": embedded_json(browser.data),
        "surface": surface,
        "surface_json": "" if surface is None else embedded_json(surface.data),
        "amounts": amount_rows(content),
        "fraction": fraction_over_z(content),
        "curve": learning_curve(content),
        "learners": listed([m.name for m in content.methods if m.curve] or ["nothing"]),
        "methods_text": content.methods_text,
        "measured_text": methods_prose(
            content.measurements, content.measured, content.volume.shape, content.volume.voxel_size
        ),
        **microstructure_context(content.measurements, content.measured, content.comparisons),
        "facts": fact_rows(content),
        "steps": step_rows(content.steps),
        "citations": content.citations,
    }


def _how_intervals_were_found(content: ReportContent) -> str:
    """The sentence of the best method that has an interval; empty where none has."""
    for method in content.scored:
        if method.evaluation is not None and method.evaluation.positive_scores.interval.get("iou") is not None:
            return method.evaluation.bootstrap.method
    return ""
