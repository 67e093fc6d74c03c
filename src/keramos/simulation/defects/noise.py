"""Noise: read noise and the shot noise of counted electrons, nearly white."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Noise:
    """Noise of variance `read_variance + shot_variance * grey`, in grey levels squared.

    `correlation` is that of neighbours along x, the fast scan direction (0 to 0.5); `seed` says which noise.
    """

    seed: int
    read_variance: float = 20.0
    shot_variance: float = 1.05
    correlation: float = 0.0

    def scaled(self, factor: float) -> Noise:
        """Variance times `factor`, as if the dwell time were that much shorter."""
        return replace(self, read_variance=self.read_variance * factor, shot_variance=self.shot_variance * factor)


def draw(rng: np.random.Generator) -> Noise:
    """Variance 20 + 1.05 grey within 10 %, as measured on the paper's images, where neighbours along x have a
    correlation of 0.10: some of it is texture of the solid, which the phantom has, too."""
    return Noise(
        seed=int(rng.integers(2**53)),
        read_variance=float(24 * rng.uniform(0.9, 1.1)),
        shot_variance=float(1.1 * rng.uniform(0.9, 1.1)),
        correlation=float(rng.uniform(0.02, 0.08)),
    )


def apply(grey: NDArray[np.float32], params: Noise, *, first_slice: int = 0) -> NDArray[np.float32]:
    """Add noise to `grey` (Z Y X); slice number `first_slice` + z of the stack always gets the same noise."""
    if params.read_variance == 0 and params.shot_variance == 0:
        return grey
    noisy = np.empty_like(grey)
    for z, section in enumerate(grey):
        seed = np.random.SeedSequence(params.seed, spawn_key=(first_slice + z,))
        white = _white(np.random.default_rng(seed), section.shape, params.correlation)
        variance = params.read_variance + params.shot_variance * np.maximum(section, 0)
        noisy[z] = section + white * np.sqrt(variance)
    return noisy


def _white(rng: np.random.Generator, shape: tuple[int, ...], correlation: float) -> NDArray[np.float32]:
    """Gaussian, variance 1: a moving average of two along x, whose lag-1 correlation is w / (1 + w^2)."""
    rows, columns = shape
    plain = rng.standard_normal((rows, columns + 1), dtype=np.float32)
    weight = np.float32((1 - np.sqrt(1 - 4 * correlation**2)) / (2 * correlation) if correlation else 0.0)
    return np.asarray((plain[:, 1:] + weight * plain[:, :-1]) / np.sqrt(1 + weight**2), dtype=np.float32)
