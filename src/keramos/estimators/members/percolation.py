"""Estimators of the share of a phase that connects both ends of an axis."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy import ndimage

from keramos.estimators.estimator import Estimator, Printed, Sample, Values

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
        Printed("Keramos", "quantify: percolating-fraction", "docs/quantify.md", compared=True),
        Printed("TauFactor 1.2.1", "what its solver keeps", "https://taufactor.readthedocs.io"),
        Printed("PoreSpy 3.2", "metrics.is_percolating, filters.trim_nonpercolating_paths", "https://porespy.org"),
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
    printed=(Printed("BoneJ", "Connectivity: 26 for the foreground", "https://imagej.net/plugins/bonej"),),
)
