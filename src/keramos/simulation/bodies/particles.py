"""Round particles of one solid phase in a sponge of another: a battery electrode of oxide, binder and pores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from keramos.core import PhaseTable
from keramos.simulation.body import Body, Matter, Positions, Structure
from keramos.simulation.scatter import find_windows, scatter
from keramos.simulation.smooth_field import smooth_field

_FAR_NM = 1e5


@dataclass(frozen=True)
class Particles(Body):
    """Rough balls with a sponge between them; small balls are more frequent.

    Attributes:
        key: random key.
        radius_nm: smallest and largest radius; uniform in the logarithm.
        per_um3: number of particles per cubic micrometre.
        roughness_nm: roughness of their surfaces, over `texture_nm`.
        sponge_nm: correlation length of the sponge; it is densest near the particles, within `bridge_nm`.
        names: names of the voids, the particles and the sponge.
    """

    key: int
    radius_nm: tuple[float, float] = (900.0, 3200.0)
    per_um3: float = 0.025
    roughness_nm: float = 90.0
    texture_nm: float = 350.0
    sponge_nm: float = 260.0
    bridge_nm: float = 900.0
    names: tuple[str, str, str] = ("pore", "oxide", "binder")

    @property
    def phases(self) -> PhaseTable:
        return PhaseTable.from_names(self.names, self.names[1])

    def sample(self, positions_nm: Positions) -> Matter:
        """Matter on a grid. The threshold for a solid fraction changes the sponge, not the particles."""
        low, high = self.radius_nm
        reach = high + 2 * self.bridge_nm
        ball = np.full([len(axis) for axis in positions_nm], -_FAR_NM, np.float32)
        centres, lots = scatter(self.key, positions_nm, reach_nm=reach, per_um3=self.per_um3, numbers=1)
        radii = low * (high / low) ** lots
        for number, place in find_windows(centres, radii + 2 * self.bridge_nm, positions_nm):
            z, y, x = ((a[part] - c) ** 2 for a, part, c in zip(positions_nm, place, centres[number], strict=True))
            distance = np.sqrt(z[:, None, None] + y[:, None] + x)
            np.maximum(ball[place], (radii[number, 0] - distance).astype(np.float32), out=ball[place])
        ball -= self.roughness_nm * smooth_field(self.key + 60, positions_nm, (self.texture_nm,) * 3)
        sponge = self.sponge_nm * smooth_field(self.key + 61, positions_nm, (self.sponge_nm,) * 3)
        sponge -= np.clip(-ball, 0, self.bridge_nm) * np.float32(self.sponge_nm / self.bridge_nm)
        oxide = ball >= 0
        # Inside a particle everything is more solid than any part of the sponge.
        solidness = np.where(oxide, ball + np.float32(6 * self.sponge_nm), sponge)
        return Matter(solidness.astype(np.float32), (~oxide).astype(np.uint8))


PARTICLES = Structure("particles", Particles)
