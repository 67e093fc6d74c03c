"""3-D pictures of a volume as a solid block, in parallel projection: what Fig. 5 of Hirabayashi et al. 2024 shows.

volume, thinned to some hundred voxels an edge -> first solid voxel along the ray of each pixel -> light
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_cdt, gaussian_filter

from keramos.core import Box, LabelVolume, PixelSource, Triple, Volume, VoxelSize, triple

_BACKGROUND = 255
_AMBIENT = 0.35


@dataclass(frozen=True, slots=True)
class Camera:
    """The direction of view: the block is turned by `azimuth_deg` about the vertical (y), seen from `elevation_deg` up.

    The section (x to the right, y down) is the front; later-cut slices lie behind it.
    """

    azimuth_deg: float = 32.0
    elevation_deg: float = 24.0
    pixels: int = 420

    def axes(self) -> NDArray[np.float64]:
        """Rows: away from the viewer, down and right in the picture, as directions (Z Y X) in the specimen."""
        turn, rise = radians(self.azimuth_deg), radians(self.elevation_deg)
        right = np.array([-sin(turn), 0.0, cos(turn)])
        away = np.array([cos(turn) * cos(rise), sin(rise), sin(turn) * cos(rise)])
        down = np.cross(right, away)
        return np.stack([away, down if down[1] > 0 else -down, right])


@dataclass(frozen=True, eq=False)
class Block:
    """Grey values and which voxels are solid (all of them for a raw block), all cubes; `tint` colours what is white."""

    grey: NDArray[np.uint8]
    solid: NDArray[np.bool_]
    tint: tuple[int, int, int] = (255, 255, 255)


def read_thinned(volume: Volume | LabelVolume, box: Box, most: int) -> tuple[NDArray[np.generic], float]:
    """Pixels of `box` at cubic voxels, at most `most` along its longest edge, nearest neighbours; and the edge in nm.

    Read slice by slice: only the slices that are shown.
    """
    size = volume.voxel_size or VoxelSize(1, 1, 1)
    lengths = [n * edge for n, edge in zip(box.shape, size.zyx, strict=True)]
    edge_nm = max(max(lengths) / most, min(size.zyx))
    picks = [_pick_voxels(n, edge, edge_nm) for n, edge in zip(box.shape, size.zyx, strict=True)]
    source: PixelSource = volume.source
    rows, columns = picks[1], picks[2]
    planes = []
    for z in picks[0]:
        plane = source.read(Box((box.start[0] + int(z), *box.start[1:]), (box.start[0] + int(z) + 1, *box.stop[1:])))
        planes.append(plane[0][np.ix_(rows, columns)])
    return np.stack(planes), edge_nm


def _pick_voxels(count: int, edge: float, target: float) -> NDArray[np.int64]:
    """The indices, of `count` voxels along an edge, in which the centres of the cubic voxels lie."""
    cubes = max(1, round(count * edge / target))
    return np.asarray(np.minimum((np.arange(cubes) + 0.5) * target / edge, count - 1), np.int64)


def render_block(block: Block, camera: Camera | None = None) -> NDArray[np.uint8]:
    """The block as RGB (Y X 3) on white; where nothing solid is met the background shows."""
    picture = render_cut_out(block, camera)
    return np.where(picture[..., 3:] > 0, picture[..., :3], _BACKGROUND).astype(np.uint8)


def render_cut_out(block: Block, camera: Camera | None = None) -> NDArray[np.uint8]:
    """The block as RGBA (Y X 4), clear where nothing solid is met."""
    camera = camera or Camera()
    axes = camera.axes()
    shape = np.asarray(block.solid.shape, dtype=np.float64)
    extent = np.abs(axes) @ shape  # the turned block's bounding box, in voxels
    step = max(extent[1], extent[2]) / camera.pixels
    canvas = triple([int(np.ceil(length / step)) + 2 for length in extent])
    # Zero is what is open: solid voxels are one grey level brighter at least, and one search finds both.
    seen, depth = _cast_rays(np.where(block.solid, np.maximum(block.grey, 1), 0).astype(np.uint8), axes, step, canvas)
    hit = seen > 0
    light = _shade(np.where(hit, depth, np.nan).astype(np.float32))
    lit = (seen * light)[..., None] * (np.asarray(block.tint, np.float32) / 255)
    opaque = np.where(np.asarray(hit), 255, 0)[..., None]
    return np.concatenate([np.clip(lit, 0, 255) * (opaque > 0), opaque], axis=2).astype(np.uint8)


def _cast_rays(
    part: NDArray[np.uint8], axes: NDArray[np.float64], step: float, canvas: Triple
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The first voxel that is not zero along the ray of each pixel (down, right), and how many steps away it lies on a
    canvas (away, down, right) whose middle is the block's; zero where there is none."""
    _, height, width = canvas
    seen, depth = np.zeros(height * width, np.uint8), np.zeros(height * width, np.int64)
    matrix = axes.T * step
    starts = (np.asarray(part.shape) - 1) / 2 - matrix @ ((np.asarray(canvas) - 1) / 2)
    rows, columns = np.divmod(np.arange(height * width), width)
    starts = starts[:, None] + matrix[:, 1:2] * rows + matrix[:, 2:] * columns
    ends, away = np.asarray(part.shape)[:, None] - 1, matrix[:, :1]
    first, last = _cross_block(starts, away[:, 0], ends[:, 0])
    rays = np.flatnonzero(first <= last)
    at = np.maximum(first, 0)[rays]
    skip = _free_steps(part > 0, step)
    while rays.size:
        place = starts[:, rays] + away * at
        inside = ((place >= 0) & (place <= ends)).all(axis=0)
        voxel = tuple(np.clip(np.floor(place + 0.5).astype(np.int64), 0, ends))
        found = np.where(inside, part[voxel], 0)
        seen[rays], depth[rays] = found, np.where(found > 0, at, 0)
        at = at + np.where(inside, skip[voxel], 1)
        going = (found == 0) & (at <= last[rays])
        rays, at = rays[going], at[going]
    return seen.reshape(height, width), depth.reshape(height, width)


