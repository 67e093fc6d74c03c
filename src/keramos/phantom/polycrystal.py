"""A sintered polycrystal: grains grown together at necks, voids where three grains meet, cracks between some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from keramos.phantom.grains import Grains, Span, grow_grains
from keramos.phantom.smooth_field import interpolated, lattice_around, smooth_field

_LATTICE_NM = 40.0  # grain walls are computed on this lattice and interpolated: the body is the same for any voxels

Positions = Sequence[NDArray[np.float64]]


@dataclass(frozen=True)
class Polycrystal:
    """Parameters of the body, in nm where not a pure number.

    Attributes:
        key: which body.
        smallest_grain_nm: edge of the cells in which grain centres sit.
        kept: median probability that a cell has a grain; lower makes larger grains.
        spread: standard deviation of the logarithm of that probability, over regions of `region_nm`.
        lost: fraction of grains missing, in clusters: the large voids.
        waviness_nm: how far grain walls wander from planes, over 250 nm.
        sintering: weight of the third grain in opening a wall; large leaves voids only where three grains meet.
        sintering_spread: standard deviation of its logarithm; where it is low, whole walls open as cracks.
        looseness_nm: how much more or less open regions of about 600 nm are.
        roughness_nm: roughness of surfaces, over 70 nm.
        small_voids_nm: depth of the small isolated voids inside grains.
        region_nm: size of fine- and coarse-grained regions.
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

    @property
    def reach_nm(self) -> float:
        """How far outside a window grains can matter inside it."""
        return 8 * self.smallest_grain_nm

    def solidness(self, positions_nm: Positions) -> NDArray[np.float32]:
        """How deep inside the solid each point of the grid lies, in nm up to a constant: threshold it for a body.

        Positions are in nm, ascending along Z, Y and X; the same point has the same value in whatever grid.
        """
        grains = self._grains([(float(axis[0]), float(axis[-1])) for axis in positions_nm])
        tree = cKDTree(grains.centres_nm)
        lattice = [lattice_around(axis, _LATTICE_NM) for axis in positions_nm]
        wide = [np.concatenate([[a[0] - _LATTICE_NM], a, [a[-1] + _LATTICE_NM]]) for a in lattice]
        walls = gaussian_filter(self._walls(grains, tree, wide), 0.7, truncate=1.4)[1:-1, 1:-1, 1:-1]
        steps = [(p - a[0]) / _LATTICE_NM for p, a in zip(positions_nm, lattice, strict=True)]
        depth = interpolated(walls, steps)
        depth -= self.roughness_nm * smooth_field(self.key + 20, positions_nm, (70.0,) * 3)
        peaks = smooth_field(self.key + 21, positions_nm, (90.0,) * 3) - np.float32(2.2)
        depth -= self.small_voids_nm * np.maximum(peaks, 0)
        return depth

    def _grains(self, spans_nm: Sequence[Span]) -> Grains:
        """The grains that matter inside `spans_nm` (low, high per axis)."""
        wide = [(low - self.reach_nm, high + self.reach_nm) for low, high in spans_nm]
        return grow_grains(
            self.key, wide, smallest_nm=self.smallest_grain_nm, kept=self.kept, spread=self.spread,
            lost=self.lost, region_nm=self.region_nm,
        )  # fmt: skip

    def _walls(self, grains: Grains, tree: cKDTree, lattice: Positions) -> NDArray[np.float32]:
        near, far, lost = self._distances(grains, tree, lattice)
        weight = self.sintering * np.exp(self.sintering_spread * smooth_field(self.key + 22, lattice, (500.0,) * 3))
        depth = near + weight * far
        depth[lost] = -0.7 * near[lost]
        depth -= self.looseness_nm * smooth_field(self.key + 23, lattice, (600.0,) * 3)
        return np.asarray(depth, dtype=np.float32)

    def _distances(
        self, grains: Grains, tree: cKDTree, lattice: Positions
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
        """Per point: distance to its grain's nearest wall, to the second nearest, and whether its grain is lost."""
        points = np.stack(np.meshgrid(*lattice, indexing="ij"), axis=-1)
        for axis in range(3):
            points[..., axis] += self.waviness_nm * smooth_field(self.key + 24 + axis, lattice, (250.0,) * 3)
        found = tree.query(points.reshape(-1, 3), k=3, workers=-1)
        distance, index = np.asarray(found[0]), np.asarray(found[1])
        own = grains.centres_nm[index[:, 0]]
        walls = []
        for other in (1, 2):
            apart = np.linalg.norm(grains.centres_nm[index[:, other]] - own, axis=-1)
            wall = (distance[:, other] ** 2 - distance[:, 0] ** 2) / (2 * apart)
            walls.append(wall.reshape(points.shape[:3]).astype(np.float32))
        return walls[0], walls[1], grains.lost[index[:, 0]].reshape(points.shape[:3])


def draw(rng: np.random.Generator) -> Polycrystal:
    """A body like the paper's Ba122: only its key varies, so that every stack is of the same material."""
    return Polycrystal(key=int(rng.integers(2**53)))
