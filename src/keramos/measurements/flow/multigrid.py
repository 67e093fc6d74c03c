"""Solve a network of conductances on a grid by conjugate gradients with a multigrid preconditioner.

level 0: one unknown for each conducting voxel;  level k + 1: the voxels of 2 x 2 x 2 of level k held at one potential
cycle: smooth, restrict the residual, solve the coarser level by two conjugate-gradient steps (K-cycle), add, smooth

Merged voxels keep the network's form: the conductance between two of them is the sum of those between their parts
(Galerkin's product with piecewise-constant interpolation). The K-cycle makes up for that crude interpolation (Notay,
Electron. Trans. Numer. Anal. 37, 123, 2010; Notay and Vassilevski, Numer. Linear Algebra Appl. 15, 473, 2008).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array
from scipy.sparse.linalg import splu

from keramos.core.errors import ConvergenceError
from keramos.core.progress import Progress, silent
from keramos.measurements.flow.network import Network

Vector = NDArray[np.float32]
_DIRECT = 3000
"""Unknowns that are solved directly."""
_MAX_ITERATIONS = 500
_LOWEST, _HIGHEST = 0.35, 2.0
"""What the smoother flattens: eigenvalues of the matrix over its diagonal; a network's are at most 2."""


@dataclass(frozen=True, eq=False)
class Solved:
    """Potentials of the unknowns, the relative residual and the iterations that it took."""

    potential: Vector
    residual: float
    iterations: int


@dataclass(eq=False)
class _Level:
    multiply: Callable[[Vector], Vector]
    inverse_diagonal: Vector
    restrict: Callable[[Vector], Vector] = lambda r: r
    up: NDArray[np.int32] | None = None
    direct: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None


def solve(
    network: Network, *, tolerance: float = 1e-5, start: Vector | None = None, progress: Progress = silent
) -> Solved:
    """The potentials at which as much flows into each unknown as out of it; `start` is a first guess.

    Raises:
        ConvergenceError: the relative residual did not come below `tolerance`.
    """
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        levels = _levels(network, pool)
        return _conjugate_gradients(levels, network, network.guess() if start is None else start, tolerance, progress)


def _conjugate_gradients(
    levels: list[_Level], network: Network, x: Vector, tolerance: float, progress: Progress
) -> Solved:
    """Flexible, as the preconditioner is not quite the same at every step."""
    multiply, goal = levels[0].multiply, float(np.linalg.norm(network.source))
    x = x.copy()
    r = network.source - multiply(x)
    direction: Vector | None = None
    last_r, last_rz = r, 1.0
    for iteration in range(_MAX_ITERATIONS + 1):
        size = float(np.linalg.norm(r)) / goal
        if size <= tolerance:
            return Solved(x, size, iteration)
        progress(iteration, _MAX_ITERATIONS)
        z = _cycle(levels, 0, r)
        direction = z if direction is None else z + np.float32(_dot(z, r - last_r) / last_rz) * direction
        image = multiply(direction)
        rz = _dot(z, r)
        step = np.float32(_dot(direction, r) / _dot(direction, image))
        last_r, last_rz = r, rz
        x += step * direction
        r = r - step * image
        if iteration % 20 == 19:
            r = network.source - multiply(x)  # what rounding has added up
    raise ConvergenceError(
        f"expected a relative residual of {tolerance:g}, found {size:.2g} after {_MAX_ITERATIONS} iterations; "
        "give a looser tolerance, or a smaller domain"
    )


def _cycle(levels: list[_Level], number: int, r: Vector) -> Vector:
    """An approximate solution of level `number` for the right side `r`."""
    level = levels[number]
    if level.direct is not None:
        return np.asarray(level.direct(r.astype(np.float64)), np.float32)
    x, r = _smooth(level, np.zeros_like(r), r)
    coarse = _two_steps(levels, number + 1, level.restrict(r))
    correction = coarse[level.up]
    x += correction
    r = r - level.multiply(correction)
    return _smooth(level, x, r)[0]


def _two_steps(levels: list[_Level], number: int, r: Vector) -> Vector:
    """Two steps of flexible conjugate gradients; one where that does nearly all, or the level is solved directly."""
    z = _cycle(levels, number, r)
    if levels[number].direct is not None:
        return z
    image = levels[number].multiply(z)
    energy = _dot(z, image)
    if energy <= 0:
        return z
    first = np.float32(_dot(z, r) / energy)
    rest = r - first * image
    if np.linalg.norm(rest) <= 0.25 * np.linalg.norm(r):
        return first * z
    z2 = _cycle(levels, number, rest)
    image2 = levels[number].multiply(z2)
    overlap = _dot(z2, image) / energy
    z2 = z2 - np.float32(overlap) * z
    energy2 = _dot(z2, image2 - np.float32(overlap) * image)
    second = np.float32(_dot(z2, rest) / energy2) if energy2 > 0 else np.float32(0)
    return first * z + second * z2


def _smooth(level: _Level, x: Vector, r: Vector) -> tuple[Vector, Vector]:
    """Two Chebyshev steps over the upper part of the spectrum (Saad, Iterative Methods, 2003, algorithm 12.1)."""
    centre, half = (_HIGHEST + _LOWEST) / 2, (_HIGHEST - _LOWEST) / 2
    sigma = centre / half
    rho = 1 / sigma
    step = level.inverse_diagonal * r * np.float32(1 / centre)
    for turn in range(2):
        x = x + step
        r = r - level.multiply(step)
        if turn == 0:
            following = 1 / (2 * sigma - rho)
            step = np.float32(following * rho) * step + np.float32(2 * following / half) * level.inverse_diagonal * r
            rho = following
    return x, r


def _dot(a: Vector, b: Vector) -> float:
    return float(np.dot(a, b))


def _levels(network: Network, pool: Executor) -> list[_Level]:
    levels = []
    while True:
        matrix, diagonal = network.matrix()
        if network.count <= _DIRECT:
            direct = splu(csc_array(matrix.astype(np.float64))).solve
            levels.append(_Level(matrix.__matmul__, np.float32(1) / diagonal, direct=direct))
            return levels
        coarser, up = network.merge()
        ones = np.ones(network.count, np.float32)
        gather = csr_array((ones, (up, np.arange(network.count, dtype=np.int32))), (coarser.count, network.count))
        levels.append(_Level(_multiply_in_threads(matrix, pool), np.float32(1) / diagonal, gather.__matmul__, up))
        network = coarser


def _multiply_in_threads(matrix: csr_array, pool: Executor) -> Callable[[Vector], Vector]:
    """Multiplication by a matrix whose rows are shared between the cores."""
    cores = os.cpu_count() or 1
    if matrix.nnz < 10**6 or cores == 1:
        return matrix.__matmul__
    bounds = np.searchsorted(matrix.indptr, np.linspace(0, matrix.nnz, cores + 1).astype(np.int64))
    bounds[0], bounds[-1] = 0, matrix.shape[0]
    parts = [matrix[a:b] for a, b in pairwise(bounds)]
    return lambda x: np.concatenate(list(pool.map(lambda part: part @ x, parts)))
