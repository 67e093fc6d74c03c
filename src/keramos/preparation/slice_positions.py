"""The place of each slice along z, by one source of knowledge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from keramos.preparation.floor_light import FloorLight
from keramos.preparation.likeness import Likeness
from keramos.preparation.slice_steps import estimate_steps

PositionSource = Literal["even", "metadata", "likeness", "ruler"]
"""How positions are known: evenly spaced by assumption, as the files state, from the likeness of slices, or from lines
whose distance changes with depth."""


@dataclass(frozen=True, eq=False)
class SlicePositions:
    """Positions of the slices that are used.

    Attributes:
        nm: where each lies (slices count as 1 where no unit is known).
        sd_nm: standard deviation of each, if the first and the last are known exactly; None where it is unknown.
        step_sd_nm: standard deviation of the distance of each from the one before, without the first; None where it is
            unknown.
        spread: standard deviation of the true steps, as a share of the nominal step; NaN where it is unknown.
    """

    nm: NDArray[np.float64]
    sd_nm: NDArray[np.float64] | None = None
    step_sd_nm: NDArray[np.float64] | None = None
    spread: float = float("nan")


def place_by_likeness(
    likeness: Likeness, even_nm: NDArray[np.float64], pitch_nm: float, light: FloorLight | None = None
) -> SlicePositions | None:
    """Positions from the likeness of slices; None where it tells nothing.

    Args:
        likeness: of the slices that are used.
        even_nm: their nominal positions; the first and the last keep theirs, so that the mean step is the nominal one.
        pitch_nm: the nominal step.
        light: of the floors of voids in the same slices, which is joined to the likeness.
    """
    brightening = None if light is None else light.brightening
    steps = estimate_steps(likeness, (even_nm - even_nm[0]) / pitch_nm, brightening)
    if steps is None:
        return None
    nm = even_nm[0] + pitch_nm * np.concatenate([[0.0], np.cumsum(steps.steps)])
    return SlicePositions(nm, pitch_nm * _find_sd(steps.covariance), pitch_nm * steps.sd, steps.spread)


def _find_sd(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviations of positions between a first and a last one that are fixed, from the covariance of steps."""
    count = len(covariance)
    joint = np.cumsum(np.cumsum(np.pad(covariance, ((1, 0), (1, 0))), axis=0), axis=1)
    share = np.arange(count + 1) / count
    own, end = np.diag(joint), joint[:, -1]
    return np.asarray(np.sqrt(np.maximum(own - 2 * share * end + share**2 * joint[-1, -1], 0)))
