"""A Gaussian random field cut at a level: the generic porous medium, with or without a grain of its own direction."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from keramos.core import VOID_SOLID, PhaseTable
from keramos.simulation.bodies.matter import Matter, Positions
from keramos.simulation.smooth_field import smooth_field


@dataclass(frozen=True)
class RandomField:
    """White noise smoothed by a Gaussian of standard deviation `length_nm` (Z Y X), cut at a level.

    Unequal lengths make a textured body. The two phases of a cut at one half mirror each other; solid and void are
    both connected for solid fractions from about 16 to 84 %.
    """

    key: int
    length_nm: tuple[float, float, float] = (180.0, 180.0, 180.0)

    @property
    def phases(self) -> PhaseTable:
        return VOID_SOLID

    @property
    def adjustable(self) -> bool:
        return True

    def matter(self, positions_nm: Positions) -> Matter:
        # Times the length, the field's slope is about one, as that of a distance.
        field = smooth_field(self.key, positions_nm, self.length_nm)
        return Matter(np.float32(min(self.length_nm)) * field)

    def to_json(self) -> dict[str, Any]:
        return {"structure": "random-field", **asdict(self)}
