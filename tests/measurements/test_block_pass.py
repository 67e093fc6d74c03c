"""One pass over a volume decodes each voxel once."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Barrier
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Plan
from keramos.core import VOID_SOLID, ArraySource, Box, LabelVolume, PhaseTable, VoxelSize
from keramos.core.volume import SourceView
from keramos.measurements import MEASUREMENTS
from keramos.measurements.block_pass import measure_in_blocks
from keramos.measurements.volume import MeasuredVolume
from keramos.settings.quantify import MeasurementOptions


@dataclass(frozen=True, eq=False)
class _Counted(SourceView):
    """A source that notes what is read of it."""

    boxes: list[Box] = field(default_factory=list)

    def read(self, box: Box) -> NDArray[Any]:
        self.boxes.append(box)
        return self.source.read(box)


def test_what_slabs_share_is_read_once() -> None:
    codes = np.random.default_rng(1).integers(0, 3, (40, 12, 12)).astype(np.uint8)
    source = _Counted(ArraySource(codes))
    phases = PhaseTable.from_names(["pore", "grain", "binder"])
    labels = LabelVolume(source, VoxelSize(20, 20, 20), phases=phases)
    volume = MeasuredVolume.of_annotated(labels, MeasurementOptions())
    bodies = [MEASUREMENTS[name].in_blocks(volume) for name in ("two-point-correlation", "triple-line")]
    measure_in_blocks(labels, bodies, Plan(labels.shape, (4, 12, 12)))
    assert sum(box.voxels for box in source.boxes) == codes.size


@dataclass(frozen=True, eq=False)
class _Together(SourceView):
    """A source of which two threads have to read at the same time."""

    both: Barrier = field(default_factory=lambda: Barrier(2, timeout=30))

    def read(self, box: Box) -> NDArray[Any]:
        self.both.wait()
        return self.source.read(box)


def test_threads_read_side_by_side() -> None:
    labels = LabelVolume(
        _Together(ArraySource(np.zeros((8, 6, 6), np.uint8))), VoxelSize(20, 20, 20), phases=VOID_SOLID
    )
    volume = MeasuredVolume.of_annotated(labels, MeasurementOptions())
    body = MEASUREMENTS["phase-fraction"].in_blocks(volume)
    found = measure_in_blocks(labels, [body], Plan(labels.shape, (1, 6, 6)), workers=2)
    assert found.find("phase-fraction", "void").value == 1
