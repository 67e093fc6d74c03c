"""Phase codes of the values that another source reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, PixelSource, SourceView
from keramos.core.errors import LabelError
from keramos.io.finite import place
from keramos.io.label_codes import CodeMap
from keramos.io.label_doubts import ranges_between


@dataclass(frozen=True, eq=False)
class LabelSource(SourceView):
    """The codes of another source's values; LabelError on reading a value that no phase claims."""

    codes: CodeMap
    name: str

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(np.uint8)

    def read(self, box: Box) -> NDArray[np.uint8]:
        values = read_integers(self.source, box, self.name)
        codes, stray = self.codes.translate(values)
        if stray.any():
            self._refuse(box, values, stray)
        return codes

    def _refuse(self, box: Box, values: NDArray[Any], stray: NDArray[np.bool_]) -> None:
        z = box.start[0] + int(np.flatnonzero(stray.any(axis=(1, 2)))[0])
        unclaimed = [int(value) for value in np.unique(values[stray])]
        listed = ", ".join(map(str, unclaimed[:5])) + (", ..." if len(unclaimed) > 5 else "")
        number = np.count_nonzero(stray)
        raise LabelError(
            f"expected values of the phases {', '.join(self.codes.phases.names)}, found {listed}, which no "
            f"phase claims ({number:,} voxels), in {place(self.source, z, self.name)}; {self._advise(unclaimed)}"
        )

    def _advise(self, unclaimed: list[int]) -> str:
        first = unclaimed[0]
        claimed = [claim for claim in self.codes.claims if claim.code < len(self.codes.phases)]
        between = claimed and claimed[0].low <= first and unclaimed[-1] <= claimed[-1].high
        if len(unclaimed) > 1 and between:
            ranges = ranges_between([claim.low for claim in claimed], claimed[-1].high)
            return f"give each phase a range, for example --phases {ranges}"
        return (
            f"claim it, for example --phases NAME={first},..., or leave it out with --ignore {first} if it means not "
            "annotated"
        )


def read_integers(source: PixelSource, box: Box, name: str) -> NDArray[Any]:
    """Values as integers; LabelError for a float image whose values are not whole numbers."""
    values = source.read(box)
    if values.dtype.kind != "f":
        return values
    whole = np.isfinite(values) & (values == np.rint(values))
    if not whole.all():
        z, y, x = (int(axis[0]) for axis in np.nonzero(~whole))
        raise LabelError(
            f"expected whole numbers as labels, found {values[z, y, x]:g} in {place(source, box.start[0] + z, name)}, "
            "which looks like a grey value; give the label file, exported without smoothing (nearest neighbour)"
        )
    return values.astype(np.int64)
