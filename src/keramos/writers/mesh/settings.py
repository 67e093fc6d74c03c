"""What a mesh is to be of, and how fine."""

from __future__ import annotations

from dataclasses import dataclass

from keramos.core.errors import SettingsError

PASSES = 10
_MOST_PASSES = 50


@dataclass(frozen=True)
class MeshSettings:
    """What to mesh, and how.

    Attributes:
        phase: by name. None: the positive phase for a surface, all phases for a mesh of voxels.
        smooth: passes that take the voxels' steps off a surface, each a step inwards and one outwards; 0 leaves them.
            10 bring the area of a ball of 10 voxels' radius from 9 % too much to 1 %, and leave its volume within 1 %;
            50, the most, swell one of 5 voxels' radius by 4 %. None: 10.
        coarsen: this many voxels along each axis become one first.

    Raises:
        SettingsError: passes below 0 or beyond 50.
    """

    phase: str | None = None
    smooth: int | None = None
    coarsen: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.passes <= _MOST_PASSES:
            raise SettingsError(f"expected --smooth from 0 to {_MOST_PASSES} passes, found {self.passes}")

    @property
    def passes(self) -> int:
        return PASSES if self.smooth is None else self.smooth
