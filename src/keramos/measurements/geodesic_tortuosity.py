"""Geodesic tortuosity: how much longer than the volume the shortest paths through a phase are, along each axis.

For each voxel of one end face the shortest path inside the phase from the other end face, over the length of the volume
(Stenzel et al., AIChE J. 62, 1834, 2016; Neumann et al., Scand. J. Stat. 46, 848, 2019); both directions together. It
tells of windings alone, not of bottlenecks, and must not be put in the place of the tortuosity factor.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from keramos.core.progress import Reporter
from keramos.measurements.measurement import Measurement
from keramos.measurements.paths.phase_paths import find_paths
from keramos.measurements.pieces import THROUGH_FACES
from keramos.measurements.pooling import pool_quantiles
from keramos.measurements.results import AXES, Curve, Measurements
from keramos.measurements.sources import NEUMANN, STENZEL
from keramos.measurements.spec import ChartSpec, CurveSpec, Line, QuantitySpec
from keramos.measurements.subvolume import Subvolume
from keramos.measurements.volume import MeasuredVolume

_POINTS = 101
_METHOD = (
    "shortest paths inside the phase by fast marching of second order, along walls over edges and corners of voxels, "
    "too, from each end face to the other"
)


def _line(curve: Curve) -> Sequence[Line]:
    shares = (100 * np.asarray(curve.columns["share"], float)).tolist()
    return [Line(curve.columns["tortuosity"], shares)]


MEAN = QuantitySpec(
    id="geodesic-tortuosity",
    name="geodesic tortuosity",
    unit="1",
    length_power=0,
    meaning="How much longer than the volume the shortest paths through {phase} are on the mean: 1 for straight "
    "channels (not the tortuosity factor).",
    method=f"{_METHOD}; mean over the voxels there",
    caveat="straight channels exact; oblique ones of 20 voxels' width 0 to 5 % too long (6 % where voxels are five "
    "times as deep as wide), of 3 to 6 voxels' 0 to 8 % (11 % with voxels of 20 x 26.4 x 20.8 nm; 26 % where they "
    "are five times as deep as wide); none where the phase does not reach both ends through faces of voxels",
    sources=(STENZEL, NEUMANN),
    rank=116,
    low=1,
    comparison="shown",
)
SPREAD = QuantitySpec(
    id="geodesic-tortuosity-spread",
    name="spread of the geodesic tortuosity",
    unit="1",
    length_power=0,
    meaning="The standard deviation of the lengths of these paths, over the length of the volume.",
    method=f"{_METHOD}; standard deviation over the voxels there",
    caveat="neighbours share their paths: it is no error of the mean",
    sources=(STENZEL, NEUMANN),
    rank=117,
    low=0,
    headline=False,
)
ON_GRAPH = QuantitySpec(
    id="geodesic-tortuosity-on-graph",
    name="geodesic tortuosity on the voxel graph",
    unit="1",
    length_power=0,
    meaning="The same from centre to centre of neighbouring voxels, as most programs print it.",
    method="shortest paths through faces, edges and corners (26 neighbours, Dijkstra); mean of both directions",
    caveat="straight channels exact; oblique ones 2 to 16 % too long, up to 28 % where voxels "
    "are five times as deep as wide, however fine they are; none where the phase does not reach both ends by "
    "--connectivity",
    sources=(STENZEL, NEUMANN),
    rank=118,
    low=1,
    headline=False,
)
DISTRIBUTION = CurveSpec(
    id="geodesic-tortuosity-distribution",
    name="distribution of the geodesic tortuosity",
    units={"tortuosity": "1", "share": "1"},
    method=f"share of the voxels with paths so long or shorter; {_METHOD}",
    sources=(STENZEL, NEUMANN),
    pool=pool_quantiles,
    chart=ChartSpec(
        title="Geodesic tortuosity",
        caption="The share of the end faces' voxels whose shortest path from the other end is at most so many times as "
        "long as the volume. A long way to the right is behind detours.",
        alt="Share of paths against their length over that of the volume, for each phase along each axis",
        x_label="length of the path over that of the volume",
        y_label="% of the voxels at the ends",
        lines=_line,
        rank=56,
        panels="axis",
        share_y=True,
    ),
)


def measure_geodesics(subvolume: Subvolume, reporter: Reporter) -> Measurements:
    """Means, spread and distribution of each phase along each axis; a note where no path leads through."""
    results = Measurements()
    for code in subvolume.measured_codes:
        for axis, name in enumerate(AXES):
            phase, paths = subvolume.phase(code), find_paths(subvolume, code, axis, reporter)
            means = (
                (MEAN, paths.marched, np.mean),
                (SPREAD, paths.marched, np.std),
                (ON_GRAPH, paths.on_graph, np.mean),
            )
            rows = [
                spec.row(float(mean(lengths)), phase, name, domain=subvolume.name)
                for spec, lengths, mean in means
                if lengths.size
            ]
            results += Measurements(tuple(rows))
            if not paths.marched.size:
                note = f"no geodesic tortuosity of {phase} along {name}: it does not reach both ends {THROUGH_FACES}"
                results += Measurements(notes=(note,))
                continue
            shares = np.linspace(0, 1, _POINTS)
            columns = {"tortuosity": np.quantile(paths.marched, shares).tolist(), "share": shares.tolist()}
            results += Measurements(curves=(DISTRIBUTION.curve(columns, phase, name),))
    return results


def _applies(volume: MeasuredVolume) -> bool:
    return volume.settings.paths and not volume.is_flat


MEASUREMENT = Measurement(
    name="geodesic-tortuosity",
    quantities=(MEAN, SPREAD, ON_GRAPH),
    curves=(DISTRIBUTION,),
    applies=_applies,
    on_subvolume=measure_geodesics,
    subvolumes=2,
)
