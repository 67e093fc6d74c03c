"""The distance of each slice from the one before, from the likeness of slices.

What images show is joined by weighted least squares:

- edges move the farther, the farther two slices lie apart: their mean motion tells the step, but for what the
  structure itself changes along z (correlated over some slices; its strength is estimated);
- where the structure is smooth along z, a slice between others lies where their interpolation is most like it, which
  tells steps against their neighbours', whatever the structure;
- the floors of voids brighten as the section comes nearer, where they are seen and asked for.

Hanslovsky et al. 2017 (Bioinformatics 33, 1379) and Sporring et al. 2014 place slices by the likeness of grey values.

The mean step is not told by images: it is the nominal one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import comb, factorial

import numpy as np
from numpy.typing import NDArray

from keramos.preparation.likeness import DISTANCES, WINDOW, Likeness

_ROUNDS = 8
_PART = 1200  # slices that are solved at once
_STENCILS = {3: 0.06, 4: 0.05}  # slices compared, and the least error of a step that each allows
_EXPONENTS = (0.5, 1.2)  # of the distance, with which motion grows at a distance of one slice
_FEWEST = 8  # slices
_FLOOR_ERROR, _FLOOR_CORRELATION = 0.12, 0.5  # of a step told by floors, at first; and from one step to the next
_LEAST_FLOOR_ERROR = 0.02
_LASTING = (
    1.6  # standard deviations: changes of the structure last for several slices; see benchmarks/slice_positions.py
)


@dataclass(frozen=True, eq=False)
class SliceSteps:
    """Steps between the slices that were shown, in nominal steps.

    Attributes:
        steps, sd: each step and its standard deviation.
        covariance: of the steps.
        spread: standard deviation of the true steps over the stack, as estimated: 0.2 if they vary by 20 %.
    """

    steps: NDArray[np.float64]
    sd: NDArray[np.float64]
    covariance: NDArray[np.float64]
    spread: float


def estimate_steps(
    likeness: Likeness, places: NDArray[np.float64], brightening: NDArray[np.float64] | None = None
) -> SliceSteps | None:
    """The steps between slices.

    Args:
        likeness: of the slices.
        places: their nominal places, in slices; neighbours are one apart but where slices are missing.
        brightening: of floors from each slice to the next, in proportion to the steps; None where it is unknown.

    Returns:
        Steps with the sum of the nominal ones; None if there are too few slices, or nothing moves.
    """
    nominal = np.diff(places)
    good = np.isfinite(likeness.motion) & (likeness.motion > 0)
    if len(places) < _FEWEST or good.mean() < 0.5 or not np.isfinite(likeness.curve).all():
        return None
    motion = np.where(good, likeness.motion, np.median(likeness.motion[good]))
    told = _compare_motion(motion, nominal, likeness.curve)
    told -= np.median(told)
    floors = None if brightening is None else brightening * nominal.sum() / brightening.sum()
    count = len(told)
    edges = np.linspace(0, count, -(-count // _PART) + 1).astype(int)
    steps, covariance, spreads = np.empty(count), np.zeros((count, count)), []
    for low, high in pairwise(edges.tolist()):
        products = likeness.products[low : max(high - WINDOW + 2, low)]
        part = _Steps(told[low:high], nominal[low:high], products, None if floors is None else floors[low:high])
        steps[low:high], covariance[low:high, low:high] = part.solve()
        spreads.append(part.spread)
    scale, spread = nominal.sum() / steps.sum(), float(np.sqrt(np.mean(np.square(spreads))))
    covariance *= (scale * _LASTING) ** 2
    return SliceSteps(steps * scale, np.sqrt(np.diag(covariance)), covariance, spread)


def _compare_motion(
    motion: NDArray[np.float64], nominal: NDArray[np.float64], curve: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The logarithms of steps in nominal ones: from how much more edges move than on average over as many slices.

    The mean motion over 1, 2 and 3 slices tells the power of the distance with which it grows: below 1, as noise moves
    edges as well, and far motion is not followed.
    """
    parabola = np.polyfit(np.log(DISTANCES), np.log(curve), 2)
    usual = np.polyval(parabola, np.log(np.minimum(nominal, DISTANCES[-1])))
    return np.asarray((np.log(motion) - usual) / np.clip(parabola[1], *_EXPONENTS))


