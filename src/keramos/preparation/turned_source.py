"""Raw slices turned by 180 degrees, as a scan that was turned needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from keramos.core import Box, SourceView, triple


@dataclass(frozen=True, eq=False)
class TurnedSource(SourceView):
    """Slices whose `field` (rows and columns of a box) is turned by 180 degrees about its middle; nothing else of them
    can be read.

    Example:
        >>> import numpy as np
        >>> from keramos.core import ArraySource
        >>> raw = ArraySource(np.array([[[1, 2, 3], [4, 5, 6], [0, 0, 0]]]))
        >>> turned = TurnedSource(raw, Box((0, 0, 0), (1, 2, 3)))
        >>> turned.read(Box((0, 0, 0), (1, 1, 2))).tolist()
        [[[6, 5]]]
    """

    field: Box

    def read(self, box: Box) -> NDArray[Any]:
        ends = [a + b for a, b in zip(self.field.start, self.field.stop, strict=True)]
        start = (box.start[0], ends[1] - box.stop[1], ends[2] - box.stop[2])
        there = Box(start, triple([a + n for a, n in zip(start, box.shape, strict=True)]))
        return self.source.read(there)[:, ::-1, ::-1]
