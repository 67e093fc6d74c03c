"""Estimators of tortuosity: of a flow, and of paths."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from skimage.graph import MCP_Geometric
from skimage.morphology import skeletonize

from keramos.estimators.estimator import Estimator, Sample, Values
from keramos.measurements.printed import AVIZO, GEODICT, KERAMOS, MATBOX, PORESPY, TAUFACTOR

_CENTROID = "Processing_ImageAnalysis_Propagation_CentroidPathTortuosity3d.html"
_DIFFUDICT = "https://www.math2market.com/geodict-software/geodict-base-modules/simulation/diffudict.html"
_MARGIN = 8
"""Voxels by which the ends are drawn out before thinning, which eats ends away."""


def _along_axes(sample: Sample, name: str) -> Values:
    return {axis: sample.quantity(name, axis) for axis in "zyx"}


def _factor(sample: Sample) -> Values:
    return _along_axes(sample, "tortuosity-factor")


def _root(sample: Sample) -> Values:
    return {axis: None if value is None else value**0.5 for axis, value in _factor(sample).items()}


def _geodesic(sample: Sample) -> Values:
    return _along_axes(sample, "geodesic-tortuosity")


def _on_graph(sample: Sample) -> Values:
    return _along_axes(sample, "geodesic-tortuosity-on-graph")


def _axis_first(
    mask: NDArray[np.bool_], sample: Sample, axis: int
) -> tuple[NDArray[np.bool_], tuple[float, float, float]]:
    """A mask with an axis first, and the voxel's edges (nm) in that order."""
    first, second, third = (axis, *(other for other in range(3) if other != axis))
    size = sample.voxel_size.zyx
    return mask.transpose(first, second, third), (size[first], size[second], size[third])


def _centroids(sample: Sample) -> Values:
    values: dict[str, float | None] = {}
    for axis, name in enumerate("zyx"):
        mask, edges = _axis_first(sample.mask, sample, axis)
        counts = mask.sum(axis=(1, 2))
        if not counts.all():
            values[name] = None
            continue
        rows, columns = (np.arange(size) for size in mask.shape[1:])
        place = np.stack([mask.sum(axis=2) @ rows / counts, mask.sum(axis=1) @ columns / counts], axis=1) * np.array(
            edges[1:]
        )
        steps = np.hypot(edges[0], np.linalg.norm(np.diff(place, axis=0), axis=1))
        values[name] = float(steps.sum() / (edges[0] * len(steps)))
    return values


def _medial_axis(sample: Sample) -> Values:
    if not sample.mask.any():
        return dict.fromkeys("zyx")
    thin = _skeleton(sample.mask)
    return {name: _length_along(*_axis_first(thin, sample, axis)) for axis, name in enumerate("zyx")}


def _skeleton(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The medial axis of a mask, on a grid of half the spacing: scikit-image's thinning lets parts vanish that are an
    even number of voxels wide, and so no part is."""
    fine = np.pad(mask, _MARGIN, mode="edge")
    for axis in range(3):
        fine = np.moveaxis(fine, axis, 0)
        between = np.empty((2 * len(fine) - 1, *fine.shape[1:]), bool)
        between[::2], between[1::2] = fine, fine[:-1] & fine[1:]
        fine = np.moveaxis(between, 0, axis)
    inside = slice(2 * _MARGIN, -2 * _MARGIN)
    return np.asarray(skeletonize(np.ascontiguousarray(fine))[inside, inside, inside], bool)


def _length_along(thin: NDArray[np.bool_], edges: tuple[float, float, float]) -> float | None:
    """The mean length of the shortest ways along a skeleton from the first section to the voxels of the last, over that
    of the volume, which no unit and no common factor of the edges changes; None where there are none."""
    starts = [(0, *place) for place in np.argwhere(thin[0])]
    if not starts:
        return None
    lengths, _ = MCP_Geometric(np.where(thin, 1.0, np.inf), sampling=edges).find_costs(starts)
    ends = lengths[-1][thin[-1]]
    ends = ends[np.isfinite(ends)]
    return float(ends.mean() / (edges[0] * (len(thin) - 1))) if len(ends) else None


FACTOR = Estimator(
    name="tortuosity-factor",
    group="tortuosity",
    title="tortuosity factor",
    unit="1",
    definition="phase fraction x diffusivity in the open / effective diffusivity, from the solved flow: what slows "
    "transport, bottlenecks included",
    measure=_factor,
    rank=0,
    reason="it is the one that a transport model needs (D_eff = D x fraction / factor), and the only one that knows "
    "bottlenecks; the others are ratios of lengths, and putting one in its place overstates transport",
    printed=(
        KERAMOS.prints("quantify: tortuosity-factor"),
        TAUFACTOR.prints("Solver: tau", benchmark="reconcile"),
        PORESPY.prints("simulations.tortuosity_fd: of what percolates only"),
        MATBOX.prints("tortuosity factor: calls TauFactor"),
        GEODICT.prints("DiffuDict, Laplace diffusion: relative diffusivity, tortuosity factor", elsewhere=_DIFFUDICT),
    ),
)
ROOT = Estimator(
    name="indirect-tortuosity",
    group="tortuosity",
    title="root of the tortuosity factor",
    unit="1",
    definition="a path length computed back from the flow: some papers call this the tortuosity, and its square the "
    "factor",
    measure=_root,
    rank=1,
)
GEODESIC = Estimator(
    name="geodesic",
    group="tortuosity",
    title="geodesic, fast marching",
    unit="1",
    definition="the mean length of the shortest paths inside the phase from end to end, over that of the volume",
    measure=_geodesic,
    rank=2,
    printed=(KERAMOS.prints("quantify --paths: geodesic-tortuosity"),),
)
ON_GRAPH = Estimator(
    name="geodesic-on-graph",
    group="tortuosity",
    title="geodesic, voxel to voxel",
    unit="1",
    definition="the same from centre to centre of 26 neighbours, in steps of the grid: up to 16 % too long however "
    "fine the voxels",
    measure=_on_graph,
    rank=3,
    printed=(KERAMOS.prints("quantify --paths: geodesic-tortuosity-on-graph"),),
)
MEDIAL_AXIS = Estimator(
    name="medial-axis",
    group="tortuosity",
    title="along the medial axis",
    unit="1",
    definition="the mean length of the shortest paths along the phase's skeleton from end to end: paths keep to the "
    "middle and cut no corner",
    measure=_medial_axis,
    rank=4,
)
CENTROIDS = Estimator(
    name="centroid-path",
    group="tortuosity",
    title="path of the centroids",
    unit="1",
    definition="the length of the line through the phase's centre of mass in each section: made for a single channel; "
    "of a network it says how that centre wanders",
    measure=_centroids,
    rank=5,
    printed=(AVIZO.prints("Centroid Path Tortuosity, along z", page=_CENTROID),),
)
