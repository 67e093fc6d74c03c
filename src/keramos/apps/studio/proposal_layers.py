"""The model's proposal and its uncertainty as layers, which change slice by slice while somebody looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from keramos.apps.studio.layers import IMAGES, Layer
from keramos.apps.studio.scene import PROPOSAL
from keramos.apps.studio.stored_voxels import StoredVoxels
from keramos.core import Box, Triple, triple
from keramos.io import Level, open_labels, open_uncertainty

if TYPE_CHECKING:
    from keramos.apps.studio.studio import Studio

UNCERTAINTY = "uncertainty"


class FinestVoxels(Protocol):
    """Something that has voxels on the finest level."""

    def read(self, level: int, box: Box) -> NDArray[Any]: ...

    def forget(self, slices: Sequence[int] | None = None) -> None: ...


@dataclass(eq=False)
class SampledVoxels:
    """Voxels that are stored on the finest level alone: a voxel of a coarser level shows the one in its middle."""

    stored: FinestVoxels
    levels: Sequence[tuple[Triple, Triple]]

    def read(self, level: int, box: Box) -> NDArray[Any]:
        """The voxels of a box of a level."""
        (_, merged), shape = self.levels[level], self.levels[0][0]
        if merged == (1, 1, 1):
            return self.stored.read(0, box)
        wide = Box(_times(box.start, merged), _times(box.stop, merged)).clip(Box.whole(shape))
        places = [
            np.minimum(np.arange(a, b) * step + step // 2, n - 1) - first
            for a, b, step, n, first in zip(box.start, box.stop, merged, shape, wide.start, strict=True)
        ]
        sampled: NDArray[Any] = self.stored.read(0, wide)[np.ix_(*places)]
        return sampled

    def forget(self, slices: Sequence[int] | None = None) -> None:
        """Read anew what has changed."""
        self.stored.forget(slices)


def show_proposals(studio: Studio) -> None:
    """Show the proposal of the project, if it has one. From any thread. KeramosError where it cannot be opened."""
    path = studio.workspace.proposal
    if not path.is_dir():
        return
    labels, unsure = open_labels(path), open_uncertainty(path)
    if labels.shape != studio.images.shape:
        return
    levels = studio.layers[IMAGES].voxels.levels
    for name, volume, phases in ((UNCERTAINTY, unsure, None), (PROPOSAL, labels, labels.phases)):
        stored = StoredVoxels((Level(volume.source, (1, 1, 1)),), studio.cache)
        kind: Any = "labels" if name == PROPOSAL else "uncertainty"
        studio.show_layer(Layer(name, name, kind, SampledVoxels(stored, levels), phases, path=path))


def renew_slices(studio: Studio, slices: list[int]) -> None:
    """Tell the pages that these slices of the proposal have changed. From any thread."""
    for name in (PROPOSAL, UNCERTAINTY):
        layer = studio.layers.get(name)
        if layer is not None and isinstance(layer.voxels, SampledVoxels):
            layer.voxels.forget()
            layer.version += 1
            studio.broadcast({"type": "changed", "layer": name, "slices": slices, "version": layer.version})


def _times(place: Triple, factors: Triple) -> Triple:
    return triple([a * b for a, b in zip(place, factors, strict=True)])
