"""The facts and the provenance as rows of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keramos.reports.content import ReportContent
from keramos.reports.plain_words import length

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of the provenance."""

    verb: str
    parameters: Pairs
    inputs: Pairs
    versions: Pairs


def step_rows(steps: Sequence[Mapping[str, Any]]) -> tuple[StepRow, ...]:
    """Steps as `Provenance.to_json` has them."""
    return tuple(
        StepRow(str(step.get("verb", "")), *(_pairs(step.get(key)) for key in ("parameters", "inputs", "versions")))
        for step in steps
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


def _pairs(values: Mapping[str, Any] | None, within: str = "") -> Pairs:
    """Names and values as text; what lies in a nested mapping gets its name in front."""
    rows: list[tuple[str, str]] = []
    for key, value in (values or {}).items():
        name = f"{within}{key}"
        rows += _pairs(value, f"{name}: ") if isinstance(value, Mapping) else [(name, _shown(value))]
    return tuple(rows)


def _shown(value: object) -> str:
    """A value for reading: numbers with five digits (the files keep all), lists with commas, no JSON."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {text}" for name, text in _pairs(value))
    return ", ".join(_shown(item) for item in value) if isinstance(value, (list, tuple)) else str(value)
