"""Slices with labels, as segmenters choose their parameters on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from keramos.core import CuttingOrder, PhaseTable
from keramos.core.errors import LabelError


class LabelledSlice(Protocol):
    """Grey values and codes (Y X, 255 = not annotated) of one slice; `seen` are the slice and its neighbours, as many
    before as after it, or the slice alone."""

    @property
    def grey(self) -> NDArray[Any]: ...

    @property
    def codes(self) -> NDArray[np.uint8]: ...

    @property
    def seen(self) -> tuple[NDArray[Any], ...]: ...


class LabelledSlices(Protocol):
    """Slices to choose parameters on, their phases, and the order that their stacks were cut in."""

    @property
    def slices(self) -> Sequence[LabelledSlice]: ...

    @property
    def phases(self) -> PhaseTable: ...

    @property
    def cutting_order(self) -> CuttingOrder: ...


def mean_grey(data: LabelledSlices, code: int) -> float:
    """The mean grey value of the voxels of a phase.

    Raises:
        LabelError: none is annotated.
    """
    values = np.concatenate([item.grey[item.codes == code] for item in data.slices])
    if not values.size:
        raise LabelError(
            f"expected voxels of every phase to choose thresholds, found none of "
            f"{data.phases.names[code]}; annotate some"
        )
    return float(values.mean(dtype=np.float64))
