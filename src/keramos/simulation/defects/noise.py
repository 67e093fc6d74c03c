"""Noise: read noise and shot noise of the counted electrons, nearly white."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.defect import Defect, SliceRange


@dataclass(frozen=True)
class Noise:
    """Noise of variance `read_variance + shot_variance * grey`, in grey levels squared.

    Attributes:
        seed: random key.
        read_variance: variance at grey level 0.
        shot_variance: increase of the variance per grey level.
        correlation: correlation of neighbours along x, the fast scan direction (0 to 0.5).
    """

    seed: int
    read_variance: float = 20.0
    shot_variance: float = 1.05
    correlation: float = 0.0

    def scale(self, factor: float) -> Noise:
        """Variance times `factor`, as with a dwell time `factor` times shorter."""
        return replace(self, read_variance=self.read_variance * factor, shot_variance=self.shot_variance * factor)

    def apply(self, grey: NDArray[np.float32], slices: SliceRange) -> NDArray[np.float32]:
        """Grey values (Z Y X) with noise, which depends on the number of the slice."""
        if self.read_variance == 0 and self.shot_variance == 0:
            return grey
        noisy = np.empty_like(grey)
        for z, section in enumerate(grey):
            seed = np.random.SeedSequence(self.seed, spawn_key=(slices.first_slice + z,))
            white = _draw_white(np.random.default_rng(seed), section.shape, self.correlation)
            variance = self.read_variance + self.shot_variance * np.maximum(section, 0)
            noisy[z] = section + white * np.sqrt(variance)
        return noisy


def draw(rng: np.random.Generator, _: float) -> Noise:
    """Variance 24 + 1.1 grey within 10 %, close to the 20 + 1.05 grey measured on the paper's images.

    Neighbours along x have a correlation of 0.10 there; part of it is texture of the solid, which the phantom also has.
    """
    return Noise(
        seed=int(rng.integers(2**53)),
        read_variance=float(24 * rng.uniform(0.9, 1.1)),
        shot_variance=float(1.1 * rng.uniform(0.9, 1.1)),
        correlation=float(rng.uniform(0.02, 0.08)),
    )


def _draw_white(rng: np.random.Generator, shape: tuple[int, ...], correlation: float) -> NDArray[np.float32]:
    """Gaussian noise (Y X) of variance 1: a moving average of two along x, whose lag-1 correlation is w / (1 + w^2)."""
    rows, columns = shape
    plain = rng.standard_normal((rows, columns + 1), dtype=np.float32)
    weight = np.float32((1 - np.sqrt(1 - 4 * correlation**2)) / (2 * correlation) if correlation else 0.0)
    return np.asarray((plain[:, 1:] + weight * plain[:, :-1]) / np.sqrt(1 + weight**2), dtype=np.float32)


DEFECT = Defect("noise", "image", 70, draw, stream=6)
