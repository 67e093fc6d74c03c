"""The smoothed surface of one phase, in nm.

A mask's surface has steps. They are smoothed by Taubin's filter (1995, lambda 0.5, mu -0.53) on the mesh, by trimesh,
and not by a blur of the mask: a blur of half a voxel's sigma takes 1 to 5 % off the volume of a ball of 5 to 10 voxels'
radius, closes necks and swallows what is a voxel wide, whereas the filter moves vertices only. The surface stays as
connected as the voxels are, and keeps its volume. Its weights know nothing of distances, so that it does not matter
that voxels are no cubes; but across voxels several times as long as wide the steps are too high for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy import sparse
from trimesh.smoothing import filter_taubin

from keramos.core.progress import Progress, silent
from keramos.writers.domain import Domain
from keramos.writers.mesh.triangles import Faces, Triangles, triangles_of

_SHRINK, _SWELL = 0.5, 0.53


@dataclass(frozen=True, eq=False)
class Surface:
    """A closed surface: vertices in nm, X Y Z, and the three of each triangle, counter-clockwise seen from outside."""

    vertices: NDArray[np.float64]
    faces: Faces


def surface_of(domain: Domain, phase: str, passes: int, progress: Progress = silent) -> Surface:
    """The surface of a phase after `passes` of smoothing. Where the phase reaches the border of the volume the surface
    is closed there, by a face that stays flat and whose edges are bevelled by half a voxel.

    Raises:
        LabelError: no such phase, or no voxel of it.
        SettingsError: too many triangles to hold.
    """
    triangles = triangles_of(domain.labels, phase, progress=progress)
    voxels = _smooth(triangles, passes)
    np.clip(voxels, 0, domain.labels.shape, out=voxels)
    _flatten(voxels, triangles, domain.labels.shape)
    voxels *= domain.size.zyx
    voxels += domain.corner
    return Surface(voxels[:, ::-1], triangles.faces)


def _smooth(triangles: Triangles, passes: int) -> NDArray[np.float64]:
    """The vertices in voxels, Z Y X."""
    vertices = triangles.vertices / 2
    if not passes:
        return vertices
    mesh = trimesh.Trimesh(vertices, triangles.faces, process=False)
    operator = _means_of_neighbours(triangles)
    # trimesh counts shrinking and swelling apart; an odd number of them would end smaller than it began.
    settings = {"lamb": _SHRINK, "nu": _SWELL, "iterations": 2 * passes}
    filter_taubin(mesh, laplacian_operator=operator, **settings)  # type: ignore[no-untyped-call]
    return np.array(mesh.vertices)


def _means_of_neighbours(triangles: Triangles) -> sparse.csr_matrix:
    """For trimesh, whose own takes lists of Python. In a closed surface each edge is once in each direction in it."""
    here, there = triangles.faces.ravel(), np.roll(triangles.faces, -1, axis=1).ravel()
    share = 1 / np.bincount(here, minlength=len(triangles.vertices))
    return sparse.csr_matrix((share[here], (here, there)), shape=(len(triangles.vertices),) * 2)


def _flatten(voxels: NDArray[np.float64], triangles: Triangles, shape: tuple[int, int, int]) -> None:
    """Put vertices of the volume's border back onto it; along it they stay as they are smoothed."""
    for axis, length in enumerate(shape):
        for border in (0, length):
            voxels[triangles.vertices[:, axis] == 2 * border, axis] = border
