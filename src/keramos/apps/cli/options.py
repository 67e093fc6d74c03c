"""Options that several commands share, and how their texts are read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keramos.core import VoxelSize
from keramos.core.errors import SettingsError

if TYPE_CHECKING:
    from keramos.project.inputs import Reading

VoxelSizeOption = Annotated[
    tuple[float, float, float] | None,
    typer.Option("--voxel-size", metavar="Z Y X", help="Voxel size in nm, where the file does not say it."),
]
BoxOption = Annotated[
    str | None, typer.Option("--box", metavar="z0:z1,y0:y1,x0:x1", help="Use only this region (half-open, voxels).")
]
PhasesOption = Annotated[
    str | None, typer.Option("--phases", help="Which label values are which phase: void=0,solid=128-255.")
]
PositiveOption = Annotated[str | None, typer.Option("--positive", metavar="PHASE", help="The phase of interest.")]
IgnoreOption = Annotated[
    int | None, typer.Option("--ignore", metavar="VALUE", help="The label value that means: not annotated.")
]
JsonOption = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write every number to this file.")]
DeviceOption = Annotated[str, typer.Option("--device", metavar="auto|cpu|cuda|mps", help="Where networks run.")]


def reading(
    voxel_size: tuple[float, float, float] | None = None,
    box: str | None = None,
    phases: str | None = None,
    positive: str | None = None,
    ignore: int | None = None,
) -> Reading:
    """How files are to be read, from the options."""
    from keramos.project.inputs import Reading

    return Reading(None if voxel_size is None else VoxelSize.of(voxel_size), box, phases, positive, ignore)


def write_json(path: Path | None, data: Any) -> None:
    """Write what a command printed, if asked for."""
    if path is not None:
        from keramos.core.files import write_text
        from keramos.project.outputs import refuse_other

        refuse_other(path, "JSON file")
        write_text(path, json.dumps(data, indent=1, allow_nan=False) + "\n")


def numbers(texts: list[str], option: str) -> list[int]:
    """Slice numbers from `12 48`, `12,48` or `10-12`. SettingsError for anything else."""
    found: list[int] = []
    for part in ",".join(texts).replace(" ", ",").split(","):
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        if part and (match is None or int(match[2] or match[1]) < int(match[1])):
            raise SettingsError(f"expected slice numbers such as 48 or 10-12 for {option}, found '{part}'")
        if match is not None:
            found += range(int(match[1]), int(match[2] or match[1]) + 1)
    return found
