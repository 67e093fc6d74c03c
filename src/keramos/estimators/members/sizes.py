"""Estimators of how wide a phase is: they differ by definition, by up to eight times for balls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.morphology import h_maxima
from skimage.segmentation import watershed

from keramos.estimators.estimator import Estimator, Sample, Values
from keramos.measurements.border_distance import distance_to_border
from keramos.measurements.printed import BONEJ, GEODICT, KERAMOS, MATBOX, PORESPY, SCIPY

_SIZES = "porodict_theoreticalbasics_resultsofporesizecomputation.html"


def _local_thickness(sample: Sample) -> Values:
    return {"": sample.quantity("mean-local-thickness")}


def _double(sample: Sample, name: str) -> Values:
    radius = sample.quantity(name)
    return {"": None if radius is None else 2 * radius}


def _granulometry(sample: Sample) -> Values:
    return _double(sample, "size-r50")


def _intrusion(sample: Sample) -> Values:
    return _double(sample, "intrusion-r50-all-faces")


def _chords(sample: Sample) -> Values:
    return {axis: sample.quantity("mean-intercept-length", axis) for axis in "zyx"}


def _distance(sample: Sample) -> Values:
    """By the distance of voxels' centres to the nearest centre outside, as most programs take it."""
    if not sample.mask.any() or sample.mask.all():
        return {"": None}
    depth = ndimage.distance_transform_edt(sample.mask, sampling=sample.voxel_size.zyx)
    return {"": float(depth[sample.mask].mean())}


def _objects(sample: Sample) -> NDArray[np.float64] | None:
    """Volumes (nm3) of the pieces of a watershed, from maxima of the distance that stand out by a voxel's edge."""
    if not sample.mask.any() or sample.mask.all():
        return None
    depth = distance_to_border(sample.mask, sample.voxel_size)
    edge = min(sample.voxel_size.zyx)
    peaks, _ = ndimage.label(h_maxima(np.rint(depth / edge * 16).astype(np.int32), 16), np.ones((3, 3, 3)))
    pieces = watershed(-depth, peaks, mask=sample.mask)
    return np.asarray(np.bincount(pieces[sample.mask])[1:] * sample.voxel_size.volume_nm3, float)


def _diameters(sample: Sample, *, by_volume: bool) -> Values:
    volumes = _objects(sample)
    if volumes is None:
        return {"": None}
    volumes = volumes[volumes > 0]
    if not len(volumes):  # specks, none of which stands out by a voxel's edge
        return {"": None}
    diameters = np.cbrt(6 * volumes / np.pi)
    return {"": float(np.average(diameters, weights=volumes if by_volume else None))}


def _watershed_number(sample: Sample) -> Values:
    return _diameters(sample, by_volume=False)


def _watershed_volume(sample: Sample) -> Values:
    return _diameters(sample, by_volume=True)


LOCAL_THICKNESS = Estimator(
    name="mean-local-thickness",
    group="size",
    title="mean local thickness",
    unit="nm",
    definition="the diameter of the largest ball inside the phase that covers a point, mean over its volume "
    "(Hildebrand and Rueegsegger 1997)",
    measure=_local_thickness,
    rank=0,
    of_ball=1.0,
    reason="a ball gives its diameter and a plate its thickness, no cut into objects is needed, and it is what most "
    "programs can be made to print; say that it is a diameter, weighted by volume",
    printed=(
        KERAMOS.prints("quantify --thickness: mean-local-thickness"),
        BONEJ.prints("Thickness: mean and standard deviation"),
        PORESPY.prints("filters.local_thickness: a RADIUS in voxels", benchmark="reconcile", times=0.5),
    ),
)
GRANULOMETRY = Estimator(
    name="size-d50",
    group="size",
    title="median of granulometry",
    unit="nm",
    definition="the diameter of balls that cover half of the phase's volume (granulometry)",
    measure=_granulometry,
    rank=1,
    of_ball=1.0,
    printed=(
        KERAMOS.prints("quantify --thickness: size-r50, a radius", times=0.5),
        GEODICT.prints("PoroDict, Granulometry: diameters in bins of the chosen width", page=_SIZES),
        MATBOX.prints("C-PSD: continuous particle size distribution"),
    ),
)
INTRUSION = Estimator(
    name="intrusion-d50",
    group="size",
    title="median of intrusion",
    unit="nm",
    definition="the diameter at which half of the phase is filled by balls that enter from all faces: necks, not "
    "bulges",
    measure=_intrusion,
    rank=2,
    printed=(
        KERAMOS.prints("quantify --thickness: intrusion-r50-all-faces, a radius", times=0.5),
        GEODICT.prints("PoroDict, Porosimetry", page=_SIZES),
        PORESPY.prints("filters.porosimetry: a RADIUS in voxels", benchmark="printed", times=0.5),
    ),
)
CHORDS = Estimator(
    name="mean-chord",
    group="size",
    title="mean chord",
    unit="nm",
    definition="the mean length of lines along an axis inside the phase",
    measure=_chords,
    rank=3,
    of_ball=2 / 3,
    printed=(
        KERAMOS.prints("quantify: mean-intercept-length"),
        PORESPY.prints("filters.apply_chords, chord_counts: chords at the border left out", benchmark="printed"),
        MATBOX.prints("chord lengths"),
        GEODICT.prints("PoroDict, Chord Length Distribution", page="porodict_chordlengthdistribution.html"),
    ),
)
WATERSHED_VOLUME = Estimator(
    name="watershed-by-volume",
    group="size",
    title="watershed, by volume",
    unit="nm",
    definition="diameter of the ball of equal volume, of objects parted at necks deeper than a voxel's edge, mean "
    "weighted by volume",
    measure=_watershed_volume,
    rank=4,
    of_ball=1.0,
)
WATERSHED_NUMBER = Estimator(
    name="watershed-by-number",
    group="size",
    title="watershed, by number",
    unit="nm",
    definition="the same objects, each counted once: specks count as much as the largest",
    measure=_watershed_number,
    rank=5,
    of_ball=1.0,
    printed=(
        PORESPY.prints("filters.snow_partitioning, equivalent_diameter: other markers", benchmark="printed"),
        MATBOX.prints("D-PSD, watershed: each particle's size"),
    ),
)
DISTANCE = Estimator(
    name="mean-distance",
    group="size",
    title="distance to the border",
    unit="nm",
    definition="the distance from a voxel's centre to the nearest outside, mean over the phase: an eighth of a ball's "
    "diameter",
    measure=_distance,
    rank=6,
    of_ball=1 / 8,
    printed=(SCIPY.prints("ndimage.distance_transform_edt, mean", benchmark="reconcile"),),
)
