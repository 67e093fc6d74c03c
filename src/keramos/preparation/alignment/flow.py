"""The shift between two slices from the motion of their edges (Lucas and Kanade 1981), edge by edge weighted.

An edge of slope u against the section moves by u slices' distances from one slice to the next. If the normals of the
interfaces point everywhere alike, the slopes are distributed as Student's t with three degrees of freedom and the
scale 1 / sqrt(3) (the cut length of a surface at the angle a to the section is weighted by sin a; u = cot a). So the
shift that all edges share is not their mean but the solution of weights 1 / (1 + u^2): a few flat interfaces, that
rush across the image, count little, and so do pixels that are disturbed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from keramos.preparation.alignment.layers import Layers, Plane

LayerName = Literal["face", "floor", "fiducial"]
"""Parts of the images: the cut face, floors of voids, and the box of a fiducial."""

TILE = 64
"""Edge in pixels of the tiles over which sums are kept, to see how far parts of the image agree."""

_LEVELLED = 12  # pixels: half the width over which brightness is levelled in voids
_STEP = 1.5  # pixels: largest step of an iteration
_CLOSE = 0.01  # pixels: a smaller step ends the search
_SIDE = 2  # pixels at the edges that are not used


@dataclass(frozen=True, eq=False)
class Flow:
    """A shift (Y X, pixels): the second slice at p shows what the first shows at p + `yx`.

    Attributes:
        covariance: 2 x 2, from the disagreement of tiles.
        curvature, gradient: sums over the pixels of each tile (tiles, 3: yy yx xx) and (tiles, 2) at the solution.
        tiles: numbers of the tiles along Y and X.
    """

    yx: NDArray[np.float64]
    covariance: NDArray[np.float64]
    curvature: NDArray[np.float64]
    gradient: NDArray[np.float64]


def measure_flow(
    first: Layers, second: Layers, layer: LayerName, start: NDArray[np.float64], steps: int, slope: float
) -> Flow:
    """The shift of a layer between two slices, from a guess that is less than about two pixels off.

    `slope` is the scale of the edges' own motion on the face, in pixels; 0 for something rigid.
    """
    yx = np.array(start, np.float64)
    sums = np.zeros((1, 5))
    for _ in range(steps):
        sums = _sum_tiles(first, second, layer, yx, slope)
        step = np.clip(_solve(sums), -_STEP, _STEP)
        yx = yx + step
        if np.abs(step).max() < _CLOSE:
            break
    curvature, gradient = sums[:, :3], sums[:, 3:]
    turned = gradient - np.stack([curvature[:, :2] @ step, curvature[:, 1:] @ step], axis=-1)
    inverse = np.linalg.pinv(_matrix(curvature.sum(axis=0)))
    tiles = max(int(np.count_nonzero(curvature[:, 0])), 2)
    return Flow(yx, inverse @ (turned.T @ turned) @ inverse * tiles / (tiles - 1), curvature, turned)


def _solve(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    total = sums.sum(axis=0)
    return np.asarray(np.linalg.pinv(_matrix(total[:3]), rcond=1e-6) @ total[3:])


def _matrix(three: NDArray[np.float64]) -> NDArray[np.float64]:
    return three[[0, 1, 1, 2]].reshape(2, 2)


def _sum_tiles(
    first: Layers, second: Layers, layer: LayerName, yx: NDArray[np.float64], slope: float
) -> NDArray[np.float64]:
    """Sums of wyy wyx wxx wyr wxr (tiles, 5): gradients along Y and X, residual r, weight w."""
    moved, inside = sample_shifted(getattr(first, layer), yx)
    still = getattr(second, layer)[inside]
    if min(still.shape) < 4 * _SIDE:
        return np.zeros((1, 5))
    residual, mean = still - moved, (still + moved) / 2
    if layer == "floor":
        mask = second.is_floor[inside] & _shift_mask(first.is_floor, yx, inside)
        weight = mask.astype(np.float32)
        residual = residual - _local_mean(residual, weight)
    y, x = np.zeros_like(mean), np.zeros_like(mean)
    y[1:-1] = (mean[2:] - mean[:-2]) / 2
    x[:, 1:-1] = (mean[:, 2:] - mean[:, :-2]) / 2
    if layer == "face":
        steep = np.float32(slope**2) * (y * y + x * x)
        weight = 1 / (residual * residual + steep + np.float32(6 * second.noise))
    weight[:_SIDE], weight[-_SIDE:], weight[:, :_SIDE], weight[:, -_SIDE:] = 0, 0, 0, 0
    wy, wx = weight * y, weight * x
    return np.stack([_tile(part) for part in (wy * y, wy * x, wx * x, wy * residual, wx * residual)], axis=-1)


def sample_shifted(plane: Plane, yx: NDArray[np.float64]) -> tuple[Plane, tuple[slice, slice]]:
    """The plane at p + `yx`, by cubic convolution (Keys 1981), for those p where it is known: values, and their p."""
    inside = []
    for axis, shift in enumerate(yx.tolist()):
        whole = int(np.floor(shift))
        length = plane.shape[axis]
        low, high = max(0, 1 - whole), max(min(length, length - 2 - whole), max(0, 1 - whole))
        total: Plane | None = None
        for tap, weight in zip(range(-1, 3), _cubic(shift - whole), strict=True):
            part = slice(low + whole + tap, high + whole + tap)
            values = weight * (plane[part] if axis == 0 else plane[:, part])
            total = values if total is None else total + values
        plane = plane if total is None else total
        inside.append(slice(low, high))
    return plane, (inside[0], inside[1])


def _cubic(f: float) -> NDArray[np.float32]:
    """Weights of the pixels at -1, 0, 1, 2 for a value at `f`."""
    square, cube = f * f, f * f * f
    weights = [-cube / 2 + square - f / 2, 1.5 * cube - 2.5 * square + 1, -1.5 * cube + 2 * square + f / 2]
    return np.array([*weights, (cube - square) / 2], np.float32)


def _shift_mask(mask: NDArray[np.bool_], yx: NDArray[np.float64], inside: tuple[slice, slice]) -> NDArray[np.bool_]:
    rows, columns = (
        np.clip(np.arange(part.start, part.stop) + round(shift), 0, length - 1)
        for part, shift, length in zip(inside, yx.tolist(), mask.shape, strict=True)
    )
    return (
        mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if _even(rows, columns) else mask[rows][:, columns]
    )


def _even(*axes: NDArray[np.int64]) -> bool:
    return all(axis[-1] - axis[0] == len(axis) - 1 for axis in axes)


def _local_mean(values: Plane, weight: Plane) -> Plane:
    size = 2 * _LEVELLED + 1
    return np.asarray(
        uniform_filter(values * weight, size) / np.maximum(uniform_filter(weight, size), np.float32(1e-3)), np.float32
    )


def _tile(values: Plane) -> NDArray[np.float64]:
    rows, columns = (np.arange(max(1, length // TILE)) * TILE for length in values.shape)
    return np.add.reduceat(np.add.reduceat(values, rows, axis=0), columns, axis=1).astype(np.float64).ravel()
