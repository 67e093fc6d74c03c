"""The network of a phase by itself, without any other measurement."""

from __future__ import annotations

from dataclasses import replace

from keramos.core import LabelVolume
from keramos.core.errors import LabelError
from keramos.core.progress import Reporter
from keramos.measurements.objects import measure_objects
from keramos.measurements.results import PORE_TABLE, THROAT_TABLE, Table
from keramos.measurements.volume import find_measured_volume
from keramos.settings.quantify import MeasurementOptions


def measure_network(
    labels: LabelVolume, phase: str, *, neck_depth: float | None = None, reporter: Reporter | None = None
) -> tuple[Table, Table]:
    """The objects of a phase as pores, and their contacts as throats: tables with the names of OpenPNM, in m.

    Args:
        labels: phase codes with a voxel size (nm).
        phase: the phase whose objects are the pores.
        neck_depth: by how much the radius of the smaller of two pores exceeds that of the neck between them (nm); None
            for the longest edge of a voxel.
        reporter: told of progress.

    Raises:
        VoxelSizeError: the voxel size is not known.
        LabelError: a phase that the labels do not have, or no object of it: it is absent, or a single slice is given.

    Example:
        >>> import numpy as np
        >>> from keramos.core import PhaseTable, VoxelSize
        >>> codes = np.ones((6, 6, 12), np.uint8)
        >>> codes[1:5, 1:5, 1:5] = codes[1:5, 1:5, 7:11] = codes[2:4, 2:4, 5:7] = 0
        >>> labels = LabelVolume.from_array(codes, PhaseTable.from_names(["void", "solid"]), VoxelSize(10, 10, 10))
        >>> pores, throats = measure_network(labels, "void", neck_depth=1)
        >>> len(pores.columns["pore.volume"]), len(throats.columns["throat.length"])
        (2, 1)
    """
    reporter = reporter or Reporter()
    settings = MeasurementOptions(objects=phase, neck_depth=neck_depth, transport=False)
    measured = measure_objects(replace(find_measured_volume(labels, settings, reporter), network=True), reporter)
    tables = {table.id: table for table in measured.tables}
    if PORE_TABLE not in tables:
        raise LabelError(f"expected objects of {phase} in {labels.name}, found {' '.join(measured.notes)}")
    return tables[PORE_TABLE], tables[THROAT_TABLE]
