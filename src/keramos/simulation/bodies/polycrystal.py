"""Sintered polycrystals: grains joined at necks, voids where three grains meet, cracks between some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from keramos.core import PhaseTable
from keramos.simulation.body import Body, Matter, Positions, Structure
from keramos.simulation.grains import Grains, Span, grow_grains
from keramos.simulation.lumps import sample_lumps
from keramos.simulation.smooth_field import interpolate, lattice_around, smooth_field

_SURFACE_NM = 85.0  # approximate threshold: small grains are placed relative to it
_LATTICE_NM = 40.0  # grain walls are computed on this lattice and interpolate: the body is the same for any voxels


@dataclass(frozen=True)
class Polycrystal(Body):
    """A polycrystal of one or more solid phases.

    Attributes:
        key: random key.
        smallest_grain_nm: edge of the cells that hold one possible grain centre each.
        kept: median probability that a cell has a grain; lower values make larger grains.
        spread: standard deviation of the logarithm of that probability, over regions of `region_nm`.
        lost: fraction of grains missing, in clusters: these are the large voids.
        waviness_nm: deviation of grain walls from planes, over 250 nm.
        sintering: weight of the third grain in opening a wall; large values leave voids only where three grains meet.
        sintering_spread: standard deviation of its logarithm; where it is low, whole walls open as cracks.
        looseness_nm: variation of openness between regions of about 600 nm.
        roughness_nm: roughness of surfaces, over 70 nm.
        small_voids_nm: depth of the small isolated voids inside grains.
        region_nm: size of fine- and coarse-grained regions.
        lump_radius_nm: of small grains on the surfaces of large ones (smallest, largest).
        lumps_per_um3: their number per cubic micrometre if they filled all space; 0 for none.
        lumps_out_nm: largest distance that they reach into the voids.
        names: names of the void and of the solid phases.
        shares: share of the grains that belongs to each solid phase.
    """

    key: int
    smallest_grain_nm: float = 420.0
    kept: float = 0.22
    spread: float = 0.5
    lost: float = 0.04
    waviness_nm: float = 90.0
    sintering: float = 0.5
    sintering_spread: float = 0.8
    looseness_nm: float = 22.0
    roughness_nm: float = 16.0
    small_voids_nm: float = 150.0
    region_nm: float = 900.0
    lump_radius_nm: tuple[float, float] = (50.0, 170.0)
    lumps_per_um3: float = 35.0
    lumps_out_nm: float = 90.0
    names: tuple[str, ...] = ("void", "solid")
    shares: tuple[float, ...] = (1.0,)

    @property
    def phases(self) -> PhaseTable:
        return PhaseTable.from_names(self.names)

    @property
    def reach_nm(self) -> float:
        """Distance outside a window up to which grains affect it."""
        return 8 * self.smallest_grain_nm

    def sample(self, positions_nm: Positions) -> Matter:
        grains = self._grains([(float(axis[0]), float(axis[-1])) for axis in positions_nm])
        lattice = [lattice_around(axis, _LATTICE_NM) for axis in positions_nm]
        wide = [np.concatenate([[a[0] - _LATTICE_NM], a, [a[-1] + _LATTICE_NM]]) for a in lattice]
        steps = [(p - a[0]) / _LATTICE_NM for p, a in zip(positions_nm, lattice, strict=True)]
        walls, owner = self._walls(grains, wide)
        inner = (slice(1, -1),) * 3
        depth = interpolate(gaussian_filter(walls, 0.7, truncate=1.4)[inner], steps)
        depth -= self.roughness_nm * smooth_field(self.key + 20, positions_nm, (70.0,) * 3)
        peaks = smooth_field(self.key + 21, positions_nm, (90.0,) * 3) - np.float32(2.2)
        depth -= self.small_voids_nm * np.maximum(peaks, 0)
        if self.lumps_per_um3:
            self._add_lumps(depth, positions_nm)
        return Matter(
            depth, self._interpolate_kind(grains, owner[inner], steps), _interpolate_tint(grains, owner[inner], steps)
        )

    def _add_lumps(self, depth: NDArray[np.float32], positions_nm: Positions) -> None:
        """Small grains that sit on the surfaces and reach `lumps_out_nm` into the voids."""
        balls = sample_lumps(self.key + 30, positions_nm, radius_nm=self.lump_radius_nm, per_um3=self.lumps_per_um3)
        balls += np.float32(_SURFACE_NM)
        np.maximum(depth, np.minimum(balls, depth + np.float32(self.lumps_out_nm)), out=depth)

    def _grains(self, spans_nm: Sequence[Span]) -> Grains:
        """Grains that affect `spans_nm` (low, high per axis)."""
        wide = [(low - self.reach_nm, high + self.reach_nm) for low, high in spans_nm]
        return grow_grains(
            self.key,
            wide,
            smallest_nm=self.smallest_grain_nm,
            kept=self.kept,
            spread=self.spread,
            lost=self.lost,
            region_nm=self.region_nm,
        )

    def _walls(self, grains: Grains, lattice: Positions) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        """Depth of each lattice point inside its grain in nm, and the number of that grain."""
        near, far, owner = self._distances(grains, lattice)
        weight = self.sintering * np.exp(self.sintering_spread * smooth_field(self.key + 22, lattice, (500.0,) * 3))
        depth = near + weight * far
        lost = grains.lost[owner]
        depth[lost] = -0.7 * near[lost]
        depth -= self.looseness_nm * smooth_field(self.key + 23, lattice, (600.0,) * 3)
        return np.asarray(depth, dtype=np.float32), owner

    def _distances(
        self, grains: Grains, lattice: Positions
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.intp]]:
        """Distances of each point to the nearest and second nearest wall of its grain, and the number of the grain."""
        points = np.stack(np.meshgrid(*lattice, indexing="ij"), axis=-1)
        for axis in range(3):
            points[..., axis] += self.waviness_nm * smooth_field(self.key + 24 + axis, lattice, (250.0,) * 3)
        tree = cKDTree(grains.centres_nm)
        distance, index = map(np.asarray, tree.query(points.reshape(-1, 3), k=3, workers=-1))
        nearest = grains.centres_nm[index[:, 0]]
        walls = []
        for other in (1, 2):
            between = grains.centres_nm[index[:, other]] - nearest
            apart = np.sqrt(np.einsum("ij,ij->i", between, between))
            wall = (distance[:, other] ** 2 - distance[:, 0] ** 2) / (2 * apart)
            walls.append(wall.reshape(points.shape[:3]).astype(np.float32))
        return walls[0], walls[1], index[:, 0].reshape(points.shape[:3])

    def _interpolate_kind(self, grains: Grains, owner: NDArray[np.intp], steps: Positions) -> NDArray[np.uint8] | None:
        """Number of the solid phase at each point; borders between phases run between the lattice points."""
        if len(self.shares) == 1:
            return None
        bounds = np.cumsum(self.shares)[:-1] / sum(self.shares)
        kinds = np.searchsorted(bounds, grains.lot, side="right")[owner]
        votes = [interpolate((kinds == kind).astype(np.float32), steps) for kind in range(len(self.shares))]
        return np.asarray(np.argmax(np.stack(votes), axis=0), np.uint8)


def _interpolate_tint(grains: Grains, owner: NDArray[np.intp], steps: Positions) -> NDArray[np.int8]:
    tint = (254 * grains.tint - 127).astype(np.float32)[owner]
    return np.rint(interpolate(tint, steps)).astype(np.int8)


POLYCRYSTAL = Structure("polycrystal", Polycrystal)
COMPOSITE = Structure(
    "composite",
    lambda key: Polycrystal(
        key, smallest_grain_nm=330.0, kept=0.3, lost=0.06, names=("pore", "phase-1", "phase-2"), shares=(0.5, 0.5)
    ),
)
