"""Choice of the backend that segments a stack fastest and decides as float32 does, measured on slices of the stack."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import Box, Volume, triple
from keramos.core.progress import Reporter
from keramos.segmenters.backends import EXACT, available
from keramos.segmenters.segmenter import Segmenter, decide

_EDGE, _PLACES, _TURNS = 768, 3, 3
_WORTH_IT = 2**23
"""Voxels of a stack below which measuring takes longer than segmenting."""
_AGREEMENT = 0.995
"""Least IoU of every phase with what float32 decides."""
_FASTER = 1.1
"""A backend that is hardly faster than the exact one is not taken."""


def choose_backend(segmenter: Segmenter, volume: Volume, reporter: Reporter) -> str:
    """The fastest backend whose decisions agree; the exact one for small stacks, which are not worth the measuring."""
    names = available(segmenter.device)
    if len(names) == 1 or np.prod([float(n) for n in volume.shape]) < _WORTH_IT:
        return EXACT
    crops = _crops(volume, segmenter.signature.halo[0])
    trials = {name: _try(segmenter.with_backend(name), crops) for name in names}
    exact, speeds, best = trials[EXACT].decided, {name: each.speed for name, each in trials.items()}, EXACT
    for name in names:
        agrees = _agreement(exact, trials[name].decided, len(segmenter.phases)) >= _AGREEMENT
        if agrees and speeds[name] > max(speeds[best], _FASTER * speeds[EXACT]):
            best = name
    speeds_text = ", ".join(f"{name} {speed:.1f}" for name, speed in speeds.items())
    reporter.note(f"backend {best}, of those measured (Mvoxel/s): {speeds_text}")
    return best


def _crops(volume: Volume, reach: int) -> list[NDArray[np.generic]]:
    """Slices with the neighbours that are read, from several depths, their middle parts."""
    depth, height, width = volume.shape
    crops = []
    for z in np.unique(np.linspace(0, depth - 1, _PLACES + 2).round().astype(int)[1:-1]).tolist():
        y, x = (max(0, (n - _EDGE) // 2) for n in (height, width))
        box = Box((z - reach, y, x), (z + reach + 1, y + _EDGE, x + _EDGE)).clip(Box.whole(volume.shape))
        crops.append(volume.read_channels(box))
    return crops


def _decide_middle(segmenter: Segmenter, crop: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Codes of the crop's middle slice."""
    middle = len(crop) // 2
    shape = triple(crop.shape[:3])
    core = Box((middle, 0, 0), (middle + 1, *shape[1:]))
    return decide(segmenter.scores(crop, Block(0, core, Box.whole(shape))))


@dataclass(frozen=True)
class _Trial:
    """Codes that a backend decided on for each crop, and its speed, Mvoxel/s."""

    decided: list[NDArray[np.uint8]]
    speed: float


def _try(segmenter: Segmenter, crops: list[NDArray[np.generic]]) -> _Trial:
    """The first crop also builds the backend and is not timed; of the rest the fastest: what else runs only slows."""
    decided, seconds = [_decide_middle(segmenter, crops[0])], []
    for crop in (crops * 2)[1 : 1 + _TURNS]:
        began = time.perf_counter()
        decided.append(_decide_middle(segmenter, crop))
        seconds.append(time.perf_counter() - began)
    return _Trial(decided[: len(crops)], float(prod(crops[0].shape[1:3]) / min(seconds) / 1e6))


def _agreement(exact: list[NDArray[np.uint8]], other: list[NDArray[np.uint8]], phases: int) -> float:
    """The least IoU of any phase that occurs."""
    a, b = (np.concatenate([codes.ravel() for codes in parts]) for parts in (exact, other))
    each = [
        np.sum((a == code) & (b == code)) / np.sum((a == code) | (b == code))
        for code in range(phases)
        if np.any((a == code) | (b == code))
    ]
    return float(min(each))
