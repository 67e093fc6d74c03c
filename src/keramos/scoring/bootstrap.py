"""Confidence intervals of the scores for sampling error, by a spatial block bootstrap.

Errors of neighbouring voxels are correlated, so voxels are resampled in blocks larger than the structures, which keeps
the correlation inside a block (Kuensch 1989, Annals of Statistics 17, 1217; Lahiri 2003, Resampling Methods for
Dependent Data).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import Triple, triple
from keramos.scoring.partial import Counts, Partial
from keramos.scoring.ratios import number, phase_ratios
from keramos.scoring.settings import ScoreSettings

Interval = tuple[float, float]
FEWEST_BLOCKS = 20
"""With fewer blocks there are too few independent parts, and the interval is only indicative."""
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Record of how the intervals were computed.

    Attributes:
        blocks: number of blocks with annotated voxels.
        block_edge_voxels: Z Y X.
        correlation_length_voxels: along Y and X; None without a change of phase.
        resamples, seed, level: of the bootstrap.
        indicative: whether there are too few blocks.
        method: one sentence for the reader.
    """

    blocks: int
    block_edge_voxels: Triple
    correlation_length_voxels: tuple[float | None, float | None]
    resamples: int
    seed: int
    level: float
    indicative: bool
    method: str


def bootstrap_blocks(partial: Partial, settings: ScoreSettings) -> tuple[Counts, Triple]:
    """Confusions (blocks, K, K) of the blocks with annotated voxels, and the edges of a block (Z Y X, voxels).

    Blocks are whole numbers of cells, counted from the origin of the volume. Their edges are at least four correlation
    lengths of the truth, where less than 2 % of the correlation is left, and at least two mean chords of its most
    frequent phase. Along an axis without a change of phase a block spans the volume. The length along z is assumed to
    be that along y in nm.
    """
    pairs = zip(correlation_lengths(partial), chord_lengths(partial), strict=True)
    length_y, length_x = (max(4 * correlation, 2 * chord) for correlation, chord in pairs)
    edges = (length_y / settings.z_per_y, length_y, length_x)
    factors = triple(
        [
            max(1, min(math.ceil(min(edge, n) / c), math.ceil(n / c)))
            for edge, c, n in zip(edges, settings.cell, settings.shape, strict=True)
        ]
    )
    counts = partial.confusion
    for axis, (factor, first) in enumerate(zip(factors, partial.cells.start, strict=True)):
        counts = _merge_along(counts, axis, factor, first)
    blocks = counts.reshape(-1, settings.classes, settings.classes)
    edge = triple([min(f * c, n) for f, c, n in zip(factors, settings.cell, settings.shape, strict=True)])
    return blocks[blocks.sum(axis=(1, 2)) > 0], edge


def correlation_lengths(partial: Partial) -> Interval:
    """Correlation lengths of the true phases along y and x in voxels; inf without a change of phase.

    They are those of a Debye random medium, whose autocorrelation is exp(-r / a), with a = (1 - sum of squared phase
    fractions) / (changes of phase per length); for two phases 2 f (1 - f) / (changes per length) (Debye, Anderson and
    Brumberger 1957, J. Appl. Phys. 28, 679).
    """
    true = partial.confusion.sum(axis=(0, 1, 2, 4))
    mixed = 1 - float(np.sum((true / max(1, true.sum())) ** 2))
    y, x = (mixed * pairs / changes if changes else math.inf for pairs, changes in partial.neighbours.tolist())
    return y, x


def chord_lengths(partial: Partial) -> Interval:
    """Mean chords of the most frequent true phase along y and x in voxels; inf without a change of phase.

    Every change of phase ends one chord and begins another, so with two phases each phase has half as many chords as
    there are changes; chords cut by the border count as fractions.
    """
    true = partial.confusion.sum(axis=(0, 1, 2, 4))
    most = float(true.max() / max(1, true.sum()))
    y, x = (2 * most * pairs / changes if changes else math.inf for pairs, changes in partial.neighbours.tolist())
    return y, x


def intervals(blocks: Counts, *, seed: int, resamples: int) -> dict[str, list[Interval | None]]:
    """The 2.5 and 97.5 percentiles of each score of each phase, over sets of blocks drawn with replacement.

    None where the score is undefined, or where there is only one block.
    """
    count, classes = blocks.shape[:2]
    if count < 2 or resamples < 1:
        return {name: [None] * classes for name in phase_ratios(np.zeros((classes, classes), np.int64))}
    rng = np.random.default_rng(seed)
    flat = blocks.reshape(count, -1)
    drawn = np.empty((resamples, classes * classes), np.int64)
    for row in drawn:
        row[:] = np.bincount(rng.integers(0, count, count), minlength=count) @ flat
    scores = phase_ratios(drawn.reshape(resamples, classes, classes))
    return {name: [_percentiles(values[:, phase]) for phase in range(classes)] for name, values in scores.items()}


def _percentiles(values: NDArray[np.float64]) -> Interval | None:
    defined = values[~np.isnan(values)]
    if not defined.size:
        return None
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(defined, [tail, 100 - tail])
    return float(low), float(high)


def _merge_along(counts: Counts, axis: int, factor: int, first: int) -> Counts:
    """Sums of `factor` cells along `axis`, on a grid through the volume's origin; the array starts at cell `first`."""
    if factor == 1 or counts.shape[axis] == 0:
        return counts
    before = first % factor
    starts = [0, *range(factor - before, counts.shape[axis], factor)]
    merged: Counts = np.add.reduceat(counts, starts, axis=axis)
    return merged


def describe_bootstrap(blocks: Counts, edge: Triple, partial: Partial, *, seed: int, resamples: int) -> Bootstrap:
    """The record of how the intervals were computed, with one sentence for the reader."""
    lengths = [number(a) if math.isfinite(a) else None for a in correlation_lengths(partial)]
    few = len(blocks) < FEWEST_BLOCKS
    method = (
        f"percentiles 2.5 and 97.5 of {resamples} resamples, with replacement, of {len(blocks)} spatial blocks of "
        f"{edge[0]} x {edge[1]} x {edge[2]} voxels (z y x), at least four correlation lengths and two mean chords "
        "of the true phases in y and x where the volume allows; the intervals cover sampling error within this volume, "
        "not systematic errors throughout it (such as shading) or differences between specimens"
        + (f"; only indicative, because there are fewer than {FEWEST_BLOCKS} blocks" if few else "")
    )
    return Bootstrap(len(blocks), edge, (lengths[0], lengths[1]), resamples, seed, LEVEL, few, method)
