"""Bodies whose numbers are known, drawn at the resolution of a sample: what an estimator makes of them is its bias.

the phase's mean chord -> balls of that chord, in the sample's voxels -> estimators -> value / truth - 1

Balls lie at random, fractions of a voxel included, so no grid fits them by chance. Their number falls as they get
larger, for a large ball has many places of its own. Curved surfaces only: a plane along the grid has another bias,
which each definition says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose

import numpy as np
from numpy.typing import NDArray

from keramos.core import PhaseTable, VoxelSize
from keramos.core.progress import Reporter
from keramos.estimators.estimator import Estimator, Sample
from keramos.settings.quantify import MeasurementOptions

_SEED = 20
_PITCH = 3.4
"""From ball to ball, in radii: narrow gaps have a bias of their own."""
_JITTER = 0.25
_MOST_VOXELS = 1.5e6
"""Of the volume that balls are drawn in: larger balls take too long to measure."""
_EACH_WAY = (3, 2)
"""Balls along each axis at most: cut by the border, and whole."""
_PHASES = PhaseTable.from_names(("outside", "above", "ball"))


@dataclass(frozen=True, slots=True)
class BallSize:
    """The radius (nm) of balls with the mean chord of what they stand for, and that of the balls which are drawn."""

    wanted_nm: float
    drawn_nm: float

    @property
    def fits(self) -> bool:
        """Whether the balls that are drawn are as wide as what they stand for."""
        return isclose(self.wanted_nm, self.drawn_nm, rel_tol=1e-6)


@dataclass(frozen=True, eq=False)
class Body:
    """Balls of a `radius` (nm) in a sample, and what is true of them by the group of estimators."""

    radius: float
    sample: Sample
    truth: dict[str, float]

    def bias(self, estimator: Estimator) -> float | None:
        """By how much the estimator is off, relative to the truth; the mean over axes. None where nothing is known."""
        true = self.truth.get(estimator.group)
        if estimator.group == "size":
            true = None if estimator.of_ball is None else estimator.of_ball * 2 * self.radius
        if not true:
            return None
        values = [value for value in estimator.measure(self.sample).values() if value is not None]
        return float(np.mean(values) / true - 1) if values else None


def choose_ball(chord: float, voxel_size: VoxelSize) -> BallSize:
    """Balls with this mean chord (nm). Those that are drawn are no narrower than a voxel's longest edge, for they would
    lie between the voxels, and no wider than can be afforded."""
    wanted = 0.75 * chord
    widest = np.cbrt(_MOST_VOXELS * voxel_size.volume_nm3) / _PITCH
    return BallSize(wanted, float(np.clip(wanted, max(voxel_size.zyx), widest)))


def draw_balls(radius: float, voxel_size: VoxelSize) -> Body:
    """Balls that repeat from face to face, 27 of them in the volume or as many as can be afforded: some are cut by its
    border, and the surface inside it is theirs all the same."""
    pitch = _PITCH * radius
    along = _count_along([pitch / edge for edge in voxel_size.zyx], _EACH_WAY[0])
    shape = [max(8, round(along * pitch / edge)) for edge in voxel_size.zyx]
    period = np.array(shape) * voxel_size.zyx
    mask = np.zeros(shape, bool)
    for centre in _places(period, radius, along):
        mask |= _distance(shape, voxel_size, centre, period) <= radius**2
    surface = 1e3 * along**3 * 4 * np.pi * radius**2 / period.prod()
    sample = _sample(2 * mask.astype(np.uint8), voxel_size, MeasurementOptions(transport=False))
    return Body(radius, sample, {"surface": float(surface)})


def draw_whole_balls(radius: float, voxel_size: VoxelSize) -> Body:
    """Balls that no border cuts, each in its own two half-spaces, which part them at an angle of their own: the lines
    where three phases meet are circles. Eight balls, or one of more than 16 voxels' radius, whose line is told to 2 %
    in cubes and to 5 % in voxels ten times as deep as wide."""
    cell = _PITCH * radius + 2 * max(voxel_size.zyx)
    counts = np.ceil(cell / np.array(voxel_size.zyx)).astype(int)
    rng = np.random.default_rng(_SEED)
    along = _count_along(counts, _EACH_WAY[1])
    codes = np.zeros(along * counts, np.uint8)
    length = 0.0
    for corner in np.ndindex(along, along, along):
        middle = counts * voxel_size.zyx / 2 + (rng.random(3) - 0.5) * voxel_size.zyx
        normal, offset = _direction(rng), 0.5 * radius * (2 * rng.random() - 1)
        length += 2 * np.pi * np.sqrt(radius**2 - offset**2)
        lines = [(np.arange(n) + 0.5) * d - c for n, d, c in zip(counts, voxel_size.zyx, middle, strict=True)]
        z, y, x = np.meshgrid(*lines, indexing="ij", sparse=True)
        part = (z * normal[0] + y * normal[1] + x * normal[2] > offset).astype(np.uint8)
        part[z**2 + y**2 + x**2 <= radius**2] = 2
        start = np.array(corner) * counts
        codes[tuple(slice(a, a + n) for a, n in zip(start, counts, strict=True))] = part
    cells = np.prod(np.array(codes.shape) - 1) * voxel_size.volume_nm3
    sample = _sample(codes, voxel_size, MeasurementOptions(transport=False, thickness=True))
    return Body(radius, sample, {"triple line": float(1e6 * length / cells)})


def _count_along(voxels: Sequence[float] | NDArray[np.int64], most: int) -> int:
    """Balls along each axis, one for so many voxels (Z Y X), that can be afforded; at least one."""
    return max(1, min(most, int(np.cbrt(_MOST_VOXELS / np.prod(voxels)) + 1e-9)))


def _places(period: NDArray[np.float64], radius: float, along: int) -> NDArray[np.float64]:
    """Centres (N, Z Y X) on a lattice, moved at random so that no two balls touch."""
    rng = np.random.default_rng(_SEED)
    steps = [(np.arange(along) + 0.5) / along] * 3
    lattice = np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1).reshape(-1, 3)
    return np.asarray(lattice * period + _JITTER * radius * (2 * rng.random((len(lattice), 3)) - 1))


def _distance(
    shape: list[int], voxel_size: VoxelSize, centre: NDArray[np.float64], period: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The square of the distance (nm) of voxels' centres from a point or its nearest repetition."""
    axes = []
    for n, edge, middle, whole in zip(shape, voxel_size.zyx, centre, period, strict=True):
        away = np.abs((np.arange(n) + 0.5) * edge - middle) % whole
        axes.append(np.minimum(away, whole - away) ** 2)
    return np.asarray(axes[0][:, None, None] + axes[1][:, None] + axes[2])


def _direction(rng: np.random.Generator) -> NDArray[np.float64]:
    vector = rng.normal(size=3)
    return np.asarray(vector / np.linalg.norm(vector))


def _sample(codes: NDArray[np.uint8], size: VoxelSize, own: MeasurementOptions) -> Sample:
    return Sample(codes, 2, _PHASES, size, own.replace(phase=("ball",)), Reporter())
