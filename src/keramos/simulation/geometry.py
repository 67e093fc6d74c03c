"""Label volumes as bodies: images of a geometry that was measured elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.core import NOT_ANNOTATED, Box, LabelVolume, PhaseTable, VoxelSize, triple
from keramos.core.errors import LabelError
from keramos.simulation.body import Body, Matter, Positions

_SIGMA = 1.2  # voxels; smoothing that gives surfaces a direction
_REACH = 4  # voxels: three sigma


@dataclass(frozen=True, eq=False)
class Geometry(Body):
    """A label volume: the first phase is the void, the others are solid. Outside it the volume is mirrored.

    The truth equals the labels voxel by voxel; only the direction of surfaces is smoothed.

    Attributes:
        labels: the phases everywhere, without unannotated voxels.
        fingerprint: hash of their file, for phantom.json.
    """

    labels: LabelVolume
    fingerprint: str

    @property
    def phases(self) -> PhaseTable:
        return self.labels.phases

    @property
    def adjustable(self) -> bool:
        return False

    @property
    def voxel_size(self) -> VoxelSize:
        return self.labels.require_voxel_size()

    def sample(self, positions_nm: Positions) -> Matter:
        edges = self.voxel_size.zyx
        index = [np.floor(axis / edge).astype(np.int64) for axis, edge in zip(positions_nm, edges, strict=True)]
        wide = [np.arange(axis[0] - _REACH, axis[-1] + _REACH + 1) for axis in index]
        codes = self._read(wide)
        solid = codes != 0
        smooth = gaussian_filter(solid.astype(np.float32), _SIGMA, truncate=_REACH / _SIGMA)
        # Near a flat surface the smoothed step rises by 1 / (sigma sqrt(2 pi)) per voxel.
        depth = (smooth - np.float32(0.5)) * np.float32(_SIGMA * sqrt(2 * pi) * self.voxel_size.volume_nm3 ** (1 / 3))
        depth = np.where(solid, np.maximum(depth, 1e-3), np.minimum(depth, -1e-3)).astype(np.float32)
        picked = np.ix_(*(axis - first[0] for axis, first in zip(index, wide, strict=True)))
        kind = None if len(self.phases) == 2 else np.maximum(codes[picked], 1) - np.uint8(1)
        return Matter(depth[picked], kind)

    def to_json(self) -> dict[str, Any]:
        return {"structure": "geometry", "file": self.labels.name, "sha256": self.fingerprint}

    def _read(self, index: list[NDArray[np.int64]]) -> NDArray[np.uint8]:
        """Phase codes at voxel numbers, mirrored outside the volume. LabelError if any is unannotated."""
        inside = [_mirror(axis, length) for axis, length in zip(index, self.labels.shape, strict=True)]
        box = Box(triple([int(axis.min()) for axis in inside]), triple([int(axis.max()) + 1 for axis in inside]))
        codes = self.labels.read(box)
        if (codes == NOT_ANNOTATED).any():
            raise LabelError(
                f"expected a phase in every voxel of {self.labels.name}, found unannotated voxels (255); assign "
                "them to a phase with --phases"
            )
        picked: NDArray[np.uint8] = codes[np.ix_(*(axis - a for axis, a in zip(inside, box.start, strict=True)))]
        return picked


def _mirror(index: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Voxel numbers mirrored at the borders, whose voxels are doubled: 0 1 2 2 1 0 0 1 2 ..."""
    wrapped = index % (2 * length)
    return np.where(wrapped < length, wrapped, 2 * length - 1 - wrapped)
