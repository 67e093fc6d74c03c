"""What a measurement sees of one block: its voxels and those around it, and where they lie in the volume."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, Triple, triple


@dataclass(frozen=True, eq=False)
class Seen:
    """Phase codes (uint8, Z Y X) of the box `read`, which holds `core` and whatever was asked for around it, inside a
    volume of `shape`. Cores partition the volume."""

    codes: NDArray[np.uint8]
    read: Box
    core: Box
    shape: Triple

    @cached_property
    def own(self) -> NDArray[np.uint8]:
        """The codes of the core."""
        return self.codes[self.core.relative_to(self.read).slices]

    def after(self, after: Triple) -> NDArray[np.uint8]:
        """The codes of the core and of so many voxels after it; beyond the volume nothing is annotated."""
        return self.beyond(Box(self.core.start, triple([b + n for b, n in zip(self.core.stop, after, strict=True)])))

    def beyond(self, box: Box) -> NDArray[np.uint8]:
        """The codes of a box that may stick out of the volume, where nothing is annotated."""
        inside = box.clip(Box.whole(self.shape))
        found = self.codes[inside.relative_to(self.read).slices]
        if inside == box:
            return found
        pads = [(a - b, d - c) for a, b, c, d in zip(inside.start, box.start, inside.stop, box.stop, strict=True)]
        return np.pad(found, pads, constant_values=NOT_ANNOTATED)
