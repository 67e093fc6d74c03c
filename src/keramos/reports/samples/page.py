"""Write the page of several samples."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keramos.reports.content import Comparison
from keramos.reports.microstructure import (
    ComparisonTable,
    MethodsProse,
    Titled,
    charts,
    comparison_tables,
    full_rows,
    headline_groups,
    methods_prose,
    spelled,
)
from keramos.reports.microstructure.quantity_table import FullRow, PhaseGroup
from keramos.reports.microstructure.samples_table import sample_rows
from keramos.reports.one_slice import one_slice_comparison
from keramos.reports.page import write_page
from keramos.reports.provenance_table import StepRow, step_rows
from keramos.reports.samples.content import Sample, SamplesContent
from keramos.reports.samples.lead import lead
from keramos.reports.samples.pictures import sample_panels
from keramos.reports.slice_rows import Panel
from keramos.version import __version__

_SAME_VOLUME = (
    "These are segmentations of the same images: what differs is the segmentation, not the material, so the "
    "differences have no intervals."
)


@dataclass(frozen=True, slots=True)
class _Chapter:
    """All of one sample."""

    name: str
    facts: str
    panels: tuple[Panel, ...]
    legend: tuple[tuple[str, str], ...]
    quantities: tuple[PhaseGroup, ...]
    every: tuple[FullRow, ...]
    notes: tuple[str, ...]
    one_slice: tuple[ComparisonTable, ...]
    charts: tuple[Titled, ...]
    prose: MethodsProse
    steps: tuple[StepRow, ...]


def write_samples(content: SamplesContent, path: Path) -> None:
    """Write one HTML file that needs nothing else. StorageError if it cannot be written."""
    write_page("samples.html.j2", _context(content), path)


def _context(content: SamplesContent) -> dict[str, Any]:
    names = [sample.name for sample in content.samples]
    together = Comparison(
        "Side by side",
        tuple((sample.name, sample.measurements) for sample in content.samples),
        independent=not content.same_volume,
        explanation=_SAME_VOLUME if content.same_volume else "",
    )
    return {
        "title": content.title,
        "version": __version__,
        "headline": lead(sample_rows(together), names),
        "together": comparison_tables((together,)),
        "chapters": [_chapter(sample) for sample in content.samples],
        "citations": content.citations,
    }


def _chapter(sample: Sample) -> _Chapter:
    found, labels = sample.measurements, sample.labels
    prose = MethodsProse("", ())
    if labels is not None:
        prose = methods_prose(found, sample.name, labels.shape, labels.voxel_size)
    return _Chapter(
        sample.name,
        _facts(sample),
        sample_panels(sample),
        () if labels is None else tuple((phase.colour, phase.name) for phase in labels.phases),
        headline_groups(found),
        full_rows(found),
        tuple(spelled(note) for note in found.notes),
        comparison_tables(() if sample.one_slice is None else (one_slice_comparison(found, sample.one_slice),)),
        charts(found),
        prose,
        step_rows(sample.steps),
    )


def _facts(sample: Sample) -> str:
    if sample.labels is None:
        return "Numbers only: the segmentation was not given."
    (z, y, x), voxel = sample.labels.shape, sample.labels.voxel_size
    size = "" if voxel is None else " of " + " × ".join(f"{nm:g}" for nm in voxel.zyx) + " nm"
    return f"{z} × {y} × {x} voxels{size} (z y x)."
