"""The part of a motion that is drift: changes from slice to slice, and a steady shift only where evidence tells it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core.errors import SettingsError
from keramos.preparation.alignment.motion import SliceMotion, flatten
from keramos.preparation.alignment.tracks import Track
from keramos.preparation.slice_shifts import Shear, ShearSource, SliceShifts

_STEP = 0.12  # pixels: steps that vary by less are let alone
_UNEVEN = 0.25  # standard deviation of a slice's place, in slices, that is no drift
_CLEAR, _ALONE = 2.4, 3.8  # times their standard deviation: steps that floors share, or of the face alone, are drift
_PULL, _PULL_SD = 0.25, 0.25  # share of the parallax that floors add to the face: 385 phantoms of 8 materials
_BENT = 0.25  # pixels rms about the straight line: less is not looked at
_SURE = 3.0  # times what chance makes of it: a shared part of more is drift
_FAR = 4.0  # times its standard deviation: a bent course of more is drift


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

    Where the steps vary by no more than their uncertainty, nothing but a shear with evidence is removed; what was
    measured is told as `left`.

    Raises:
        SettingsError: `fiducial` where nothing was seen in a box; `metadata` without corrections.
    """
    every = np.arange(len(motion.yx))
    bent, steady = flatten(every, motion.yx)
    free = None if motion.face is None else _free_shear(motion, steady)
    shear = _choose_shear(motion, evidence, corrections, free)
    is_moved = _is_drift(motion, bent, steady)
    yx = bent * is_moved + (every - every.mean())[:, None] * np.array(shear.yx)
    left = (0.0, 0.0) if is_moved else _pair(np.sqrt(np.mean(bent**2, axis=0)))
    return SliceShifts(yx, motion.sd, shear, free, is_moved or shear.source != "none", left)


def _free_shear(motion: SliceMotion, steady: NDArray[np.float64]) -> Shear:
    """The steady shift that makes the mean slope of the face 0, without the part by which bright floors pull at it."""
    pull = np.nan_to_num(motion.parallax)
    sd = np.hypot(motion.steady_sd, _PULL_SD * pull)
    return Shear(_pair(steady - _PULL * pull), _pair(sd), "isotropy")


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


def _is_drift(motion: SliceMotion, bent: NDArray[np.float64], steady: NDArray[np.float64]) -> bool:
    """Whether steps vary by more than uneven slices and the structure let them, or the course is bent for sure."""
    if motion.face is None or len(motion.face.shown) < 3:
        return False
    # Slices of uneven thickness show an inclined material, and floors, at uneven steps.
    uneven = 2 * _UNEVEN**2 * np.abs(steady * (steady + np.nan_to_num(motion.parallax)))
    if (_measure_variance(motion, motion.face) > _STEP**2 + uneven).any():
        return True
    course, doubt = (np.sqrt(np.mean(part**2, axis=0)) for part in (bent, motion.sd))
    return bool(((course > _BENT) & (course > _FAR * doubt)).any())


def _measure_variance(motion: SliceMotion, face: Track) -> NDArray[np.float64]:
    """Variance of the true steps (Y X), as far as it is told from errors; 0 where it is not."""
    steps = _steps(face)
    square = np.mean(steps**2, axis=0)
    last = [link.sd for link in motion.links if link.layer == "face" and link.second - link.first == 1]
    own = np.median(last, axis=0) if last else np.sqrt(square)
    told = np.where(square > (_ALONE * own) ** 2, square, 0.0)
    if motion.floor is None or len(motion.floor.shown) != len(face.shown):
        return np.asarray(told)
    floor = _steps(motion.floor)
    shared = np.mean(steps * floor, axis=0)  # the errors of the two layers are independent
    chance = np.sqrt(square * np.mean(floor**2, axis=0) / len(steps))
    is_shared = (shared > _SURE * chance) & (square > (_CLEAR * own) ** 2)
    return np.asarray(np.where(is_shared, shared, told))


def _steps(track: Track) -> NDArray[np.float64]:
    steps = np.diff(track.yx, axis=0) / np.diff(track.shown)[:, None]
    return np.asarray(steps - np.median(steps, axis=0))


def _pair(values: NDArray[np.float64]) -> tuple[float, float]:
    return float(values[0]), float(values[1])
