"""Edge brightening: near a void more secondary electrons escape, so the rim of the solid is bright.

The brightness depends on the wall behind the edge: a steep or undercut wall lets electrons escape, a gentle slope
hardly does, and there even a trained eye cannot see where the section ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from keramos.simulation.defect import Defect, Surface


@dataclass(frozen=True)
class EdgeBrightening:
    """Bright rim that falls as exp(-(distance / width_nm)^2) into the solid.

    Attributes:
        rise_grey: rise in grey level at the edge of a steep wall.
        width_nm: width of the rim.
    """

    rise_grey: float = 22.0
    width_nm: float = 55.0

    def scale(self, factor: float) -> EdgeBrightening:
        return replace(self, rise_grey=self.rise_grey * factor)

    def apply(self, grey: NDArray[np.float32], surface: Surface) -> NDArray[np.float32]:
        """Grey values (Y X) with bright rims of the solid; the distance is measured within the slice."""
        if self.rise_grey == 0 or surface.solid.all():
            return grey
        distance = distance_transform_edt(surface.solid, sampling=(surface.voxel_size.y_nm, surface.voxel_size.x_nm))
        rim = self.rise_grey * np.exp(-((np.asarray(distance, np.float32) / np.float32(self.width_nm)) ** 2))
        bright = np.where(surface.solid, rim if surface.steepness is None else rim * surface.steepness, 0)
        return grey + bright.astype(np.float32)


def draw(rng: np.random.Generator, _: float) -> EdgeBrightening:
    """A rim of +9 to +14 grey levels one or two pixels from the blurred edge, as on the paper's images."""
    return EdgeBrightening(rise_grey=float(rng.uniform(40, 58)), width_nm=float(rng.uniform(40, 52)))


DEFECT = Defect("edge_brightening", "surface", 40, draw, stream=2, follows_severity=False)
