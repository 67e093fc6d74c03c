"""A surface as VTK PolyData: .vtp"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keramos.writers.mesh.surface import Surface
from keramos.writers.vtk.appended import Array, Grid, write_grid

_AT_ONCE = 2**20


def write_vtp(surface: Surface, out: Path) -> None:
    """Write the triangles."""
    points, triangles = surface.vertices, surface.faces

    def ends() -> Iterator[NDArray[np.int64]]:
        for start in range(0, len(triangles), _AT_ONCE):
            yield 3 * np.arange(start + 1, min(start + _AT_ONCE, len(triangles)) + 1)

    grid = Grid(
        "PolyData",
        attributes={},
        piece={"NumberOfPoints": len(points), "NumberOfPolys": len(triangles)},
        sections={
            "Points": [Array("Points", np.dtype(np.float32), len(points), lambda: _parts(points), 3)],
            "Polys": [
                Array("connectivity", np.dtype(np.int32), len(triangles) * 3, lambda: _parts(triangles)),
                Array("offsets", np.dtype(np.int32), len(triangles), ends),
            ],
        },
    )
    write_grid(grid, out)


def _parts(rows: NDArray[np.float64] | NDArray[np.int32]) -> Iterator[NDArray[np.float64] | NDArray[np.int32]]:
    return (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))
