"""A block as measurements see it: its voxels, those around it, which of them are annotated, and its place."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, Triple, triple

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class BlockView:
    """Phase codes (uint8, Z Y X) of the box `read`, which holds `core` and whatever was asked for around it.

    Both boxes are in the coordinates of a volume of `shape`, which the cores partition. Voxels of code 255 are not
    annotated; beyond the volume none is.
    """

    codes: NDArray[np.uint8]
    read: Box
    core: Box
    shape: Triple

    @cached_property
    def _shared(self) -> dict[Hashable, Any]:
        return {}

    def share(self, key: Hashable, compute: Callable[[], T]) -> T:
        """A result that several measurements need of the block: computed for the first that asks, kept with the block.

        The key says all that the result depends on besides the block; nobody may change what comes out.
        """
        if key not in self._shared:
            self._shared[key] = compute()
        return cast(T, self._shared[key])

    @cached_property
    def core_codes(self) -> NDArray[np.uint8]:
        """The codes of the core."""
        return self.codes[self.core.relative_to(self.read).slices]

    @cached_property
    def is_annotated(self) -> bool:
        """Whether every voxel that was read is annotated: then nothing has to be left out."""
        return not np.any(self.codes == NOT_ANNOTATED)

    def codes_in(self, box: Box) -> NDArray[np.uint8]:
        """The codes of a box around the core; it may stick out of the volume, where nothing is annotated."""
        inside = box.clip(Box.whole(self.shape))
        codes = self.codes[inside.relative_to(self.read).slices]
        if inside == box:
            return codes
        pads = [(a - b, d - c) for a, b, c, d in zip(inside.start, box.start, inside.stop, box.stop, strict=True)]
        return np.pad(codes, pads, constant_values=NOT_ANNOTATED)

    def core_and_after(self, after: Triple) -> NDArray[np.uint8]:
        """The codes of the core and of so many voxels (Z Y X) after it."""
        return self.codes_in(Box(self.core.start, triple([b + n for b, n in zip(self.core.stop, after, strict=True)])))

    def within(self, box: Box) -> BlockView | None:
        """The part of the block in a box of the volume, as a block of a volume that is this box; None if it has
        none."""
        core, read = self.core.clip(box), self.read.clip(box)
        if not core.voxels:
            return None
        codes = self.codes[read.relative_to(self.read).slices]
        return BlockView(codes, read.relative_to(box), core.relative_to(box), box.shape)
