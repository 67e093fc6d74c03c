"""A measurement: its specifications, when it applies, and its body: in blocks, on a subvolume, or in own passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from keramos.core import Triple
from keramos.core.progress import Reporter
from keramos.measurements.block_view import BlockView
from keramos.measurements.results import Measurements
from keramos.measurements.spec import CurveSpec, QuantitySpec
from keramos.measurements.subvolume import Subvolume
from keramos.measurements.volume import MeasuredVolume

BYTES_PER_VOXEL = 80
"""What distances and solvers take of memory for each voxel of their box."""


class BlockMeasurement(Protocol):
    """The body of a measurement of a volume of any size: each block once, in any order, then `finish`.

    `before` and `after` are the voxels (Z Y X) around a core that are read. Partials are plain data; merged in any
    order they give the same as the whole volume in one block.
    """

    @property
    def before(self) -> Triple: ...

    @property
    def after(self) -> Triple: ...

    def measure(self, block: BlockView) -> Any: ...

    def merge(self, first: Any, second: Any) -> Any: ...

    def finish(self, partial: Any) -> Measurements: ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Measurement:
    """A member of the open set of measurements; a module-level value of this class in a file of its own.

    Attributes:
        name: of the measurement as a whole, unique.
        quantities, curves: the specifications of all that it gives.
        applies: whether it is measured of a volume with its settings.
        in_blocks: makes the body that sees the whole volume block by block; or
        on_subvolume: measures a box of annotated voxels in memory (`Subvolume`); or
        on_volume: reads the whole volume as often as it needs, within the memory. One of the three is given.
        subvolumes: along each axis, where the settings do not say how many.
        bytes_taken: of memory, on a subvolume of so many voxels, of which each phase (by its code) has such a share.
    """

    name: str
    quantities: tuple[QuantitySpec, ...] = ()
    curves: tuple[CurveSpec, ...] = ()
    applies: Callable[[MeasuredVolume], bool] = lambda _: True
    in_blocks: Callable[[MeasuredVolume], BlockMeasurement] | None = None
    on_subvolume: Callable[[Subvolume, Reporter], Measurements] | None = None
    on_volume: Callable[[MeasuredVolume, Reporter], Measurements] | None = None
    subvolumes: int = 1
    bytes_taken: Callable[[MeasuredVolume, int, Mapping[int, float]], float] = lambda _, voxels, __: (
        BYTES_PER_VOXEL * voxels
    )
