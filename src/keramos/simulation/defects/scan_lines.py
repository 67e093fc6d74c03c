"""Scan-line noise: beam current and detector gain vary slightly from one row to the next."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.defect import Defect, SliceRange
from keramos.simulation.white import normal


@dataclass(frozen=True)
class ScanLines:
    """Gain of single rows.

    Attributes:
        key: random key.
        gain: standard deviation of the rows' gain, as a fraction of the grey value.
    """

    key: int
    gain: float = 0.004

    def scale(self, factor: float) -> ScanLines:
        return replace(self, gain=self.gain * factor)

    def apply(self, grey: NDArray[np.float32], slices: SliceRange) -> NDArray[np.float32]:
        """Grey values (Z Y X) with each row multiplied by its gain, which depends on the number of the slice."""
        if self.gain == 0:
            return grey
        rows = normal(self.key, (slices.first_slice, 0), grey.shape[:2])
        lined: NDArray[np.float32] = grey * (1 + np.float32(self.gain) * rows)[:, :, None]
        return lined


def draw(rng: np.random.Generator, _: float) -> ScanLines:
    """A deviation of 0.1 to 0.6 %, below what is visible on the paper's images."""
    return ScanLines(key=int(rng.integers(2**53)), gain=float(rng.uniform(0.001, 0.006)))


DEFECT = Defect("scan_lines", "image", 50, draw, stream=11)
