"""keramos export"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keramos.cli.console import print_facts, reporter
from keramos.cli.options import BoxOption, VoxelSizeOption, reading
from keramos.errors import SettingsError


def export(
    path: Annotated[str, typer.Argument(metavar="PATH", help="A segmentation or images.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file to write.")],
    to: Annotated[str, typer.Option("--to", metavar="tiff", help="The format.")] = "tiff",
    fresh: Annotated[bool, typer.Option("--fresh", help="Replace a file that is there.")] = False,
    voxel_size: VoxelSizeOption = None,
    box: BoxOption = None,
) -> None:
    """Write a stack as a TIFF that Fiji opens with its voxel size.

    Example: keramos export segmentation.ome.zarr --to tiff --out segmentation.tif
    """
    if to != "tiff":
        raise SettingsError(f"expected --to tiff, found '{to}'")
    from keramos.workflow import export as write

    with reporter() as telling:
        write(path, out, fresh=fresh, reading=reading(voxel_size, box), reporter=telling)
    print_facts([("written", str(out))])
