"""The boxes to read and to write so that a volume is processed block by block.

  read box = core + halo, clipped at the volume, start and stop on multiples of the stride
+---------------------------+
|   +-------------------+   |     Cores partition the volume and start on the output's chunk grid, so no two
|   |       core        |   |     blocks write the same chunk. At the volume's own border the read box ends with
|   +-------------------+   |     the volume: a block sees there what the whole volume would have seen.
+---------------------------+
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import lcm

from keramos.core import Box, Triple, triple
from keramos.core.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Block:
    """One unit of work: the `core` is written, the `read` box is needed to compute it."""

    index: int
    core: Box
    read: Box

    @property
    def core_in_read(self) -> Box:
        """The core in the coordinates of the pixels that were read."""
        return self.core.relative_to(self.read)


@dataclass(frozen=True, slots=True)
class Plan:
    """A partition of a volume of `shape` into cores of `core_shape` (smaller at the far border).

    Read boxes are cores grown by `halo` on both sides, aligned outward to multiples of `stride` counted from the
    volume's origin, and clipped at the volume. All triples are Z Y X in voxels.

    Raises:
        SettingsError: a core edge or a stride below one, a halo below zero, or cores that are not multiples of the
            stride (the same voxel would meet another phase of the network's grid in another block).
    """

    shape: Triple
    core_shape: Triple
    halo: Triple = (0, 0, 0)
    stride: Triple = (1, 1, 1)

    def __post_init__(self) -> None:
        if min(self.shape) < 1 or min(self.core_shape) < 1 or min(self.stride) < 1 or min(self.halo) < 0:
            raise SettingsError(
                f"expected a positive shape, core and stride and a halo of at least 0, found {self.shape}, "
                f"{self.core_shape}, {self.stride} and {self.halo}"
            )

    @property
    def grid(self) -> Triple:
        """The number of blocks along Z Y X."""
        return triple([-(-n // c) for n, c in zip(self.shape, self.core_shape, strict=True)])

    def __len__(self) -> int:
        nz, ny, nx = self.grid
        return nz * ny * nx

    def __iter__(self) -> Iterator[Block]:
        for index, position in enumerate(product(*map(range, self.grid))):
            yield self._block(index, position)

    def __getitem__(self, index: int) -> Block:
        if not 0 <= index < len(self):
            raise IndexError(f"expected a block below {len(self)}, found {index}")
        _, ny, nx = self.grid
        return self._block(index, (index // (ny * nx), index // nx % ny, index % nx))

    def _block(self, index: int, position: Sequence[int]) -> Block:
        whole = Box.whole(self.shape)
        start = triple([p * c for p, c in zip(position, self.core_shape, strict=True)])
        core = Box((0, 0, 0), self.core_shape).shift(start).clip(whole)
        return Block(index, core, align_box(core.grow(self.halo), self.stride).clip(whole))


def align_box(box: Box, stride: Sequence[int]) -> Box:
    """The smallest box around `box` whose start and stop are multiples of `stride`."""
    return Box(
        triple([a // s * s for a, s in zip(box.start, stride, strict=True)]),
        triple([-(-b // s) * s for b, s in zip(box.stop, stride, strict=True)]),
    )


def plan_blocks(
    shape: Sequence[int],
    *,
    halo: Sequence[int] = (0, 0, 0),
    stride: Sequence[int] = (1, 1, 1),
    chunk: Sequence[int] = (1, 1, 1),
    max_voxels: int = 2**24,
) -> Plan:
    """The plan whose blocks read at most about `max_voxels`, with cores on the output's chunk grid.

    Whole slices if a chunk's depth of them fits (nothing is then read twice in the slice); else tiles as square as
    the chunk grid allows. A core is never smaller than one chunk.
    """
    unit = triple([c if c >= n else lcm(c, s) for c, s, n in zip(chunk, stride, shape, strict=True)])
    core = [_whole(n, u) for n, u in zip(shape, unit, strict=True)]
    while _read_voxels(core, halo, shape) > max_voxels:
        axis = _axis_to_split(core, unit)
        if axis is None:
            break
        core[axis] = _whole(-(-core[axis] // 2), unit[axis])
    return Plan(triple(shape), triple(core), triple(halo), triple(stride))


def _whole(length: int, unit: int) -> int:
    return -(-length // unit) * unit


def _read_voxels(core: Sequence[int], halo: Sequence[int], shape: Sequence[int]) -> int:
    voxels = 1
    for c, h, n in zip(core, halo, shape, strict=True):
        voxels *= min(c + 2 * h, n)
    return voxels


def _axis_to_split(core: Sequence[int], unit: Sequence[int]) -> int | None:
    """Depth first, then the longer edge of the slice; None when every edge is one unit."""
    if core[0] > unit[0]:
        return 0
    in_slice = [axis for axis in (1, 2) if core[axis] > unit[axis]]
    return max(in_slice, key=lambda axis: core[axis]) if in_slice else None
