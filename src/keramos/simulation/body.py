"""Bodies: solid and void at any point of space, and the registry of those that can be asked for by name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import radians, tan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import VOID_SOLID, PhaseTable
from keramos.core.registry import Registry

Positions = Sequence[NDArray[np.float64]]
"""Ascending coordinates in nm along Z, Y and X: the grid that they span."""


@dataclass(frozen=True, eq=False)
class Matter:
    """A sampled window of a body (all arrays Z Y X).

    Attributes:
        solidness: approximate depth inside the solid in nm, negative in voids; up to a constant for bodies whose
            solid fraction is adjustable.
        kind: number of the solid phase (0, 1, ...); None if the body has only one.
        tint: brightness of the grain, -128 ... 127, constant over a grain; None for a body without grains.
    """

    solidness: NDArray[np.float32]
    kind: NDArray[np.uint8] | None = None
    tint: NDArray[np.int8] | None = None


@dataclass(frozen=True)
class Body(ABC):
    """Base of all bodies: void and one solid phase unless a body says otherwise. A body fills all space."""

    @property
    def structure(self) -> str:
        """Name of the structure in phantom.json."""
        return type(self).__name__.lower()

    @property
    def phases(self) -> PhaseTable:
        """Phases: void first, then the solid phases in the order of their kinds."""
        return VOID_SOLID

    @property
    def adjustable(self) -> bool:
        """Whether moving the threshold on the solidness gives any solid fraction; otherwise the threshold is 0."""
        return True

    @abstractmethod
    def sample(self, positions_nm: Positions) -> Matter:
        """The matter on a grid of points; a point has the same matter in every window."""

    def incline(self, angle_deg: float) -> Body:
        """The body leaning by an angle from the direction of cutting towards larger y, as if sheared along y."""
        return Inclined(self, angle_deg)

    def to_json(self) -> dict[str, Any]:
        """Structure and all parameters, as JSON values."""
        return {"structure": self.structure, **asdict(self)}


@dataclass(frozen=True)
class Inclined(Body):
    """A body sheared along y, by tan(`angle_deg`) for each nm along z.

    Example:
        >>> from keramos.simulation.analytic import Laminate
        >>> z, y, x = np.array([0.0, 100.0]), np.arange(0.0, 400.0, 100.0), np.array([0.0])
        >>> plates = Laminate(axis=1, solid_nm=110, period_nm=400).incline(45)
        >>> (plates.sample((z, y, x)).solidness[:, :, 0] > 5).tolist()
        [[False, True, False, False], [False, False, True, False]]
    """

    body: Body
    angle_deg: float

    @property
    def structure(self) -> str:
        return self.body.structure

    @property
    def phases(self) -> PhaseTable:
        return self.body.phases

    @property
    def adjustable(self) -> bool:
        return self.body.adjustable

    def sample(self, positions_nm: Positions) -> Matter:
        z, y, x = positions_nm
        slope = tan(radians(self.angle_deg))
        planes = [self.body.sample((z[i : i + 1], y - slope * z[i], x)) for i in range(len(z))]
        kind, tint = ([getattr(plane, name) for plane in planes] for name in ("kind", "tint"))
        return Matter(
            np.concatenate([plane.solidness for plane in planes]),
            None if kind[0] is None else np.concatenate(kind),
            None if tint[0] is None else np.concatenate(tint),
        )

    def to_json(self) -> dict[str, Any]:
        return {**self.body.to_json(), "inclination_deg": self.angle_deg}


@dataclass(frozen=True)
class Structure:
    """A kind of body that `--structure NAME` selects.

    Attributes:
        name: as users write it.
        draw: gives the body of a key (a random integer): another key gives another body of the same material.
    """

    name: str
    draw: Callable[[int], Body]


STRUCTURES = Registry("bodies", Structure, "keramos.simulation.bodies")
"""Structures by name: each module of `bodies/`, and each entry point of the group `keramos.bodies`, adds its own."""
