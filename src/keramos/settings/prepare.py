"""Options of preparing a raw stack."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from keramos.core import Box, LabelVolume, Volume
from keramos.core.options import option
from keramos.settings.conversions import to_names
from keramos.settings.kinds import BOX, input_path, output_path, slice_numbers
from keramos.settings.reading import ReadImageOptions, ReadOptions
from keramos.settings.resources import MemoryOptions


@dataclass(frozen=True, kw_only=True)
class PreparationOptions(MemoryOptions, ReadImageOptions):
    """Options that decide what a prepared volume is."""

    slice_thickness: float | None = option(
        None, help="Distance of neighbouring slices; default: as the files state.", unit="nm", low=0.1, high=1e6
    )
    bar: int | None = option(
        None,
        help="Rows of the information bar at the lower edge; default: as the files state, or as it is seen.",
        low=0,
        high=2**20,
    )
    turn: Literal[0, 180] = option(
        0,
        help="Turn slices before all else: by 180 degrees where the scan was turned, which exchanges up and down, left "
        "and right. Regions are still given as the slices are in the files.",
        unit="degrees",
    )
    tilt: float | None = option(
        None,
        help="Angle between the electron beam and the normal of the section; default: as the files state. If it is "
        "given, pixels of images that were not corrected for the tilt count as longer along y.",
        unit="degrees",
        low=0,
        high=89,
    )
    cutting_order: Literal["increasing", "decreasing"] | None = option(
        None, help="Whether slices were cut in the order of z; default: as the files state, else increasing."
    )
    ion_beam: Literal["y", "x"] | None = option(
        None,
        help="The axis of a slice along which the ion beam cuts and curtains run; default: y, or x where files state "
        "a scan turned by 90 degrees.",
    )
    frame: Literal["section", "sheared"] | None = option(
        None,
        help="Whether the field of view followed the section as it was cut, or stood still (sheared); default: as the "
        "files state, else section.",
    )
    align: Literal["translation", "none"] = option("translation", help="How slices are moved to undo drift.")
    shear: Literal["none", "fiducial", "isotropy", "metadata"] = option(
        "none",
        help="The evidence by which a steady shift from slice to slice is undone, which images of a material cannot "
        "tell from its structure.",
    )
    fiducial: Box | str | None = option(
        None,
        help="With --shear fiducial: a region of the first slice, as it is in the file, whose edges do not belong to "
        "the material, such as those of a fiducial or a trench; within --box, and its z is not used.",
        given=str,
        metavar=BOX,
    )
    positions: Literal["metadata", "likeness", "ruler", "even"] | None = option(
        None,
        help="How it is known where slices lie along z: likeness tells it from how far edges move from slice to slice "
        "and from how much floors of voids brighten; default: ruler if one is given, metadata where the files "
        "state positions, else even.",
    )
    ruler: Box | str | None = option(
        None,
        help="A region of the slices, as they are in the files, with two straight lines, one on each side of its "
        "middle, whose distance changes evenly with depth; within --box, and its z is not used.",
        given=str,
        metavar=BOX,
    )
    ruler_angle: float | None = option(
        None,
        help="Angle between the lines of the ruler; default: such that the mean step is the nominal thickness.",
        unit="degrees",
        low=0.1,
        high=170,
    )
    uneven: Literal["resample", "keep"] = option(
        "resample",
        help="Whether slices that lie unevenly are put on an even grid, by linear interpolation, or kept as they are, "
        "with their positions in the facts.",
    )
    remedies: tuple[str, ...] | None = option(
        None,
        help="Defects to undo, such as brightness_drift,shading,curtains, or none; default: those that are proven to "
        "help.",
        convert=to_names,
        given=str,
        metavar="NAMES",
    )


@dataclass(frozen=True, kw_only=True)
class PrepareSettings(PreparationOptions, ReadOptions):
    """Make a calibrated volume of a raw stack: leave out the information bar and slices without an image, undo drift,
    and remedy defects of imaging. A run that was killed resumes when the same command is given again."""

    raw: str | Path | Volume = input_path(
        help="A folder or a quoted pattern of slices as the microscope wrote them, or a stack.",
        metavar="RAW",
        argument=True,
        wired=True,
    )
    out: Path | None = output_path(
        "prepared", None, help="The volume to write.", metavar="OUT.ome.zarr", wired=True, leading=True
    )
    look: Path | None = output_path(
        "page", None, help="Also write a page on what is done; without --out nothing else.", metavar="PAGE.html"
    )
    also: str | None = option(
        None,
        help="Also write the images of this other detector of the same scan, moved as those of --detector, as "
        "OUT-NAME.ome.zarr beside the volume.",
        group="Reading",
        affects_result=False,
        metavar="NAME",
    )
    labels: str | Path | LabelVolume | None = input_path(
        None,
        help="Labels that were drawn on the raw slices: they are laid onto the volume and written beside it, as "
        "OUT-labels.ome.zarr.",
    )
    slices: tuple[int, ...] | None = slice_numbers(
        None,
        help="The raw slices (from 0 on) that the labels are of, in their order; default: all, or those of the same "
        "names.",
        group="Files",
    )
    fresh: bool = option(
        False, help="Discard what is in OUT and start over.", group="Output", affects_result=False, wired=True
    )
