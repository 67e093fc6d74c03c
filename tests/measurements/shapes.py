"""Bodies whose measures are known, as masks (Z Y X) of voxels whose centres lie inside. Lengths in nm."""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import NDArray

from keramos.core import LabelVolume, PhaseTable, VoxelSize

CUBIC = VoxelSize(10, 10, 10)
FLAT = VoxelSize(20, 26.4, 20.8)
SIZES = [CUBIC, FLAT]
Mask = NDArray[np.bool_]


def centres(shape: tuple[int, int, int], size: VoxelSize) -> list[NDArray[np.float64]]:
    """Where the voxels' centres lie, from the middle of the volume: three arrays that broadcast."""
    lines = [(np.arange(n) - (n - 1) / 2) * d for n, d in zip(shape, size.zyx, strict=True)]
    return list(np.meshgrid(*lines, indexing="ij", sparse=True))


def ball(radius: float, size: VoxelSize, margin: float = 1.3) -> Mask:
    shape = tuple(int(2 * margin * radius / d) | 1 for d in size.zyx)
    z, y, x = centres(shape, size)  # type: ignore[arg-type]
    return np.asarray(z**2 + y**2 + x**2 <= radius**2)


def gyroid(cell: float, cells: int, size: VoxelSize, level: float = 0.0) -> Mask:
    """The labyrinth on one side of the gyroid, whose specific surface is 3.0914 / cell at level 0."""
    shape = tuple(round(cells * cell / d) for d in size.zyx)
    z, y, x = (2 * pi * c / cell for c in centres(shape, size))  # type: ignore[arg-type]
    field = np.sin(x) * np.cos(y) + np.sin(y) * np.cos(z) + np.sin(z) * np.cos(x)
    return np.asarray(field > level)


def boolean_balls(
    shape: tuple[int, int, int], size: VoxelSize, radius: float, fraction: float, rng: np.random.Generator
) -> Mask:
    """Balls of a radius at random places: their union fills `fraction` of space on average, with a specific surface
    of 3 / radius * (1 - fraction) * -ln(1 - fraction)."""
    edges = np.array(shape) * size.zyx
    outer = edges + 2 * radius
    intensity = -np.log(1 - fraction) / (4 / 3 * pi * radius**3)
    mask = np.zeros(shape, bool)
    lines = [(np.arange(n) + 0.5) * d for n, d in zip(shape, size.zyx, strict=True)]
    for centre in rng.random((rng.poisson(intensity * outer.prod()), 3)) * outer - radius:
        spans = [np.searchsorted(line, (c - radius, c + radius)) for line, c in zip(lines, centre, strict=True)]
        z, y, x = (line[a:b] - c for line, (a, b), c in zip(lines, spans, centre, strict=True))
        inside = z[:, None, None] ** 2 + y[:, None] ** 2 + x**2 <= radius**2
        mask[tuple(slice(a, b) for a, b in spans)] |= inside
    return mask


def boolean_surface(radius: float, fraction: float) -> float:
    """Specific surface (1/nm) of the union of balls (Ohser and Muecklich 2000, equation 6.11)."""
    return 3 / radius * (1 - fraction) * -np.log(1 - fraction)


def volume_of(mask: Mask, size: VoxelSize) -> LabelVolume:
    return LabelVolume.from_array(mask.astype(np.uint8), PhaseTable.from_names(["void", "solid"]), size)


def codes_of(codes: NDArray[np.uint8], size: VoxelSize, names: str = "pore carbon binder") -> LabelVolume:
    return LabelVolume.from_array(codes, PhaseTable.from_names(names.split()), size)
