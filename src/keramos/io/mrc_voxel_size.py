"""The voxel size in the header of an MRC file: the cell's edges over the number of grid points along them."""

from __future__ import annotations

import math
from pathlib import Path

from keramos.acquisition import Fact
from keramos.core import Finding, VoxelSize
from keramos.io.mrc_header import MrcHeader

NM_PER_ANGSTROM = 0.1
_UNSET_NM = 0.1
"""IMOD writes 1 Å per voxel where it does not know."""
_LEAST_RATIO, _GREATEST_RATIO = 0.2, 10.0
"""Slices are rarely thinner or thicker than this, in pixels."""

Edges = tuple[float | None, float | None, float | None]


def mrc_edges(header: MrcHeader, path: Path) -> tuple[dict[str, Fact], list[Finding]]:
    """The edges of a voxel in nm by axis, without those that the header does not know, and findings about them.

    Some writers give the whole cell, but a grid of one point along z (as for a series of images) or along all axes:
    then the edge is that of the cell, or the cell over the number of voxels, whichever is likelier.
    """
    edges, findings = _read_edges(header, path)
    known = {axis: edge for axis, edge in zip("zyx", edges, strict=True) if edge is not None}
    return {axis: Fact(edge, f"MRC header cella / m{axis}") for axis, edge in known.items()}, findings


def _read_edges(header: MrcHeader, path: Path) -> tuple[Edges, list[Finding]]:
    """The edges in nm, Z Y X, None where the header does not know them, and findings about them."""
    cell = [float(header.record["cella"][axis]) * NM_PER_ANGSTROM for axis in "zyx"]
    grid = [int(header.record[name]) for name in ("mz", "my", "mx")]
    stated = _divide(cell, grid)
    if stated == (_UNSET_NM,) * 3:
        return (None, None, None), [_report_unset(path)]
    doubtful = [axis for axis in range(3) if grid[axis] == 1 < header.shape[axis] and stated[axis] is not None]
    if not doubtful:
        return stated, []
    spread = _divide(cell, [header.shape[axis] if axis in doubtful else grid[axis] for axis in range(3)])
    is_spread = _is_likelier(spread, stated)
    return (spread if is_spread else stated), [_report_grid(path, doubtful, stated, spread, is_spread)]


def _divide(cell: list[float], grid: list[int]) -> Edges:
    z, y, x = (
        # The header holds single precision: six digits are what it knows.
        float(f"{length / count:.6g}") if math.isfinite(length) and length > 0 and count > 0 else None
        for length, count in zip(cell, grid, strict=True)
    )
    return z, y, x


def _is_likelier(spread: Edges, stated: Edges) -> bool:
    """Whether the cell's edges are more likely those of all voxels together than of each."""
    if None in spread or None in stated:
        return False
    one, other = VoxelSize.of([edge or 1 for edge in spread]), VoxelSize.of([edge or 1 for edge in stated])
    pixels = [abs(math.log(size.y_nm / size.x_nm)) for size in (one, other)]
    if not math.isclose(*pixels, abs_tol=0.01):
        return pixels[0] < pixels[1]
    ratios = [size.z_nm / math.sqrt(size.y_nm * size.x_nm) for size in (one, other)]
    usual = [_LEAST_RATIO <= ratio <= _GREATEST_RATIO for ratio in ratios]
    return usual[0] and not usual[1]


def _report_unset(path: Path) -> Finding:
    return Finding(
        "voxel-size",
        f"the header of {path} says 1 Å (0.1 nm) along each axis, which IMOD writes where the voxel size is not known",
        "it is taken as unknown, so that nothing is measured in nm",
        "give it (--voxel-size Z Y X, in nm)",
    )


def _report_grid(path: Path, doubtful: list[int], stated: Edges, spread: Edges, is_spread: bool) -> Finding:
    taken, other = (spread, stated) if is_spread else (stated, spread)
    names = " and ".join("zyx"[axis] for axis in doubtful)
    here, there = (" x ".join(f"{edges[axis]:g}" for axis in doubtful) for edges in (taken, other))
    return Finding(
        "voxel-size",
        f"the header of {path} states a grid of one voxel along {names}, where there are more: the voxel's edge is "
        f"taken as {here} nm, and could be {there} nm",
        f"lengths along {names} would be wrong by that factor, surfaces and volumes with them",
        "if it is, give it (--voxel-size Z Y X, in nm)",
        severity="warning" if is_spread else "note",
    )
