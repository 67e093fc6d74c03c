"""Tables over the 256 ways in which a phase can fill a cell of 2 x 2 x 2 voxels.

Bit 4 z + 2 y + x of a configuration says whether the phase fills the corner (z, y, x). Counting configurations once
gives surface area, curvature and Euler number (Ohser and Muecklich, Statistical Analysis of Microstructures, 2000,
chapter 4).
"""

from __future__ import annotations

from functools import cache
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from keramos.measurements.counting.directions import DIRECTIONS

CORNERS = tuple(product((0, 1), repeat=3))
FILLED = (np.arange(256)[:, None] >> np.arange(8)) & 1 == 1
"""Which corners are filled (256, 8)."""


def _corner(z: int, y: int, x: int) -> int:
    return 4 * z + 2 * y + x


@cache
def transitions() -> NDArray[np.float64]:
    """The share of pairs along each direction of which one is filled and the other not (256, 13)."""
    table = np.zeros((256, len(DIRECTIONS)))
    for number, step in enumerate(DIRECTIONS):
        pairs = [(a, b) for a in CORNERS if (b := tuple(np.add(a, step).tolist())) in CORNERS]
        for a, b in pairs:
            table[:, number] += (FILLED[:, _corner(*a)] != FILLED[:, _corner(*b)]) / len(pairs)
    return table


@cache
def euler_by_faces() -> NDArray[np.float64]:
    """The addend of each cell to the Euler number if voxels are connected through faces (6): points, edges, squares and
    cubes between the centres of voxels, each shared by the cells around it."""
    total = FILLED.sum(axis=1) / 8
    edges, squares = _flats(1), _flats(2)
    total -= sum(FILLED[:, list(edge)].all(axis=1) / 4 for edge in edges)
    total += sum(FILLED[:, list(square)].all(axis=1) / 2 for square in squares)
    return np.asarray(total - FILLED.all(axis=1))


@cache
def euler_by_corners() -> NDArray[np.float64]:
    """The same if voxels are connected through faces, edges and corners (26): voxels are solid cubes that meet here."""
    total = FILLED.any(axis=1) - FILLED.sum(axis=1) / 8
    total = total - sum(FILLED[:, list(face)].any(axis=1) / 2 for face in _flats(2))
    return np.asarray(total + sum(FILLED[:, list(edge)].any(axis=1) / 4 for edge in _flats(1)))


def _flats(dimension: int) -> list[tuple[int, ...]]:
    """The corners of each edge (1) or face (2) of the cell."""
    flats = []
    for axes in combinations(range(3), dimension):
        rest = [axis for axis in range(3) if axis not in axes]
        for ends in product((0, 1), repeat=len(rest)):
            fixed = dict(zip(rest, ends, strict=True))
            flats.append(tuple(_corner(*c) for c in CORNERS if all(c[a] == e for a, e in fixed.items())))
    return flats


@cache
def planes() -> tuple[tuple[tuple[int, int, int], tuple[int, int, int], NDArray[np.float64]], ...]:
    """Thirteen families of parallel planes through voxels: two edges (Z Y X steps) of their smallest tile, and the
    addend of a cell to the Euler number of the phase's section, as a mean over its tiles in the cell (256).

    Rectangles: the mean of what connection through edges and through corners gives, so that a phase and its
    complement are treated alike. Triangles need no such choice.
    """
    rectangles = [((0, 1, 0), (0, 0, 1)), ((1, 0, 0), (0, 0, 1)), ((1, 0, 0), (0, 1, 0))]
    rectangles += [(e, d) for e, ds in _DIAGONALS.items() for d in ds]
    families = [(a, b, _antisymmetric(_mean_of([_rectangle(o, a, b) for o in _origins(a, b)]))) for a, b in rectangles]
    for a, b in (((-1, 1, 0), (-1, 0, 1)), ((1, 1, 0), (1, 0, 1)), ((1, 1, 0), (0, 1, 1)), ((1, 0, 1), (0, 1, 1))):
        families.append((a, b, _antisymmetric(_mean_of(_triangles(a, b)))))
    return tuple(families)


_DIAGONALS = {
    (1, 0, 0): ((0, 1, 1), (0, 1, -1)),
    (0, 1, 0): ((1, 0, 1), (1, 0, -1)),
    (0, 0, 1): ((1, 1, 0), (1, -1, 0)),
}


def _origins(a: tuple[int, ...], b: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Corners from which both steps stay inside the cell."""
    return [c for c in CORNERS if all(tuple(np.add(c, s).tolist()) in CORNERS for s in (a, b, np.add(a, b)))]


def _rectangle(origin: tuple[int, ...], a: tuple[int, ...], b: tuple[int, ...]) -> NDArray[np.float64]:
    """Points less edges and the square, each shared with the tiles around it."""
    p, q, r, s = (FILLED[:, _corner(*np.add(origin, step).tolist())] for step in ((0, 0, 0), a, np.add(a, b), b))
    points = (1.0 * p + q + r + s) / 4
    edges = (1.0 * (p & q) + (q & r) + (r & s) + (s & p)) / 2
    return np.asarray(points - edges + (p & q & r & s))


def _triangles(a: tuple[int, ...], b: tuple[int, ...]) -> list[NDArray[np.float64]]:
    """The two triangles of the cell whose edges are a, b and b - a, each way up."""
    tables = []
    for trio in combinations(CORNERS, 3):
        edges = {
            tuple(sign * e for e in np.subtract(t, s).tolist()) for s, t in combinations(trio, 2) for sign in (1, -1)
        }
        if tuple(a) in edges and tuple(b) in edges and tuple(np.subtract(b, a).tolist()) in edges:
            p, q, r = (FILLED[:, _corner(*corner)] for corner in trio)
            tables.append((1.0 * p + q + r) / 6 - (1.0 * (p & q) + (q & r) + (r & p)) / 2 + (p & q & r))
    return tables


def _mean_of(tables: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.asarray(np.mean(tables, axis=0), float)


def _antisymmetric(table: NDArray[np.float64]) -> NDArray[np.float64]:
    return (table - table[::-1]) / 2
