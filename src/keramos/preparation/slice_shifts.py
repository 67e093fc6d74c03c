"""The place of each slice among the others, within its plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

ShearSource = Literal["none", "fiducial", "isotropy", "metadata"]
"""The evidence from which a steady shift from slice to slice is taken; `none`: it is left in the images."""


@dataclass(frozen=True)
class Shear:
    """A steady shift in pixels a slice along Y and X, its standard deviation, and the evidence for it."""

    yx: tuple[float, float] = (0.0, 0.0)
    sd: tuple[float, float] = (0.0, 0.0)
    source: ShearSource = "none"


@dataclass(frozen=True, eq=False)
class SliceShifts:
    """Shifts that undo drift.

    Attributes:
        yx: pixels (slices, Y X): a feature at (y, x) of a raw slice lies at (y, x) plus these; their mean is 0. The
            shear is contained in them.
        sd: standard deviation of each, without that of the shear.
        shear: what was removed as a steady shift.
        free_shear: what would make the structure isotropic, for the report, whether it was removed or not; None where
            that cannot be said.
        is_moved: whether there was drift; if not, all shifts are 0.
        left: by how many pixels (rms, Y X) slices seem to lie off a straight course that was left, as it may be the
            structure's; 0 where it was removed.
    """

    yx: NDArray[np.float64]
    sd: NDArray[np.float64]
    shear: Shear = Shear()
    free_shear: Shear | None = None
    is_moved: bool = True
    left: tuple[float, float] = (0.0, 0.0)

    @property
    def rms(self) -> tuple[float, float]:
        """The root mean square of the shifts along Y and X, in pixels."""
        y, x = np.sqrt((self.yx**2).mean(axis=0)).tolist()
        return y, x
