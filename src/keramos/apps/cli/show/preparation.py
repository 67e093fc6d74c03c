"""Show what was done to raw slices, in a few lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def list_preparation(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and values of what is worth reading in the facts about a preparation (see `preparation_facts`)."""
    return [
        ("slices", f"{len(facts['slices'])} used, {len(facts['filled_slices'])} filled for looking only"),
        ("information bar", _describe_bar(facts)),
        ("alignment", _describe_shifts(facts["shifts_px"])),
        ("steady shift", _describe_shear(facts["shear"])),
        ("positions along z", _describe_positions(facts)),
        *((name.replace("_", " "), summary) for name, summary in facts["remedies"].items()),
    ]


def _describe_bar(facts: Mapping[str, Any]) -> str:
    return f"{facts['bar_rows']} rows left out ({facts['bar_source']})" if facts["bar_rows"] else "none"


def _describe_shifts(shifts_px: list[list[float]]) -> str:
    shifts = np.array(shifts_px)
    if not shifts.any():
        return "no slice was moved"
    y, x = np.sqrt((shifts**2).mean(axis=0))
    return f"slices moved by {y:.2f} px (y) and {x:.2f} px (x), root mean square"


def _describe_shear(shear: Mapping[str, Any]) -> str:
    if shear["source"] == "none":
        return "left as it is"
    y, x = shear["y"][0], shear["x"][0]
    return f"{y:.3f} px (y) and {x:.3f} px (x) a slice removed, by {shear['source']}"


def _describe_positions(facts: Mapping[str, Any]) -> str:
    places = np.array(facts["slice_places"])
    if facts["slice_position_source"] == "even":
        return "even, gaps counted" if (np.diff(places) > 1.5).any() else "even"
    done = "put onto an even grid" if facts["uneven"] == "resample" else "slices kept as they are"
    return f"by {facts['slice_position_source']}, {done}"
