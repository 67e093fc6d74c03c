"""Position in space of the exported voxels.

Lengths in nm from the corner of the first voxel of the file: voxel (0, 0, 0) spans 0 to one edge along each axis, and
a box of the file lies where it lies in the file, so that exports of one stack fit together in one scene.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from keramos.core import LabelVolume, Volume, VoxelSize
from keramos.core.errors import SettingsError
from keramos.core.progress import Reporter
from keramos.writers.coarse import Coarse


@dataclass(frozen=True)
class Domain:
    """Labels and their position: `corner` is the corner of their first voxel in nm, Z Y X."""

    labels: LabelVolume
    size: VoxelSize
    corner: tuple[float, float, float]


def corner_of(volume: Volume | LabelVolume) -> tuple[float, float, float]:
    """The corner of the first voxel in nm, Z Y X; VoxelSizeError if the voxel size is not known."""
    size = volume.require_voxel_size()
    z, y, x = (first * edge for first, edge in zip(volume.origin, size.zyx, strict=True))
    return (z, y, x)


def domain_of(labels: LabelVolume, coarsen: int, reporter: Reporter) -> Domain:
    """The labels, with `coarsen` voxels along each axis merged into one. Voxels at the far border that do not fill one
    are left out, and the reporter is told: a voxel of the mesh is all there.

    Raises:
        SettingsError: `coarsen` below 1 or beyond the volume's shortest axis.
        VoxelSizeError: the voxel size is not known.
    """
    size, corner = labels.require_voxel_size(), corner_of(labels)
    if not 1 <= coarsen <= min(labels.shape):
        raise SettingsError(
            f"expected --coarsen from 1 to {min(labels.shape)}, the shortest axis of {labels.name} in voxels, found "
            f"{coarsen}"
        )
    if coarsen == 1:
        return Domain(labels, size, corner)
    rest = [length % coarsen for length in labels.shape]
    if any(rest):
        z, y, x = rest
        reporter.note(f"{labels.name}: the last {z}, {y}, {x} voxels (z, y, x) do not fill a merged one: left out")
    size = size.coarsen((coarsen,) * 3)
    return Domain(replace(labels, source=Coarse(labels.source, coarsen), voxel_size=size), size, corner)
