"""Simulated hand labels with the errors of a human annotator.

Outlines deviate by about a pixel, some bright void floors are mistaken for solid, and some small voids are missed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, label, map_coordinates

from keramos.core import VoxelSize
from keramos.simulation.line_of_sight import Sight
from keramos.simulation.smooth_field import centres_nm, smooth_field
from keramos.simulation.white import uniform


@dataclass(frozen=True)
class Annotator:
    """Errors of an annotator.

    Attributes:
        key: random key.
        jitter_pixels: standard deviation of the position of outlines, along y and x.
        inward_pixels: mean distance by which outlines are drawn inside the solid, because many take the bright rim for
            a wall of the void. On the paper's labels the solid's outermost pixel is as bright as the next.
        wobble_nm: correlation length of the jitter along the outline.
        mistaken_floors: fraction of bright void floors (nearer than `bright_path_nm`) labelled as solid.
        bright_path_nm: largest path along the line of sight to a bright floor.
        missed_voids: fraction of voids with a diameter below `small_nm` that are not labelled at all.
        small_nm: equivalent diameter of small voids.
    """

    key: int
    jitter_pixels: float = 0.5
    inward_pixels: float = 0.4
    wobble_nm: float = 150.0
    mistaken_floors: float = 0.15
    bright_path_nm: float = 180.0
    missed_voids: float = 0.3
    small_nm: float = 160.0

    def scale(self, factor: float) -> Annotator:
        """Errors `factor` times as large; a perfect annotator at 0."""
        return replace(
            self,
            jitter_pixels=self.jitter_pixels * factor,
            inward_pixels=self.inward_pixels * factor,
            mistaken_floors=min(1.0, self.mistaken_floors * factor),
            missed_voids=min(1.0, self.missed_voids * factor),
        )


def draw_annotator(rng: np.random.Generator) -> Annotator:
    """Errors of a careful annotator after three rounds of corrections, as in the paper."""
    return Annotator(
        key=int(rng.integers(2**53)),
        jitter_pixels=float(rng.uniform(0.35, 0.65)),
        inward_pixels=float(rng.uniform(0.2, 0.6)),
        mistaken_floors=float(rng.uniform(0.08, 0.2)),
        missed_voids=float(rng.uniform(0.2, 0.4)),
    )


def annotate(
    truth: NDArray[np.uint8], params: Annotator, *, sight: Sight, voxel_size: VoxelSize, slice_number: int = 0
) -> NDArray[np.uint8]:
    """Simulated hand labels (Y X, uint8) of one slice; `truth` holds phase codes, 0 being void."""
    codes = np.where(_mark_overlooked(truth, params, sight, voxel_size, slice_number), _extend_solid(truth), truth)
    return move_outlines(codes.astype(np.uint8), params, voxel_size, slice_number)


def _mark_overlooked(
    truth: NDArray[np.uint8], params: Annotator, sight: Sight, voxel_size: VoxelSize, slice_number: int
) -> NDArray[np.bool_]:
    """Mask (Y X) of void labelled as solid: whole patches of bright floor, and small voids."""
    void = truth == 0
    # Impurities count as void but have no floor.
    bright = void & (sight.path_nm > 0) & (sight.path_nm < params.bright_path_nm)
    patches, count = label(bright, np.ones((3, 3)))
    mistaken = _draw_lots(params.key, slice_number, count + 1) < params.mistaken_floors
    voids, number = label(void, np.ones((3, 3)))
    area = np.bincount(voids.ravel(), minlength=number + 1) * voxel_size.y_nm * voxel_size.x_nm
    small = area < np.pi / 4 * params.small_nm**2
    missed = small & (_draw_lots(params.key + 1, slice_number, number + 1) < params.missed_voids)
    overlooked: NDArray[np.bool_] = (bright & mistaken[patches]) | (void & missed[voids])
    return overlooked


def _draw_lots(key: int, slice_number: int, count: int) -> NDArray[np.float64]:
    """Uniform random numbers (count,) of one slice."""
    return np.asarray(uniform(key, np.array([slice_number]), np.arange(count))[0])


def _extend_solid(truth: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Codes (Y X) with each void pixel replaced by the code of the nearest solid."""
    if not truth.any():
        return truth
    place = distance_transform_edt(truth == 0, return_distances=False, return_indices=True)
    nearest: NDArray[np.uint8] = truth[tuple(np.asarray(place))]
    return nearest


def move_outlines(
    codes: NDArray[np.uint8], params: Annotator, voxel_size: VoxelSize, slice_number: int
) -> NDArray[np.uint8]:
    """Codes (Y X) with outlines moved by a smooth random displacement and into the solid (codes above 0)."""
    if params.jitter_pixels == params.inward_pixels == 0:
        return codes
    y, x = (centres_nm(length, edge) for length, edge in zip(codes.shape, voxel_size.zyx[1:], strict=True))
    place = []
    for axis, grid in enumerate(np.indices(codes.shape, dtype=np.float32)):
        z = np.array([float(slice_number)])
        field = smooth_field(params.key + 2 + axis, (z, y, x), (0.4, params.wobble_nm, params.wobble_nm))[0]
        place.append(grid + np.float32(params.jitter_pixels) * field)
    # Depth inside the solid in pixels, from an outline half way between pixels.
    inside = np.asarray(distance_transform_edt(codes > 0)) - np.asarray(distance_transform_edt(codes == 0))
    depth = map_coordinates(inside - np.sign(inside) / 2, place, order=1, mode="nearest")
    nearest = map_coordinates(_extend_solid(codes), place, order=0, mode="nearest")
    return np.where(depth > params.inward_pixels, nearest, 0).astype(np.uint8)
