"""The change of each number with one voxel more or less of a phase: what an error of the outline does.

the middle of the volume, at most 96^3 voxels -> measured as it is, with a layer of one voxel added to a phase, and
with one taken off it -> a row for each number of that phase

Added is every voxel that shares a face with the phase. Taken off is every voxel of it that shares a face with another
phase, and it goes to the one that most of its faces touch (of two alike, to the one that comes first in the table of
phases). Time is bounded by that of three measurements of so small a box for each phase.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, LabelVolume
from keramos.core.progress import Reporter
from keramos.measurements.registry import quantity_specs
from keramos.measurements.results import SENSITIVITY_TABLE, Measurements, Table
from keramos.measurements.run import quantify_volume
from keramos.measurements.subvolume import middle_box
from keramos.measurements.volume import find_measured_volume
from keramos.settings.quantify import MeasurementOptions

Codes = NDArray[np.uint8]
EDGE = 96
"""The edge of a cube of as many voxels as are measured at most."""
_NEITHER = 255
_LEAST_DOMAIN = 8
"""That a domain may have; a smaller volume is measured whole."""
_UNITS = {
    **dict.fromkeys(("phase", "id", "name", "of", "axis", "unit"), ""),
    **dict.fromkeys(("value", "eroded", "dilated", "eroded_change", "dilated_change"), "1"),
}


def measure_sensitivity(labels: LabelVolume, settings: MeasurementOptions, reporter: Reporter) -> Table | None:
    """A table of all numbers of each measured phase as it is, eroded and dilated by a voxel, and their relative change;
    None where there is no annotated box, or no phase that ends in it. Objects, windows and permeability are left out.

    Example:
        >>> from keramos.core import PhaseTable, VoxelSize
        >>> codes = np.zeros((12, 12, 12), np.uint8)
        >>> codes[:, 3:9] = 1
        >>> labels = LabelVolume.from_array(codes, PhaseTable.from_names(["void", "solid"]), VoxelSize(10, 10, 10))
        >>> table = measure_sensitivity(labels, MeasurementOptions(phase=("solid",), transport=False), Reporter())
        >>> columns = table.columns
        >>> row = columns["id"].index("phase-fraction")
        >>> [round(float(columns[name][row]), 3) for name in ("value", "eroded", "dilated")]
        [0.5, 0.333, 0.667]
    """
    settings = settings.replace(workers=1, scheduler=None)
    volume = find_measured_volume(labels, settings, reporter)
    if volume.annotated_box is None:
        return None
    box = middle_box(volume.annotated_box.shape, EDGE**3).shift(volume.annotated_box.start)
    seen = box.grow((1, 1, 1)).clip(volume.annotated_box)  # a layer may come from across a face
    whole, place = np.asarray(volume.labels.crop(seen).read()), box.relative_to(seen).slices
    codes = whole[place]
    own = settings.replace(
        sensitivity=False,
        permeability=False,
        heterogeneity=False,
        objects="",
        neck_depth=None,
        domain=max(_LEAST_DOMAIN, min(settings.domain, max(codes.shape))),
    )

    def measure(changed: Codes) -> Measurements:
        # What has vanished is measured beside the phases that are left: there is none of it.
        asked = own if np.isin(changed, volume.measured_codes).any() else own.replace(phase=())
        return quantify_volume(LabelVolume.from_array(changed, labels.phases, volume.voxel_size), asked)

    rows: list[tuple[object, ...]] = []
    progress = reporter.progress("change outlines by a voxel", "phase")
    before = measure(codes)
    present = [code for code in volume.measured_codes if (codes == code).any() and (codes != code).any()]
    for number, code in enumerate(present, 1):
        rows += _rows(
            labels.phases.names[code], before, *(measure(change(whole, code)[place]) for change in (erode, dilate))
        )
        progress(number, len(present))
    columns = dict(zip(_UNITS, map(list, zip(*rows, strict=True)), strict=True)) if rows else {}
    return Table(SENSITIVITY_TABLE, "what a voxel of outline changes", _UNITS, columns) if rows else None


class OutlineChange(NamedTuple):
    """By what share of itself a quantity changes with a voxel less of a phase, and with one more; NaN where there is no
    such quantity any more, or none to compare with."""

    phase: str
    name: str
    axis: str
    eroded: float
    dilated: float


def list_changes(table: Table) -> list[OutlineChange]:
    """The changes of the main quantities of each phase, of a table by `measure_sensitivity`."""
    specs, changes = quantity_specs(), []
    for row in zip(*table.columns.values(), strict=True):
        one = dict(zip(table.columns, row, strict=True))
        change = OutlineChange(one["phase"], one["name"], one["axis"], one["eroded_change"], one["dilated_change"])
        is_main = one["id"] in specs and specs[one["id"]].headline and one["of"] == one["phase"]
        if is_main and not (np.isnan(change.eroded) and np.isnan(change.dilated)):
            changes.append(change)
    return changes


def dilate(codes: Codes, code: int) -> Codes:
    """The codes with every annotated voxel that shares a face with a phase added to it."""
    grown = np.zeros(codes.shape, bool)
    for shifted in _beside(codes):
        grown |= shifted == code
    return np.where(grown & (codes != NOT_ANNOTATED), np.uint8(code), codes)


def erode(codes: Codes, code: int) -> Codes:
    """The codes with every voxel of a phase that shares a face with another one given to it."""
    best, most = np.full(codes.shape, _NEITHER, np.uint8), np.zeros(codes.shape, np.uint8)
    for other in np.unique(codes):
        if other in (code, NOT_ANNOTATED):
            continue
        count = np.zeros(codes.shape, np.uint8)
        for shifted in _beside(codes):
            count += shifted == other
        more = count > most
        best[more], most[more] = other, count[more]
    lost = (codes == code) & (most > 0)
    return np.where(lost, best, codes)


def _beside(codes: Codes) -> Iterator[Codes]:
    """The codes of the neighbours through each face; at the volume's faces those of the voxel itself."""
    for axis in range(3):
        for way in (1, -1):
            pads = [(1, 1) if other == axis else (0, 0) for other in range(3)]
            place = [slice(None)] * 3
            place[axis] = slice(1 + way, 1 + way + codes.shape[axis])
            yield np.pad(codes, pads, mode="edge")[tuple(place)]


def _rows(
    phase: str, before: Measurements, eroded: Measurements, dilated: Measurements
) -> Iterator[tuple[object, ...]]:
    """The numbers of a phase, of what it has with others, and of all phases together."""
    others = [
        {(row.id, row.phase, row.axis): row.quantity.value for row in one.quantities} for one in (eroded, dilated)
    ]
    for row in before.quantities:
        if row.phase not in ("", phase) and phase not in row.phase.split(" / "):
            continue
        value = row.quantity.value
        found = [one.get((row.id, row.phase, row.axis), np.nan) for one in others]
        changes = [number / value - 1 if value else np.nan for number in found]
        yield (phase, row.id, row.name, row.phase, row.axis, row.quantity.unit, value, *found, *changes)
