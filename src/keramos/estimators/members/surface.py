"""Estimators of the specific surface area."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.measure import marching_cubes, mesh_surface_area
from skimage.morphology import ball

from keramos.estimators.estimator import Estimator, Sample, Values
from keramos.measurements import surface_sums
from keramos.measurements.printed import (
    AVIZO,
    BONEJ,
    DRAGONFLY,
    GEODICT,
    KERAMOS,
    MATBOX,
    PORESPY,
    SCIKIT_IMAGE,
    TAUFACTOR,
)

_UM = 1e3
_SURFACE = "matdict_materialcharacterization_estimatesurface_results.html"
_AREA3D = "Processing_ImageAnalysis_ImageMeasurements_Area3d.html"


def _extrapolate(sample: Sample) -> Values:
    return {"": sample.quantity("specific-surface-area")}


def _crofton(sample: Sample) -> Values:
    near, _ = surface_sums(sample.codes, sample.code, sample.voxel_size)
    return {"": near / float(np.prod(np.array(sample.codes.shape) - 1))}


def _face_density(sample: Sample) -> float:
    """The area (1/um) of voxel faces between the phase and others, per volume."""
    size = np.array(sample.voxel_size.zyx)
    areas = size.prod() / size
    counts = [np.count_nonzero(np.diff(sample.mask.astype(np.int8), axis=axis)) for axis in range(3)]
    return float(_UM * (areas * counts).sum() / sample.volume_nm3)


def _faces(sample: Sample) -> Values:
    return {"": _face_density(sample)}


def _three_directions(sample: Sample) -> Values:
    return {"": _face_density(sample) * 2 / 3}


def _mesh_density(field: NDArray[np.floating], sample: Sample) -> float:
    if field.min() >= 0.5 or field.max() <= 0.5:
        return 0.0
    corners, triangles, _, _ = marching_cubes(field, 0.5, spacing=sample.voxel_size.zyx)
    return float(_UM * mesh_surface_area(corners, triangles) / sample.volume_nm3)


def _marching_cubes(sample: Sample) -> Values:
    return {"": _mesh_density(sample.mask.astype(np.float32), sample)}


def _blurred_with_border(sample: Sample) -> Values:
    """As PoreSpy does: the phase ends at the border of the image, and its mask is blurred."""
    weights = ball(1).astype(np.float32)
    padded = np.pad(sample.mask, 3).astype(np.float32)
    return {"": _mesh_density(ndimage.convolve(padded, weights / weights.sum(), mode="constant"), sample)}


def _gradient(sample: Sample) -> Values:
    """As TauFactor does: the magnitude of the gradient of the mask, after a Gaussian of one voxel cut at 3 x 3 x 3."""
    weights = np.exp(-0.5 * np.array([1.0, 0.0, 1.0]))
    field = sample.mask.astype(np.float32)
    for axis in range(3):
        field = ndimage.correlate1d(field, weights / weights.sum(), axis, mode="mirror")
    square = np.zeros(field.shape, np.float32)
    for axis, step in enumerate(sample.voxel_size.zyx):
        square += (np.gradient(field, step, axis=axis) ** 2).astype(np.float32)
    return {"": float(_UM * np.sqrt(square).mean(dtype=np.float64))}


CROFTON_EXTRAPOLATED = Estimator(
    name="crofton-extrapolated",
    group="surface",
    title="Crofton, 13 directions, extrapolated",
    unit="1/um",
    definition="intersections along 13 directions, of voxels one and two apart, carried on to where they would meet; "
    "planes along the grid 7 % too small in cubic voxels, 20 % across edges four times as long as the others",
    measure=_extrapolate,
    rank=0,
    reason="of those that count intersections it favours directions least, voxels need not be cubes, and the steps of "
    "voxels are no surface of the material",
    printed=(KERAMOS.prints("quantify: specific-surface-area"),),
)
CROFTON = Estimator(
    name="crofton-13",
    group="surface",
    title="Crofton, 13 directions",
    unit="1/um",
    definition="intersections along 13 directions between neighbouring voxels (Ohser and Muecklich 2000)",
    measure=_crofton,
    rank=1,
    printed=(
        AVIZO.prints("Area 3D, with weights of its own", page=_AREA3D),
        GEODICT.prints("Estimate Surface Area, algorithm 2; Minkowski Parameters", page=_SURFACE),
    ),
)
CROFTON_3 = Estimator(
    name="crofton-3",
    group="surface",
    title="two thirds of the faces",
    unit="1/um",
    definition="intersections along the three axes: right on the mean over all directions, a third too small for "
    "planes along the grid",
    measure=_three_directions,
    rank=2,
)
MARCHING_CUBES = Estimator(
    name="marching-cubes",
    group="surface",
    title="marching cubes",
    unit="1/um",
    definition="triangles half way between voxels of the phase and others, inside the volume",
    measure=_marching_cubes,
    rank=3,
    printed=(
        SCIKIT_IMAGE.prints("marching_cubes, mesh_surface_area", benchmark="reconcile"),
        BONEJ.prints("Surface area: of a mesh by marching cubes"),
        DRAGONFLY.prints("Surface Area (Lorensen 1987)"),
    ),
)
BLURRED = Estimator(
    name="marching-cubes-blurred-with-border",
    group="surface",
    title="marching cubes, with the border",
    unit="1/um",
    definition="the phase is cut off at the volume's border, which counts as its surface; blurred by a ball of one "
    "voxel, then marching cubes",
    measure=_blurred_with_border,
    rank=4,
    printed=(PORESPY.prints("region_surface_areas, over the volume", benchmark="reconcile"),),
)
GRADIENT = Estimator(
    name="mask-gradient",
    group="surface",
    title="gradient of the blurred mask",
    unit="1/um",
    definition="the mean magnitude of the gradient of the phase's mask after a Gaussian of one voxel: parts narrower "
    "than three voxels count less",
    measure=_gradient,
    rank=5,
    printed=(TAUFACTOR.prints("metrics.specific_surface_area", benchmark="reconcile"),),
)
FACES = Estimator(
    name="voxel-faces",
    group="surface",
    title="voxel faces",
    unit="1/um",
    definition="the area of all voxel faces between the phase and others: half as much again as a smooth surface, "
    "however fine the voxels",
    measure=_faces,
    rank=6,
    printed=(
        GEODICT.prints("Estimate Surface Area, algorithm 1", page=_SURFACE),
        TAUFACTOR.prints("metrics.specific_surface_area(method='face_counting')", benchmark="reconcile"),
        MATBOX.prints("specific surface area, direct: number of faces"),
        DRAGONFLY.prints("Surface Area (voxel-wise)"),
    ),
)
