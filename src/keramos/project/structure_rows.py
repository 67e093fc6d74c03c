"""Rows of measured quantities, of a prediction beside the truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from keramos.core import PhaseTable, VoxelSize
from keramos.measurements import AXES, Structure, compare_planes, quantity_specs
from keramos.scoring import StructureRow

_IN_PLANE = {
    "outline": ("outline-length", "outline length per area", "1/um", ""),
    "chord_y": ("mean-intercept-length", "mean intercept length", "nm", "y"),
    "chord_x": ("mean-intercept-length", "mean intercept length", "nm", "x"),
    "euler": ("euler-number-per-area", "Euler number per area", "1/um2", ""),
    "components": ("components-per-area", "components per area", "1/um2", ""),
    "holes": ("holes-per-area", "holes per area", "1/um2", ""),
}
_S2 = ("two-point-correlation", "two-point correlation (S2), distance", "1")


def compare_structures(
    predicted: Sequence[Structure], true: Sequence[Structure], phases: PhaseTable
) -> tuple[StructureRow, ...]:
    """The quantities of all phases of a volume, in the order of tables; of phases whose surface was measured, S2."""
    specs, rows = quantity_specs(), []
    for name, first, second in zip(phases.names, predicted, true, strict=True):
        keys = {*first.values, *second.values}
        for id, axis in sorted(keys, key=lambda key: (specs[key[0]].rank, AXES.index(key[1]) if key[1] else 0)):
            values = first.values.get((id, axis)), second.values.get((id, axis))
            rows.append(_row((id, specs[id].name, specs[id].unit, axis), name, *values))
        if ("specific-surface-area", "") in second.values:
            rows.append(StructureRow(*_S2, name, "", None, None, first.s2_distance(second)))
    return tuple(rows)


def compare_slices(
    predictions: Sequence[NDArray[np.uint8]],
    truths: Sequence[NDArray[np.uint8]],
    phases: PhaseTable,
    codes: Sequence[int],
    voxel_size: VoxelSize,
) -> tuple[StructureRow, ...]:
    """The quantities that slices show of some phases."""
    rows = []
    for code in codes:
        errors, name = compare_planes(predictions, truths, code, voxel_size), phases.names[code]
        predicted, true = errors.predicted.values(), errors.true.values()
        rows += [_row(about, name, predicted[key], true[key]) for key, about in _IN_PLANE.items()]
        rows.append(StructureRow(*_S2, name, "", None, None, errors.s2))
    return tuple(rows)


def differ(rows: Iterable[StructureRow]) -> dict[tuple[str, str, str], float]:
    """The difference of two equally good values of each quantity over their mean; a distance as it is."""
    found = {}
    for row in rows:
        if row.predicted is not None and row.true is not None:
            mean = (abs(row.predicted) + abs(row.true)) / 2
            found[row.key] = abs(row.predicted - row.true) / mean if mean else 0.0
        elif row.error is not None:
            found[row.key] = row.error
    return found


def _row(about: tuple[str, str, str, str], phase: str, predicted: float | None, true: float | None) -> StructureRow:
    id, name, unit, axis = about
    error = predicted / true - 1 if predicted is not None and true else None
    return StructureRow(id, name, unit, phase, axis, predicted, true, error)
