"""Training crops: where they lie, and how the material under them is turned and scaled."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from keramos.data.annotated import AnnotatedSlices
from keramos.data.augmentation import Augmentation, change_grey, draw_augmentation
from keramos.volume import NOT_ANNOTATED


class CropSampler:
    """An endless stream of batches: normalised grey (N, 1, S, S) float32 and codes (N, S, S) int64.

    Crops are centred near annotated voxels, drawn uniformly over all of them. Outside an image the grey values are
    mirrored and the codes are 255. The same seed gives the same crops.
    """

    def __init__(self, data: AnnotatedSlices, mean: float, std: float, *, size: int, batch: int, seed: int) -> None:
        self._rng = np.random.default_rng(np.random.SeedSequence([seed, 1]))
        self._generator = torch.Generator().manual_seed(seed)
        self._voxel_size = data.voxel_size
        self._size, self._batch = size, batch
        self._grey = [torch.from_numpy((s.grey.astype(np.float32) - mean) / std)[None, None] for s in data.slices]
        # Codes shifted by one, so that the zero that grid_sample pads with means outside.
        self._codes = [torch.from_numpy(_shifted(s.codes))[None, None] for s in data.slices]
        self._places = [np.flatnonzero(s.codes != NOT_ANNOTATED).astype(np.int64) for s in data.slices]
        weights = np.array([place.size for place in self._places], dtype=np.float64)
        self._weights = weights / weights.sum()

    def batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Augmented batches, without end."""
        while True:
            crops = [self._draw(draw_augmentation(self._rng, self._voxel_size)) for _ in range(self._batch)]
            yield _stacked(crops)

    def plain_batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches as the microscope saw them, without end."""
        same = Augmentation(((1.0, 0.0), (0.0, 1.0)), 1.0, 0.0, (0.0, 0.0), 0.0)
        while True:
            yield _stacked([self._draw(same) for _ in range(self._batch)])

    def _draw(self, change: Augmentation) -> tuple[Tensor, Tensor]:
        index = int(self._rng.choice(len(self._grey), p=self._weights))
        grey, codes = self._grey[index], self._codes[index]
        height, width = grey.shape[-2:]
        row, column = divmod(int(self._rng.choice(self._places[index])), width)
        shift = self._rng.uniform(-self._size / 3, self._size / 3, 2)
        grid = _grid(change, self._size, _kept(row + shift[0], height), _kept(column + shift[1], width), height, width)
        crop = functional.grid_sample(grey, grid, mode="bilinear", padding_mode="reflection", align_corners=True)
        code = functional.grid_sample(codes, grid, mode="nearest", padding_mode="zeros", align_corners=True)
        return change_grey(crop[0], change, self._generator), (code[0, 0].long() - 1) % (NOT_ANNOTATED + 1)


def _shifted(codes: np.ndarray) -> np.ndarray:
    return (codes.astype(np.int16) + 1).astype(np.float32) % (NOT_ANNOTATED + 1)


def _kept(centre: float, length: int) -> float:
    """A centre far enough inside for the crop to be mostly image."""
    return float(np.clip(centre, min(24, length / 2), max(length - 24, length / 2)))


def _grid(change: Augmentation, size: int, row: float, column: float, height: int, width: int) -> Tensor:
    """Where each crop pixel looks, in grid_sample's coordinates (-1 and 1 are the centres of the outer pixels)."""
    offset = torch.arange(size, dtype=torch.float32) - (size - 1) / 2
    dy, dx = torch.meshgrid(offset, offset, indexing="ij")
    (xx, xy), (yx, yy) = change.matrix
    x = column + xx * dx + xy * dy
    y = row + yx * dx + yy * dy
    return torch.stack([2 * x / max(width - 1, 1) - 1, 2 * y / max(height - 1, 1) - 1], dim=-1)[None]


def _stacked(crops: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    return torch.stack([grey for grey, _ in crops]), torch.stack([codes for _, codes in crops])
