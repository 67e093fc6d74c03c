"""The share of each coarse cell that a phase fills: its surface is drawn from that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, LabelVolume, VoxelSize

MOST_CELLS = 144
"""Along the longest edge (in nm)."""

_SLICES_A_CELL = 2


@dataclass(frozen=True, eq=False)
class Field:
    """The share of a phase in each cell (Z Y X, float32), and the cells' edges (Z Y X, nm)."""

    share: NDArray[np.float32]
    edges: tuple[float, float, float]


def fields_of(labels: LabelVolume, codes: tuple[int, ...], most_cells: int = MOST_CELLS) -> tuple[Field, ...]:
    """The field of each of the phases, read slice by slice.

    Cells are as near to cubes as whole voxels allow. Of the slices of a cell two at most are read. Voxels are cubes
    where their size is not known.
    """
    size = (labels.voxel_size or VoxelSize(1, 1, 1)).zyx
    target = max(n * edge for n, edge in zip(labels.shape, size, strict=True)) / most_cells
    deep, down, across = (min(n, max(1, round(target / e))) for n, e in zip(labels.shape, size, strict=True))
    layers = [_layer(labels, codes, z, (deep, down, across)) for z in range(0, labels.shape[0] - deep + 1, deep)]
    stacked = np.stack(layers, axis=1)
    edges = (size[0] * deep, size[1] * down, size[2] * across)
    return tuple(Field(share, edges) for share in stacked)


def _layer(labels: LabelVolume, codes: tuple[int, ...], z: int, cell: tuple[int, int, int]) -> NDArray[np.float32]:
    """Shares of the phases in one layer of cells (phases, Y, X)."""
    _, height, width = labels.shape
    deep, down, across = cell
    rows, columns = height // down, width // across
    picked = sorted({z + int((i + 0.5) * deep / _SLICES_A_CELL) for i in range(_SLICES_A_CELL)})
    found = np.zeros((len(codes), rows, columns), np.float32)
    for place in picked:
        pixels = labels.read(Box((place, 0, 0), (place + 1, height, width)))[0]
        blocks = pixels[: rows * down, : columns * across].reshape(rows, down, columns, across)
        for number, code in enumerate(codes):
            found[number] += (blocks == code).mean(axis=(1, 3), dtype=np.float32)
    return np.asarray(found / len(picked))
