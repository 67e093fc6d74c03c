"""keramos phantom"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keramos.apps.cli.console import print_facts, reporter
from keramos.apps.cli.options import (
    BoxOption,
    IgnoreOption,
    JsonOption,
    PhasesOption,
    PositiveOption,
    VoxelSizeOption,
    numbers,
    reading,
    write_json,
)
from keramos.core import VoxelSize


def phantom(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for images, truth and parameters.")],
    preset: Annotated[
        str, typer.Option("--preset", metavar="NAME", help="Material and microscope: ba122, sofc or battery.")
    ] = "ba122",
    severity: Annotated[
        float, typer.Option("--severity", help="How bad the images are: 0 clean, 0.5 as in life, 1 well beyond.")
    ] = 0.5,
    shape: Annotated[
        tuple[int, int, int] | None, typer.Option("--shape", metavar="Z Y X", help="Voxels (96 384 384).")
    ] = None,
    voxel_size: VoxelSizeOption = None,
    seed: Annotated[int, typer.Option("--seed", help="Another seed, another material.")] = 0,
    geometry: Annotated[
        str | None, typer.Option("--geometry", metavar="FILE", help="Image this label volume instead; void first.")
    ] = None,
    structure: Annotated[
        str | None,
        typer.Option(
            "--structure", metavar="NAME", help="polycrystal, random-field, spheres, fibres, platelets or composite."
        ),
    ] = None,
    solid_fraction: Annotated[
        float | None, typer.Option("--solid-fraction", metavar="F", help="Of the stack; the preset's own otherwise.")
    ] = None,
    cutting_order: Annotated[
        str, typer.Option("--cutting-order", metavar="increasing|decreasing", help="Does z grow as slices are cut?")
    ] = "increasing",
    hand_labels: Annotated[
        list[str] | None,
        typer.Option("--hand-labels", metavar="Z [Z ...]", help="Label these slices as a hand would, with its errors."),
    ] = None,
    defects: Annotated[
        list[str] | None,
        typer.Option("--defects", metavar="NAME [NAME ...]", help="Further imaging defects, from other packages."),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Replace a phantom that stands in DIR.")] = False,
    box: BoxOption = None,
    phases: PhasesOption = None,
    positive: PositiveOption = None,
    ignore: IgnoreOption = None,
    json_file: JsonOption = None,
) -> None:
    """Simulate a FIB-SEM stack whose every voxel is known. A killed run goes on: give the same command again.

    Example: keramos phantom --out phantom --shape 64 256 256 --severity 0.7
    """
    from keramos.project.verbs.phantom import phantom as make

    with reporter() as telling:
        parameters = make(
            out,
            shape=shape,
            voxel_size=None if voxel_size is None else VoxelSize.of(voxel_size),
            preset=preset,
            severity=severity,
            seed=seed,
            solid_fraction=solid_fraction,
            structure=structure,
            geometry=geometry,
            cutting_order=cutting_order,  # type: ignore[arg-type]
            hand_labelled=numbers(hand_labels or [], "--hand-labels"),
            defects=defects or [],
            fresh=fresh,
            reading=reading(voxel_size, box, phases, positive, ignore),
            reporter=telling,
        )
    names = ["images.ome.zarr", "truth.ome.zarr", "truth-as-imaged.ome.zarr", "regions.ome.zarr", "phantom.json"]
    names += ["hand-labels.ome.zarr"] if parameters["hand_labelled"] else []
    print_facts([(name.split(".")[0], str(out / name)) for name in names])
    write_json(json_file, parameters)
