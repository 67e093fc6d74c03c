"""Simulated mercury intrusion: how much of a phase balls of each radius can enter from outside.

At radius r the intruded region is that part of the opening by balls of radius r whose balls are connected to an outer
face, centre by centre, within the phase (Muench and Holzer, J. Am. Ceram. Soc. 91, 4059, 2008; Holzer et al., J. Mater.
Sci. 48, 2934, 2013): bulges behind a neck count at the radius of the neck. Its median r50, the radius at which half of
the whole phase is intruded, closed pores included (Neumann et al., Scand. J. Stat. 46, 848, 2019), is the r_min of the
constrictivity. A neck diameter is the largest ball that passes; an r50 is what half of the volume lies behind.
"""

from __future__ import annotations

import numpy as np

from keramos.core.progress import Reporter
from keramos.measurements.measurement import Measurement
from keramos.measurements.phase_sizes import PhaseSizes, Shares, find_sizes
from keramos.measurements.pieces import CONNECTIVITY
from keramos.measurements.pooling import pool_reached
from keramos.measurements.printed import PORESPY
from keramos.measurements.results import AXES, Curve, Measured, Measurements
from keramos.measurements.size_distribution import draw_shares
from keramos.measurements.sources import HOLZER, MUENCH, NEUMANN
from keramos.measurements.spec import ChartSpec, CurveSpec, QuantitySpec
from keramos.measurements.subvolume import Subvolume
from keramos.measurements.volume import MeasuredVolume

_METHOD = "ever smaller balls enter from outside, centre by centre"
_HALF = "half of the phase intruded, closed parts included"
_CAVEAT = (
    "classes and bias as for the r50 of sizes; none where less than half of the phase is connected to the face: its "
    "closed parts are never entered"
)
_CITED = (MUENCH, HOLZER, NEUMANN)

MEDIAN = QuantitySpec(
    id="intrusion-r50",
    name="r50 of intrusion (r_min)",
    unit="nm",
    length_power=1,
    meaning="Half of {phase} can be reached from an outer face along an axis by a ball of this radius: the radius of "
    "its bottlenecks.",
    method=f"{_METHOD}; {_HALF}; mean of both directions",
    caveat=_CAVEAT,
    sources=_CITED,
    rank=54,
    low=0,
    weighted=True,
    comparison="shown",
)
FIRST = QuantitySpec(
    id="intrusion-r50-first-face",
    name="r50 of intrusion from the first face",
    unit="nm",
    length_power=1,
    meaning="The same, entered where the axis begins.",
    method=f"{_METHOD}; {_HALF}; from the first face",
    caveat=_CAVEAT,
    sources=_CITED,
    rank=56,
    low=0,
    weighted=True,
    headline=False,
    printed=(PORESPY.prints("filters.porosimetry with inlets in that face: a RADIUS in voxels"),),
)
LAST = QuantitySpec(
    id="intrusion-r50-last-face",
    name="r50 of intrusion from the last face",
    unit="nm",
    length_power=1,
    meaning="The same, entered where the axis ends.",
    method=f"{_METHOD}; {_HALF}; from the last face",
    caveat=_CAVEAT,
    sources=_CITED,
    rank=57,
    low=0,
    weighted=True,
    headline=False,
    printed=(PORESPY.prints("filters.porosimetry with inlets in that face: a RADIUS in voxels"),),
)
ALL = QuantitySpec(
    id="intrusion-r50-all-faces",
    name="r50 of intrusion from all faces",
    unit="nm",
    length_power=1,
    meaning="The same, entered from all six outer faces at once, as mercury enters a sample.",
    method=f"{_METHOD}; {_HALF}; from all six faces",
    caveat=f"{_CAVEAT}; the smaller the volume, the more lies near a face",
    sources=_CITED,
    rank=58,
    low=0,
    weighted=True,
    headline=False,
)
CURVE = CurveSpec(
    id="intrusion",
    name="simulated intrusion",
    units={"radius": "nm", "intruded": "1", "first_face": "1", "last_face": "1"},
    method=f"share of the phase intruded by balls of at least this radius; {_METHOD}",
    sources=_CITED,
    pool=pool_reached,
    chart=ChartSpec(
        title="Simulated intrusion",
        caption="How much of the phase a ball of at least this radius can enter along an axis, mean of both "
        "directions. The radius at 50 % is r_min of the constrictivity; the further it lies below that of the "
        "continuous size distribution, the more bulges lie behind bottlenecks.",
        alt="Share of each phase that is intruded at a radius, along z, y and x",
        x_label="radius in µm",
        y_label="% of the phase",
        lines=draw_shares,
        rank=54,
        panels="axis",
        share_y=True,
    ),
)
CURVE_ALL = CurveSpec(
    id="intrusion-all-faces",
    name="simulated intrusion from all faces",
    units={"radius": "nm", "intruded": "1"},
    method=f"share of the phase intruded from all six faces by balls of at least this radius; {_METHOD}",
    sources=_CITED,
    pool=pool_reached,
)


