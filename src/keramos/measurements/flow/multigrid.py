"""Solve a network of conductances on a grid by conjugate gradients with a multigrid preconditioner.

level 0: one unknown for each conducting voxel;  level k + 1: the voxels of 2 x 2 x 2 of level k held at one potential
cycle: smooth, restrict the residual, solve the coarser level by two conjugate-gradient steps (K-cycle), add, smooth

All this in single precision, which is enough for a correction; potentials and residuals are in double precision, and
corrections are added until the residual is as small as was asked for (iterative refinement; Golub and Van Loan, Matrix
Computations, 2013, section 3.5.3). So the rounding of the matrix slows the solver down but changes no result.

Merged voxels keep the network's form: the conductance between two of them is the sum of those between their parts
(Galerkin's product with piecewise-constant interpolation). The K-cycle makes up for that crude interpolation (Notay,
Electron. Trans. Numer. Anal. 37, 123, 2010; Notay and Vassilevski, Numer. Linear Algebra Appl. 15, 473, 2008).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy  # its parts are loaded when they are first used
from numpy.typing import NDArray

from keramos.blocks import count_cores
from keramos.core.errors import ConvergenceError
from keramos.core.progress import Progress, silent
from keramos.measurements.flow.network import Flow, Network

Vector = NDArray[np.float32]
_DIRECT = 3000
"""Unknowns that are solved directly."""
_MAX_ITERATIONS = 500
_REFINED = 1e-4
"""How far a correction in single precision is solved for, relative to the residual that it is to remove."""
_DIVERGED = 1e6
"""A correction whose residual has grown so many times is given up: conductances beyond single precision."""
_LEAST_GAIN = 0.5
"""A correction that leaves more of the residual than this is the last: rounding has the upper hand."""
_LOWEST, _HIGHEST = 0.35, 2.0
"""What the smoother flattens: eigenvalues of the matrix over its diagonal; a network's are at most 2."""


@dataclass(frozen=True, eq=False)
class Solved:
    """Potentials of the unknowns, the flows at them, the relative residual and the iterations that it took."""

    potential: NDArray[np.float64]
    flow: Flow
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
    network: Network,
    *,
    tolerance: float = 1e-5,
    start: NDArray[np.float64] | None = None,
    progress: Progress = silent,
) -> Solved:
    """The potentials at which as much flows into each unknown as out of it; `start` is a first guess.

    The residual is relative to the flow in from the end that is held at 1, were all unknowns at 0. `progress` is told
    per cent of the orders of magnitude by which it is to fall.

    Raises:
        ConvergenceError: the relative residual did not come below `tolerance`.
    """
    with ThreadPoolExecutor(count_cores()) as pool:
        levels = _levels(network, pool)
        return _refine(levels, network, network.guess() if start is None else start, tolerance, progress)


def _refine(
    levels: list[_Level], network: Network, x: NDArray[np.float64], tolerance: float, progress: Progress
) -> Solved:
    """Correct the potentials until the residual in double precision is small enough."""
    goal = float(np.linalg.norm(network.first.astype(np.float64)))
    flow, iterations = network.flow(x), 0
    size = float(np.linalg.norm(flow.excess)) / goal
    tell = _orders_of_magnitude(size, tolerance, progress)
    while size > tolerance and iterations < _MAX_ITERATIONS:
        wanted = max(tolerance / 2, _REFINED * size)
        correction, steps = _conjugate_gradients(levels, flow.excess / goal, wanted, _MAX_ITERATIONS - iterations, tell)
        x = x + goal * correction
        flow, iterations = network.flow(x), iterations + steps
        before, size = size, float(np.linalg.norm(flow.excess)) / goal
        if not size <= _LEAST_GAIN * before:
            size = size if size < before else before
            break
    if not size <= tolerance:
        raise ConvergenceError(
            f"the solver stopped at a relative residual of {size:.2g} after {iterations} iterations, "
            f"above {tolerance:g}"
        )
    tell(size)
    return Solved(x, flow, size, iterations)


def _orders_of_magnitude(first: float, last: float, progress: Progress) -> Callable[[float], None]:
    """Tells a progress in per cent how far a residual has fallen from its first value to its last."""
    whole, most = math.log(max(first / last, 1 + 1e-9)), 0

    def tell(size: float) -> None:
        nonlocal most
        most = max(most, min(100, int(100 * math.log(max(first / max(size, last), 1)) / whole)))
        progress(most, 100)

    return tell


def _conjugate_gradients(
    levels: list[_Level], right: NDArray[np.float64], wanted: float, most: int, tell: Callable[[float], None]
) -> tuple[Vector, int]:
    """A solution for a right side whose residual is at most `wanted`, or as small as `most` steps make it, and the
    steps taken. Flexible, as the preconditioner is not quite the same at every step."""
    multiply = levels[0].multiply
    r = right.astype(np.float32)
    x = np.zeros_like(r)
    direction: Vector | None = None
    last_r, last_rz, first = r, 1.0, 0.0
    for step in range(most):
        size = float(np.linalg.norm(r))
        first = size if step == 0 else first
        if not wanted < size < _DIVERGED * first:
            return x, step
        tell(size)
        z = _cycle(levels, 0, r)
        direction = z if direction is None else z + np.float32(_dot(z, r - last_r) / last_rz) * direction
        image = multiply(direction)
        rz = _dot(z, r)
        length = np.float32(_dot(direction, r) / _dot(direction, image))
        last_r, last_rz = r, rz
        x += length * direction
        r = r - length * image
    return x, most


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
            direct = scipy.sparse.linalg.splu(scipy.sparse.csc_array(matrix.astype(np.float64))).solve
            levels.append(_Level(matrix.__matmul__, np.float32(1) / diagonal, direct=direct))
            return levels
        coarser, up = network.merge()
        ones = np.ones(network.count, np.float32)
        gather = scipy.sparse.csr_array(
            (ones, (up, np.arange(network.count, dtype=np.int32))), (coarser.count, network.count)
        )
        levels.append(_Level(_multiply_in_threads(matrix, pool), np.float32(1) / diagonal, gather.__matmul__, up))
        network = coarser


def _multiply_in_threads(matrix: scipy.sparse.csr_array, pool: Executor) -> Callable[[Vector], Vector]:
    """Multiplication by a matrix whose rows are shared between the cores."""
    cores = count_cores()
    if matrix.nnz < 10**6 or cores == 1:
        return matrix.__matmul__
    bounds = np.searchsorted(matrix.indptr, np.linspace(0, matrix.nnz, cores + 1).astype(np.int64))
    bounds[0], bounds[-1] = 0, matrix.shape[0]
    parts = [matrix[a:b] for a, b in pairwise(bounds)]
    return lambda x: np.concatenate(list(pool.map(lambda part: part @ x, parts)))
