"""Throats between objects that touch: the faces of voxels they share, added up block by block, and their network.

The cross-section of a throat is the length of the sum of its faces' normals, each as long as its face is large: steps
of voxels cancel, and what is left is the area of a flat section in any direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Triple, VoxelSize
from keramos.measurements.separation.heights import STEPS, Heights
from keramos.measurements.separation.rows import ObjectRows

Ids = NDArray[np.uint32]
Numbers = NDArray[np.float64]
_FACES: tuple[Triple, ...] = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
_LOW = np.uint64(2**32 - 1)
_PILE = 64
"""Blocks whose throats are kept before they are added up."""


@dataclass(frozen=True, eq=False)
class Throats:
    """Throats between the objects `first` < `second` (numbers from 1).

    Attributes:
        normals: (N, 3) faces across Z, Y and X, those from the first to the second less those the other way.
        faces: how many.
        places: (N, 3) sums of the faces' middles, in voxels.
        height: of the widest place, in `STEPS` of the shortest edge.
    """

    keys: NDArray[np.uint64]
    normals: Numbers
    faces: Numbers
    places: Numbers
    height: NDArray[np.int64]

    @property
    def first(self) -> NDArray[np.int64]:
        return (self.keys >> np.uint64(32)).astype(np.int64)

    @property
    def second(self) -> NDArray[np.int64]:
        return (self.keys & _LOW).astype(np.int64)

    @classmethod
    def join(cls, parts: list[Throats]) -> Throats:
        """All of them, those between the same objects as one."""
        if not parts:
            empty = np.zeros((0, 3))
            return cls(np.zeros(0, np.uint64), empty, np.zeros(0), empty, np.zeros(0, np.int64))
        return _add_up(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__annotations__))


class ThroatSums:
    """Throats between objects 1 to `count`, and the largest height in each object (row 0 stands for all else).

    Attributes:
        peaks: of the distances to another phase.
        own: of those to the object's own border.
    """

    def __init__(self, count: int) -> None:
        self.peaks, self.own = np.zeros(count + 1, np.int64), np.zeros(count + 1, np.int64)
        self._parts: list[Throats] = []

    @property
    def throats(self) -> Throats:
        return Throats.join(self._parts)

    def add_peaks(self, ids: Ids, heights: Heights, own: Heights) -> None:
        """Add the core of a block: its objects, and both heights of its voxels."""
        np.maximum.at(self.peaks, ids.ravel(), heights.ravel())
        np.maximum.at(self.own, ids.ravel(), own.ravel())

    def add(self, ids: Ids, heights: Heights, read: Box, core: Box) -> None:
        """Add the throats in the core of a block, of which `ids` and `heights` of the box `read` are given."""
        inside = core.relative_to(read)
        for axis, step in enumerate(_FACES):
            stop = [min(b + n, size) for b, n, size in zip(inside.stop, step, ids.shape, strict=True)]
            here = tuple(slice(a, b - n) for a, b, n in zip(inside.start, stop, step, strict=True))
            there = tuple(slice(a + n, b) for a, b, n in zip(inside.start, stop, step, strict=True))
            one, other = ids[here], ids[there]
            touch = (one != other) & (one > 0) & (other > 0)
            if not touch.any():
                continue
            first, second = one[touch].astype(np.uint64), other[touch].astype(np.uint64)
            normals = np.zeros((len(first), 3))
            normals[:, axis] = np.where(first < second, 1.0, -1.0)
            places = np.argwhere(touch) + core.start + 0.5 * (1 + np.array(step))
            keys = (np.minimum(first, second) << np.uint64(32)) | np.maximum(first, second)
            height = np.minimum(heights[here][touch], heights[there][touch]).astype(np.int64)
            self._parts.append(_add_up(keys, normals, np.ones(len(keys)), places, height))
        if len(self._parts) > _PILE:
            self._parts = [self.throats]


def _add_up(
    keys: NDArray[np.uint64], normals: Numbers, faces: Numbers, places: Numbers, height: NDArray[np.int64]
) -> Throats:
    """Sums of what has the same key, and the largest height."""
    unique, at = np.unique(keys, return_inverse=True)
    count, highest = len(unique), np.zeros(len(unique), np.int64)
    np.maximum.at(highest, at, height)

    def sum_up(column: Numbers) -> Numbers:
        return np.bincount(at, weights=column, minlength=count).astype(float)

    sums = [np.stack([sum_up(columns[:, axis]) for axis in range(3)], axis=1) for columns in (normals, places)]
    return Throats(unique, sums[0], sum_up(faces), sums[1], highest)


@dataclass(frozen=True, eq=False)
class PoreNetwork:
    """Objects as pores and their contacts as throats, by OpenPNM's names: flat columns, lengths in metres; coordinates
    in the order x, y, z."""

    rows: ObjectRows
    sums: ThroatSums

    def pores(self) -> dict[str, NDArray[np.generic]]:
        rows, size = self.rows, self.rows.sums.voxel_size
        inscribed = 2 * _radii(self.sums.own[1:], size)
        faces = {
            f"pore.{axis}{end}": rows.at_faces[:, 2 * number + (end == "max")]
            for number, axis in enumerate("zyx")
            for end in ("min", "max")
        }
        return {
            **{f"pore.coords[{n}]": 1e-9 * rows.position[:, axis] for n, axis in enumerate((2, 1, 0))},
            "pore.region_label": rows.id,
            "pore.diameter": inscribed,
            "pore.inscribed_diameter": inscribed,
            "pore.extended_diameter": 2 * _radii(self.sums.peaks[1:], size),
            "pore.equivalent_diameter": 1e-9 * rows.diameter,
            "pore.volume": 1e-27 * rows.volume,
            "pore.surface_area": 1e-18 * rows.surface,
            **faces,
        }

    def throats(self) -> dict[str, NDArray[np.generic]]:
        throats, size = self.sums.throats, self.rows.sums.voxel_size
        edges, ends = np.array(size.zyx), (throats.first - 1, throats.second - 1)
        areas = np.linalg.norm(throats.normals * (size.volume_nm3 / edges), axis=1)
        areas = np.maximum(areas, size.volume_nm3 / edges.max()) * 1e-18
        middle = (throats.places / np.maximum(throats.faces, 1)[:, None] + self.rows.start) * edges
        centres = [self.rows.position[end] for end in ends]
        total = 1e-9 * sum(np.linalg.norm(middle - centre, axis=1) for centre in centres)
        radii = sum(_radii(self.sums.own[1:], size)[end] for end in ends)
        equivalent = np.sqrt(4 / pi * areas)
        return {
            "throat.conns[0]": ends[0],
            "throat.conns[1]": ends[1],
            "throat.diameter": equivalent,
            "throat.equivalent_diameter": equivalent,
            "throat.inscribed_diameter": 2 * _radii(throats.height, size),
            "throat.cross_sectional_area": areas,
            "throat.length": np.maximum(total - radii, 1e-9 * edges.min()),
            "throat.total_length": total,
            "throat.direct_length": 1e-9 * np.linalg.norm(centres[1] - centres[0], axis=1),
        }


def _radii(heights: NDArray[np.int64], size: VoxelSize) -> Numbers:
    """The radii in m of the largest balls around voxels of these heights: half a voxel too wide where one lies in the
    middle, as much too narrow where none does."""
    return np.asarray(1e-9 * min(size.zyx) / STEPS * heights)
