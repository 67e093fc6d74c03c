"""Voxels inside of a closed outline, such as a polygon or a lasso."""

from __future__ import annotations

from math import ceil

import numpy as np

from keramos.annotation.drawing.patch import Mask
from keramos.annotation.drawing.tool import Points


def cover_outline(points: Points, shape: tuple[int, int]) -> tuple[Mask, tuple[int, int]]:
    """The voxels whose centres lie inside of an outline, as a mask of a window of the slice, and the window's first row
    and column.

    The outline is closed by a line from its last point to its first. Inside is where it winds around a centre (the
    non-zero rule, as a canvas fills): a lasso that crosses itself has no holes. Centres on its left and upper rim are
    inside, those on its right and lower rim are not, so that outlines that touch do not overlap.

    Args:
        points: x and y (and pressure) of each point, the centre of the first voxel at (0, 0).
        shape: rows and columns of the slice; what lies outside of it is left out.

    Example:
        >>> mask, corner = cover_outline(np.array([[1, 1], [4, 1], [4, 3], [1, 3]]), (9, 9))
        >>> corner, mask.astype(int).tolist()
        ((1, 1), [[1, 1, 1], [1, 1, 1]])
    """
    if len(points) < 3:
        return np.zeros((0, 0), bool), (0, 0)
    xs, ys = points[:, 0], points[:, 1]
    top, bottom = (min(max(ceil(edge), 0), shape[0]) for edge in (ys.min(), ys.max()))
    left, right = (min(max(ceil(edge), 0), shape[1]) for edge in (xs.min(), xs.max()))
    winding = np.zeros((bottom - top, right - left + 1), np.int32)
    ends = zip(xs, ys, np.roll(xs, -1), np.roll(ys, -1), strict=True)
    for x, y, next_x, next_y in ends:
        low, high = min(y, next_y), max(y, next_y)
        rows = np.arange(max(ceil(low), top), min(ceil(high), bottom))
        if rows.size:
            crossings = np.ceil(x + (rows - y) * ((next_x - x) / (next_y - y)))
            columns = np.clip(crossings, left, right).astype(np.intp) - left
            winding[rows - top, columns] += 1 if next_y > y else -1
    return np.cumsum(winding[:, :-1], axis=1) != 0, (top, left)
