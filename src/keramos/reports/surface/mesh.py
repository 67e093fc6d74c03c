"""Marching cubes over a field, coarse enough for a browser, packed in few bytes.

field -> (coarsened until few enough) -> triangles, normals, how open each place is -> int16, int8, uint16
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates, zoom

from keramos.reports.surface.field import Field

MOST_TRIANGLES = 36_000
_MOST_VERTICES = 65_536
"""What 16 bits can number: WebGL 1 promises no more."""

_FULL = 32_767
_OPENNESS_CELLS = (1.5, 4.0)
"""How far around a vertex is looked at for how much light reaches it."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """Closed triangles around a phase, the volume's border included.

    `vertices` (n, 3) x y z as int16, where 32767 is half of `extent`, the longest edge (nm) of the volume; `normals`
    (n, 4): direction as int8 and in the fourth how open the place is, 0 ... 127; `triangles` (m, 3) as uint16,
    counter-clockwise from outside in a right-handed x y z.
    """

    vertices: NDArray[np.int16]
    normals: NDArray[np.int8]
    triangles: NDArray[np.uint16]
    edges: tuple[float, float, float]
    extent: float


def mesh_of(field: Field, most_triangles: int = MOST_TRIANGLES) -> Mesh | None:
    """The surface where half of a cell is filled; None where the phase fills nothing.

    The field is coarsened until there are few enough triangles: details smaller than about two cells are lost.
    """
    size = np.array(field.share.shape) * field.edges
    share, edges = field.share, np.array(field.edges)
    while share.max() > 0.5:
        points, faces = _march(share, edges)
        if len(faces) <= most_triangles and len(points) <= _MOST_VERTICES:
            return _pack(points, faces, share, edges, size)
        # Triangles grow with the square of the number of cells along an edge.
        factor = min(0.9, float(np.sqrt(0.95 * most_triangles / len(faces))))
        share, edges = _coarsen(field, factor * share.shape[int(np.argmax(share.shape))] / max(field.share.shape), size)
    return None


def _march(share: NDArray[np.float32], edges: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Vertices (Z Y X in nm from the volume's corner) and triangles. Outside the volume there is nothing."""
    from skimage.measure import marching_cubes

    points, faces, _, _ = marching_cubes(np.pad(share, 1), 0.5, spacing=tuple(edges), allow_degenerate=False)
    return np.asarray(points - edges / 2, float), np.asarray(faces, np.int64)


def _coarsen(field: Field, factor: float, size: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """The field with `factor` times the cells along each edge (at least two)."""
    wanted = [max(2, round(n * factor)) for n in field.share.shape]
    factors = [w / n for w, n in zip(wanted, field.share.shape, strict=True)]
    # Without smoothing, thin walls would break up between the cells that are kept.
    smooth = gaussian_filter(field.share, [0.35 * max(0.0, 1 / f - 1) for f in factors], mode="nearest")
    coarse = zoom(smooth, factors, order=1, mode="nearest", grid_mode=True)
    return np.asarray(coarse, np.float32), size / coarse.shape


def _pack(
    points: NDArray[np.float64],
    faces: NDArray[np.int64],
    share: NDArray[np.float32],
    edges: NDArray[np.float64],
    size: NDArray[np.float64],
) -> Mesh:
    centred, extent = (points - size / 2)[:, ::-1], float(size.max())
    faces = _turn_outward(centred, faces)
    normals = _normals(centred, faces)
    opened = _openness(points / edges - 0.5, normals[:, ::-1], share)
    fourth = np.concatenate([normals, opened[:, None]], axis=1)
    return Mesh(
        np.asarray(np.round(centred / (extent / 2) * _FULL).clip(-_FULL, _FULL), np.int16),
        np.asarray(np.round(fourth * 127).clip(-127, 127), np.int8),
        faces.astype(np.uint16),
        (float(size[0]), float(size[1]), float(size[2])),
        extent,
    )


def _turn_outward(points: NDArray[np.float64], faces: NDArray[np.int64]) -> NDArray[np.int64]:
    """Triangles turned so that the enclosed volume is positive."""
    a, b, c = (points[faces[:, corner]] for corner in range(3))
    enclosed = float(np.einsum("ij,ij->", a, np.cross(b, c)))
    return faces if enclosed >= 0 else faces[:, ::-1]


def _normals(points: NDArray[np.float64], faces: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean of the normals of the triangles around each vertex, by area, of length one."""
    a, b, c = (points[faces[:, corner]] for corner in range(3))
    across = np.cross(b - a, c - a)
    summed = np.zeros_like(points)
    for corner in range(3):
        for axis in range(3):
            summed[:, axis] += np.bincount(faces[:, corner], across[:, axis], minlength=len(points))
    return np.asarray(summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-12))


def _openness(
    places: NDArray[np.float64], normals: NDArray[np.float64], share: NDArray[np.float32]
) -> NDArray[np.float64]:
    """The openness of each vertex (Z Y X, in cells), 0 to 1: low where much of the phase lies in front, as in pores."""
    shade = np.zeros(len(places))
    for reach in _OPENNESS_CELLS:
        around = gaussian_filter(share, reach, mode="constant")
        shade += map_coordinates(around, (places + reach * normals).T, order=1, mode="constant")
    return np.asarray(np.clip(1 - 1.3 * shade / len(_OPENNESS_CELLS), 0, 1))
