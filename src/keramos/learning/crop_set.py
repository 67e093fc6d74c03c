"""Sets of random crops as in Hirabayashi et al. 2024: from one slice, turned by right angles and mirrored at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED
from keramos.core.errors import ShapeError
from keramos.learning.annotated import AnnotatedSlices

CROPS = 1000
CROP_EDGE = 256
_LEAST_ANNOTATED = 0.25  # of a crop
_TRIES = 50
TRAINING_SETS, TEST_SETS = 1, 2
"""Second numbers of the seeds of crop sets, so that no training set is a test set."""


@dataclass(frozen=True, eq=False)
class CropSet:
    """Positions of crops: rows of (slice, row, column, quarter turns, mirrored); pixels are cut when asked for."""

    data: AnnotatedSlices
    edge: int
    places: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.places)

    def crop(self, number: int) -> tuple[NDArray[Any], NDArray[np.uint8]]:
        """Grey values and codes (Y X) of one crop."""
        item = self.data.slices[self.places[number, 0]]
        return self.cut(number, item.grey), self.cut(number, item.codes)

    def cut(self, number: int, pixels: NDArray[Any]) -> NDArray[Any]:
        """One crop of other pixels (Y X) of its slice."""
        _, row, column, turns, mirrored = self.places[number].tolist()
        return _turn(pixels[row : row + self.edge, column : column + self.edge], turns, mirrored)

    def crops(self, numbers: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[np.uint8]]:
        """Grey values and codes (N, Y, X) of several crops."""
        pairs = [self.crop(int(number)) for number in numbers]
        return np.stack([grey for grey, _ in pairs]), np.stack([codes for _, codes in pairs])


def draw_crop_set(
    data: AnnotatedSlices, seed: tuple[int, ...], *, count: int = CROPS, edge: int = CROP_EDGE
) -> CropSet:
    """`count` crops at random places of the annotated slices, each place as likely as any other.

    At least a quarter of a crop is annotated, where that can be had. The same seed gives the same crops.

    Raises:
        ShapeError: a slice smaller than a crop.
    """
    refuse_small(data, edge)
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    rooms = np.array([np.prod(np.subtract(item.grey.shape, edge - 1)) for item in data.slices], dtype=np.float64)
    places = [_place(data, edge, rng, rooms / rooms.sum()) for _ in range(count)]
    return CropSet(data, edge, np.array(places, dtype=np.int64))


def refuse_small(data: AnnotatedSlices, edge: int) -> None:
    """ShapeError if a slice is smaller than a crop."""
    for item in data.slices:
        if min(item.grey.shape) < edge:
            raise ShapeError(
                f"expected slices of at least {edge} x {edge} pixels to cut crops from, found {item.grey.shape} (y, x) "
                f"in slice {item.z} of {item.image}; ask for smaller crops (--crop)"
            )


def _place(
    data: AnnotatedSlices, edge: int, rng: np.random.Generator, weights: NDArray[np.float64]
) -> tuple[int, int, int, int, int]:
    place = (0, 0, 0, 0, 0)
    for _ in range(_TRIES):
        index = int(rng.choice(len(weights), p=weights))
        codes = data.slices[index].codes
        row, column = (int(rng.integers(0, length - edge + 1)) for length in codes.shape)
        place = (index, row, column, int(rng.integers(4)), int(rng.integers(2)))
        if np.mean(codes[row : row + edge, column : column + edge] != NOT_ANNOTATED) >= _LEAST_ANNOTATED:
            break
    return place


def _turn(pixels: NDArray[Any], turns: int, mirrored: int) -> NDArray[Any]:
    turned = np.rot90(pixels, turns)
    return np.ascontiguousarray(turned[:, ::-1] if mirrored else turned)