def measure_intrusion(subvolume: Subvolume, reporter: Reporter) -> Measurements:
    """Curves and medians of each phase along each axis, from each face and from all; notes where there is none."""
    results = Measurements()
    for code in subvolume.measured_codes:
        sizes = find_sizes(subvolume, code, reporter)
        if sizes is not None:
            results += _of_phase(subvolume, subvolume.phase(code), sizes)
    return results


def _of_phase(subvolume: Subvolume, phase: str, sizes: PhaseSizes) -> Measurements:
    rows: list[Measured] = []
    curves: list[Curve] = []
    notes: list[str] = []
    for axis, name in enumerate(AXES):
        faces = {"first_face": sizes.intruded[:, 2 * axis], "last_face": sizes.intruded[:, 2 * axis + 1]}
        medians = (sizes.neck(axis), *map(sizes.median, faces.values()))
        for spec, median in zip((MEDIAN, FIRST, LAST), medians, strict=True):
            if median is not None:
                rows.append(spec.row(median, phase, name, domain=subvolume.name))
        columns = {"intruded": np.mean(list(faces.values()), axis=0), **faces}
        curves.append(CURVE.curve(_columns(sizes, columns), phase, name))
        if medians[0] is None:
            notes.append(_explain(phase, name, faces, subvolume.settings.connectivity))
    together = sizes.intruded[:, 6]
    from_all = sizes.median(together)
    if from_all is not None:
        rows.append(ALL.row(from_all, phase, domain=subvolume.name))
    curves.append(CURVE_ALL.curve(_columns(sizes, {"intruded": together}), phase))
    return Measurements(tuple(rows), tuple(curves), tuple(notes))


def _columns(sizes: PhaseSizes, shares: dict[str, Shares]) -> dict[str, list[float]]:
    return {"radius": sizes.radii.tolist(), **{name: np.asarray(share).tolist() for name, share in shares.items()}}


def _explain(phase: str, axis: str, faces: dict[str, Shares], connectivity: int) -> str:
    first, last = (f"{100 * share[-1]:.3g} %" for share in faces.values())
    return (
        f"no r50 of intrusion and no constrictivity of {phase} along {axis}: from its first face {first} of the phase "
        f"can be reached through {CONNECTIVITY[connectivity]} of voxels, from its last {last}, and half is needed from "
        "both, and a piece that reaches both"
    )


def _applies(volume: MeasuredVolume) -> bool:
    return volume.settings.thickness and not volume.is_flat


MEASUREMENT = Measurement(
    name="intrusion",
    quantities=(MEDIAN, FIRST, LAST, ALL),
    curves=(CURVE, CURVE_ALL),
    applies=_applies,
    on_subvolume=measure_intrusion,
    subvolumes=2,
)
