"""Doubts about surfaces: layers along a grid of uneven voxels, and films and specks of one or two voxels."""

from __future__ import annotations

from collections.abc import Mapping

from keramos.core import Finding, VoxelSize
from keramos.measurements.counting.extrapolation import Extrapolated, plane_bias

_MOST_ADDED = 1.15
"""What extrapolation makes of the surface that neighbouring voxels show, at most, where structures are wide enough:
1.05 in a sandstone, 1.3 to 1.5 of films of one voxel."""
_UNEVEN = 0.1
"""From which bias of planes along the grid on it is noted."""


def find_films(surfaces: Mapping[str, Extrapolated]) -> tuple[Finding, ...]:
    """A finding where what pairs two voxels apart jump over is much of the surface of phases, by their names."""
    films = {phase: one for phase, one in surfaces.items() if one.value > _MOST_ADDED * one.near}
    if not films:
        return ()
    each = ", ".join(f"{phase} from {one.near:.3g} to {one.value:.3g} 1/um" for phase, one in films.items())
    effect = (
        f"the specific surface area is extrapolated from what neighbouring voxels show ({each}), and interfaces "
        "likewise: of films it comes out up to half too large"
    )
    message = f"much of {' and '.join(films)}, or of what lies beside, is one or two voxels wide"
    return (Finding("thin-structures", message, effect, "give both, or image it with smaller voxels", "note"),)


def note_planes(size: VoxelSize) -> tuple[str, ...]:
    """A note where voxels are so uneven that layers along the grid lose more of their surface than is usual."""
    lost = -100 * plane_bias(size)
    if max(lost) <= 100 * _UNEVEN:
        return ()
    each = ", ".join(f"{part:.0f} % across {axis}" for part, axis in zip(lost, "zyx", strict=True))
    return (
        f"surfaces and interfaces that are planes along the voxel grid, as of layers, come out too small by {each} in "
        f"voxels of {size}; those that look everywhere alike do not",
    )
