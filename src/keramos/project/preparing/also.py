"""The images of another detector of the same scan, prepared as those of the first one were moved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from keramos.blocks import computing_versions
from keramos.core.errors import OptionError
from keramos.core.progress import FindingCollector
from keramos.io import file_fingerprint, slice_places
from keramos.project.outputs import check_place
from keramos.project.preparing.raw import RawInput, open_raw
from keramos.project.preparing.write import read_saved
from keramos.settings.prepare import PreparationOptions, PrepareSettings


@dataclass(frozen=True, eq=False)
class OtherDetector:
    """The raw slices of another detector, where their volume is written, and what decides what it is."""

    raw: RawInput
    out: Path
    identity: Mapping[str, Any]
    settings: PrepareSettings


def open_also(raw: RawInput, settings: PrepareSettings, collector: FindingCollector) -> OtherDetector | None:
    """The slices of the other detector that the settings name, before anything is read; None where they name none.

    Raises:
        OptionError: no detector that tells the drift, the same one, no volume to write, or slices that are not those
            of the same scan.
        ResumeError: another run's volume is where this one is to be written.
    """
    if settings.also is None:
        return None
    if settings.out is None:
        raise OptionError("also", "expected a volume to write (out) beside it, found only a page")
    if settings.detector is None or settings.detector.lower() == settings.also.lower():
        raise OptionError(
            "also",
            f"expected another detector than the one that tells the drift (detector), found {settings.also} for "
            f"{settings.detector or 'none'}",
        )
    own = settings.replace(detector=settings.also, also=None, bar=raw.field.bar)
    other = open_raw(own, collector)
    _refuse_other_scan(raw, other, settings)
    out = place_beside(settings.out, settings.also)
    check_place(out, settings)
    first = {"moved as": file_fingerprint(raw.volume), "moved as detector": settings.detector}
    identity = {**PreparationOptions.of(own).identity(), **first, "raw": file_fingerprint(other.volume)}
    if not settings.fresh:
        read_saved(out, {**identity, **computing_versions()}, fresh=False)
    return OtherDetector(replace(other, field=raw.field), out, identity, own)


def place_beside(out: Path, name: str) -> Path:
    """The path of what is written beside a volume.

    Example:
        >>> place_beside(Path("prepared.ome.zarr"), "In-lens (1)").name
        'prepared-In-lens_1.ome.zarr'
    """
    stem = re.sub(r"(\.ome)?\.zarr$", "", out.name)
    return out.with_name(f"{stem}-{re.sub('[^A-Za-z0-9-]+', '_', name).strip('_')}.ome.zarr")


def _refuse_other_scan(raw: RawInput, other: RawInput, settings: PrepareSettings) -> None:
    """OptionError unless both detectors have the same slices, of one size."""
    shape, there = raw.volume.shape, other.volume.shape
    if shape != there or not np.array_equal(slice_places(raw.volume), slice_places(other.volume)):
        what = f"{there[0]} slices of {there[1]} x {there[2]}" if shape != there else "others by their numbers"
        raise OptionError(
            "also",
            f"expected the same slices of {settings.also} as of {settings.detector}, {shape[0]} of {shape[1]} x "
            f"{shape[2]} pixels (y, x), found {what}; take a part that both have (box), or prepare each by itself",
        )
