"""Training crops: where they lie, and how the material under them is turned and scaled.

Where a crop lies and how it changes is drawn on the CPU; its pixels are sent as they are stored, and turned and changed
on the device that trains. Nothing there is waited for, so that a fast device is kept busy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from keramos.core import NOT_ANNOTATED
from keramos.learning.annotated import AnnotatedSlices, Constants
from keramos.learning.augmentation import (
    Augmentation,
    Ranges,
    change_grey,
    draw_augmentation,
    draw_noise,
    image_positions,
    no_augmentation,
)
from keramos.learning.crop_centres import CropCentres
from keramos.learning.thin_phases import draw_tubes, find_thin_phases

_ROUNDING = 0.01
"""Pixels; places are computed in single precision."""
_LEAST_MARGIN = 24.0
"""Pixels between the centre of a crop and the edge of the image: enough for the crop to be mostly image."""


class Batch(NamedTuple):
    """Normalised grey (N, inputs, S, S) float32, codes and tubes of thin phases (N, S, S) int64; no tubes where no
    phase has any. The inputs are all planes of the first channel, then those of the next."""

    grey: Tensor
    codes: Tensor
    tubes: Tensor | None = None

    def to(self, device: str | torch.device) -> Batch:
        """The batch on another device."""
        tubes = None if self.tubes is None else self.tubes.to(device)
        return Batch(self.grey.to(device), self.codes.to(device), tubes)


class CropSampler:
    """An endless stream of batches.

    Crops are centred near annotated voxels, drawn uniformly over all of them, and of rare phases more often (see
    `CropCentres`). `constants` are the mean and deviation that each slice is normalised by, of each channel. Outside an
    image the grey values are mirrored and the codes are 255. They are on `device`. The same seed gives the same crops;
    `state` and `restore` resume a killed training. `positive` is the code of the phase of interest. With `tubes`
    those of the `thin` phases come, too (see `find_thin_phases`).
    """

    def __init__(
        self,
        data: AnnotatedSlices,
        constants: Sequence[Constants],
        *,
        size: int,
        batch: int,
        seed: int | tuple[int, ...],
        ranges: Ranges | None = None,
        device: str | torch.device = "cpu",
        tubes: bool = False,
    ) -> None:
        key = (seed,) if isinstance(seed, int) else seed
        self._rng = np.random.default_rng(np.random.SeedSequence([*key, 1]))
        self._device = torch.device(device)
        start = int(np.random.SeedSequence([*key, 2]).generate_state(1)[0])
        self._generator = torch.Generator(self._device).manual_seed(start)
        self._voxel_size, self._ranges = data.voxel_size, ranges
        self._margin = (size + 1) / 2 if ranges is not None and ranges.inside else _LEAST_MARGIN
        self._size, self._batch, self._constants = size, batch, list(constants)
        self._slices = data.slices
        self._places = CropCentres(data)
        self.thin = find_thin_phases(data) if tubes else []
        self._tubes = [draw_tubes(item.codes, self.thin) for item in data.slices] if self.thin else None
        self.positive = data.phases.positive
        self._planes, self._channels = len(data.slices[0].seen), data.channels

    def batches(self, rank: int = 0, count: int = 1) -> Iterator[Batch]:
        """Augmented batches, without end; or of each the part of the process of that `rank` among `count`. All of them
        draw the same, so that their parts are those of one batch."""
        part = range(rank * self._batch // count, (rank + 1) * self._batch // count)
        while True:
            crops = [self._draw_crop(self._draw_changes(), rare=True, cut=n in part) for n in range(self._batch)]
            yield _stack([crop for crop in crops if crop is not None])

    def plain_batches(self) -> Iterator[Batch]:
        """Batches as the microscope saw them, without end."""
        plain = [no_augmentation(self._planes)] * self._channels
        while True:
            crops = [self._draw_crop(plain, rare=False) for _ in range(self._batch)]
            yield _stack([crop for crop in crops if crop is not None])

    def state(self) -> dict[str, Any]:
        """The position in the stream, as JSON values."""
        return {"numpy": self._rng.bit_generator.state, "torch": self._generator.get_state().tolist()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from where the stream was."""
        self._rng.bit_generator.state = state["numpy"]
        self._generator.set_state(torch.tensor(state["torch"], dtype=torch.uint8))

    def _draw_changes(self) -> list[Augmentation]:
        """The changes of each channel: all show the same material, each has grey values of its own."""
        drawn = [
            draw_augmentation(self._rng, self._voxel_size, self._planes, self._ranges) for _ in range(self._channels)
        ]
        return [replace(one, matrix=drawn[0].matrix, jitter=drawn[0].jitter, shown=drawn[0].shown) for one in drawn]

    def _draw_crop(self, changes: Sequence[Augmentation], *, rare: bool, cut: bool = True) -> Batch | None:
        """A crop at a place that is drawn; None where it is not to be `cut`, which draws the same."""
        index, row, column = self._places.draw(self._rng, rare=rare)
        shift = self._rng.uniform(-self._size / 3, self._size / 3, 2)
        if not cut:
            for _ in changes:
                draw_noise((self._planes, self._size, self._size), self._generator)
            return None
        item, change = self._slices[index], changes[0]
        height, width = item.grey.shape
        centre = (
            _keep_inside(row + shift[0], height, self._margin),
            _keep_inside(column + shift[1], width, self._margin),
        )
        if change.keeps_pixels:
            centre = (floor(centre[0]) + (self._size - 1) / 2 % 1, floor(centre[1]) + (self._size - 1) / 2 % 1)
        rows, columns = image_positions(change, self._size, *centre, self._device)
        reach_y, reach_x = _reach(change, self._size)
        y, x = _Window.around(centre[0], reach_y, height), _Window.around(centre[1], reach_x, width)
        part = (y.inside, x.inside)
        codes = _nearest(_send(item.codes[part], self._device), rows, columns, y, x)
        tubes = None
        if self._tubes is not None:
            tubes = _nearest(_send(self._tubes[index][part], self._device), rows, columns, y, x)
        images = []
        for seen, own, (mean, std) in zip(item.channels, changes, self._constants[index], strict=True):
            planes = _send(np.stack([seen[shown][part] for shown in change.shown]), self._device)
            grey = (_interpolate(planes, rows, columns, y, x, change.jitter) - mean) / std
            images.append(change_grey(grey, own, self._generator))
        return Batch(torch.cat(images), codes, tubes)


