"""Options of reading files, which most verbs share."""

from __future__ import annotations

from dataclasses import dataclass

from keramos.core import Box, VoxelSize
from keramos.core.options import Settings, option
from keramos.settings.conversions import to_voxel_size


@dataclass(frozen=True, kw_only=True)
class ReadImageOptions(Settings):
    """Options of reading images; the file says what is None."""

    voxel_size: VoxelSize | None = option(
        None,
        help="Voxel size in nm, three numbers z y x; default: what the file states.",
        unit="nm",
        group="Reading",
        convert=to_voxel_size,
        given=tuple[float, float, float],
        metavar="Z Y X",
    )
    box: Box | str | None = option(
        None, help="Use only this region (half-open, voxels).", group="Reading", given=str, metavar="z0:z1,y0:y1,x0:x1"
    )
    detector: str | None = option(
        None,
        help="Read the images of this detector only, by the names of the files or by what they state.",
        group="Reading",
        metavar="NAME",
    )


@dataclass(frozen=True, kw_only=True)
class ReadOptions(ReadImageOptions):
    """Options of reading images and labels; the files say what is None."""

    phases: str | None = option(
        None, help="Which label values are which phase.", group="Reading", metavar="void=0,solid=128-255"
    )
    positive: str | None = option(None, help="The phase of interest.", group="Reading", metavar="PHASE")
    ignore: int | None = option(
        None, help="The label value that means: not annotated.", group="Reading", metavar="VALUE"
    )
