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

_LEVELLED = 6  # pixels: half the width over which brightness is levelled in voids
_RIGID = 0.3  # pixels: scale of the slopes of floors, which are none but for what is taken for a floor
_QUIET = 6.0  # variances of the noise, to which weights are levelled where nothing is steep
_STEP = 1.5  # pixels: largest step of an iteration
_CLOSE = 0.05  # pixels: after a smaller step the next would be smaller than 0.01
_FINEST, _UNTOLD = 0.01, 100.0  # pixels
_EDGE = 1.0  # of the noise's variance: squared gradients below are taken for noise
_TINY = 1e-12
_SIDE = 2  # pixels at the edges that are not used


@dataclass(frozen=True, eq=False)
class Flow:
    """A shift (Y X, pixels): the second slice at p shows what the first shows at p + `yx`.

    Attributes:
        covariance: 2 x 2, from the disagreement of tiles.
        sums: of each tile of the second slice (Y X, 5): curvature yy yx xx, and what is left of the gradient y x; the
            latter's total is 0.
    """

    yx: NDArray[np.float64]
    covariance: NDArray[np.float64]
    sums: NDArray[np.float64]


def measure_flow(
    first: Layers, second: Layers, layer: LayerName, start: NDArray[np.float64], steps: int, slope: float
) -> Flow:
    """The shift of a layer between two slices, from a guess that is less than about two pixels off.

    `slope` is the scale of the edges' own motion on the face, in pixels; 0 for something rigid.
    """
    yx = np.array(start, np.float64)
    step, sums = np.zeros(2), np.zeros((1, 1, 5))
    for _ in range(steps):
        sums = _sum_tiles(first, second, layer, yx, slope)
        step = np.clip(_solve(sums), -_STEP, _STEP)
        yx = yx + step
        if np.abs(step).max() < _CLOSE:
            break
    sums[..., 3] -= sums[..., :2] @ step
    sums[..., 4] -= sums[..., 1:3] @ step
    return Flow(yx, spread_of_tiles(sums), sums)


def measure_difference(first: Plane, second: Plane, yx: NDArray[np.float64]) -> float:
    """Mean absolute difference of two slices of which the second shows at p what the first shows at p + `yx`, in whole
    pixels; infinite where they hardly overlap."""
    here, there = [], []
    for shift, length in zip(np.rint(yx).astype(int).tolist(), first.shape, strict=True):
        here.append(slice(max(0, -shift), min(length, length - shift), 2))
        there.append(slice(max(0, shift), min(length, length + shift), 2))
    still, moved = second[here[0], here[1]], first[there[0], there[1]]
    return float(np.abs(still - moved).mean()) if still.size > first.size / 32 else np.inf


def measure_sd(flow: Flow) -> NDArray[np.float64]:
    """Standard deviations (Y X) of a shift: at least 0.01 pixels, 100 where the images hardly tell it."""
    total = flow.sums.sum(axis=(0, 1))
    sd = np.hypot(np.sqrt(np.maximum(np.diag(flow.covariance), 0)), _FINEST)
    is_told = total[0] > 0 and total[2] > 0 and total[0] * total[2] > total[1] ** 2
    return np.asarray(sd if is_told else np.full(2, _UNTOLD))


def spread_of_tiles(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Covariance (2 x 2) of a shift from the sums of its tiles, that are independent of each other (a sandwich)."""
    parts = sums.reshape(-1, 5)
    inverse = np.linalg.pinv(_matrix(parts[:, :3].sum(axis=0)), rcond=1e-6)
    tiles = count_tiles(sums)
    return np.asarray(inverse @ (parts[:, 3:].T @ parts[:, 3:]) @ inverse * tiles / (tiles - 1))


def count_tiles(sums: NDArray[np.float64]) -> float:
    """Number of tiles of equal weight that would tell as much (Kish), at least 2."""
    weight = np.abs(sums[..., 0] + sums[..., 2]).ravel()
    return max(float(weight.sum() ** 2 / max((weight**2).sum(), 1e-30)), 2.0)


def _solve(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    total = sums.sum(axis=(0, 1))
    return np.asarray(np.linalg.pinv(_matrix(total[:3]), rcond=1e-6) @ total[3:])


def _matrix(three: NDArray[np.float64]) -> NDArray[np.float64]:
    return three[[0, 1, 1, 2]].reshape(2, 2)


def _sum_tiles(
    first: Layers, second: Layers, layer: LayerName, yx: NDArray[np.float64], slope: float
) -> NDArray[np.float64]:
    """Sums of wyy wyx wxx wyr wxr of each tile (Y X, 5): gradients along Y and X, residual r, weight w."""
    moved, inside = sample_shifted(getattr(first, layer), yx)
    still = getattr(second, layer)[inside]
    if min(still.shape) < 4 * _SIDE:
        return np.zeros((1, 1, 5))
    weight = np.ones_like(still)
    if layer == "floor":
        mask = second.is_floor[inside] & _shift_mask(first.is_floor, yx, inside)
        weight = mask.astype(np.float32)
        share = np.maximum(uniform_filter(weight, 2 * _LEVELLED + 1), np.float32(1e-3))
        moved, still = (values - _local_mean(values, weight, share) for values in (moved, still))
    residual = still - moved
    (ay, ax), (by, bx) = _gradient(moved), _gradient(still)
    y, x = (ay + by) / 2, (ax + bx) / 2
    edge = y * y + x * x
    steep = np.float32((slope if layer == "face" else _RIGID) ** 2) * edge
    # Without an edge, products of gradients are noise: in slices of few edges their sum would turn the steps round.
    seen = edge / (edge + np.float32(_EDGE * second.noise + _TINY))
    weight = weight * seen * seen / (residual * residual + steep + np.float32(_QUIET * second.noise))
    weight[:_SIDE], weight[-_SIDE:], weight[:, :_SIDE], weight[:, -_SIDE:] = 0, 0, 0, 0
    # Products of gradients of both slices: the noise of one would make every edge steeper, and the steps too small.
    wy, wx = weight * y, weight * x
    parts = (weight * ay * by, weight * (ay * bx + ax * by) / 2, weight * ax * bx, wy * residual, wx * residual)
    return np.stack([_tile(part, inside, second.face.shape) for part in parts], axis=-1)


def _gradient(plane: Plane) -> tuple[Plane, Plane]:
    y, x = np.zeros_like(plane), np.zeros_like(plane)
    y[1:-1] = (plane[2:] - plane[:-2]) / 2
    x[:, 1:-1] = (plane[:, 2:] - plane[:, :-2]) / 2
    return y, x


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


def _local_mean(values: Plane, weight: Plane, share: Plane) -> Plane:
    return np.asarray(uniform_filter(values * weight, 2 * _LEVELLED + 1) / share, np.float32)


def _tile(values: Plane, inside: tuple[slice, slice], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Sums over the tiles of the whole slice (Y X) of values that are known `inside`."""
    sums = np.zeros([-(-length // TILE) for length in shape])
    first = [part.start // TILE for part in inside]
    edges = [
        np.maximum(np.arange(low, -(-part.stop // TILE)) * TILE - part.start, 0)
        for low, part in zip(first, inside, strict=True)
    ]
    parts = np.add.reduceat(np.add.reduceat(values, edges[0], axis=0), edges[1], axis=1)
    sums[first[0] : first[0] + parts.shape[0], first[1] : first[1] + parts.shape[1]] = parts
    return sums
