"""Options of `keramos phantom`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from keramos.core import LabelVolume, Triple, triple
from keramos.core.options import Settings, option
from keramos.settings.conversions import to_names, to_pair
from keramos.settings.kinds import input_path, output_path, slice_numbers
from keramos.settings.reading import ReadOptions


@dataclass(frozen=True, kw_only=True)
class PhantomOptions(Settings):
    """Material, microscope and artefacts of a phantom."""

    preset: str = option("ba122", help="Material and microscope.", metavar="ba122|sofc|battery")
    severity: float = option(0.5, help="Artefact strength: 0 none, 0.5 realistic, 1 severe.", low=0, high=1)
    seed: int = option(0, help="Random seed.", low=0, high=2**63 - 1)
    structure: str | None = option(
        None,
        help="Another body for the preset's microscope; default: the preset's.",
        metavar="NAME",
    )
    solid_fraction: float | None = option(
        None, help="Solid volume fraction; default: the preset's.", low=0, high=1, metavar="F"
    )
    cutting_order: Literal["increasing", "decreasing"] = option("increasing", help="Slice order along z.")
    defects: tuple[str, ...] = option(
        (),
        help="Further imaging defects, from other packages.",
        convert=to_names,
        given=tuple[str, ...],
        metavar="NAME [NAME ...]",
    )
    also: Literal["low-voltage", "in-lens"] | None = option(
        None, help="Image every section a second time: at 2 kV (low-voltage), or by a detector in the lens (in-lens)."
    )
    hand_labels: tuple[int, ...] = slice_numbers(
        (), help="Slices that get a simulated hand label, errors included.", group="Output"
    )


def _raw_option(default: Any, **about: Any) -> Any:
    """An option of raw slices, which no step of a recipe works on."""
    return option(default, wired=True, **about)


@dataclass(frozen=True, kw_only=True)
class RawOptions(Settings):
    """Options of raw slices, as a microscope records a phantom. None: by the severity, or as the maker usually does."""

    raw: str | None = _raw_option(
        None,
        help="Write raw slices as this maker's microscope would; the truth goes to DIR-truth.",
        metavar="thermo|zeiss|atlas|tescan",
    )
    frame: Literal["section", "sheared"] = _raw_option(
        "section", help="Raw: whether the field of view follows the section, or stands still (sheared)."
    )
    tilt_corrected: bool | None = _raw_option(
        None, help="Raw: whether the microscope corrected for the tilt; default: what the maker's usually do."
    )
    bits: Literal[8, 16] = _raw_option(8, help="Raw: bits per pixel.")
    inclination: float = _raw_option(
        0.0, help="Raw: how far the body leans from z towards y.", unit="deg", low=-75, high=75, metavar="DEG"
    )
    thickness_error: float | None = _raw_option(
        None,
        help="Raw: standard deviation of the slices' thickness, as a share of it; default: 0.2 x severity.",
        low=0,
        high=0.4,
        metavar="F",
    )
    drift_walk: float | None = _raw_option(
        None, help="Raw: random walk from slice to slice; default: 1.2 x severity.", unit="px", low=0, high=20
    )
    drift_jitter: float | None = _raw_option(
        None, help="Raw: displacement of each slice by itself; default: 0.6 x severity.", unit="px", low=0, high=20
    )
    drift_shear: tuple[float, float] | None = _raw_option(
        None,
        help="Raw: steady drift per slice along y and x, in px; default: random, about 0.4 x severity.",
        convert=to_pair,
        given=tuple[float, float],
        metavar="Y X",
    )
    bad_slices: bool = _raw_option(True, help="Raw: one blank, one repeated and one missing slice.")


@dataclass(frozen=True, kw_only=True)
class PhantomSettings(PhantomOptions, RawOptions, ReadOptions):
    """Simulate a FIB-SEM stack whose every voxel is known. A killed run resumes: give the same command again."""

    out: Path = output_path(
        "phantom", help="Folder for images, truth and parameters.", metavar="DIR", leading=True, wired=True
    )
    shape: Triple | None = option(
        None,
        help="Voxels along z y x; default: 96 384 384, or those of --geometry.",
        convert=triple,
        given=tuple[int, int, int],
        metavar="Z Y X",
    )
    geometry: str | Path | LabelVolume | None = input_path(
        None, help="Image this label volume instead of a simulated body; void first.", metavar="FILE"
    )
    fresh: bool = option(
        False, help="Replace a phantom that is in DIR.", group="Output", affects_result=False, wired=True
    )
