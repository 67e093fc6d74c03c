"""The places where two models of a project differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.annotation import best_window
from keramos.annotation.differences import mark_differences, name_differences
from keramos.core import Box, PhaseTable, Volume, triple
from keramos.io import create_labels, remove_store
from keramos.project.assist.networks import StackNetworks
from keramos.project.assist.proposals import Proposals
from keramos.segmenters import decide

_SLICES, _EDGE, _CHUNK = 9, 128, 256
Keep = Callable[[int, NDArray[np.uint8], NDArray[np.uint8]], None]


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


class DifferenceStore:
    """A label store of the differences of two models, slice by slice: the second one's phase where they differ, 255
    elsewhere and in slices that were not compared. It is made anew."""

    def __init__(self, path: Path, volume: Volume, phases: PhaseTable) -> None:
        self.path, self._phases = path, phases
        remove_store(path)
        self._writer = create_labels(
            path,
            volume.shape,
            phases=name_differences(phases),
            voxel_size=volume.voxel_size,
            name="difference",
            chunks=triple([1, *(min(_CHUNK, edge) for edge in volume.shape[1:])]),
        )

    def keep(self, z: int, first: NDArray[np.uint8], second: NDArray[np.uint8]) -> None:
        """Keep where the codes (Y X) of slice z by the two models differ."""
        box = Box((z, 0, 0), (z + 1, *first.shape))
        self._writer.write(box, mark_differences(first, second, len(self._phases))[None])


def keep_nothing(z: int, first: NDArray[np.uint8], second: NDArray[np.uint8]) -> None:
    """Keeps nothing of two models' codes."""


def compare_models(
    networks: StackNetworks,
    proposals: Proposals,
    first: int,
    second: int,
    slices: Sequence[int] | None,
    stop: Callable[[], bool],
    keep: Keep = keep_nothing,
) -> Comparison:
    """Compare two models in these slices, or in nine spread evenly over the stack; those looked at before `stop()`.
    `keep` is given each slice with the codes (Y X) of both."""

    def decide_slice(model: int, z: int) -> NDArray[np.uint8]:
        is_known = proposals.maker_of(z) == model
        return proposals.codes(z) if is_known else decide(networks.scores(model, z))

    depth = networks.volume.shape[0]
    chosen = np.unique(np.linspace(0, depth - 1, min(depth, _SLICES)).round().astype(int)).tolist()
    rows = []
    for z in chosen if slices is None else slices:
        if stop():
            break
        one, other = decide_slice(first, z), decide_slice(second, z)
        keep(z, one, other)
        differ = one != other
        window = best_window(differ.astype(np.float32), _EDGE)
        start = (z, window.row, window.column)
        box = Box(start, (z + 1, window.row + window.height, window.column + window.width))
        rows.append(SliceDifference(z, float(differ.mean()), str(box)))
    share = float(np.mean([row.share for row in rows])) if rows else 0.0
    return Comparison(first, second, share, tuple(sorted(rows, key=lambda row: -row.share)))
