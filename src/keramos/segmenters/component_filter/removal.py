"""The components to remove: those of the positive phase (specks), or of all else (holes), with too few voxels."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from keramos.core import PhaseTable, Volume
from keramos.core.errors import SettingsError

_NM3 = {"nm3": 1.0, "nm³": 1.0, "um3": 1e9, "µm3": 1e9, "µm³": 1e9, "μm³": 1e9}
_ROUNDING = 1e-9
"""As many voxels as fit exactly into a volume may come out a little more by the rounding of the division."""


@dataclass(frozen=True)
class Removal:
    """Components (through faces) of the phase `positive`, or of `holes` in it, that have `fewer` voxels than this get
    the phase with which they share most faces, the lowest code on a tie."""

    holes: bool
    fewer: int
    phases: PhaseTable

    @property
    def name(self) -> str:
        return "holes" if self.holes else "specks"

    @property
    def verb(self) -> str:
        return "fill holes" if self.holes else "remove specks"

    def select(self, codes: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """The voxels that the components consist of, as a mask."""
        positive: NDArray[np.bool_] = codes == self.phases.positive
        return ~positive if self.holes else positive


def removals_for(volume: Volume, phases: PhaseTable, specks: int | str, holes: int | str) -> tuple[Removal, ...]:
    """The removals from the labels of a volume, in their order: specks, then holes in what is left.
    Both sizes are voxels or a volume such as `1e6nm3`; 0 leaves all.

    Raises:
        SettingsError: something else than a size.
        VoxelSizeError: a volume, and the voxel size is not known.
    """
    sizes = [(False, _voxels(specks, "--remove-specks", volume)), (True, _voxels(holes, "--fill-holes", volume))]
    return tuple(Removal(is_holes, fewer, phases) for is_holes, fewer in sizes if fewer)


def _voxels(size: int | str, option: str, volume: Volume) -> int:
    """The number of voxels that a component must have to stay."""
    match = re.fullmatch(r"(\d+|\d*\.?\d+(?:e[+-]?\d+)?)\s*([a-zµμ]+[3³])?", str(size).strip().lower())
    if match is not None and match[2] is None and match[1].isdecimal():
        return int(match[1])
    if match is None or match[2] not in _NM3:
        raise SettingsError(
            f"expected a whole number of voxels or a volume such as 1e6nm3 for {option}, found '{size}'"
        )
    voxels = float(match[1]) * _NM3[match[2]] / volume.require_voxel_size().volume_nm3
    return ceil(voxels * (1 - _ROUNDING))
