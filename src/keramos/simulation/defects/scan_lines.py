"""Scan-line noise: the beam current and the detector's gain differ a little from one row to the next."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.white import normal


@dataclass(frozen=True)
class ScanLines:
    """`gain`: standard deviation of the rows' gain, as a fraction; `key` says which."""

    key: int
    gain: float = 0.004

    def scaled(self, factor: float) -> ScanLines:
        return replace(self, gain=self.gain * factor)


def draw(rng: np.random.Generator) -> ScanLines:
    """Below what the eye sees on the paper's images."""
    return ScanLines(key=int(rng.integers(2**53)), gain=float(rng.uniform(0.001, 0.006)))


def apply(grey: NDArray[np.float32], params: ScanLines, *, first_slice: int = 0) -> NDArray[np.float32]:
    """Multiply each row of `grey` (Z Y X) by its gain; slice `first_slice` + z of the stack always has the same."""
    if params.gain == 0:
        return grey
    rows = normal(params.key, (first_slice, 0), grey.shape[:2])
    lined: NDArray[np.float32] = grey * (1 + np.float32(params.gain) * rows)[:, :, None]
    return lined
