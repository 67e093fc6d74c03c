"""The box of annotated voxels that measurements in memory are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Triple, VoxelSize, triple
from keramos.measurements.volume import MeasuredVolume
from keramos.settings.quantify import MeasurementOptions


@dataclass(frozen=True, eq=False)
class Subvolume:
    """The `codes` (uint8, Z Y X) of a box of `volume`, every voxel annotated; its name as a domain, and the `box` in
    voxels of `volume.labels`; and the `largest` share of each phase, by its code, in any of the subvolumes that are
    measured alike."""

    codes: NDArray[np.uint8]
    name: str
    box: Box
    volume: MeasuredVolume
    largest: Mapping[int, float] = field(default_factory=dict)
    _shared: dict[Any, Any] = field(default_factory=dict, repr=False)

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

    def share(self, key: tuple[str, int] | tuple[str, int, int], compute: Callable[[], Any]) -> Any:
        """The result of `compute`, computed once for all measurements that ask for it under the same key: a name, the
        code of a phase, and an axis where there is one. Keep it small; it stays in memory."""
        if key not in self._shared:
            self._shared[key] = compute()
        return self._shared[key]


def middle_box(shape: Triple, max_voxels: int) -> Box:
    """The box in the middle of a volume that has at most so many voxels, as near to a cube as the volume allows.

    Example:
        >>> str(middle_box((10, 40, 40), 4000))
        '0:10,10:30,10:30'
    """
    edge = list(shape)
    while np.prod([float(n) for n in edge]) > max_voxels:
        longest = int(np.argmax(edge))
        others = [n for axis, n in enumerate(edge) if axis != longest]
        fits = int(max_voxels // np.prod([float(n) for n in others]))
        second = sorted(edge)[-2]
        edge[longest] = max(fits, second) if edge[longest] > second else edge[longest] - 1
    start = triple([(n - e) // 2 for n, e in zip(shape, edge, strict=True)])
    return Box(start, triple([a + e for a, e in zip(start, edge, strict=True)]))
