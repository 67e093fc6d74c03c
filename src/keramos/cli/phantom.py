"""keramos phantom"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keramos.cli.console import print_facts, reporter
from keramos.cli.options import JsonOption, VoxelSizeOption, write_json
from keramos.volume import VoxelSize


def phantom(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for images, truth and parameters.")],
    preset: Annotated[str, typer.Option("--preset", metavar="NAME", help="Material and microscope.")] = "ba122",
    severity: Annotated[
        float, typer.Option("--severity", help="How bad the images are: 0 clean, 0.5 as in life, 1 well beyond.")
    ] = 0.5,
    shape: Annotated[tuple[int, int, int], typer.Option("--shape", metavar="Z Y X", help="Voxels.")] = (96, 384, 384),
    voxel_size: VoxelSizeOption = None,
    seed: Annotated[int, typer.Option("--seed", help="Another seed, another material.")] = 0,
    fresh: Annotated[bool, typer.Option("--fresh", help="Replace a phantom that stands in DIR.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Simulate a FIB-SEM stack whose every voxel is known.

    Example: keramos phantom --out phantom --shape 64 256 256 --severity 0.7
    """
    from keramos.workflow import phantom as make

    size = {} if voxel_size is None else {"voxel_size": VoxelSize.of(voxel_size)}
    with reporter() as telling:
        parameters = make(
            out, shape=shape, preset=preset, severity=severity, seed=seed, fresh=fresh, reporter=telling, **size
        )
    names = ("images.ome.zarr", "truth.ome.zarr", "phantom.json")
    print_facts([(name.split(".")[0], str(out / name)) for name in names])
    write_json(json_file, parameters)
