"""Integers counted in slices, of which the microstructure in the plane is made; those of several slices add up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, label

from keramos.core import NOT_ANNOTATED
from keramos.core.errors import ShapeError
from keramos.measurements.counting.directions import IN_PLANE
from keramos.measurements.counting.voxel_pairs import lags_along

LAGS = tuple(lags_along(192))
"""Distances in pixels at which pairs are counted along Y and X: all to 16, then ever fewer, to 64."""
_CORNERS = np.ones((3, 3), bool)


@dataclass(frozen=True, eq=False)
class PlaneCounts:
    """Counts of one phase in slices, where they are annotated.

    Attributes:
        known, phase: pixels that are annotated, and those of the phase.
        pairs: (2, 4, 2) by step (one pixel, two) and direction of `IN_PLANE`: pairs of annotated pixels, and those of
            which one is of the phase.
        cells, euler: annotated cells of 2 x 2 pixels, and four times the Euler number that they contribute, where the
            phase is connected through edges and what surrounds it through corners, too.
        components, holes: pieces of the phase, connected through edges; pieces of the rest, connected through corners,
            too, that the phase alone surrounds.
        both: (2, lags, 2) along Y and X by `LAGS`: pairs of annotated pixels, and those both of the phase.
    """

    known: int
    phase: int
    pairs: NDArray[np.int64]
    cells: int
    euler: int
    components: int
    holes: int
    both: NDArray[np.int64]

    def __add__(self, other: PlaneCounts) -> PlaneCounts:
        return PlaneCounts(
            self.known + other.known,
            self.phase + other.phase,
            self.pairs + other.pairs,
            self.cells + other.cells,
            self.euler + other.euler,
            self.components + other.components,
            self.holes + other.holes,
            self.both + other.both,
        )


def count_plane(codes: NDArray[np.uint8], code: int) -> PlaneCounts:
    """The counts of a phase in one slice of codes (Y X); pixels of code 255 are not annotated. ShapeError unless 2-D.

    Example:
        >>> codes = np.zeros((5, 6), np.uint8)
        >>> codes[1:4, 1:4], codes[2, 2] = 1, 0
        >>> counts = count_plane(codes, 1)
        >>> counts.phase, counts.components, counts.holes, counts.euler // 4
        (8, 1, 1, 0)
    """
    if codes.ndim != 2:
        raise ShapeError(f"expected a slice of labels (y, x), found an array of {codes.ndim} dimensions")
    known = codes != NOT_ANNOTATED
    mask = codes == code
    cells, euler = _count_euler(mask, known)
    components, holes = _count_pieces(mask, known)
    return PlaneCounts(
        known=int(np.count_nonzero(known)),
        phase=int(np.count_nonzero(mask)),
        pairs=np.array([[_count_crossings(mask, known, step * a, step * b) for a, b in IN_PLANE] for step in (1, 2)]),
        cells=cells,
        euler=euler,
        components=components,
        holes=holes,
        both=np.array([_count_both(mask, known), _count_both(mask.T, known.T)]),
    )


def _count_crossings(mask: NDArray[np.bool_], known: NDArray[np.bool_], down: int, right: int) -> tuple[int, int]:
    """Pairs of annotated pixels so far apart, and those of which one is in the mask."""
    height, width = mask.shape
    first = (slice(0, max(0, height - down)), slice(max(0, -right), width - max(0, right)))
    second = (slice(down, height), slice(max(0, right), width + min(0, right)))
    pairs = known[first] & known[second]
    return int(np.count_nonzero(pairs)), int(np.count_nonzero(pairs & (mask[first] != mask[second])))


def _count_euler(mask: NDArray[np.bool_], known: NDArray[np.bool_]) -> tuple[int, int]:
    """Annotated cells, and four times the Euler number of what fills them: cells of one filled corner, less those of
    three, and twice those filled along a diagonal (Gray, IEEE Trans. Comput. 20, 551, 1971, for edges)."""
    if min(mask.shape) < 2:
        return 0, 0
    corners = [mask[:-1, :-1], mask[:-1, 1:], mask[1:, :-1], mask[1:, 1:]]
    filled = corners[0] + np.uint8(2) * corners[1] + np.uint8(4) * corners[2] + np.uint8(8) * corners[3]
    whole = known[:-1, :-1] & known[:-1, 1:] & known[1:, :-1] & known[1:, 1:]
    counts = np.bincount(filled[whole], minlength=16)
    one, three, diagonal = counts[[1, 2, 4, 8]].sum(), counts[[7, 11, 13, 14]].sum(), counts[[6, 9]].sum()
    return int(counts.sum()), int(one - three + 2 * diagonal)


def _count_pieces(mask: NDArray[np.bool_], known: NDArray[np.bool_]) -> tuple[int, int]:
    """Pieces of the mask, and pieces of the annotated rest that meet neither the border nor what is not annotated."""
    _, components = label(mask)
    # Not with cc3d: 4.1 leaves gaps between the numbers of pieces that are connected through corners of pixels.
    labels, rest = label(known & ~mask, _CORNERS)
    is_open = np.zeros(int(rest) + 1, bool)
    is_open[0] = True
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        is_open[edge] = True
    if not known.all():
        is_open[labels[binary_dilation(~known, _CORNERS)]] = True
    return int(components), int(np.count_nonzero(~is_open))


def _count_both(mask: NDArray[np.bool_], known: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """For each lag along the first axis the pairs of annotated pixels, and those both in the mask."""
    length, whole = len(mask), bool(known.all())
    rows = []
    for lag in LAGS:
        end = max(0, length - lag)
        pairs = end * mask.shape[1] if whole else int(np.count_nonzero(known[:end] & known[lag:]))
        rows.append((pairs, int(np.count_nonzero(mask[:end] & mask[lag:]))))
    return rows
