"""Statistics of a slice, and of a slice against the one before it, from which all checks of stacks draw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from keramos.inspection.slice_shift import Registrable, Shift, make_registrable, measure_shift

Floats = NDArray[np.float32]

_SAMPLE = 256
_QUANTILES = 257
_SMALL = 256
"""Larger slices are registered by means over 2 x 2 pixels."""
_TRIM = 2.5
"""Standard deviations beyond which a difference between neighbours is a change of the structure, not of brightness."""
_BANDS = ((0.015, 0.06), (0.1, 0.22), (0.36, 0.5))
"""Cycles per pixel: of the structure, of its edges, and of what is nearly noise alone."""


@dataclass(frozen=True, slots=True)
class SliceLook:
    """Statistics of slice `z` of an opened stack; grey values are those of the file.

    Attributes:
        least, most: smallest and largest grey value.
        percentiles: 5th, 50th and 95th.
        spread: standard deviation.
        at_ends: share of the pixels that have the smallest and the largest of its grey values.
        quantiles: of means over 2 x 2 pixels, evenly from the smallest to the largest.
        flat_rows: first row and number of rows of the longest run of rows that all hold one and the same value.
        digest: hash of the pixels.
        bands: mean power in three bands of frequency (`_BANDS`).
    """

    z: int
    least: float
    most: float
    percentiles: tuple[float, float, float]
    spread: float
    at_ends: tuple[float, float]
    quantiles: Floats
    flat_rows: tuple[int, int]
    digest: bytes
    bands: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class PairLook:
    """Slice `z` against `previous`, the slice before it that is not of one grey value.

    Attributes:
        step: how much brighter it is, structure that changed apart.
        change: mean square of the difference of the structures, coarsely seen, the step and the noise apart; below 0
            by chance.
        change_error: the standard error of that by noise alone.
        likeness: correlation of the two, coarsely seen.
        edges: covariance of the two in the band of the edges; noise, which differs, does not count.
        shift: how much further it lies than the slice before.
    """

    z: int
    previous: int
    step: float
    change: float
    change_error: float
    likeness: float
    edges: float
    shift: Shift


@dataclass(frozen=True, eq=False)
class Window:
    """The middle of a slice: means over blocks of 2 x 2 and 4 x 4 pixels (Y X), half of what the even rows of the
    latter have more than the odd ones, which is nearly noise alone, its spectrum in the band of the edges, its mean
    power in each band, and the same for registration."""

    z: int
    fine: Floats
    coarse: Floats
    rest: Floats
    edges: NDArray[np.complex64]
    bands: tuple[float, float, float]
    registrable: Registrable


def look_at_slice(window: Window, pixels: NDArray[Any]) -> SliceLook:
    """Statistics of the pixels (Y X) of a slice with this window."""
    rows, columns = pixels.shape
    sample = pixels[:: -(-rows // _SAMPLE), :: -(-columns // _SAMPLE)].astype(np.float64)
    least, most = pixels.min(axis=1), pixels.max(axis=1)
    low, median, high = np.percentile(sample, [5, 50, 95])
    darkest, brightest = float(least.min()), float(most.max())
    return SliceLook(
        z=window.z,
        least=darkest,
        most=brightest,
        percentiles=(float(low), float(median), float(high)),
        spread=float(sample.std()),
        at_ends=(float(np.mean(pixels == least.min())), float(np.mean(pixels == most.max()))),
        quantiles=_take_quantiles(window.fine),
        flat_rows=_find_flat_rows(least, most),
        digest=blake2b(np.ascontiguousarray(pixels).data, digest_size=16).digest(),
        bands=window.bands,
    )


def _find_flat_rows(least: NDArray[Any], most: NDArray[Any]) -> tuple[int, int]:
    """First row and number of the longest run of rows of one value."""
    flat = least == most
    joined = np.concatenate([[False], flat[1:] & flat[:-1] & (least[1:] == least[:-1]), [False]])
    edges = np.flatnonzero(np.diff(joined.astype(np.int8)))
    if not len(edges):
        first = int(np.argmax(flat))
        return first, int(flat[first])
    starts, stops = edges[::2], edges[1::2]
    longest = int(np.argmax(stops - starts))
    return int(starts[longest]), int(stops[longest] - starts[longest]) + 1


def take_window(z: int, pixels: NDArray[Any], edge: int) -> Window:
    """The middle `edge` x `edge` pixels of a slice (Y X), or all that there are."""
    rows, columns = (_middle(n, edge) for n in pixels.shape)
    middle = pixels[rows, columns].astype(np.float32)
    fine = _bin(middle, 2)
    coarse = _bin(fine, 2)
    small = max(middle.shape) <= _SMALL
    registrable = make_registrable(middle, coarse, 1) if small else make_registrable(fine, _bin(coarse, 2), 2)
    edges, bands = _measure_bands(middle)
    return Window(z, fine, coarse, _take_rest(middle, coarse.shape), edges, bands, registrable)


def _take_rest(pixels: Floats, shape: tuple[int, ...]) -> Floats:
    """Half of the mean of the even rows less that of the odd rows, in blocks of 4 x 4; 0 where blocks are smaller."""
    rows, columns = (n // 4 for n in pixels.shape)
    if (rows, columns) != shape:
        return np.zeros(shape, np.float32)
    rest = pixels[0 : 4 * rows : 2, : 4 * columns] - pixels[1 : 4 * rows : 2, : 4 * columns]
    return np.asarray(rest.reshape(rows, 2, columns, 4).mean(axis=(1, 3)) / 2, np.float32)


def _middle(length: int, edge: int) -> slice:
    kept = min(length, edge)
    start = (length - kept) // 2
    return slice(start, start + kept)


def _bin(pixels: Floats, factor: int) -> Floats:
    """Means of blocks; an axis shorter than four blocks stays."""
    for axis in (0, 1):
        blocks = pixels.shape[axis] // factor
        if blocks < 4:
            continue
        cut = np.moveaxis(pixels, axis, 0)[: blocks * factor]
        means = cut.reshape(blocks, factor, -1).mean(axis=1, dtype=np.float32)
        pixels = np.moveaxis(means, 0, axis)
    return pixels


@lru_cache(maxsize=4)
def _taper(rows: int, columns: int) -> Floats:
    """A Hann window, so that the borders of a slice do not count as edges."""
    down, across = (np.sin(np.pi * (np.arange(n) + 0.5) / n) ** 2 for n in (rows, columns))
    return np.asarray(np.outer(down, across), np.float32)


@lru_cache(maxsize=4)
def _find_bands(rows: int, columns: int) -> tuple[NDArray[np.intp], ...]:
    """Places of each band in the flat spectrum."""
    frequency = np.hypot(fft.fftfreq(rows)[:, None], fft.rfftfreq(columns))
    return tuple(np.flatnonzero((frequency >= low) & (frequency < high)) for low, high in _BANDS)


def _measure_bands(middle: Floats) -> tuple[NDArray[np.complex64], tuple[float, float, float]]:
    """The spectrum in the band of the edges, and the mean power in each band, 0 where a slice is too small for it."""
    window = (middle - middle.mean()) * _taper(*middle.shape)
    spectrum = np.asarray(fft.rfft2(window).ravel() / np.sqrt(window.size), np.complex64)
    low, edges, high = (spectrum[places] for places in _find_bands(*middle.shape))
    powers = [float(np.mean(band.real**2 + band.imag**2)) if len(band) else 0.0 for band in (low, edges, high)]
    return edges, (powers[0], powers[1], powers[2])


def _take_quantiles(fine: Floats) -> Floats:
    places = np.linspace(0, fine.size - 1, _QUANTILES).round().astype(int)
    return np.asarray(np.sort(fine, axis=None)[places], np.float32)


def compare_windows(before: Window, after: Window) -> PairLook:
    """The change from one slice to the next."""
    step = _measure_step(before.fine, after.fine)
    difference = after.coarse - before.coarse
    a, b = before.coarse - before.coarse.mean(), after.coarse - after.coarse.mean()
    norm = float(np.sqrt(np.mean(a**2) * np.mean(b**2)))
    change, change_error = _measure_change(difference - step, before, after)
    return PairLook(
        z=after.z,
        previous=before.z,
        step=step,
        change=change,
        change_error=change_error,
        likeness=float(np.mean(a * b)) / norm if norm > 0 else 0.0,
        edges=float(np.mean((np.conj(before.edges) * after.edges).real)) if len(after.edges) else 0.0,
        shift=measure_shift(before.registrable, after.registrable),
    )


def _measure_change(difference: Floats, before: Window, after: Window) -> tuple[float, float]:
    """The mean square of the difference of coarse pixels without noise, and its standard error: the mean product of the
    differences of the even and of the odd rows, whose noise differs."""
    noise = float(np.mean((after.rest - before.rest) ** 2))
    return float(np.mean(difference**2)) - noise, 2 * noise / float(difference.size) ** 0.5


def _measure_step(before: Floats, after: Floats) -> float:
    """The mean difference of the brighter phase, without the pixels where the structure changed. What lies deep in
    voids brightens and darkens as the cut approaches, and is left out."""
    mean = before + after
    bright = mean >= np.percentile(mean, [2, 98]).mean()
    difference = after[bright] - before[bright]
    median = float(np.median(difference))
    away = np.abs(difference - median)
    near = away <= _TRIM * 1.4826 * float(np.median(away))
    return float(difference[near].mean())
