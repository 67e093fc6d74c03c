"""One pass over a volume decodes each voxel once."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Barrier
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.blocks import Plan
from keramos.core import VOID_SOLID, ArraySource, Box, LabelVolume, PhaseTable, Triple, VoxelSize
from keramos.core.volume import SourceView
from keramos.measurements import MEASUREMENTS, Measurements
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
    found = measure_in_blocks(labels, [body], Plan(labels.shape, (1, 6, 6)), threads=2)
    assert found.find("phase-fraction", "void").value == 1


class _Cores:
    """A measurement that notes the boxes it is given."""

    before = after = (0, 0, 0)

    def __init__(self) -> None:
        self.cores: list[Box] = []

    def measure(self, view: Any) -> int:
        self.cores.append(view.core)
        return int(view.core.voxels)

    def merge(self, first: int, second: int) -> int:
        return first + second

    def finish(self, partial: int) -> Measurements:
        return Measurements(notes=(str(partial),))


@pytest.mark.parametrize(("rows", "tiles"), [(200, 1), (300, 10)])
def test_only_large_blocks_are_measured_in_tiles(rows: int, tiles: int) -> None:
    source = ArraySource(np.broadcast_to(np.uint8(0), (200, rows, 200)))
    labels, body = LabelVolume(source, VoxelSize(20, 20, 20), phases=VOID_SOLID), _Cores()
    (voxels,) = measure_in_blocks(labels, [body], Plan(labels.shape, labels.shape)).notes
    assert (int(voxels), len(body.cores)) == (200 * rows * 200, tiles)


@pytest.mark.parametrize("core", [(6, 20, 12), (4, 20, 12), (6, 12, 12), (4, 8, 8)])
def test_tiles_change_no_number(core: Triple, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last blocks are smaller than the others: their tiles have to meet those before them."""
    codes = np.random.default_rng(2).integers(0, 2, (6, 20, 12)).astype(np.uint8)
    labels = LabelVolume(ArraySource(codes), VoxelSize(20, 20, 20), phases=VOID_SOLID)
    whole = _measure(labels, Plan(labels.shape, labels.shape))
    for name, value in (("_WHOLE", 6 * 4 * 8), ("_ROWS", 3), ("_TILE", 6 * 4 * 12)):
        monkeypatch.setattr(f"keramos.measurements.block_pass.{name}", value)
    tiled = _measure(labels, Plan(labels.shape, core))
    assert len(tiled.quantities) == len(whole.quantities) > 20
    for one, other in zip(tiled.quantities, whole.quantities, strict=True):
        assert one.quantity.value == pytest.approx(other.quantity.value, rel=1e-9, nan_ok=True), one.id


def _measure(labels: LabelVolume, plan: Plan) -> Measurements:
    """All that is measured in blocks."""
    volume = MeasuredVolume.of_annotated(labels, MeasurementOptions())
    members = [member for member in MEASUREMENTS.values() if member.in_blocks and member.applies(volume)]
    return measure_in_blocks(labels, [member.in_blocks(volume) for member in members if member.in_blocks], plan)
