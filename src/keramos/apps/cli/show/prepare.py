"""Show a prepared volume."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

import numpy as np

from keramos.apps.cli.console import print_facts
from keramos.project.verbs.prepare import PrepareResult
from keramos.settings.prepare import PrepareSettings


def show_prepare(settings: PrepareSettings, result: PrepareResult) -> dict[str, Any]:
    """Print what was done to the slices and where the volume is; the next command checks it."""
    facts, preparation = result.facts, result.preparation
    numbers = result.to_json()
    z, y, x = result.shape
    size = result.volume.voxel_size
    lines = [
        ("volume", str(settings.out) if settings.out else "not written (--look)"),
        ("shape", f"{z} x {y} x {x} voxels (z y x)"),
        ("voxel size", str(size) if size else "not known"),
        ("slices", f"{len(preparation.kept)} used, {len(preparation.grid.filled)} filled for looking only"),
        ("information bar", _describe_bar(facts)),
        ("alignment", _describe_shifts(result)),
        *((name.replace("_", " "), summary) for name, summary in facts["remedies"].items()),
    ]
    if settings.look is not None:
        lines.append(("page", str(settings.look)))
    print_facts(lines)
    if settings.out is None:
        return numbers
    return {"out": str(settings.out), **numbers, "next": shlex.join(["keramos", "check", str(settings.out)])}


def _describe_bar(facts: Mapping[str, Any]) -> str:
    return f"{facts['bar_rows']} rows left out ({facts['bar_source']})" if facts["bar_rows"] else "none"


def _describe_shifts(result: PrepareResult) -> str:
    shifts = result.preparation.shifts
    if not shifts.is_moved:
        return "no slice was moved"
    rms = np.sqrt((shifts.yx**2).mean(axis=0))
    return f"slices moved by {rms[0]:.2f} px (y) and {rms[1]:.2f} px (x), root mean square"
