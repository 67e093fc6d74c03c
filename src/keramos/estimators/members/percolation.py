"""Estimators of the share of a phase that connects both ends of an axis."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy import ndimage

from keramos.estimators.estimator import Estimator, Sample, Values
from keramos.measurements.printed import KERAMOS, MATBOX, PORESPY, TAUFACTOR

_ORDERS = {6: 1, 18: 2, 26: 3}


def _share(sample: Sample, *, neighbours: int) -> Values:
    if not sample.mask.any():
        return dict.fromkeys("zyx")
    pieces, count = ndimage.label(sample.mask, ndimage.generate_binary_structure(3, _ORDERS[neighbours]))
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    shares = {}
    for axis, name in enumerate("zyx"):
        through = np.intersect1d(pieces.take(0, axis), pieces.take(-1, axis))
        shares[name] = float(sizes[through[through > 0]].sum() / sizes[1:].sum())
    return shares


FACES = Estimator(
    name="percolating-6",
    group="percolation",
    title="through faces (6)",
    unit="1",
    definition="the share of the phase in pieces that touch both ends, voxels connected through faces",
    measure=partial(_share, neighbours=6),
    rank=0,
    reason="a current passes through faces and no solver lets it pass edges or corners; where 6 and 26 differ much, "
    "the connections are single voxels, and resolution decides",
    printed=(
        KERAMOS.prints("quantify: percolating-fraction"),
        TAUFACTOR.prints("metrics.extract_through_feature, and what its solver keeps", benchmark="printed"),
        PORESPY.prints("metrics.percolating_porosity over porosity", benchmark="printed"),
        MATBOX.prints("Connectivity: connected face to face"),
    ),
)
EDGES = Estimator(
    name="percolating-18",
    group="percolation",
    title="through faces and edges (18)",
    unit="1",
    definition="the same, voxels connected through faces and edges",
    measure=partial(_share, neighbours=18),
    rank=1,
)
CORNERS = Estimator(
    name="percolating-26",
    group="percolation",
    title="through faces, edges and corners (26)",
    unit="1",
    definition="the same, voxels connected through faces, edges and corners; if the phase is taken so, the other one "
    "has to be taken by 6",
    measure=partial(_share, neighbours=26),
    rank=2,
)
