"""Objects of a phase, such as particles or pores, one by one: separated at their necks, with a row of sizes and shapes
each, and what they are on the mean.

Two bodies that touch are two objects if the largest balls in both are wider than the neck between them: the radius of
the smaller ball must exceed that of the neck by the neck depth (h-maxima of the distance to the border, flooded as a
watershed: Soille, Morphological Image Analysis, Springer, 2004). Objects that are cut have a row, but count for no
mean: each of those in the largest annotated box stands for as many as its extent lets pass uncut (Miles-Lantuejoul).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from keramos.core.progress import Reporter
from keramos.measurements.counting.interval import Spread, add_interval
from keramos.measurements.measurement import Measurement
from keramos.measurements.printed import AVIZO, BONEJ, DRAGONFLY, GEODICT, MATBOX, PORESPY
from keramos.measurements.results import OBJECT_TABLE, PORE_TABLE, THROAT_TABLE, Curve, Measured, Measurements, Table
from keramos.measurements.separation.passes import find_objects, neck_depth
from keramos.measurements.separation.rows import COLUMNS, ObjectRows, read_columns
from keramos.measurements.separation.spread import spread_of_density, spread_of_mean
from keramos.measurements.separation.stages import Stages
from keramos.measurements.separation.throats import PoreNetwork
from keramos.measurements.spec import WHOLE_VOLUME, ChartSpec, CurveSpec, Line, QuantitySpec
from keramos.measurements.volume import MeasuredVolume

_SOILLE = "P. Soille, Morphological Image Analysis, Springer, 2004"
_MEYER = "F. Meyer, Signal Process. 38, 113 (1994)"
_LANTUEJOUL = "C. Lantuéjoul, Microsc. Acta Suppl. 4, 266 (1980)"
_SEPARATED = "watershed of the distance to the border from its h-maxima"
_GIVEN = "objects as they were given"
_WEIGHTED = f"{_SEPARATED}; those that faces cut are left out, the others weighted (Miles-Lantuejoul)"
_CAVEAT = "of the largest box of annotated voxels; none where its faces cut all objects"
_SOURCES = (_SOILLE, _MEYER, _LANTUEJOUL)


def _line(curve: Curve) -> Sequence[Line]:
    diameters = (np.asarray(curve.columns["diameter"], float) / 1e3).tolist()
    return [
        Line(diameters, (100 * np.asarray(curve.columns[name], float)).tolist(), name=f"by {name}")
        for name in ("number", "volume")
    ]


_OF_LABELS = "Processing_ImageAnalysis_IndividualMeasurements.html"
COUNT = QuantitySpec(
    id="objects",
    name="objects",
    unit="1",
    length_power=0,
    meaning="How many objects of {phase} the volume holds, those that its faces cut included.",
    method=_SEPARATED,
    caveat="depends on the neck depth, which is stated; no interval: it is the number in this very volume",
    sources=(_SOILLE, _MEYER),
    rank=191,
    headline=False,
    display="count",
    printed=(
        PORESPY.prints("filters.snow_partitioning, metrics.regionprops_3D", benchmark="printed"),
        MATBOX.prints("D-PSD, watershed or PCRF"),
        GEODICT.prints("PoroDict, Identify Pores", page="porodict_theoreticalbasics_resultsofidentifypores.html"),
        AVIZO.prints(
            "measurements of labels: EqDiameter, Feret",
            page=_OF_LABELS,
        ),
        BONEJ.prints("Particle analyser: particles that touch are one"),
        DRAGONFLY.prints("of each object: volume, surface, angles, aspect ratio"),
    ),
)
DENSITY = QuantitySpec(
    id="object-density",
    name="objects per volume",
    unit="1/um3",
    length_power=-3,
    meaning="How many objects of {phase} a volume of the material holds.",
    method=_WEIGHTED,
    caveat=_CAVEAT,
    sources=_SOURCES,
    rank=192,
    headline=False,
    has_interval=True,
)
DIAMETER = QuantitySpec(
    id="object-mean-diameter",
    name="mean diameter of objects",
    unit="nm",
    length_power=1,
    meaning="The mean diameter of the ball of the volume of an object of {phase}, each object counted alike.",
    method=f"equivalent diameter; {_WEIGHTED}",
    caveat=f"{_CAVEAT}; small objects weigh as much as large ones",
    sources=_SOURCES,
    rank=193,
    headline=False,
    has_interval=True,
)
MEDIAN = QuantitySpec(
    id="object-d50",
    name="median diameter of objects by volume (d50)",
    unit="nm",
    length_power=1,
    meaning="Half of the volume of {phase} is in objects whose ball of the same volume has at most this diameter.",
    method=f"equivalent diameter; {_WEIGHTED}",
    caveat=f"{_CAVEAT}; no interval: the few largest objects decide it, too few to tell how far it is off",
    sources=_SOURCES,
    rank=194,
    headline=False,
)
CONTACTS = QuantitySpec(
    id="coordination-number",
    name="mean coordination number",
    unit="1",
    length_power=0,
    meaning="How many others an object of {phase} touches on the mean.",
    method=f"objects that share faces of voxels; {_WEIGHTED}",
    caveat=f"{_CAVEAT}; a contact of one voxel's face counts",
    sources=_SOURCES,
    rank=195,
    headline=False,
    has_interval=True,
)
DISTRIBUTION = CurveSpec(
    id="object-size-distribution",
    name="size distribution of objects",
    units={"diameter": "nm", "number": "1", "volume": "1"},
    method=f"share of objects, and of their volume, in objects of at most this equivalent diameter; {_WEIGHTED}",
    sources=_SOURCES,
    chart=ChartSpec(
        title="Sizes of objects",
        caption="The share of all objects, and of their volume, in objects of at most this equivalent diameter.",
        alt="Cumulative size distribution of objects by number and by volume",
        x_label="equivalent diameter in µm",
        y_label="%",
        lines=_line,
        rank=62,
    ),
)


def measure_objects(volume: MeasuredVolume, reporter: Reporter) -> Measurements:
    """The objects of the phase that the settings name, as a table, and their means; a note where there are none.

    Their numbers are kept as a volume at the path of `volume.object_ids`, if there is one.

    Raises:
        MemoryShortageError: an object is too wide for the memory.
    """
    phase = volume.settings.objects
    if volume.is_flat:
        return Measurements(notes=(f"no objects of {phase}: a slice does not show what joins them",))
    with _open_stages(volume) as stages:
        found = find_objects(volume, stages, reporter)
    if found is None:
        return Measurements(notes=(f"no objects of {phase}: it is absent",))
    network = Measurements() if found.network is None else _tabulate_network(found.network, volume)
    return _summarise(found.rows, volume) + network + Measurements(notes=found.notes)


@contextmanager
def _open_stages(volume: MeasuredVolume) -> Iterator[Stages]:
    """The stages of the run, or a folder that passes; one in which nothing was saved goes, too."""
    if volume.object_stages is None:
        beside = None if volume.object_ids is None else volume.object_ids.parent
        if beside is not None:
            beside.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".keramos-objects-", dir=beside) as scratch:
            yield Stages(Path(scratch) / "stages")
        return
    try:
        yield volume.object_stages
    finally:
        volume.object_stages.delete_unsaved()


def _tabulate_network(network: PoreNetwork, volume: MeasuredVolume) -> Measurements:
    columns, phase = (network.pores(), network.throats()), volume.settings.objects
    tables = zip((PORE_TABLE, THROAT_TABLE), columns, strict=True)
    return Measurements(
        tables=tuple(
            Table(id, f"{id} of the network of {phase}", dict.fromkeys(each, "1"), each) for id, each in tables
        )
    )


def _summarise(rows: ObjectRows, volume: MeasuredVolume) -> Measurements:
    """The table of all objects, and the weighted means of those that are not cut."""
    phase, depth = volume.settings.objects, neck_depth(volume)
    units = {column.name: column.unit for column in COLUMNS}
    how = f"neck depth {depth:g} nm" if volume.instances is None else _GIVEN
    table = Table(OBJECT_TABLE, f"objects of {phase}, {how}", units, read_columns(rows))
    quantities = [_row(COUNT, float(len(rows)), phase, how)]
    weight, box = rows.weight, rows.box
    if box is None or not weight.any():
        why = "faces of the volume cut all" if volume.is_box else "no large box of annotated voxels holds any whole of"
        note = f"no means of the objects of {phase}: {why} {len(rows)}"
        return Measurements(tuple(quantities), notes=(note,), tables=(table,))
    order = np.argsort(rows.diameter, kind="stable")
    order = order[weight[order] > 0]
    diameters, by_number = rows.diameter[order], _shares(weight[order])
    by_volume = _shares((weight * rows.volume)[order])
    unit, per_voxel = 1e9 / volume.voxel_size.volume_nm3, spread_of_density(rows, box)
    density = None if per_voxel is None else replace(per_voxel, standard_error=unit * per_voxel.standard_error)
    values: list[tuple[QuantitySpec, float, Spread | None]] = [
        (DENSITY, unit * float(weight.sum()) / box.voxels, density),
        (DIAMETER, float(np.average(rows.diameter, weights=weight)), spread_of_mean(rows, box, rows.diameter)),
        (MEDIAN, float(diameters[np.searchsorted(by_volume, 0.5)]), None),
        (CONTACTS, float(np.average(rows.contacts, weights=weight)), spread_of_mean(rows, box, rows.contacts)),
    ]
    quantities += [
        add_interval(_row(spec, value, phase, how, volume.name_of(box)), spread, 0.0) for spec, value, spread in values
    ]
    columns = {
        name: _thin(line) for name, line in zip(DISTRIBUTION.units, (diameters, by_number, by_volume), strict=True)
    }
    curve = DISTRIBUTION.curve(columns, phase, method=_name_method(DISTRIBUTION.method, how))
    return Measurements(tuple(quantities), (curve,), tables=(table,))


def _row(spec: QuantitySpec, value: float, phase: str, how: str, domain: str = WHOLE_VOLUME) -> Measured:
    return spec.row(value, phase, method=_name_method(spec.method, how), domain=domain)


def _name_method(method: str, how: str) -> str:
    return method.replace(_SEPARATED, how) if how == _GIVEN else f"{method}, {how}"


def _shares(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.cumsum(parts) / parts.sum())


def _thin(line: NDArray[np.float64], most: int = 1000) -> list[float]:
    """At most so many points of a column, the last among them."""
    step = -(-len(line) // most)
    return list(line[::-1][::step][::-1].tolist())


def _applies(volume: MeasuredVolume) -> bool:
    return bool(volume.settings.objects)


MEASUREMENT = Measurement(
    name="objects",
    quantities=(COUNT, DENSITY, DIAMETER, MEDIAN, CONTACTS),
    curves=(DISTRIBUTION,),
    applies=_applies,
    on_volume=measure_objects,
)
