"""What a body is made of in a window of space, and what every body can tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from keramos.core import PhaseTable

Positions = Sequence[NDArray[np.float64]]
"""Ascending coordinates in nm along Z, Y and X: the grid that they span."""


@dataclass(frozen=True, eq=False)
class Matter:
    """A window of a body (all arrays Z Y X).

    Attributes:
        solidness: how deep inside the solid a point lies, roughly in nm, negative in voids; up to a constant for
            bodies whose solid fraction can be asked for.
        kind: which solid phase it is there (0, 1, ...); None where the body has only one.
        tint: how bright its grain is, -128 ... 127, the same over a grain; None for a body without grains.
    """

    solidness: NDArray[np.float32]
    kind: NDArray[np.uint8] | None = None
    tint: NDArray[np.int8] | None = None


class Body(Protocol):
    """A body that fills all space, or all that is ever asked of it."""

    @property
    def phases(self) -> PhaseTable:
        """Void first, then the solid phases in the order of their kinds."""
        ...

    @property
    def adjustable(self) -> bool:
        """Whether any solid fraction can be had by moving the threshold on the solidness; else it is 0."""
        ...

    def matter(self, positions_nm: Positions) -> Matter:
        """What is at these points; the same point gives the same answer in whatever window."""
        ...

    def to_json(self) -> dict[str, Any]:
        """All that made it, as JSON values."""
        ...
