"""Statistics of a slice, and of a slice against the one before it, from which all checks of stacks draw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Floats = NDArray[np.float32]
Ends = tuple[float, float]

_SAMPLE = 256
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
        at_ends: share of the pixels at the smallest and at the largest value of the type (of all that was looked at,
            for floats).
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
    flat_rows: tuple[int, int]
    digest: bytes
    bands: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class PairLook:
    """Slice `z` against `previous`, the slice before it that is not of one grey value.

    Attributes:
        step: how much brighter it is, structure that changed apart.
        change: root mean square of the difference of the structures, coarsely seen, the step apart.
        likeness: correlation of the two, coarsely seen.
        shift: rows down and columns to the right by which it lies further than the slice before.
    """

    z: int
    previous: int
    step: float
    change: float
    likeness: float
    shift: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Window:
    """The middle of a slice (Y X), its mean over blocks of 2 x 2 and 4 x 4 pixels, and its spectrum."""

    z: int
    fine: Floats
    coarse: Floats
    spectrum: NDArray[np.complex64]


def look_at_slice(z: int, pixels: NDArray[Any], ends: Ends, spectrum: NDArray[np.complex64]) -> SliceLook:
    """Statistics of the pixels (Y X) of slice z, whose type has these `ends`; `spectrum` is that of its middle."""
    rows, columns = pixels.shape
    sample = pixels[:: -(-rows // _SAMPLE), :: -(-columns // _SAMPLE)].astype(np.float64)
    least, most = pixels.min(axis=1), pixels.max(axis=1)
    low, median, high = np.percentile(sample, [5, 50, 95])
    return SliceLook(
        z=z,
        least=float(least.min()),
        most=float(most.max()),
        percentiles=(float(low), float(median), float(high)),
        spread=float(sample.std()),
        at_ends=(float(np.mean(pixels == ends[0])), float(np.mean(pixels == ends[1]))),
        flat_rows=_find_flat_rows(least, most),
        digest=blake2b(np.ascontiguousarray(pixels).data, digest_size=16).digest(),
        bands=_measure_bands(spectrum),
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
    window = middle - middle.mean()
    window *= _taper(*window.shape)
    fine = _bin(middle, 2)
    return Window(z, fine, _bin(fine, 2), fft.rfft2(window))


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
def _masks(rows: int, half_columns: int, columns: int) -> tuple[NDArray[np.bool_], ...]:
    frequency = np.hypot(fft.fftfreq(rows)[:, None], np.arange(half_columns) / max(columns, 1))
    return tuple((frequency >= low) & (frequency < high) for low, high in _BANDS)


def _measure_bands(spectrum: NDArray[np.complex64]) -> tuple[float, float, float]:
    """Mean power in each band; 0 where a slice is too small to have one."""
    height, half = spectrum.shape
    power = spectrum.real**2 + spectrum.imag**2
    masks = _masks(height, half, 2 * (half - 1) or 1)
    low, middle, high = (float(power[mask].mean()) if mask.any() else 0.0 for mask in masks)
    return low, middle, high


def compare_windows(before: Window, after: Window) -> PairLook:
    """The change from one slice to the next."""
    step = _measure_step(before.fine, after.fine)
    difference = after.coarse - before.coarse
    a, b = before.coarse - before.coarse.mean(), after.coarse - after.coarse.mean()
    norm = float(np.sqrt(np.mean(a**2) * np.mean(b**2)))
    return PairLook(
        z=after.z,
        previous=before.z,
        step=step,
        change=float(np.sqrt(np.mean((difference - step) ** 2))),
        likeness=float(np.mean(a * b)) / norm if norm > 0 else 0.0,
        shift=(0.0, 0.0),
    )


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
