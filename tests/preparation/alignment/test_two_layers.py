"""The face and the floors of voids are joined, and known no better than they agree."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.preparation.alignment.motion import SliceMotion, find_motion
from keramos.preparation.alignment.tracks import Link
from keramos.preparation.alignment.wander import Wander

DEPTH = 40
SHOWN = np.arange(DEPTH)


def join(apart: NDArray[np.float64]) -> SliceMotion:
    """The motion of slices whose floors move by `apart` (slices, Y X) more than their face, which stands still."""
    sd = np.full(2, 0.05)
    links = [
        Link(z, z + step, layer, course[z] - course[z + step], sd)
        for layer, course in (("face", 0 * apart), ("floor", apart))
        for step in (1, 2)
        for z in range(DEPTH - step)
    ]
    wander = Wander(np.full(2, 1e-3), np.full(2, 1e-5))
    return find_motion(links, DEPTH, SHOWN, {"face": wander, "floor": wander})


def test_layers_that_agree_are_known_as_well_as_their_errors_say() -> None:
    agreeing = join(np.zeros((DEPTH, 2)))
    assert np.abs(agreeing.yx).max() < 1e-6
    # Two walks of 1e-3 square pixels a slice: 40 / 15 of half of it on average.
    assert (agreeing.sd[:, 0] ** 2).mean() == pytest.approx(DEPTH / 15 * 1e-3 / 2, rel=0.03)


def test_layers_that_disagree_are_known_less_well() -> None:
    apart = 3 * np.sin(SHOWN / 6)[:, None] * [1.0, 0.0]
    motion, agreeing = join(apart), join(np.zeros((DEPTH, 2)))
    assert motion.sd[:, 0].mean() > 5 * agreeing.sd[:, 0].mean()
    assert motion.sd[:, 1] == pytest.approx(agreeing.sd[:, 1])
    # Floors of a tilted view move on steadily: they pull at the face, and tell the course nearly alone, no worse.
    steady = join(np.outer(SHOWN, [0.7, 0.0]))
    own = 1e-3 + (0.1 * 0.7) ** 2
    assert (steady.sd[:, 0] ** 2).mean() == pytest.approx(DEPTH / 15 * own * 1e-3 / (own + 1e-3), rel=0.03)
    assert steady.sd[:, 1] == pytest.approx(agreeing.sd[:, 1], rel=1e-3)
