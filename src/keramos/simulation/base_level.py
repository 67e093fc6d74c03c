"""Grey level of each phase before any defect, as on a flat section."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.defect import Surface


@dataclass(frozen=True)
class BaseLevel:
    """Grey levels of flat sections.

    Attributes:
        solid_grey: levels of the polished solid phases in the order of their kinds.
        impurity_grey: level of impurities.
        void_grey: level of a void with no floor in sight (nearly black).
    """

    solid_grey: tuple[float, ...] = (120.0,)
    impurity_grey: float = 92.0
    void_grey: float = 8.0

    def with_solids(self, *relative: float) -> BaseLevel:
        """The same levels with other solid phases, given by their brightness relative to the first."""
        return replace(self, solid_grey=tuple(self.solid_grey[0] * share for share in relative))

    def paint(self, surface: Surface) -> NDArray[np.float32]:
        """Grey levels (Y X) of a surface. Further solid phases repeat the given levels, a tenth darker each time."""
        levels = np.asarray(self.solid_grey, np.float32)
        solid: NDArray[np.float32] = levels[:1]
        if surface.kind is not None:
            solid = levels[surface.kind % len(levels)] * np.float32(0.9) ** (surface.kind // len(levels))
        grey = np.where(surface.solid, solid, np.float32(self.void_grey))
        if surface.impurity is None:
            return grey
        return np.where(surface.impurity & surface.solid, np.float32(self.impurity_grey), grey)


def draw_base_level(rng: np.random.Generator) -> BaseLevel:
    """Levels as on the paper's images: solid at 112 to 140, impurities at 0.66 to 0.85 of it."""
    solid = float(rng.uniform(112, 140))
    return BaseLevel(
        (solid,), impurity_grey=solid * float(rng.uniform(0.66, 0.85)), void_grey=float(rng.uniform(4, 14))
    )
