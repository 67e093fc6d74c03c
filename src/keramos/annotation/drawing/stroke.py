"""Voxels under a stroke of a round brush.

A voxel is covered if its centre lies within the brush's radius of the polyline: for a segment from A (radius r) to B
(radius s), of the point A + t (B - A) that is nearest to the centre, with the radius r + t (s - r) there; or within the
radius of a point of the polyline itself, which matters only where the radius changes along a short segment. All in
double precision, in the order of operations that is written here, so that a page can draw the very same voxels.
"""

from __future__ import annotations

from math import ceil, floor

import numpy as np

from keramos.annotation.drawing.patch import Mask
from keramos.annotation.drawing.tool import Points
from keramos.core.errors import SettingsError

_MOST_VOXELS = 1e9


def cover_stroke(points: Points, radius: float, shape: tuple[int, int]) -> tuple[Mask, tuple[int, int]]:
    """The voxels that a stroke covers, as a mask of a window of the slice, and the window's first row and column.

    Args:
        points: x, y and pressure of each point (N 3), the centre of the first voxel at (0, 0).
        radius: of the brush at pressure 1, in voxels.
        shape: rows and columns of the slice; what lies outside of it is left out.

    Raises:
        SettingsError: a stroke that would take minutes.

    Example:
        >>> mask, corner = cover_stroke(np.array([[2, 1, 1.0]]), 1, (9, 9))
        >>> corner, mask[:3].astype(int).tolist()
        ((0, 0), [[0, 0, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 0, 0]])
    """
    x, y, r = points[:, 0], points[:, 1], radius * points[:, 2]
    if not len(points):
        return np.zeros((0, 0), bool), (0, 0)
    rows, columns = _clip(y - r, y + r, shape[0]), _clip(x - r, x + r, shape[1])
    _refuse_endless(x, y, r, rows, columns)
    mask = np.zeros((rows.stop - rows.start, columns.stop - columns.start), bool)
    for a in range(max(1, len(points) - 1)):
        b = min(a + 1, len(points) - 1)
        own_rows = _clip(y[[a, b]] - r[[a, b]], y[[a, b]] + r[[a, b]], shape[0])
        own_columns = _clip(x[[a, b]] - r[[a, b]], x[[a, b]] + r[[a, b]], shape[1])
        qy = np.arange(own_rows.start, own_rows.stop, dtype=np.float64)[:, None]
        qx = np.arange(own_columns.start, own_columns.stop, dtype=np.float64)
        dx, dy = x[b] - x[a], y[b] - y[a]
        square = dx * dx + dy * dy
        t = np.clip(((qx - x[a]) * dx + (qy - y[a]) * dy) / square, 0, 1) if square > 0 else np.zeros((1, 1))
        ox, oy, near = qx - (x[a] + t * dx), qy - (y[a] + t * dy), r[a] + t * (r[b] - r[a])
        covered = ox * ox + oy * oy <= near * near
        if r[a] != r[b]:
            for end in (a, b):
                covered |= (qx - x[end]) ** 2 + (qy - y[end]) ** 2 <= r[end] * r[end]
        mask[
            own_rows.start - rows.start : own_rows.stop - rows.start,
            own_columns.start - columns.start : own_columns.stop - columns.start,
        ] |= covered
    return mask, (rows.start, columns.start)


def _refuse_endless(x: Points, y: Points, r: Points, rows: slice, columns: slice) -> None:
    """SettingsError if the rectangles around the segments hold so many voxels that drawing them takes minutes."""
    width, height = (np.abs(np.diff(axis)) + 2 * np.maximum(r[1:], r[:-1]) + 3 for axis in (x, y))
    width, height = np.minimum(width, columns.stop - columns.start), np.minimum(height, rows.stop - rows.start)
    if float(width @ height) > _MOST_VOXELS:
        raise SettingsError("this stroke is too long for a brush of this size; lift the pen now and then")


def _clip(low: Points, high: Points, size: int) -> slice:
    """The voxels along an axis whose centres lie between the lowest and the highest bound, inside the slice; one more
    on both sides, whatever rounding does to the bounds."""
    start = min(max(ceil(low.min()) - 1, 0), size)
    return slice(start, max(start, min(floor(high.max()) + 2, size)))