@dataclass(frozen=True, slots=True)
class _Window:
    """The stretch of an axis of the image that a crop looks at; `crosses` if the crop looks beyond the image's ends."""

    start: int
    stop: int
    length: int
    crosses: bool

    @classmethod
    def around(cls, centre: float, reach: float, length: int) -> _Window:
        low, high, last = centre - reach, centre + reach, length - 1
        if low >= 0 and high <= last:
            return cls(floor(low), min(floor(high) + 2, length), length, False)
        if low >= 0 and high <= 2 * last:
            return cls(max(floor(min(low, 2 * last - high)), 0), length, length, True)
        if high <= last and low >= -last:
            return cls(0, min(floor(max(-low, high)) + 2, length), length, True)
        return cls(0, length, length, True)

    @property
    def inside(self) -> slice:
        return slice(self.start, self.stop)

    def unit(self, position: Tensor) -> Tensor:
        """grid_sample's coordinates in this window of positions, which are mirrored at the ends of the image: -1 and 1
        are the centres of the outer pixels."""
        last = self.length - 1
        if self.crosses and last:
            position = last - ((position.abs() % (2 * last)) - last).abs()
        return (position - self.start) * (2 / max(self.stop - self.start - 1, 1)) - 1


def _reach(change: Augmentation, size: int) -> tuple[float, float]:
    """The farthest that a crop looks from its centre, in rows and in columns of the image."""
    (xx, xy), (yx, yy) = change.matrix
    half, jitter = (size - 1) / 2, np.abs(np.asarray(change.jitter)).max(axis=0).tolist()
    return half * (abs(yx) + abs(yy)) + jitter[0] + _ROUNDING, half * (abs(xx) + abs(xy)) + jitter[1] + _ROUNDING


def _send(pixels: NDArray[Any], device: torch.device) -> Tensor:
    """Pixels on the device: bytes as bytes, all else as floats."""
    kept = torch.from_numpy(np.ascontiguousarray(pixels if pixels.dtype == np.uint8 else pixels.astype(np.float32)))
    # From pinned memory the copy waits for nothing that the device still has to do.
    return kept.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else kept.to(device)


def _keep_inside(centre: float, length: int, margin: float) -> float:
    """A centre so far inside, or in the middle of an image that is smaller."""
    return float(np.clip(centre, min(margin, length / 2), max(length - margin, length / 2)))


def _nearest(window: Tensor, rows: Tensor, columns: Tensor, y: _Window, x: _Window) -> Tensor:
    """Codes (S, S) int64 at places of a slice, of which `window` is seen; 255 outside."""
    row, column = rows.round().long(), columns.round().long()
    outside = (row < 0) | (row >= y.length) | (column < 0) | (column >= x.length)
    codes = window[(row - y.start).clamp(0, len(window) - 1), (column - x.start).clamp(0, window.shape[1] - 1)].long()
    return codes.masked_fill(outside, NOT_ANNOTATED)


def _interpolate(
    window: Tensor, rows: Tensor, columns: Tensor, y: _Window, x: _Window, jitter: tuple[tuple[float, float], ...]
) -> Tensor:
    """Grey values (planes, S, S) at places of the planes, of which `window` is seen, each moved by its jitter; mirrored
    outside."""
    moved = torch.tensor(jitter, dtype=torch.float32).to(rows.device)[:, :, None, None]
    grid = torch.stack([x.unit(columns + moved[:, 1]), y.unit(rows + moved[:, 0])], dim=-1)
    planes = window.float()[:, None]
    return functional.grid_sample(planes, grid, mode="bilinear", padding_mode="border", align_corners=True)[:, 0]


def _stack(crops: list[Batch]) -> Batch:
    grey, codes, tubes = zip(*crops, strict=True)
    return Batch(torch.stack(grey), torch.stack(codes), None if tubes[0] is None else torch.stack(tubes))
