"""The box of annotated voxels that measurements in memory are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, VoxelSize
from keramos.measurements.volume import MeasuredVolume
from keramos.settings.quantify import MeasurementOptions


@dataclass(frozen=True, eq=False)
class Subvolume:
    """The `codes` (uint8, Z Y X) of a box of `volume`, every voxel annotated; its name as a domain, and the `box` in
    voxels of `volume.labels`."""

    codes: NDArray[np.uint8]
    name: str
    box: Box
    volume: MeasuredVolume

    @property
    def voxel_size(self) -> VoxelSize:
        return self.volume.voxel_size

    @property
    def settings(self) -> MeasurementOptions:
        return self.volume.settings

    @property
    def measured_codes(self) -> tuple[int, ...]:
        """The codes of the phases that are asked for."""
        return self.volume.measured_codes

    def phase(self, code: int) -> str:
        """The name of a phase."""
        return self.volume.phases.names[code]
