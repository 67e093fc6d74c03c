"""Imaging defects: what each of them must state, and the registry that finds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self, get_args
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from keramos.core import View, VoxelSize
from keramos.core.registry import Registry
from keramos.simulation.line_of_sight import Sight

Stage = Literal["position", "surface", "image"]
"""Stages of imaging, in this order.

`position`: where each section really lies. Values (slices, 3): offsets along Z Y X in voxels; context `SliceRange`.
`surface`: signal of the specimen's surface. Values: grey levels of one slice (Y X); context `Surface`.
`image`: column, detector and scan. Values: grey levels of a run of slices (Z Y X); context `Sections`.
"""


@dataclass(frozen=True, eq=False, kw_only=True)
class SliceRange:
    """A run of slices; the first has number `first_slice` in the stack, counted in the order of cutting."""

    voxel_size: VoxelSize
    first_slice: int = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Sections(SliceRange):
    """A run of slices with their sections: `solid` (Z Y X) is True where the ion beam cut solid.

    `left_nm` is where on the specimen the first column of the images lies.
    """

    solid: NDArray[np.bool_]
    left_nm: float = 0.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Surface:
    """The surface of the specimen in one slice; all arrays are Y X.

    Attributes:
        sight: what each pixel shows.
        steepness: 1 over vertical or undercut walls, less over gentle slopes (see `measure_steepness`); None: all 1.
        kind: number of the solid phase; None if there is only one.
        tint: brightness of the grain, -127 ... 127; None if there are no grains.
        impurity: where an impurity is cut; None if there are none.
        slice_number: number of the slice in the order of cutting.
        corner_nm: where on the specimen the first row and column of the image lie.
    """

    sight: Sight
    voxel_size: VoxelSize
    view: View
    steepness: NDArray[np.float32] | None = None
    kind: NDArray[np.uint8] | None = None
    tint: NDArray[np.int8] | None = None
    impurity: NDArray[np.bool_] | None = None
    slice_number: int = 0
    corner_nm: tuple[float, float] = (0.0, 0.0)

    @property
    def solid(self) -> NDArray[np.bool_]:
        """Mask (Y X) of the solid that the section cuts, impurities included."""
        return self.sight.section


class Parameters(Protocol):
    """Parameters of one defect in physical units: a frozen dataclass."""

    def scale(self, factor: float) -> Self:
        """The same defect `factor` times as strong; 0 switches it off."""
        ...

    def apply(self, values: Any, context: Any) -> NDArray[Any]:
        """The values with the defect; the input is left unchanged. The context depends on the stage."""
        ...


@dataclass(frozen=True)
class Defect:
    """A member of the open set of defects.

    Attributes:
        name: key in phantom.json; the file has the same name.
        stage: see `Stage`.
        order: position within the stage, ascending.
        draw: draws realistic parameters; its second argument is the grey level of the polished solid.
        stream: number of its random stream, for the defects of Keramos, which every microscope has. A defect without
            a number gets a stream from its name and is applied where it is asked for by name.
        follows_severity: whether severity scales it; otherwise it belongs to the microscope and stays as drawn.
    """

    name: str
    stage: Stage
    order: int
    draw: Callable[[np.random.Generator, float], Parameters]
    stream: int | None = None
    follows_severity: bool = True

    def seed(self, parent: np.random.SeedSequence) -> np.random.SeedSequence:
        """The seed of this defect's random stream, which does not depend on which other defects there are."""
        own = (self.stream,) if self.stream is not None else (2**16, crc32(self.name.encode()))
        return np.random.SeedSequence(parent.entropy, spawn_key=(*parent.spawn_key, *own))

    @property
    def place(self) -> tuple[int, int]:
        """Sort key: stage, then order within it."""
        return get_args(Stage).index(self.stage), self.order


DEFECTS = Registry("defects", Defect, "keramos.simulation.defects")
"""Defects by name: each module of `defects/`, and each entry point of the group `keramos.defects`, adds its own."""
