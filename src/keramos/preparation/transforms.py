"""The way from pixels of raw slices to voxels of the volume that they became, and back, to the nearest one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Triple, triple
from keramos.core.errors import FormatError

Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class SliceTransforms:
    """The transform of every slice, as a prepared volume carries it.

    Attributes:
        raw_shape: shape of the raw stack (z, y, x).
        shape: of the volume.
        kept: numbers of the raw slices that were used.
        places: where each of them lies in the volume, in slices.
        corner: row and column of the raw slice that are the first of the volume where a slice was not moved.
        shifts: of each slice that was used (Y X, pixels).
        filled: slices of the volume that are there for looking only.
        is_turned: whether raw slices were turned by 180 degrees.
    """

    raw_shape: Triple
    shape: Triple
    kept: Indices
    places: NDArray[np.float64]
    corner: tuple[int, int]
    shifts: NDArray[np.float64]
    filled: frozenset[int]
    is_turned: bool = False

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> SliceTransforms:
        """The transforms that the facts of a prepared volume state. FormatError where they do not."""
        try:
            (top, bottom), (left, right) = facts["window"]
            raw, is_turned = facts["raw"], bool(facts["raw"].get("turn_deg"))
            y, x = (int(start) for start in raw["corner"])
            corner = (y + top, x + left)
            if is_turned:
                corner = (y + raw["size"][0] - 1 - top, x + raw["size"][1] - 1 - left)
            return cls(
                triple(raw["shape"]),
                (int(facts["depth"]), bottom - top, right - left),
                np.array(facts["raw_slices"], np.intp),
                np.array(facts["slice_places"], np.float64),
                corner,
                np.array(facts["shifts_px"], np.float64).reshape(-1, 2),
                frozenset(facts["filled_slices"]),
                is_turned,
            )
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise FormatError(
                f"expected the transform of every slice, found others ({error}); prepare again"
            ) from error

    def place_of(self, raw_slice: int) -> tuple[int, Indices, Indices] | None:
        """The slice of the volume that lies nearest to a raw slice, and its row and column for each row and column of
        that, some of them outside; None for a raw slice that was not used."""
        at = np.flatnonzero(self.kept == raw_slice)
        if not len(at):
            return None
        z = min(int(np.rint(self.places[at[0]])), self.shape[0] - 1)
        _, height, width = self.raw_shape
        return z, self._along(0, int(at[0]), height, 1), self._along(1, int(at[0]), width, 1)

    def origin_of(self, z: int) -> tuple[int, Indices, Indices] | None:
        """The raw slice that lies nearest to a slice of the volume, and its row and column for each row and column of
        that, some of them outside; None for a slice that is there for looking only."""
        if z in self.filled:
            return None
        at = int(np.abs(self.places - z).argmin())
        _, height, width = self.shape
        return int(self.kept[at]), self._along(0, at, height, -1), self._along(1, at, width, -1)

    @property
    def shown(self) -> frozenset[int]:
        """The raw slices that lie nearest to a slice of the volume."""
        origins = (self.origin_of(z) for z in range(self.shape[0]))
        return frozenset(origin[0] for origin in origins if origin is not None)

    def _along(self, axis: int, at: int, length: int, sign: int) -> Indices:
        """The rows (axis 0) or columns (axis 1) of the one for those of the other: forth (1) or back (-1)."""
        # Rounded once, so that what goes forth comes back to the same pixel.
        if self.is_turned:
            return int(np.floor(self.corner[axis] + self.shifts[at, axis] + 0.5)) - np.arange(length, dtype=np.intp)
        offset = int(np.floor(self.shifts[at, axis] - self.corner[axis] + 0.5))
        return np.arange(length, dtype=np.intp) + sign * offset
