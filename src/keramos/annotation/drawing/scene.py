"""The stack with its labels and the model's proposal, as tools see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.drawing.drawing import Drawing
from keramos.annotation.drawing.patch import Codes
from keramos.core import Box, LabelVolume, PhaseTable, Triple, Volume, VoxelSize

Grey = NDArray[Any]
_SLICES_KEPT = 4


class Scene(Protocol):
    """All that a tool may look at."""

    @property
    def shape(self) -> Triple:
        """Z Y X of the stack."""
        ...

    @property
    def phases(self) -> PhaseTable:
        """The phases of the labels."""
        ...

    @property
    def voxel_size(self) -> VoxelSize | None:
        """Edges in nm; None where unknown."""
        ...

    def annotated_slices(self) -> tuple[int, ...]:
        """The slices that have labels, in order."""
        ...

    def images(self, z: int) -> Grey:
        """Grey values (Y X) of slice `z`."""
        ...

    def labels(self, z: int) -> Codes:
        """Labels (Y X) of slice `z`, 255 where nobody annotated and 254 where nobody was sure."""
        ...

    def proposal(self, z: int) -> Codes | None:
        """The model's proposal (Y X) for slice `z`, 255 where it has none; None without a proposal."""
        ...


class VolumeScene:
    """A scene made of a volume, a drawing, and a function that gives the proposal for a slice.

    Example:
        >>> volume = Volume.from_array(np.zeros((2, 3, 4), np.uint8))
        >>> scene = VolumeScene(volume, Drawing(volume.shape, PhaseTable.from_names(["void", "solid"])))
        >>> scene.images(1).shape, scene.proposal(1)
        ((3, 4), None)
    """

    def __init__(
        self, volume: Volume, drawing: Drawing, propose: Callable[[int], Codes | None] | LabelVolume | None = None
    ) -> None:
        self._volume, self._drawing, self._propose = volume, drawing, propose
        self._kept: dict[int, Grey] = {}

    @property
    def shape(self) -> Triple:
        """Z Y X of the stack."""
        return self._volume.shape

    @property
    def phases(self) -> PhaseTable:
        """The phases of the labels."""
        return self._drawing.phases

    @property
    def voxel_size(self) -> VoxelSize | None:
        """Edges in nm; None where unknown."""
        return self._volume.voxel_size

    def annotated_slices(self) -> tuple[int, ...]:
        """The slices that have labels, in order."""
        return self._drawing.annotated_slices()

    def images(self, z: int) -> Grey:
        """Grey values (Y X) of slice `z`; those of the last few slices are kept."""
        if z not in self._kept:
            while len(self._kept) >= _SLICES_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[z] = self._volume.read(_slice_box(z, self.shape))[0]
        return self._kept[z]

    def labels(self, z: int) -> Codes:
        """Labels (Y X) of slice `z`."""
        return self._drawing.plane(z)

    def proposal(self, z: int) -> Codes | None:
        """The model's proposal (Y X) for slice `z`; None without one."""
        if isinstance(self._propose, LabelVolume):
            return np.asarray(self._propose.read(_slice_box(z, self.shape))[0], np.uint8)
        return None if self._propose is None else self._propose(z)


def _slice_box(z: int, shape: Triple) -> Box:
    return Box((z, 0, 0), (z + 1, *shape[1:]))
