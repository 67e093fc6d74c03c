"""Slice-thickness error: the ion beam does not cut exactly one pitch each time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.white import normal

_MOST = 0.45  # of a pitch: slices never change places


@dataclass(frozen=True)
class SliceThickness:
    """`error`: standard deviation of a section's place along z, as a fraction of the pitch; `key` says which."""

    key: int
    error: float = 0.08

    def scaled(self, factor: float) -> SliceThickness:
        return replace(self, error=self.error * factor)


def draw(rng: np.random.Generator) -> SliceThickness:
    """Assumed: a pitch of 20 nm is kept to a few nm."""
    return SliceThickness(key=int(rng.integers(2**53)), error=float(rng.uniform(0.02, 0.15)))


def offsets(params: SliceThickness, first_slice: int, slices: int) -> NDArray[np.float64]:
    """How many pitches deeper than it should each section lies."""
    errors = params.error * normal(params.key, (first_slice,), (slices,)).astype(np.float64)
    return np.clip(errors, -_MOST, _MOST)
