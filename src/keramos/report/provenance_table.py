"""The facts and the provenance as rows of text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keramos.report.content import ReportContent
from keramos.report.plain_words import length

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of the provenance."""

    verb: str
    parameters: Pairs
    inputs: Pairs
    versions: Pairs


def step_rows(content: ReportContent) -> tuple[StepRow, ...]:
    return tuple(
        StepRow(str(step.get("verb", "")), *(_pairs(step.get(key)) for key in ("parameters", "inputs", "versions")))
        for step in content.steps
    )


def fact_rows(content: ReportContent) -> Pairs:
    """What the volume itself says, then the given facts; a given fact takes the place of one with its name."""
    nz, ny, nx = content.volume.shape
    own = {"Volume": f"{nz} × {ny} × {nx} voxels (z, y, x)"}
    voxel = content.volume.voxel_size
    own["Voxel size"] = "not known" if voxel is None else " × ".join(f"{nm:g}" for nm in voxel.zyx) + " nm (z, y, x)"
    if voxel is not None:
        edges = [n * nm for n, nm in zip(content.volume.shape, voxel.zyx, strict=True)]
        own["Size"] = " × ".join(length(nm) for nm in edges) + " (z, y, x)"
    given = {name.lower() for name in content.facts}
    kept = {name: text for name, text in own.items() if name.lower() not in given}
    return tuple({**kept, **content.facts}.items())


def _pairs(values: Mapping[str, Any] | None) -> Pairs:
    return tuple((str(k), v if isinstance(v, str) else json.dumps(v, default=str)) for k, v in (values or {}).items())
