"""Float images: NaN and infinity are found when they are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, PixelSource, SourceView
from keramos.core.errors import PixelError


@dataclass(frozen=True, eq=False)
class FiniteSource(SourceView):
    """The same pixels; PixelError on reading a box that holds NaN or infinity."""

    name: str

    def read(self, box: Box) -> NDArray[Any]:
        pixels = self.source.read(box)
        finite = np.isfinite(pixels)
        if not finite.all():
            z, y, x = (int(axis[0]) for axis in np.nonzero(~finite))
            kind = "NaN" if np.isnan(pixels[z, y, x]) else "infinity"
            raise PixelError(
                f"expected finite grey values, found {kind} in {place(self.source, box.start[0] + z, self.name)} at "
                f"(y, x) = ({box.start[1] + y}, {box.start[2] + x}); "
                "replace such pixels, or leave them out with --box z0:z1,y0:y1,x0:x1"
            )
        return pixels


def place(source: PixelSource, z: int, name: str) -> str:
    """Slice z of a source in words, with the name of its own file where it has one."""
    slice_name = getattr(source, "slice_name", None)
    return f"{slice_name(z)} of {name}" if slice_name else f"slice {z} of {name}"
