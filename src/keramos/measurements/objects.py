"""Objects of a phase, such as particles or pores, one by one: separated at their necks, with a row of sizes and shapes
each, and what they are on the mean.

Two bodies that touch are two objects if the largest balls in both are wider than the neck between them: the radius of
the smaller ball must exceed that of the neck by the neck depth (h-maxima of the distance to the border, flooded as a
watershed: Soille, Morphological Image Analysis, Springer, 2004). Objects that are cut have a row, but count for no
mean: each of those in the largest annotated box stands for as many as its extent lets pass uncut (Miles-Lantuejoul).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block, Plan, measure_in_order, plan_blocks
from keramos.core import Box, triple
from keramos.core.files import whole_output
from keramos.core.progress import Reporter
from keramos.io import create_object_ids
from keramos.io.create import CHUNKS
from keramos.measurements.measurement import Measurement
from keramos.measurements.printed import AVIZO, BONEJ, DRAGONFLY, GEODICT, MATBOX, PORESPY
from keramos.measurements.results import OBJECT_TABLE, PORE_TABLE, THROAT_TABLE, Curve, Measured, Measurements, Table
from keramos.measurements.separation.heights import HeightReader
from keramos.measurements.separation.instances import Instances, find_instances
from keramos.measurements.separation.own_heights import find_own_heights
from keramos.measurements.separation.rows import COLUMNS, ObjectRows, read_columns
from keramos.measurements.separation.separate import Objects, separate
from keramos.measurements.separation.shapes import HALO, Ids, ObjectSums
from keramos.measurements.separation.throats import PoreNetwork, ThroatSums
from keramos.measurements.spec import WHOLE_VOLUME, ChartSpec, CurveSpec, Line, QuantitySpec
from keramos.measurements.volume import MeasuredVolume

_BYTES_PER_VOXEL = 120
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
    caveat="depends on the neck depth, which is stated",
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
)
MEDIAN = QuantitySpec(
    id="object-d50",
    name="median diameter of objects by volume (d50)",
    unit="nm",
    length_power=1,
    meaning="Half of the volume of {phase} is in objects whose ball of the same volume has at most this diameter.",
    method=f"equivalent diameter; {_WEIGHTED}",
    caveat=_CAVEAT,
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
    beside = None if volume.object_ids is None else volume.object_ids.parent
    if beside is not None:
        beside.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".keramos-objects-", dir=beside) as scratch:
        objects, left_out = _find_objects(volume, Path(scratch), reporter)
        if volume.object_ids is not None:
            _write_ids(volume, objects, volume.object_ids, reporter)
        if objects.count == 0:
            return Measurements(notes=(f"no objects of {phase}: it is absent",))
        throats = ThroatSums(objects.count) if volume.network else None
        numbers = objects.numbers if isinstance(objects, Instances) else None
        sums = _sum_up(volume, objects, throats, reporter)
        rows = ObjectRows(sums, volume.shape, volume.annotated_box, volume.start, numbers)
    network = Measurements() if throats is None else _tabulate_network(PoreNetwork(rows, throats), volume)
    return _summarise(rows, volume) + network + Measurements(notes=left_out)


def _find_objects(
    volume: MeasuredVolume, scratch: Path, reporter: Reporter
) -> tuple[Objects | Instances, tuple[str, ...]]:
    """The objects, given or separated, and notes on what belongs to none."""
    if volume.instances is None:
        threads = volume.settings.threads
        return separate(_heights(volume), _neck_depth(volume), scratch, _plan(volume), reporter, threads), ()
    instances, note = find_instances(volume, volume.instances, _heights(volume), _plan(volume), reporter)
    return instances, (note,) if note else ()


def _heights(volume: MeasuredVolume) -> HeightReader:
    edges = np.array(volume.voxel_size.zyx)
    z, y, x = np.round(edges / edges.min(), 12).tolist()  # no unit that was chosen changes a digit
    settings = volume.settings
    code = volume.phases.code(settings.objects)
    return HeightReader(volume.labels, code, (z, y, x), max(settings.memory // 2, 2**27), settings.threads)


def _neck_depth(volume: MeasuredVolume) -> float:
    depth = volume.settings.neck_depth
    return max(volume.voxel_size.zyx) if depth is None else depth


def _plan(volume: MeasuredVolume) -> Plan:
    settings = volume.settings
    # Half of the memory is left for distances, which are measured for one block at a time.
    most = min(max(settings.memory // (2 * max(settings.threads, 2)) // _BYTES_PER_VOXEL, 2**12), 2**23)
    # Deep blocks, where there is room: less is read around them for distances.
    deep = (4 * CHUNKS[0], *CHUNKS[1:])
    chunk = deep if np.prod(deep) <= most else CHUNKS
    return plan_blocks(volume.shape, chunk=chunk, halo=HALO, max_voxels=most)


def _tabulate_network(network: PoreNetwork, volume: MeasuredVolume) -> Measurements:
    columns, phase = (network.pores(), network.throats()), volume.settings.objects
    tables = zip((PORE_TABLE, THROAT_TABLE), columns, strict=True)
    return Measurements(
        tables=tuple(
            Table(id, f"{id} of the network of {phase}", dict.fromkeys(each, "1"), each) for id, each in tables
        )
    )


def _sum_up(
    volume: MeasuredVolume, objects: Objects | Instances, throats: ThroatSums | None, reporter: Reporter
) -> ObjectSums:
    sums, plan = ObjectSums(objects.count, volume.voxel_size), _plan(volume)
    progress = reporter.progress(f"measure {objects.count:,} objects of {volume.settings.objects}")

    def sum_block(block: Block) -> tuple[Ids, Box, tuple[NDArray[np.int64], ObjectSums]]:
        box = block.core.grow(HALO).clip(volume.labels.box)
        ids = objects.read(box)
        return ids, box, sums.sum_block(ids, volume.labels.read(box), box, block.core)

    parts = measure_in_order(plan, sum_block, threads=volume.settings.threads)
    for block, (ids, box, part) in zip(plan, parts, strict=True):
        sums.merge(*part)
        if throats is not None:
            _add_throats(throats, objects, _heights(volume), ids, (box, block.core))
        progress(block.index + 1, len(plan))
    return sums


def _add_throats(
    throats: ThroatSums,
    objects: Objects | Instances,
    reader: HeightReader,
    ids: NDArray[np.uint32],
    block: tuple[Box, Box],
) -> None:
    """Add the throats of a block: `ids` in the box that was read, which is given with the core."""
    read, core = block
    heights, inside = objects.heights.read(read), core.relative_to(read).slices
    throats.add(ids, heights, read, core)
    throats.add_peaks(ids[inside], heights[inside], find_own_heights(objects.read, heights[inside], core, reader))


def _write_ids(volume: MeasuredVolume, objects: Objects | Instances, path: Path, reporter: Reporter) -> None:
    """Write the numbers of objects of the whole volume that was given: 0 where there is none."""
    with whole_output(path) as partial:
        writer = create_object_ids(partial, volume.given_shape, voxel_size=volume.voxel_size)
        own = volume.labels.box
        for block in plan_blocks(volume.given_shape, chunk=CHUNKS, max_voxels=2**22):
            here = block.core.shift([-n for n in volume.start])
            ids = np.zeros(block.core.shape, np.uint32)
            inside = Box(
                triple([max(a, 0) for a in here.start]),
                triple([min(b, n) for b, n in zip(here.stop, own.shape, strict=True)]),
            )
            if all(a < b for a, b in zip(inside.start, inside.stop, strict=True)):
                ids[inside.relative_to(here).slices] = objects.read(inside)
            writer.write(block.core, ids)
        writer.finish(reporter.progress("build the pyramid of the objects"))


def _summarise(rows: ObjectRows, volume: MeasuredVolume) -> Measurements:
    """The table of all objects, and the weighted means of those that are not cut."""
    phase, depth = volume.settings.objects, _neck_depth(volume)
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
    values: list[tuple[QuantitySpec, float]] = [
        (DENSITY, float(weight.sum()) / (box.voxels * volume.voxel_size.volume_nm3) * 1e9),
        (DIAMETER, float(np.average(rows.diameter, weights=weight))),
        (MEDIAN, float(diameters[np.searchsorted(by_volume, 0.5)])),
        (CONTACTS, float(np.average(rows.contacts, weights=weight))),
    ]
    quantities += [_row(spec, value, phase, how, volume.name_of(box)) for spec, value in values]
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
