"""Probe size: the width of the beam and the escape depth of the electrons blur every edge."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.simulation.defect import Defect, SliceRange


@dataclass(frozen=True)
class Probe:
    """A Gaussian probe.

    Attributes:
        sigma_nm: standard deviation in the plane of the slice.
    """

    sigma_nm: float = 15.0

    def scale(self, factor: float) -> Probe:
        return replace(self, sigma_nm=self.sigma_nm * factor)

    def apply(self, grey: NDArray[np.float32], slices: SliceRange) -> NDArray[np.float32]:
        """Each slice of `grey` (Z Y X) blurred; images are mirrored at their borders."""
        if self.sigma_nm == 0:
            return grey
        sigma = (0.0, self.sigma_nm / slices.voxel_size.y_nm, self.sigma_nm / slices.voxel_size.x_nm)
        return np.asarray(gaussian_filter(grey, sigma, truncate=3.0), dtype=np.float32)


def draw(rng: np.random.Generator, _: float) -> Probe:
    """A probe of 12 to 18 nm: edges as sharp as a pixel of 20 nm, as on the paper's images."""
    return Probe(sigma_nm=float(rng.uniform(12, 18)))


DEFECT = Defect("probe", "image", 40, draw, stream=3, follows_severity=False)
