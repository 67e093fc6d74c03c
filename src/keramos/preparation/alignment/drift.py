"""The part of a motion that is drift: changes from slice to slice, and a steady shift only where evidence tells it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core.errors import SettingsError
from keramos.preparation.alignment.motion import SliceMotion
from keramos.preparation.slice_shifts import Shear, ShearSource, SliceShifts


def split_drift(
    motion: SliceMotion, evidence: ShearSource = "none", corrections: NDArray[np.float64] | None = None
) -> SliceShifts:
    """Shifts that undo the drift of a motion.

    Images cannot tell a steady drift from a material that is inclined. So the straight line through the positions is
    left in the images unless one evidence for it is named:

    - `fiducial`: the line through the positions of what was seen in the box;
    - `metadata`: the line through `corrections`, shifts (slices, Y X; pixels, as `SliceShifts.yx`) that the
      microscope's files tell;
    - `isotropy`: the line that makes the structure's mean slope 0.

    Raises:
        SettingsError: `fiducial` where nothing was seen in a box; `metadata` without corrections.
    """
    line, steady = _fit_line(motion.yx)
    bent = motion.yx - line
    free = Shear(_pair(steady), _pair(np.full(2, np.nan)), "isotropy")
    shear = Shear()
    if evidence == "isotropy":
        shear = free
    elif evidence == "fiducial":
        if motion.fiducial is None:
            raise SettingsError("expected a box with something fixed as evidence of the shear, found none")
        shear = Shear(_pair(_fit_line(motion.fiducial)[1]), (0.0, 0.0), "fiducial")
    elif evidence == "metadata":
        if corrections is None:
            raise SettingsError("expected a shift of each slice in the metadata as evidence of the shear, found none")
        shear = Shear(_pair(_fit_line(corrections)[1]), (0.0, 0.0), "metadata")
    time = np.arange(len(bent)) - (len(bent) - 1) / 2
    yx = bent + time[:, None] * np.array(shear.yx)
    is_moved = bool(np.sqrt(np.mean(np.diff(bent, axis=0) ** 2)) > 0.1) if len(bent) > 1 else False
    if not is_moved and shear.source == "none":
        yx = np.zeros_like(yx)
    return SliceShifts(yx, motion.sd, shear, free, is_moved or shear.source != "none")


def _fit_line(yx: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The straight line through positions (slices, Y X), with mean 0, and its step a slice."""
    time = np.arange(len(yx)) - (len(yx) - 1) / 2
    square = float(time @ time)
    steady = time @ yx / square if square else np.zeros(yx.shape[1])
    return time[:, None] * steady, steady


def _pair(values: NDArray[np.float64]) -> tuple[float, float]:
    return float(values[0]), float(values[1])
