"""The protocol of local measurements: measure each block, merge, finish; in blocks as in the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from keramos.core import PhaseTable, Triple, VoxelSize
from keramos.measurements.measured import Measurements
from keramos.measurements.seen import Seen


@dataclass(frozen=True)
class Domain:
    """What is measured: a volume's shape (Z Y X), voxel size and phases, and the codes of the phases asked for."""

    shape: Triple
    voxel_size: VoxelSize
    phases: PhaseTable
    wanted: tuple[int, ...]


class Measurement(Protocol):
    """`before` and `after` say how many voxels (Z Y X) around a core are read. Partials are plain data that merge in
    any order; each block is measured once."""

    @property
    def before(self) -> Triple: ...

    @property
    def after(self) -> Triple: ...

    def measure(self, seen: Seen) -> Any: ...

    def merge(self, one: Any, other: Any) -> Any: ...

    def finish(self, partial: Any) -> Measurements: ...
