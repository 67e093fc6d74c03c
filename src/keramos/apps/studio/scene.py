"""The stack as drawing tools see it: grey values, labels, and the proposal, by way of the pieces that are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.drawing import Drawing
from keramos.apps.studio.layers import Layer
from keramos.apps.studio.pieces import PieceCache
from keramos.core import Box, PhaseTable, Triple, Volume, VoxelSize

Codes = NDArray[np.uint8]
PROPOSAL = "proposal"
"""Name of the layer of the model's proposal."""


class StudioScene:
    """All that tools may look at: a `Scene` of `keramos.annotation.drawing`."""

    def __init__(
        self, images: Volume, cache: PieceCache, layers: Mapping[str, Layer], drawing: Callable[[], Drawing]
    ) -> None:
        self._images, self._cache, self._layers, self._drawing = images, cache, layers, drawing

    @property
    def shape(self) -> Triple:
        return self._images.shape

    @property
    def phases(self) -> PhaseTable:
        return self._drawing().phases

    @property
    def voxel_size(self) -> VoxelSize | None:
        return self._images.voxel_size

    def annotated_slices(self) -> tuple[int, ...]:
        """The slices that have labels, in order."""
        return self._drawing().annotated_slices()

    def images(self, z: int) -> NDArray[Any]:
        """Grey values (Y X) of slice `z`."""
        grey: NDArray[Any] = self._cache.read(self._images.source, self._slice(z))[0]
        return grey

    def labels(self, z: int) -> Codes:
        """Labels (Y X) of slice `z`, 255 where nobody annotated and 254 where nobody was sure."""
        return self._drawing().plane(z)

    def proposal(self, z: int) -> Codes | None:
        """The model's proposal (Y X) for slice `z`; None without one."""
        layer = self._layers.get(PROPOSAL)
        return None if layer is None else np.asarray(layer.voxels.read(0, self._slice(z))[0], np.uint8)

    def _slice(self, z: int) -> Box:
        return Box((z, 0, 0), (z + 1, *self.shape[1:]))
