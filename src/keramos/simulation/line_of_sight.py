"""Lines of sight of a tilted beam behind the section: a void shows the first solid along the line of sight.

In the section-aligned frame the line of sight of pixel (z, y) passes through (z + n, y + n tan(tilt) z_nm / y_nm);
larger z is cut later. Its length down to a depth is depth / cos(tilt).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, floor, radians, sin, tan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import View, VoxelSize

REACH_NM = 1600.0
"""Longest visible path."""

Shift = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Sight:
    """Content of each pixel of one slice (all arrays Y X).

    Attributes:
        section: whether the section cuts solid there.
        path_nm: length of the line of sight behind the section: 0 on solid, infinite if it meets no solid.
        facing: cosine between the line of sight and the normal of the visible surface: cos(tilt) on the section.
    """

    section: NDArray[np.bool_]
    path_nm: NDArray[np.float32]
    facing: NDArray[np.float32]


def measure_reach(view: View, voxel_size: VoxelSize) -> tuple[int, int]:
    """Number of slices and rows beyond an image that its lines of sight reach."""
    slices = floor(REACH_NM * cos(radians(view.tilt_deg)) / voxel_size.z_nm)
    return slices, floor(slices * rows_per_slice(view, voxel_size)) + 3


def rows_per_slice(view: View, voxel_size: VoxelSize) -> float:
    """Number of rows that the line of sight moves down per slice."""
    return tan(radians(view.tilt_deg)) * voxel_size.z_nm / voxel_size.y_nm


def look(
    solidness: NDArray[np.float32],
    z: int,
    rows: int,
    *,
    view: View,
    voxel_size: VoxelSize,
    shift: Shift = (0.0, 0.0, 0.0),
) -> Sight:
    """The content of slice `z` of `solidness` in its first `rows`.

    `solidness` (Z Y X, solid where 0 or more) should extend beyond the image by `measure_reach` slices and rows: lines
    of sight that leave it meet no solid. `shift` (Z Y X, voxels; less than one slice) is the displacement of the
    section that was really imaged. Surfaces are located between voxels by linear interpolation along the line.
    """
    flat = shift_section(solidness, z, rows, shift)
    section = flat >= 0
    path = np.where(section, np.float32(0), np.float32(np.inf)).astype(np.float32)
    facing = np.full(section.shape, cos(radians(view.tilt_deg)), np.float32)
    rays = _Rays.start(flat, solidness.shape[2], shift[2])
    last = min(len(solidness) - z, measure_reach(view, voxel_size)[0] + 1)
    for n in range(1, last):
        down, part = divmod(shift[1] + (n - shift[0]) * rows_per_slice(view, voxel_size), 1.0)
        hits = rays.step(solidness[z + n], int(down), np.float32(part))
        if hits is not None:
            pixel, fraction, place = hits
            before = 0.0 if n == 1 else n - 1 - shift[0]
            path.flat[pixel] = (before + fraction * (n - shift[0] - before)) * voxel_size.z_nm
            facing.flat[pixel] = _measure_facing(solidness, z + n, place, view, voxel_size)
        if not len(rays.pixel):
            break
    return Sight(section, np.asarray(path / cos(radians(view.tilt_deg)), np.float32), facing)


def shift_section(solidness: NDArray[np.float32], z: int, rows: int, shift: Shift) -> NDArray[np.float32]:
    """Slice `z` (Y X, the first `rows`) displaced by `shift` voxels (Z Y X): linear interpolation, edge padding."""
    dz, dy, dx = shift
    flat = solidness[z]
    neighbour = min(max(z + (1 if dz > 0 else -1), 0), len(solidness) - 1)
    if dz:
        flat = flat + np.float32(abs(dz)) * (solidness[neighbour] - flat)
    for axis, offset in ((0, dy), (1, dx)):
        if offset:
            whole, part = divmod(offset, 1.0)
            index = np.arange(flat.shape[axis]) + int(whole)
            low, high = (np.clip(index + step, 0, flat.shape[axis] - 1) for step in (0, 1))
            near = np.take(flat, low, axis=axis)
            flat = near + np.float32(part) * (np.take(flat, high, axis=axis) - near)
    return np.asarray(flat[:rows], np.float32)


def shift_plane(plane: NDArray[Any], shift: Shift) -> NDArray[Any]:
    """A slice (Y X) displaced by `shift` voxels (Z Y X; Z is ignored), to the nearest pixel, with edge padding."""
    for axis, offset in ((0, shift[1]), (1, shift[2])):
        whole = round(offset)
        if whole:
            plane = np.take(plane, np.clip(np.arange(plane.shape[axis]) + whole, 0, plane.shape[axis] - 1), axis=axis)
    return plane


@dataclass
class _Rays:
    """Lines of sight that have not met solid yet: their pixels and the last value on each.

    Their positions are between the columns `left` and `right` (as pixel numbers), at the fraction `across`.
    """

    pixel: NDArray[np.int64]
    value: NDArray[np.float32]
    width: int
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    across: np.float32

    @classmethod
    def start(cls, section: NDArray[np.float32], width: int, aside: float) -> _Rays:
        values = section.ravel()
        pixel = np.flatnonzero(values < 0)
        if not aside:
            return cls(pixel, values[pixel], width, pixel, pixel, np.float32(0))
        whole, part = divmod(aside, 1.0)
        column = pixel % width
        left, right = (pixel - column + np.clip(column + int(whole) + step, 0, width - 1) for step in (0, 1))
        return cls(pixel, values[pixel], width, left, right, np.float32(part))

    def step(
        self, plane: NDArray[np.float32], down: int, part: np.float32
    ) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]] | None:
        """Advance to the next plane, `down` rows and a `part` below the pixels; finished rays are removed.

        Gives, for the rays that met solid, their pixels, the fraction of the step, and the nearest voxels.
        """
        values = plane.ravel()
        first = self.left + down * self.width
        inside = (first >= 0) & (first + self.width < len(values))
        if not inside.all():
            self._keep(inside)
        current = self._interpolate_rows(values, self.left, down, part)
        if self.across:
            current = current + self.across * (self._interpolate_rows(values, self.right, down, part) - current)
        is_solid = current >= 0
        hit = np.flatnonzero(is_solid)
        before, now = self.value[hit], current[hit]
        ended = None
        if len(hit):
            nearest = (self.right if self.across >= 0.5 else self.left)[hit]
            below = down + (1 if part >= 0.5 else 0)
            ended = self.pixel[hit], before / (before - now), nearest + below * self.width
        self.value = current
        self._keep(~is_solid)
        return ended

    def _interpolate_rows(
        self, values: NDArray[np.float32], column: NDArray[np.int64], down: int, part: np.float32
    ) -> NDArray[np.float32]:
        place = column + down * self.width
        upper = values[place]
        between: NDArray[np.float32] = upper + part * (values[place + self.width] - upper)
        return between

    def _keep(self, which: NDArray[np.bool_]) -> None:
        straight = self.left is self.right
        self.pixel, self.value, self.left = self.pixel[which], self.value[which], self.left[which]
        self.right = self.left if straight else self.right[which]


def _measure_facing(
    solidness: NDArray[np.float32], z: int, place: NDArray[np.int64], view: View, voxel_size: VoxelSize
) -> NDArray[np.float32]:
    """Cosine between the line of sight and the surface's normal at voxels `place` (row * width + column) of slice z."""
    depth, height, width = solidness.shape
    y, x = np.divmod(place, width)
    before, after = max(z - 1, 0), min(z + 1, depth - 1)
    dz = (solidness[after, y, x] - solidness[before, y, x]) / ((after - before) * voxel_size.z_nm)
    up, below = np.maximum(y - 1, 0), np.minimum(y + 1, height - 1)
    dy = (solidness[z, below, x] - solidness[z, up, x]) / ((below - up) * voxel_size.y_nm)
    left, right = np.maximum(x - 1, 0), np.minimum(x + 1, width - 1)
    dx = (solidness[z, y, right] - solidness[z, y, left]) / (np.maximum(right - left, 1) * voxel_size.x_nm)
    steep = np.sqrt(dz**2 + dy**2 + dx**2) + np.float32(1e-12)
    tilt = radians(view.tilt_deg)
    cosine = np.clip((cos(tilt) * dz + sin(tilt) * dy) / steep, 0, 1)
    return np.asarray(cosine, np.float32)
