"""The grey level of each phase before any effect: what a flat section would give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class BaseLevel:
    """Grey levels of the polished solid and of a void with no floor in sight (nearly black)."""

    solid_grey: float = 120.0
    void_grey: float = 8.0


def draw(rng: np.random.Generator) -> BaseLevel:
    """As on the paper's images, whose solid lies at 115 to 140."""
    return BaseLevel(solid_grey=float(rng.uniform(112, 132)), void_grey=float(rng.uniform(4, 14)))


def apply(solid: NDArray[np.bool_], params: BaseLevel) -> NDArray[np.float32]:
    """Grey values of a body (Z Y X)."""
    return np.where(solid, np.float32(params.solid_grey), np.float32(params.void_grey))
