"""Options of a mesh."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from keramos.core.errors import SettingsError
from keramos.core.options import Settings, option
from keramos.writers.mesh.suffixes import SURFACES, VOXELS

PASSES = 10


@dataclass(frozen=True, kw_only=True)
class MeshSettings(Settings):
    """Options of a mesh.

    10 passes of smoothing bring the area of a ball of 10 voxels' radius from 9 % too much to 1 %, and leave its volume
    within 1 %; 50 swell one of 5 voxels' radius by 4 %. Each is a step inwards and one outwards.
    """

    phase: str | None = option(
        None, help="The phase; default: the positive one for a surface, all for voxels.", metavar="NAME"
    )
    smooth: int | None = option(
        None,
        help=f"Passes of smoothing of a surface; 0 keeps the steps; default: {PASSES}.",
        metavar="N",
        low=0,
        high=50,
    )
    coarsen: int = option(1, help="N voxels along each axis become one first.", metavar="N")

    @property
    def passes(self) -> int:
        return PASSES if self.smooth is None else self.smooth


def check_mesh(out: Path, settings: MeshSettings) -> None:
    """Raise SettingsError for a suffix of no mesh, or for smoothing of voxels: before anything is read."""
    suffix = out.suffix.lower()
    if suffix not in (*SURFACES, *VOXELS):
        raise SettingsError(
            f"expected a file called *{', *'.join(SURFACES)} for a surface or *{', *'.join(VOXELS)} for a mesh of "
            f"voxels, found {out}; rename it"
        )
    if suffix in VOXELS and settings.smooth is not None:
        raise SettingsError(
            f"expected --smooth only for a surface ({', '.join(SURFACES)}), found it for the voxels of {out}; leave it "
            "out"
        )
