"""A mesh of voxels as a VTK UnstructuredGrid: .vtu"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keramos.writers.mesh.voxels import VoxelMesh
from keramos.writers.vtk.appended import Array, Grid, write_grid

_HEXAHEDRON = 12  # VTK_HEXAHEDRON
_AT_ONCE = 2**20


def write_vtu(mesh: VoxelMesh, nodes: int, elements: int, out: Path) -> None:
    """Write the hexahedra with the code of each one's phase as cell data `phase`, and each phase's code as field data
    under its name."""

    def ends() -> Iterator[NDArray[np.int64]]:
        return (8 * (numbers + 1) for numbers in _count_up(elements))

    def types() -> Iterator[NDArray[np.uint8]]:
        return (np.full(len(numbers), _HEXAHEDRON, np.uint8) for numbers in _count_up(elements))

    grid = Grid(
        "UnstructuredGrid",
        attributes={},
        piece={"NumberOfPoints": nodes, "NumberOfCells": elements},
        sections={
            "Points": [Array("Points", np.dtype(np.float64), nodes, mesh.nodes, 3)],
            "Cells": [
                Array("connectivity", np.dtype(np.int64), 8 * elements, mesh.elements),
                Array("offsets", np.dtype(np.int64), elements, ends),
                Array("types", np.dtype(np.uint8), elements, types),
            ],
            "CellData": [Array("phase", np.dtype(np.uint8), elements, mesh.phases)],
        },
        scalars="phase",
        phases=mesh.domain.labels.phases,
    )
    write_grid(grid, out)


def _count_up(count: int) -> Iterator[NDArray[np.int64]]:
    """The numbers 0, 1, 2 ... count - 1, in pieces."""
    return (np.arange(start, min(start + _AT_ONCE, count)) for start in range(0, count, _AT_ONCE))