class _Steps:
    """Least squares for the logarithms of the steps of one part of a stack.

    Unknown besides are the spread of the steps, the strength of the structure's changes and their correlation from
    slice to slice, and the errors of interpolation: they are estimated in turns with the steps (as in expectation
    maximisation).
    """

    def __init__(
        self,
        told: NDArray[np.float64],
        nominal: NDArray[np.float64],
        products: NDArray[np.float64],
        floors: NDArray[np.float64] | None = None,
    ) -> None:
        self._told, self._nominal, self._products, self._floors = told, nominal, products, floors
        self._floor_error = _FLOOR_ERROR
        self.spread, self._changes, self._correlation = 0.15, 0.08, 0.6
        self._errors = {size: error * float(np.sqrt(_norm(size))) for size, error in _STENCILS.items()}

    def solve(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Steps in nominal steps of one slice, and their covariance."""
        logs = np.zeros(len(self._told))
        covariance: NDArray[np.float64] = np.eye(len(logs))
        for turn in range(_ROUNDS):
            information, pull = self._start()
            if self._floors is not None:
                # Errors of floors last for several slices, as voids change: they are correlated as in a chain, too.
                steps = self._nominal * np.exp(logs)
                weighted = _chain_precision(len(logs), self._floor_error, _FLOOR_CORRELATION) * steps[:, None]
                information += weighted.T * steps
                pull += weighted.T @ (self._floors * steps.mean() / self._floors.mean() - steps + steps * logs)
            rows = {size: self._compare(logs, size) for size in _STENCILS}
            for size, (residual, design) in rows.items():
                weight = self._errors[size] ** -2 / (1 + (residual / (3 * self._errors[size])) ** 2 * (turn > 1))
                information += design.T @ (weight[:, None] * design)
                pull += design.T @ (weight * (residual + design @ logs))
            covariance = np.asarray(np.linalg.inv(information), np.float64)
            logs = covariance @ pull
            if turn:
                self._learn(logs, covariance, {size: design for size, (_, design) in rows.items()})
        steps = self._nominal * np.exp(logs)
        return steps, covariance * np.outer(steps, steps)

    def _start(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Normal equations of the motion of edges: it is the step, times changes of the structure that are correlated
        as in a first-order autoregression."""
        count = len(self._told)
        precision = _chain_precision(count, self._changes, self._correlation)
        return precision + np.eye(count) / self.spread**2, precision @ self._told

    def _compare(self, logs: NDArray[np.float64], size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """By how much each run of `size` slices lies off smooth interpolation, and how that depends on the logarithms
        of the steps (rows, steps)."""
        steps = self._nominal * np.exp(logs)
        z = np.concatenate([[0.0], np.cumsum(steps)])
        windows = len(self._products)
        residual, design = np.zeros(max(len(z) - size + 1, 0)), np.zeros((max(len(z) - size + 1, 0), len(steps)))
        for first in range(len(residual) if windows else 0):
            window = int(np.clip(first - (WINDOW - size) // 2, 0, windows - 1))
            start, here = first - window, z[window : window + WINDOW]
            weight = _differences(z[first : first + size])
            slope = (here - here.mean()) / ((here - here.mean()) ** 2).sum()
            square = slope @ self._products[window] @ slope
            if square > 0:
                residual[first] = weight @ self._products[window][start : start + size] @ slope / square
                run = slice(first, first + size - 1)
                design[first, run] = np.cumsum(weight[::-1])[-2::-1] * steps[run]
        return residual, design

    def _learn(
        self, logs: NDArray[np.float64], covariance: NDArray[np.float64], designs: dict[int, NDArray[np.float64]]
    ) -> None:
        sure = np.diag(covariance)
        self.spread = float(np.sqrt(max(float(np.mean(logs**2 + sure)), 1e-6)))
        changes = self._told - logs
        changes = changes - changes.mean()
        variance = float(np.mean(changes**2 + sure))
        self._changes = float(np.sqrt(max(variance, 1e-4)))
        along = float(np.mean(changes[1:] * changes[:-1] + np.diag(covariance, 1)))
        self._correlation = float(np.clip(along / max(variance, 1e-4), 0, 0.95))
        if self._floors is not None:
            steps = self._nominal * np.exp(logs)
            error = self._floors * steps.mean() / self._floors.mean() - steps
            square = float(np.mean(error**2 + sure * steps**2))
            self._floor_error = float(np.sqrt(max(square, _LEAST_FLOOR_ERROR**2)))
        for size, design in designs.items():
            residual = self._compare(logs, size)[0]
            if len(residual):
                square = float(np.mean(residual**2 + np.einsum("ij,jk,ik->i", design, covariance, design)))
                self._errors[size] = float(np.sqrt(max(square, _STENCILS[size] ** 2 / 2 * _norm(size))))


def _chain_precision(count: int, sd: float, correlation: float) -> NDArray[np.float64]:
    """The inverse of the covariance of a first-order autoregression (Rue and Held 2005, section 1.2)."""
    inner = np.full(count, 1 + correlation**2)
    inner[[0, -1]] = 1
    chain = np.diag(inner) - correlation * (np.eye(count, k=1) + np.eye(count, k=-1))
    return np.asarray(chain / (sd**2 * (1 - correlation**2)), np.float64)


def _differences(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of the divided difference of values at `z`, scaled such that evenly spaced ones have binomial weights."""
    apart = z[:, None] - z[None, :] + np.eye(len(z))
    return np.asarray(factorial(len(z) - 1) / apart.prod(axis=1))


def _norm(size: int) -> float:
    """The square of the error of a difference of `size` positions if every step errs by 1 independently."""
    return float(sum(comb(size - 2, k) ** 2 for k in range(size - 1)))
