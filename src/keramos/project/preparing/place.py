"""The shift of each slice within its plane."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from keramos.core import VoxelSize
from keramos.core.errors import OptionError
from keramos.io import slice_places
from keramos.preparation import Observation, SliceMotion, SliceShifts, split_drift
from keramos.project.preparing.raw import RawInput
from keramos.settings.prepare import PrepareSettings


def find_shifts(
    observed: Observation, motion: SliceMotion | None, raw: RawInput, settings: PrepareSettings
) -> SliceShifts:
    """The shifts of the slices that were kept, by their motion; without one they stay where they are.

    Raises:
        OptionError: a structure that does not tell the steady shift by isotropy; `refuse_evidence` sees to the others.
    """
    kept = list(observed.kept)
    if motion is None:
        none = np.zeros((len(kept), 2))
        return SliceShifts(none, none.copy(), is_moved=False)
    corrections = read_corrections(raw) if settings.shear == "metadata" else None
    shifts = split_drift(motion, settings.shear, corrections)
    if shifts.shear.source != settings.shear:
        raise OptionError(
            "shear", f"expected slices whose structure tells the steady shift by {settings.shear}, found none that do"
        )
    yx = shifts.yx[kept]
    return replace(shifts, yx=yx - yx.mean(axis=0) if shifts.is_moved else yx, sd=shifts.sd[kept])


def refuse_evidence(raw: RawInput, settings: PrepareSettings) -> None:
    """Refuse evidence for a steady shift that neither the options nor the files give, before slices are read.

    Raises:
        OptionError: no region of a fiducial, one without its name as the evidence, files that state nothing, or slices
            that are not to be aligned at all.
    """
    if settings.shear != "none" and settings.align == "none":
        raise OptionError("shear", "expected slices that are aligned, found that they are not to be; leave out one")
    if settings.shear == "fiducial" and settings.fiducial is None:
        raise OptionError("fiducial", "expected a region for the evidence of a fiducial, found none")
    if settings.fiducial is not None and settings.shear != "fiducial":
        raise OptionError(
            "shear",
            f"expected fiducial, as the region of one is given, found {settings.shear}; name it or leave it out",
        )
    if settings.shear == "metadata":
        read_corrections(raw)


def read_corrections(raw: RawInput) -> NDArray[np.float64]:
    """The shifts (slices, Y X) that undo the steady walk of the images, by what the microscope wrote: none where its
    field of view followed the face, as the images have those moves in them already.

    Raises:
        OptionError: it wrote nothing of that.
    """
    stated = raw.stated
    if stated.followed is None:
        raise OptionError(
            "shear",
            "expected files that state how the field of view was moved from slice to slice, found none that do; name "
            "another evidence",
        )
    steady = 0.0 if stated.followed.value else walk_of(raw.volume.require_voxel_size(), stated.value("tilt_deg"))
    if raw.is_upside_down:
        steady = -steady
    return np.outer(slice_places(raw.volume), [steady, 0.0])


def walk_of(size: VoxelSize, tilt_deg: float | None) -> float:
    """The pixels a slice, along y, by which the face walks through a field of view that stands still: towards lower y,
    by the thickness of a slice times the tangent of the angle between the beam and the section's normal.

    Raises:
        OptionError: the angle is not known.

    Example:
        >>> round(walk_of(VoxelSize(20, 10, 10), 38.0), 3)
        1.563
    """
    if tilt_deg is None:
        raise OptionError("shear", "expected files that state the tilt of the section, found none that do")
    return size.z_nm * math.tan(math.radians(tilt_deg)) / size.y_nm
