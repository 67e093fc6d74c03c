"""The places where two models of a project differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.annotation import best_window
from keramos.core import Box
from keramos.project.assist.networks import StackNetworks
from keramos.project.assist.proposals import Proposals
from keramos.segmenters import decide

_SLICES, _EDGE = 9, 128


@dataclass(frozen=True)
class SliceDifference:
    """The share of the voxels of slice z that two models decide differently, and the region in which they differ
    most."""

    z: int
    share: float
    box: str


@dataclass(frozen=True)
class Comparison:
    """Differences of two models by slice, the largest first; `share` is that of all voxels of these slices."""

    first: int
    second: int
    share: float
    slices: tuple[SliceDifference, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def compare_models(
    networks: StackNetworks,
    proposals: Proposals,
    first: int,
    second: int,
    slices: Sequence[int] | None,
    stop: Callable[[], bool],
) -> Comparison:
    """Compare two models in these slices, or in nine spread evenly over the stack; those looked at before `stop()`."""

    def decide_slice(model: int, z: int) -> NDArray[np.uint8]:
        is_known = proposals.maker_of(z) == model
        return proposals.codes(z) if is_known else decide(networks.scores(model, z))

    depth = networks.volume.shape[0]
    chosen = np.unique(np.linspace(0, depth - 1, min(depth, _SLICES)).round().astype(int)).tolist()
    rows = []
    for z in chosen if slices is None else slices:
        if stop():
            break
        differ = decide_slice(first, z) != decide_slice(second, z)
        window = best_window(differ.astype(np.float32), _EDGE)
        start = (z, window.row, window.column)
        box = Box(start, (z + 1, window.row + window.height, window.column + window.width))
        rows.append(SliceDifference(z, float(differ.mean()), str(box)))
    share = float(np.mean([row.share for row in rows])) if rows else 0.0
    return Comparison(first, second, share, tuple(sorted(rows, key=lambda row: -row.share)))
