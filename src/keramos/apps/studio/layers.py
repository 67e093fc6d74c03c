"""Layers of the page: the stack, the drawing, proposals, other segmentations; each gives tiles of its planes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal, Protocol

from numpy.typing import NDArray

from keramos.core import Box, PhaseTable, Triple, triple

IMAGES, LABELS = "images", "labels"
"""Names of the layers of the stack and of the drawing."""
TILE = 256
"""Edge of a tile."""
Plane = Literal["xy", "xz", "yz"]
PLANES: dict[str, tuple[int, int, int]] = {"xy": (0, 1, 2), "xz": (1, 0, 2), "yz": (2, 1, 0)}
"""By plane the axes (0 z, 1 y, 2 x) of its position, of its rows and of its columns. The xz plane goes below
the xy plane, the yz plane beside it with y downwards, too."""
Kind = Literal["images", "labels", "scores", "uncertainty"]


class Voxels(Protocol):
    """Something that has voxels on several levels."""

    @property
    def levels(self) -> Sequence[tuple[Triple, Triple]]:
        """The shape of each level, and the voxels of the stack that one of its voxels merges (Z Y X)."""
        ...

    def read(self, level: int, box: Box) -> NDArray[Any]:
        """The voxels of a box of a level, as the page shows them."""
        ...

    def forget(self, slices: Sequence[int] | None = None) -> None:
        """Keep nothing of some slices of the stack (all if None), which have changed."""
        ...


@dataclass(eq=False)
class Layer:
    """A layer: what the page calls it, and its voxels. `version` grows with each change of them."""

    name: str
    title: str
    kind: Kind
    voxels: Voxels
    phases: PhaseTable | None = None
    version: int = 0
    planes: tuple[str, ...] = tuple(PLANES)
    key: str = field(default_factory=lambda: token_hex(4))
    """Tells the voxels from those of other layers that had the name before."""
    path: Path | None = None
    """Its file; None for what is only in memory."""

    def to_json(self) -> dict[str, Any]:
        """JSON values: all that the page needs to ask for tiles."""
        return {
            "name": self.name,
            "title": self.title,
            "kind": self.kind,
            "version": self.version,
            "planes": list(self.planes),
            "levels": [{"shape": list(shape), "merged": list(merged)} for shape, merged in self.voxels.levels],
            "phases": None if self.phases is None else phases_to_json(self.phases),
        }


@dataclass(frozen=True)
class TileAddress:
    """A tile: its layer, plane and level, the position of the plane in voxels of that level, and its row and column."""

    layer: str
    plane: str
    level: int
    index: int
    row: int
    column: int

    def box(self, shape: Triple) -> Box | None:
        """The voxels of the tile in a level of this shape; None if there are none."""
        position, down, along = PLANES[self.plane]
        edges = ((position, self.index, 1), (down, self.row * TILE, TILE), (along, self.column * TILE, TILE))
        starts, stops = [0, 0, 0], list(shape)
        for axis, first, length in edges:
            if not 0 <= first < shape[axis]:
                return None
            starts[axis], stops[axis] = first, min(shape[axis], first + length)
        return Box(triple(starts), triple(stops))

    def cut(self, voxels: NDArray[Any]) -> NDArray[Any]:
        """The voxels of the tile's box as rows and columns."""
        pixels: NDArray[Any] = voxels.transpose(PLANES[self.plane])[0]
        return pixels


def read_tile(layer: Layer, address: TileAddress) -> NDArray[Any] | None:
    """The pixels of a tile (rows, columns), fewer than 256 x 256 at the far borders; None if there is no such tile."""
    levels = layer.voxels.levels
    if address.plane not in layer.planes or not 0 <= address.level < len(levels):
        return None
    box = address.box(levels[address.level][0])
    return None if box is None else address.cut(layer.voxels.read(address.level, box))


def phases_to_json(phases: PhaseTable) -> list[dict[str, Any]]:
    """The phases with their codes, as the page has them."""
    return [{"code": code, "name": phase.name, "colour": phase.colour} for code, phase in enumerate(phases)]
