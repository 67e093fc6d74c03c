"""One pass over a volume decodes each voxel once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Plan
from keramos.core import ArraySource, Box, LabelVolume, PhaseTable, VoxelSize
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
