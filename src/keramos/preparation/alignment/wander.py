"""The speed at which a layer goes astray by itself, from how far the tiles of the images go apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.preparation.alignment.flow import LayerName, count_tiles, spread_of_tiles

# Structures last for a while, so that steps are summed over some slices before tiles are compared: over a third of the
# stack on the face, where they last long, and over three slices on floors, that change fast.
_THIRD, _THREE = 1 / 3, 3
# Measured on phantoms of 10 materials (290 for walks, 385 of 8 isotropic ones for steady steps; 14 to 60 slices of 100
# to 400 pixels, slices of 1 to 3 pixels): the variance is as many times what tiles tell, if they are many; and what is
# added to that for n tiles, times (n - 1) to a power. Floors share errors (rims of voids, fading light), and are few.
_FACE, _FACE_FEW = 1.5, (4.0, 1.0)
_FLOOR, _FLOOR_FEW = 4.0, (40.0, 2.5)
_STEADY, _STEADY_FEW = 1.3, (4.0, 1.0)


@dataclass(frozen=True, eq=False)
class Wander:
    """The speed at which a layer goes astray by itself.

    Attributes:
        rate: variance in square pixels that its position gathers a slice (Y X).
        steady: variance of its mean step over all slices (Y X), in square pixels.
    """

    rate: NDArray[np.float64]
    steady: NDArray[np.float64]

    def scale(self, factor: float) -> Wander:
        """The same in pixels that are `factor` times as fine."""
        return Wander(self.rate * factor**2, self.steady * factor**2)


def measure_wander(layer: LayerName, steps: Sequence[NDArray[np.float64]]) -> Wander:
    """The speed at which a layer goes astray.

    Args:
        steps: sums of the tiles (see `Flow.sums`) of each step from one slice to the next.
    """
    length = max(_THREE, round(_THIRD * len(steps))) if layer == "face" else _THREE
    windows = np.array_split(np.asarray(steps), max(1, round(len(steps) / length)))
    parts = [window.sum(axis=0) for window in windows]
    spread = np.array([np.diag(spread_of_tiles(part)) for part in parts])
    tiles = float(np.mean([count_tiles(part) for part in parts]))
    walk = np.mean(spread * [[len(window)] for window in windows], axis=0)
    walk *= _excess(tiles, _FACE, *_FACE_FEW) if layer == "face" else _excess(tiles, _FLOOR, *_FLOOR_FEW)
    steady = spread.mean(axis=0) * _excess(tiles, _STEADY, *_STEADY_FEW)
    return Wander(np.maximum(walk, 1e-8), np.maximum(steady, 1e-10))


def _excess(tiles: float, many: float, few: float, power: float) -> float:
    return float(many + few / (tiles - 1) ** power)
