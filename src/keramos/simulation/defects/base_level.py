"""The grey level of each phase before any effect: what a flat section would give."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class BaseLevel:
    """Grey levels of the polished solid phases in the order of their kinds, of impurities, and of a void with no
    floor in sight (nearly black)."""

    solid_grey: tuple[float, ...] = (120.0,)
    impurity_grey: float = 92.0
    void_grey: float = 8.0

    def with_solids(self, *relative: float) -> BaseLevel:
        """Other solid phases, by their brightness relative to the first."""
        return replace(self, solid_grey=tuple(self.solid_grey[0] * share for share in relative))


def draw(rng: np.random.Generator) -> BaseLevel:
    """As on the paper's images, whose solid lies at 115 to 140; impurities at 0.66 to 0.85 of it."""
    solid = float(rng.uniform(112, 140))
    return BaseLevel(
        (solid,), impurity_grey=solid * float(rng.uniform(0.66, 0.85)), void_grey=float(rng.uniform(4, 14))
    )


def apply(
    section: NDArray[np.bool_],
    params: BaseLevel,
    *,
    kind: NDArray[np.uint8] | None = None,
    impurity: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:
    """Grey values of a section through a body; `kind` tells solid phases apart. All of one shape.

    More solid phases than grey levels go round again, each time a tenth darker.
    """
    levels = np.asarray(params.solid_grey, np.float32)
    solid: NDArray[np.float32] = levels[:1]
    if kind is not None:
        solid = levels[kind % len(levels)] * np.float32(0.9) ** (kind // len(levels))
    grey = np.where(section, solid, np.float32(params.void_grey))
    return grey if impurity is None else np.where(impurity & section, np.float32(params.impurity_grey), grey)
