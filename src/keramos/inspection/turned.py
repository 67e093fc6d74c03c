"""Labels that do not fit where they lie: mirrored, turned, or shifted by more than a few pixels?

In each orientation the labels are laid on the slice at every shift at once, by Fourier transforms: the better they fit,
the more of the variance of the grey values lies between the phases rather than within them. The best place is then
looked at closely, by the jump of grey values across the outlines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from keramos.core import NOT_ANNOTATED
from keramos.inspection.outlines import LEAST_JUMP, cell_means, smooth_slice
from keramos.inspection.slice_fit import Fit, fit_labels
from keramos.learning import AnnotatedSlice
from keramos.preparation import shrink_slice

_MOST_PIXELS = 384
"""Slices are reduced to about this edge for the search."""
_LEAST_OVERLAP = 0.5
_LEAST_GAIN = 0.5
_LEAST_T = 6.0

Codes = NDArray[np.uint8]

AS_THEY_ARE = "as they are"
ORIENTATIONS: dict[str, Callable[[Codes], Codes]] = {
    AS_THEY_ARE: lambda codes: codes,
    "mirrored top to bottom": lambda codes: codes[::-1],
    "mirrored left to right": lambda codes: codes[:, ::-1],
    "turned by 180 degrees": lambda codes: codes[::-1, ::-1],
    "turned by 90 degrees": lambda codes: np.rot90(codes),
    "turned by 270 degrees": lambda codes: np.rot90(codes, 3),
    "with x and y exchanged": lambda codes: codes.T,
    "turned by 90 degrees and mirrored": lambda codes: np.rot90(codes.T, 2),
}
"""What can be done to labels, by its name; the last four to those of square slices alone."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Labels of a slice fit better in another `orientation`, then moved by `rows` down and `columns` to the right: the
    jump of grey values across their outlines there and here, in units of the slice's standard deviation."""

    orientation: str
    rows: int
    columns: int
    jump_here: float
    jump_there: float


def find_turn(item: AnnotatedSlice, phases: int) -> Turn | None:
    """The other place at which the labels of a slice fit; None where they fit as they lie, or nothing can be told."""
    own = fit_labels(item.grey, item.codes, phases)
    if own.distinct or not own.jumps.size:
        return None
    best = max(_search(item, phases), key=lambda place: place[0])
    _, orientation, shift = best
    shift, there = _refine(item, orientation, shift, phases)
    if (
        not there.distinct
        or there.mean < max(LEAST_JUMP, (1 + _LEAST_GAIN) * own.mean)
        or _welch(own, there) < _LEAST_T
    ):
        return None
    return Turn(orientation, *shift, own.mean, there.mean)


def _search(item: AnnotatedSlice, phases: int) -> list[tuple[float, str, tuple[int, int]]]:
    """The best shift in each orientation, with the share of the variance that lies between the phases there."""
    factor = -(-max(item.codes.shape) // _MOST_PIXELS)
    grey = shrink_slice(item.grey, factor).astype(np.float64)
    codes = item.codes[factor // 2 :: factor, factor // 2 :: factor]
    codes = codes[: grey.shape[0], : grey.shape[1]]
    grey = grey[: codes.shape[0], : codes.shape[1]]
    image, places = _Spectra.of(grey), []
    for name, change in ORIENTATIONS.items():
        turned = change(codes)
        if turned.shape == grey.shape:
            share, (rows, columns) = image.best_shift(turned, phases)
            places.append((share, name, (rows * factor, columns * factor)))
    return places


@dataclass(frozen=True, eq=False)
class _Spectra:
    """Fourier transforms of a slice, its square and its area, with room for shifts by its whole size."""

    grey: NDArray[Any]
    square: NDArray[Any]
    area: NDArray[Any]
    shape: tuple[int, int]

    @classmethod
    def of(cls, grey: NDArray[np.float64]) -> _Spectra:
        height, width = (fft.next_fast_len(2 * length, real=True) for length in grey.shape)
        centred = (grey - grey.mean()) / max(float(grey.std()), 1e-9)
        parts = [fft.rfft2(part, (height, width)) for part in (centred, centred**2, np.ones_like(grey))]
        return cls(parts[0], parts[1], parts[2], (height, width))

    def best_shift(self, codes: Codes, phases: int) -> tuple[float, tuple[int, int]]:
        """The shift at which most of the variance under the labels lies between the phases, and that share."""
        number, total, square, between = (np.zeros(self.shape) for _ in range(4))
        for code in range(phases):
            mask = np.conj(fft.rfft2((codes == code).astype(np.float64), self.shape))
            count, grey = np.rint(self._back(self.area * mask)), self._back(self.grey * mask)
            number, total, square = number + count, total + grey, square + self._back(self.square * mask)
            between = between + grey**2 / np.maximum(count, 1)
        middle = total**2 / np.maximum(number, 1)
        share = (between - middle) / np.maximum(square - middle, 1e-9)
        share[number < _LEAST_OVERLAP * np.count_nonzero(codes != NOT_ANNOTATED)] = 0
        place = np.unravel_index(int(share.argmax()), share.shape)
        rows, columns = (int(p) if p < n // 2 else int(p) - n for p, n in zip(place, share.shape, strict=True))
        return float(share.max()), (rows, columns)

    def _back(self, spectrum: NDArray[Any]) -> NDArray[np.float64]:
        values: NDArray[np.float64] = fft.irfft2(spectrum, self.shape)
        return values


def _refine(item: AnnotatedSlice, orientation: str, shift: tuple[int, int], phases: int) -> tuple[tuple[int, int], Fit]:
    """The shift near this one at which the labels fit best, and how well they fit there."""
    turned, smooth = ORIENTATIONS[orientation](item.codes), smooth_slice(item.grey)
    for reach in (3, 1):
        tried = [(shift[0] + a * reach, shift[1] + b * reach) for a in (-1, 0, 1) for b in (-1, 0, 1)]
        fits = {place: fit_labels(item.grey, _move(turned, place), phases, smooth) for place in tried}
        shift = max(fits, key=lambda place: fits[place].mean)
    return shift, fits[shift]


def _move(codes: Codes, shift: Sequence[int]) -> Codes:
    """Codes moved down and to the right; 255 where nothing comes from."""
    moved = np.full_like(codes, NOT_ANNOTATED)
    there = tuple(slice(max(s, 0), n + min(s, 0)) for s, n in zip(shift, codes.shape, strict=True))
    here = tuple(slice(max(-s, 0), n + min(-s, 0)) for s, n in zip(shift, codes.shape, strict=True))
    moved[there] = codes[here]
    return moved


def _welch(one: Fit, other: Fit) -> float:
    """Welch's t of the means of the cells, of the second less the first."""
    means = [cell_means(fit.jumps, fit.cell) for fit in (one, other)]
    if min(map(len, means)) < 2:
        return 0.0
    error = float(np.sqrt(sum(float(values.var(ddof=1)) / len(values) for values in means)))
    return float(means[1].mean() - means[0].mean()) / max(error, 1e-12)