def _cross_block(
    starts: NDArray[np.float64], away: NDArray[np.float64], ends: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The steps between which rays are in the block, or one more at either end for rounding's sake; none if the second
    is smaller."""
    first, last = np.full(starts.shape[1], -np.inf), np.full(starts.shape[1], np.inf)
    for start, move, end in zip(starts, away, ends, strict=True):
        # A ray that does not move along an axis is beside the block, or between its faces all along.
        move = move or 1e-12
        faces = np.sort([(0 - start) / move, (end - start) / move], axis=0)
        first, last = np.maximum(first, faces[0]), np.minimum(last, faces[1])
    return np.floor(np.clip(first, 0, 2**31)).astype(np.int64), np.ceil(np.clip(last, -1, 2**31)).astype(np.int64)


def _free_steps(solid: NDArray[np.bool_], step: float) -> NDArray[np.int32]:
    """The steps that a ray may take at once from each voxel: as far as there is nothing solid, and one at least."""
    if not solid.any():
        return np.full(solid.shape, 2**30, np.int32)
    apart = distance_transform_cdt(~solid, metric="chessboard")
    return np.maximum(1, (apart - 1) / step).astype(np.int32)


def _shade(depth: NDArray[np.float32]) -> NDArray[np.float32]:
    """Brightness of the surfaces, by the way they face: lit from above right, in front. NaN where nothing is met."""
    known = np.isfinite(depth)
    filled = np.where(known, depth, np.nanmax(depth, initial=0) if known.any() else 0)
    smooth = gaussian_filter(filled, 0.8)
    down, right = np.gradient(smooth)
    length = np.sqrt(down**2 + right**2 + 1)
    lit = (0.86 - 0.42 * down + 0.22 * right) / length
    light: NDArray[np.float32] = (_AMBIENT + (1 - _AMBIENT) * np.clip(lit, 0, 1)).astype(np.float32)
    return light
