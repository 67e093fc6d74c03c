"""The page on a preparation, and its paragraph on the methods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from keramos.acquisition import FACT_NAMES, Acquisition
from keramos.core import Finding, Volume
from keramos.preparation import Preparation
from keramos.project.preparing.raw import RawInput
from keramos.reports.preparation import PreparationContent, write_preparation
from keramos.version import __version__


def write_look(path: Path, raw: RawInput, prepared: Volume, preparation: Preparation, facts: Mapping[str, Any]) -> None:
    """Write the page. StorageError if it cannot be written."""
    content = PreparationContent(
        f"Preparation of {Path(raw.volume.name).name}",
        replace(raw.volume, source=raw.source),
        prepared,
        preparation,
        facts,
        _describe_facts(raw.stated),
        tuple(Finding.from_json(row) for row in facts["findings"]),
        write_methods(raw.volume, prepared, preparation, facts),
    )
    write_preparation(content, path)


def _describe_facts(stated: Acquisition) -> tuple[tuple[str, str, str], ...]:
    """Name, value with its unit, and source of each fact that is written."""
    rows = []
    for name, about in FACT_NAMES.items():
        if name in stated.facts:
            fact = stated.facts[name]
            rows.append((about.title, about.show(fact.value), fact.source))
    return tuple(rows)


def write_methods(raw: Volume, prepared: Volume, preparation: Preparation, facts: Mapping[str, Any]) -> str:
    """A paragraph on how the volume was made, for a manuscript."""
    shifts, size = preparation.shifts, prepared.voxel_size
    sentences = [f"Of {raw.shape[0]} slices {len(preparation.kept)} were used and prepared with Keramos {__version__}."]
    if facts["raw"]["turn_deg"]:
        sentences.append(f"Slices were turned by {facts['raw']['turn_deg']}°.")
    if facts["bar_rows"]:
        sentences.append(f"The information bar ({facts['bar_rows']} rows) was cut off.")
    sentences += [_sentence(facts["remedies"][remedy.name]) for remedy in preparation.chain]
    if shifts.is_moved:
        y, x = shifts.rms
        sentences.append(
            "Slices were aligned by sub-pixel translation (motion of edges between each slice and several before it, "
            f"joined by robust least squares), by {y:.2f} px along y and {x:.2f} px along x (rms)."
        )
        source = facts["shear"]["source"]
        sentences.append(
            "A steady shift from slice to slice was not removed, as images cannot tell it from the material."
            if source == "none"
            else f"A steady shift from slice to slice was removed by the evidence of {source}."
        )
    if facts["filled_slices"]:
        sentences.append(
            f"{len(facts['filled_slices'])} slices that were missing or without an image were interpolated for display "
            "and not measured."
        )
    if size is not None:
        sentences.append(f"Voxels are {size.z_nm:g} x {size.y_nm:g} x {size.x_nm:g} nm (z, y, x).")
    return " ".join(sentences)


def _sentence(summary: str) -> str:
    return f"{summary[0].upper()}{summary[1:]}."
