"""Estimators of the length of the lines where three phases meet, per volume."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from keramos.estimators.estimator import Estimator, Sample, Values
from keramos.measurements.printed import KERAMOS, MATBOX, TAUFACTOR

_UM2 = 1e6
_RADIUS = 3.0
"""Of the tube, in edges of voxels, the longest."""


def _applies(sample: Sample) -> bool:
    return min(sample.codes.shape) > 1 and len(np.unique(sample.codes)) > 2


def _correct_by_slope(sample: Sample) -> Values:
    return {"": sample.quantity("triple-phase-boundary-length", phase="")}


def _edges(codes: NDArray[np.uint8], axis: int) -> NDArray[np.bool_]:
    """The edges along an axis around which three phases or more meet."""
    first = np.moveaxis(codes, axis, 0)
    ring = np.sort(np.stack([first[:, :-1, :-1], first[:, :-1, 1:], first[:, 1:, :-1], first[:, 1:, 1:]]), axis=0)
    return np.asarray((np.diff(ring, axis=0) != 0).sum(axis=0) >= 2)


def _cells_nm3(sample: Sample) -> float:
    """The volume of the cells between voxels' centres, which edges lie in the middle of."""
    return float(np.prod(np.array(sample.codes.shape) - 1) * sample.voxel_size.volume_nm3)


def _all_edges(sample: Sample) -> Values:
    length = 0.0
    for axis, edge in enumerate(sample.voxel_size.zyx):
        found = _edges(sample.codes, axis)
        # Edges end at faces of voxels, cells at their centres: half of the first and of the last lies outside.
        length += edge * (found.sum() - 0.5 * (found[0].sum() + found[-1].sum()))
    return {"": _UM2 * length / _cells_nm3(sample)}


def _two_thirds(sample: Sample) -> Values:
    return {name: None if value is None else value * 2 / 3 for name, value in _all_edges(sample).items()}


def _tube(sample: Sample) -> Values:
    """From the volume of the voxels of a grid of half the spacing that lie within a radius of the edges' middles."""
    radius = _RADIUS * max(sample.voxel_size.zyx)
    fine = np.ones([2 * n - 1 for n in sample.codes.shape], bool)
    for axis in range(3):
        place: list[slice] = [slice(1, None, 2)] * 3
        place[axis] = slice(0, None, 2)
        fine[tuple(place)] &= ~np.moveaxis(_edges(sample.codes, axis), 0, axis)
    if fine.all():
        return {"": 0.0}
    near = ndimage.distance_transform_edt(fine, sampling=np.array(sample.voxel_size.zyx) / 2) < radius
    return {"": float(_UM2 * near.mean() / (np.pi * radius**2))}


CORRECTED = Estimator(
    name="edges-corrected",
    group="triple line",
    title="voxel edges, each by its slope",
    unit="1/um2",
    definition="edges of voxels around which three phases meet, each shortened by the slope of the line there",
    measure=_correct_by_slope,
    rank=0,
    reason="most of the steps of voxels are taken out, line by line; lines stay too long the narrower the wedge of a "
    "phase is and the deeper the voxels (quantify says by how much)",
    printed=(KERAMOS.prints("quantify: triple-phase-boundary-length"),),
    applies=_applies,
)
TWO_THIRDS = Estimator(
    name="edges-two-thirds",
    group="triple line",
    title="two thirds of the voxel edges",
    unit="1/um2",
    definition="the length of all such edges times 2/3, right on average over all directions and for none of them",
    measure=_two_thirds,
    rank=1,
    applies=_applies,
)
TUBE = Estimator(
    name="tube",
    group="triple line",
    title="volume of a tube",
    unit="1/um2",
    definition="the volume within three edges of the lines, over the tube's section: lines nearer than that to each "
    "other count less",
    measure=_tube,
    rank=2,
    applies=_applies,
)
EDGES = Estimator(
    name="voxel-edges",
    group="triple line",
    title="voxel edges",
    unit="1/um2",
    definition="the length of all edges of voxels around which three phases meet: half as much again as a smooth line, "
    "however fine the voxels",
    measure=_all_edges,
    rank=3,
    printed=(
        TAUFACTOR.prints(
            "metrics.triple_phase_boundary: the SHARE of edges; times 3 / edge squared it is a length per volume",
            benchmark="reconcile",
        ),
        MATBOX.prints("triple phase boundary length, direct: number of edges"),
    ),
    applies=_applies,
)
