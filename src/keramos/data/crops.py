"""Training crops: where they lie, and how the material under them is turned and scaled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import floor
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from keramos.data.annotated import AnnotatedSlices
from keramos.data.augmentation import Augmentation, Ranges, change_grey, draw_augmentation, places_seen, unchanged
from keramos.data.places import AnnotatedPlaces
from keramos.volume import NOT_ANNOTATED


class CropSampler:
    """An endless stream of batches: normalised grey (N, planes, S, S) float32 and codes (N, S, S) int64.

    Crops are centred near annotated voxels, drawn uniformly over all of them, and of rare phases more often (see
    `AnnotatedPlaces`). `constants` are the mean and deviation that each slice is normalised by. Outside an image the
    grey values are mirrored and the codes are 255. The same seed gives the same crops; `state` and `restore` go on
    where a killed training stopped.
    """

    def __init__(
        self,
        data: AnnotatedSlices,
        constants: Sequence[tuple[float, float]],
        *,
        size: int,
        batch: int,
        seed: int | tuple[int, ...],
        ranges: Ranges | None = None,
    ) -> None:
        key = (seed,) if isinstance(seed, int) else seed
        self._rng = np.random.default_rng(np.random.SeedSequence([*key, 1]))
        self._generator = torch.Generator().manual_seed(int(np.random.SeedSequence([*key, 2]).generate_state(1)[0]))
        self._voxel_size, self._ranges = data.voxel_size, ranges
        self._size, self._batch, self._constants = size, batch, list(constants)
        self._slices = data.slices
        self._places = AnnotatedPlaces(data)
        self._planes = len(data.slices[0].seen)

    def batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Augmented batches, without end."""
        while True:
            yield _stacked([self._draw(self._drawn(), rare=True) for _ in range(self._batch)])

    def plain_batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches as the microscope saw them, without end."""
        while True:
            yield _stacked([self._draw(unchanged(self._planes), rare=False) for _ in range(self._batch)])

    def state(self) -> dict[str, Any]:
        """Where the stream is, as JSON values."""
        return {"numpy": self._rng.bit_generator.state, "torch": self._generator.get_state().tolist()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from where the stream was."""
        self._rng.bit_generator.state = state["numpy"]
        self._generator.set_state(torch.tensor(state["torch"], dtype=torch.uint8))

    def _drawn(self) -> Augmentation:
        return draw_augmentation(self._rng, self._voxel_size, self._planes, self._ranges)

    def _draw(self, change: Augmentation, *, rare: bool) -> tuple[Tensor, Tensor]:
        index, row, column = self._places.draw(self._rng, rare=rare)
        item = self._slices[index]
        height, width = item.grey.shape
        shift = self._rng.uniform(-self._size / 3, self._size / 3, 2)
        centre = _kept(row + shift[0], height), _kept(column + shift[1], width)
        if change.keeps_pixels:
            centre = (floor(centre[0]) + (self._size - 1) / 2 % 1, floor(centre[1]) + (self._size - 1) / 2 % 1)
        rows, columns = places_seen(change, self._size, *centre)
        planes = [item.seen[shown] for shown in change.shown]
        mean, std = self._constants[index]
        grey = (_interpolated(planes, rows, columns, change.jitter) - mean) / std
        codes = _nearest(item.codes, rows, columns)
        return change_grey(grey, change, self._generator), torch.from_numpy(codes.astype(np.int64))


def _kept(centre: float, length: int) -> float:
    """A centre far enough inside for the crop to be mostly image."""
    return float(np.clip(centre, min(24, length / 2), max(length - 24, length / 2)))


def _nearest(codes: NDArray[np.uint8], rows: NDArray[np.float32], columns: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Codes at places of a slice; 255 outside."""
    height, width = codes.shape
    y, x = np.rint(rows).astype(np.int32), np.rint(columns).astype(np.int32)
    inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
    found = codes[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]
    return np.where(inside, found, np.uint8(NOT_ANNOTATED))


def _interpolated(
    planes: list[NDArray[Any]],
    rows: NDArray[np.float32],
    columns: NDArray[np.float32],
    jitter: tuple[tuple[float, float], ...],
) -> Tensor:
    """Grey values (planes, S, S) at places of the planes, each moved by its jitter; mirrored outside.

    Only the window that is looked at is turned into floats.
    """
    height, width = planes[0].shape
    moved = np.asarray(jitter, np.float32)
    y, x = (
        _mirrored(axis[None] + moved[:, which, None, None], length)
        for axis, which, length in ((rows, 0, height), (columns, 1, width))
    )
    top, left = int(y.min()), int(x.min())
    bottom, right = min(int(y.max()) + 2, height), min(int(x.max()) + 2, width)
    window = np.stack([plane[top:bottom, left:right] for plane in planes]).astype(np.float32)
    grid = np.stack([_unit(x - left, right - left), _unit(y - top, bottom - top)], axis=-1)
    found = functional.grid_sample(
        torch.from_numpy(window)[:, None], torch.from_numpy(grid), mode="bilinear", padding_mode="border",
        align_corners=True,
    )  # fmt: skip
    return found[:, 0]


def _mirrored(position: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """Positions folded back into 0 ... length - 1."""
    if length == 1:
        return np.zeros_like(position)
    last = np.float32(length - 1)
    if position.min() >= 0 and position.max() <= last:
        return position
    folded: NDArray[np.float32] = last - np.abs(np.abs(position) % (2 * last) - last)
    return folded


def _unit(position: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """grid_sample's coordinates: -1 and 1 are the centres of the outer pixels."""
    scaled: NDArray[np.float32] = position * np.float32(2 / max(length - 1, 1)) - np.float32(1)
    return scaled


def _stacked(crops: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    return torch.stack([grey for grey, _ in crops]), torch.stack([codes for _, codes in crops])
