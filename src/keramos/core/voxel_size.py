"""Edge lengths of a voxel in nm."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from keramos.core.errors import VoxelSizeError


@dataclass(frozen=True, slots=True)
class VoxelSize:
    """Edge lengths of a voxel in nm: `z_nm` is the cutting pitch, `y_nm` and `x_nm` lie in the slice.

    Raises:
        VoxelSizeError: a length is not a positive, finite number.

    Example:
        >>> size = VoxelSize(20, 26.4, 20.8)
        >>> print(size.coarsen((1, 2, 2)))
        20 x 52.8 x 41.6 nm (z y x)
        >>> size.agrees_with(VoxelSize(22, 26.4, 20.8)), size.agrees_with(VoxelSize(40, 26.4, 20.8))
        (True, False)
    """

    z_nm: float
    y_nm: float
    x_nm: float

    def __post_init__(self) -> None:
        for axis, length in zip("zyx", self.zyx, strict=True):
            if not (math.isfinite(length) and length > 0):
                raise VoxelSizeError(
                    f"expected positive voxel edge lengths in nm, found {length} along {axis}; "
                    "give them as Z Y X, for example 20 26.4 20.8"
                )

    @classmethod
    def of(cls, zyx: Sequence[float]) -> VoxelSize:
        """A voxel size from three numbers in nm, Z Y X. VoxelSizeError if there are not three."""
        if len(zyx) != 3:
            raise VoxelSizeError(f"expected three voxel edge lengths Z Y X in nm, found {len(zyx)}: {tuple(zyx)}")
        return cls(*(float(length) for length in zyx))

    @property
    def zyx(self) -> tuple[float, float, float]:
        return (self.z_nm, self.y_nm, self.x_nm)

    @property
    def volume_nm3(self) -> float:
        return self.z_nm * self.y_nm * self.x_nm

    def agrees_with(self, other: VoxelSize, tolerance: float = 0.2) -> bool:
        """Whether each edge is within `tolerance` (a fraction of the other's edge) of `other`."""
        return all(abs(a / b - 1) <= tolerance for a, b in zip(self.zyx, other.zyx, strict=True))

    def coarsen(self, factors: Sequence[int]) -> VoxelSize:
        """The voxel size after merging `factors` (Z Y X) voxels into one."""
        return VoxelSize.of([length * factor for length, factor in zip(self.zyx, factors, strict=True)])

    def __str__(self) -> str:
        return " x ".join(f"{length:g}" for length in self.zyx) + " nm (z y x)"
