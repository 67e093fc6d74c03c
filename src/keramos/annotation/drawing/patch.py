"""Rectangles of a slice whose labels change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core.errors import LabelError, ShapeError

UNSURE = 254
"""Code of a voxel that was looked at and could not be told: a label of its own in a drawing, not annotated (255) in the
labels that are saved."""

Codes = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Patch:
    """Labels (uint8, Y X) of a rectangle of slice `z` before and after a change.

    Attributes:
        z, y, x: the slice, and the rectangle's first row and column.
        before, after: the codes; 255 is not annotated, 254 not sure.
        sources: where the codes before came from, as `SOURCES` numbers them; the drawing fills it in.

    Raises:
        ShapeError: the rectangle is empty, or the arrays differ in shape.
        LabelError: codes of another type.
    """

    z: int
    y: int
    x: int
    before: Codes
    after: Codes
    sources: Codes | None = None

    def __post_init__(self) -> None:
        arrays = [array for array in (self.before, self.after, self.sources) if array is not None]
        if any(array.dtype != np.uint8 for array in arrays):
            raise LabelError(f"a patch has codes of type uint8, not {', '.join(str(array.dtype) for array in arrays)}")
        shapes = {array.shape for array in arrays}
        if len(shapes) > 1 or self.before.ndim != 2 or not self.before.size:
            raise ShapeError(f"a patch needs arrays of one shape with rows and columns, these have {sorted(shapes)}")

    @property
    def area(self) -> tuple[slice, slice]:
        """Index of the rectangle in its slice."""
        height, width = self.before.shape
        return slice(self.y, self.y + height), slice(self.x, self.x + width)

    @property
    def changed(self) -> Mask:
        """The voxels whose codes differ."""
        return np.not_equal(self.before, self.after)


def make_patches(
    z: int, plane: Codes, mask: Mask, codes: Codes | int, *, corner: tuple[int, int] = (0, 0)
) -> tuple[Patch, ...]:
    """One patch that gives the voxels of a mask other codes; none if nothing changes.

    Args:
        z: number of the slice.
        plane: its labels (Y X).
        mask: the voxels to change (Y X), of the whole slice or of a window inside of it.
        codes: one code, or a code for each voxel of the mask.
        corner: row and column of the window's first voxel.

    Example:
        >>> plane = np.full((4, 6), 255, np.uint8)
        >>> patch, = make_patches(7, plane, np.array([[True, False], [False, True]]), 1, corner=(2, 3))
        >>> (patch.z, patch.y, patch.x), patch.after.tolist()
        ((7, 2, 3), [[1, 255], [255, 1]])
        >>> make_patches(7, plane, np.ones((4, 6), bool), 255)
        ()
    """
    y, x = corner
    window = plane[y : y + mask.shape[0], x : x + mask.shape[1]]
    differs = mask & (window != codes)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not rows.size:
        return ()
    area = slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
    before = window[area].copy()
    new = codes if isinstance(codes, int) else codes[area]
    after = np.where(differs[area], new, before).astype(np.uint8)
    return (Patch(z, y + area[0].start, x + area[1].start, before, after),)
