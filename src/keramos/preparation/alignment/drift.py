"""The part of a motion that is drift: changes from slice to slice, and a steady shift only where evidence tells it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core.errors import SettingsError
from keramos.preparation.alignment.motion import SliceMotion, flatten
from keramos.preparation.alignment.tracks import Track
from keramos.preparation.slice_shifts import Shear, ShearSource, SliceShifts

_STEP = 0.12  # pixels: steps that vary by less are not told from uneven slices of an inclined material
_CLEAR = 2.2  # times their standard deviation: steps that vary by more are drift
_BENT = 0.25  # pixels rms about the straight line: less is not looked at
_SURE = 3.0  # times its standard deviation: a bent course of more is drift


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

    Where the steps vary by no more than their uncertainty, nothing but a shear with evidence is removed.

    Raises:
        SettingsError: `fiducial` where nothing was seen in a box; `metadata` without corrections.
    """
    every = np.arange(len(motion.yx))
    bent, steady = flatten(every, motion.yx)
    free = None if motion.face is None else Shear(_pair(steady), _pair(motion.steady_sd), "isotropy")
    shear = _choose_shear(motion, evidence, corrections, free)
    is_moved = _is_drift(motion, bent)
    yx = bent * is_moved + (every - every.mean())[:, None] * np.array(shear.yx)
    return SliceShifts(yx, motion.sd, shear, free, is_moved or shear.source != "none")


def _choose_shear(
    motion: SliceMotion, evidence: ShearSource, corrections: NDArray[np.float64] | None, free: Shear | None
) -> Shear:
    if evidence == "isotropy" and free is not None:
        return free
    if evidence == "fiducial":
        if motion.fiducial is None:
            raise SettingsError("expected a box with something fixed as evidence of the shear, found none")
        return _fit_fiducial(motion.fiducial)
    if evidence == "metadata":
        if corrections is None:
            raise SettingsError("expected a shift of each slice in the metadata as evidence of the shear, found none")
        return Shear(_pair(flatten(np.arange(len(corrections)), corrections)[1]), (0.0, 0.0), "metadata")
    return Shear()


def _fit_fiducial(track: Track) -> Shear:
    """The line through the positions of something fixed; its error is that of a walk of steps as the links disagree."""
    _, slope = flatten(track.shown, track.yx)
    return Shear(_pair(slope), _pair(track.closure / np.sqrt(max(len(track.shown) - 1, 1))), "fiducial")


def _is_drift(motion: SliceMotion, bent: NDArray[np.float64]) -> bool:
    """Whether steps vary by more than uneven slices and the structure let them, or the course is bent for sure."""
    if motion.face is None or len(motion.face.shown) < 3:
        return False
    if (_vary(motion) > _STEP).any():
        return True
    course, doubt = (np.sqrt(np.mean(part**2, axis=0)) for part in (bent, motion.sd))
    return bool(((course > _BENT) & (course > _SURE * doubt)).any())


def _vary(motion: SliceMotion) -> NDArray[np.float64]:
    """Standard deviation of the true steps (Y X), as far as it is told from errors; 0 where it is not."""
    if motion.face is None:
        return np.zeros(2)
    last = [link for link in motion.links if link.layer == "face" and link.second - link.first == 1]
    own = np.median([link.sd for link in last], axis=0) if last else np.zeros(2)
    steps = _steps(motion.face)
    rms = np.sqrt(np.mean(steps**2, axis=0))
    if motion.floor is None or len(motion.floor.shown) != len(motion.face.shown):
        return np.where(rms > _CLEAR * own, rms, 0.0)
    shared = np.mean(steps * _steps(motion.floor), axis=0)  # errors of the two layers are independent
    return np.asarray(np.sqrt(np.maximum(shared, 0)))


def _steps(track: Track) -> NDArray[np.float64]:
    steps = np.diff(track.yx, axis=0) / np.diff(track.shown)[:, None]
    return np.asarray(steps - np.median(steps, axis=0))


def _pair(values: NDArray[np.float64]) -> tuple[float, float]:
    return float(values[0]), float(values[1])
