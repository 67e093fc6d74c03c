"""keramos export"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keramos.apps.cli.console import print_facts, reporter
from keramos.apps.cli.options import (
    BoxOption,
    IgnoreOption,
    PhasesOption,
    PositiveOption,
    VoxelSizeOption,
    numbers,
    reading,
)


def export(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH", help="A segmentation, images or a model (nnunet: one or more stacks)."),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="PATH", help="The file (nnunet: the folder) to write.")],
    to: Annotated[
        str, typer.Option("--to", metavar="NAME", help="The format: tiff, mesh, vti, onnx, bioimageio, nnunet, ...")
    ] = "tiff",
    phase: Annotated[
        str | None,
        typer.Option("--phase", metavar="NAME", help="mesh: the phase (surface: the positive one; voxels: all)."),
    ] = None,
    smooth: Annotated[
        int | None,
        typer.Option("--smooth", metavar="N", help="mesh: passes of smoothing of a surface (10); 0 keeps the steps."),
    ] = None,
    coarsen: Annotated[
        int | None, typer.Option("--coarsen", metavar="N", help="mesh: N voxels along each axis become one first.")
    ] = None,
    compress: Annotated[bool, typer.Option("--compress", help="vti: compress it; smaller, and slower.")] = False,
    labels: Annotated[
        list[str] | None,
        typer.Option("--labels", metavar="LABELS", help="nnunet: the stack's labels; once for each of several stacks."),
    ] = None,
    slices: Annotated[
        list[str] | None, typer.Option("--slices", metavar="Z [Z ...]", help="nnunet: these annotated slices only.")
    ] = None,
    context: Annotated[
        int | None,
        typer.Option("--context", metavar="N", help="nnunet: N slices beside annotated ones, to be ignored."),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="bioimageio, nnunet: the name of the model or the data set.")
    ] = None,
    number: Annotated[
        int | None, typer.Option("--number", metavar="N", help="nnunet: the data set's number (500).")
    ] = None,
    authors: Annotated[
        str | None, typer.Option("--authors", metavar="NAME[, NAME]", help="bioimageio: who made the model.")
    ] = None,
    images: Annotated[
        str | None,
        typer.Option(
            "--images",
            metavar="P",
            help="onnx, bioimageio: a stack whose grey level is put into a model that needs it.",
        ),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Replace an export that is there.")] = False,
    voxel_size: VoxelSizeOption = None,
    box: BoxOption = None,
    phases: PhasesOption = None,
    positive: PositiveOption = None,
    ignore: IgnoreOption = None,
) -> None:
    """Write a stack, a model or annotated slices for other software.

    tiff: a stack that Fiji opens with its voxel size.
    Example: keramos export segmentation.ome.zarr --to tiff --out segmentation.tif

    mesh: in nm, from the corner of the first voxel: the closed, smoothed surface of a phase as .stl, .ply, .obj or
    .vtp; voxels as hexahedra for finite elements as .vtu, or .inp with an element set for each phase.
    Example: keramos export segmentation.ome.zarr --to mesh --phase solid --out solid.stl

    vti: a stack for ParaView and Avizo, with its voxel size in nm; of labels, the codes and names of the phases.
    Example: keramos export segmentation.ome.zarr --to vti --compress --out segmentation.vti

    onnx: a network that any ONNX runtime runs, from raw grey values to scores.
    Example: keramos export model.keramos --to onnx --out model.onnx

    bioimageio: the same as a bioimage.io package, for software that runs such models.
    Example: keramos export model.keramos --to bioimageio --authors "Ada Lee" --out model.zip

    nnunet: the annotated slices as a data set of nnU-Net v2; what is not annotated is to be ignored.
    Example: keramos export stack.tif --labels slice48.tif --slices 48 --to nnunet --name Ceramic --out nnUNet_raw

    onnx and bioimageio need packages that come with: pip install "keramos\\[export]"
    """
    from keramos.project.verbs.export import export as write

    with reporter() as telling:
        written = write(
            paths,
            out,
            to=to,
            fresh=fresh,
            reading=reading(voxel_size, box, phases, positive, ignore),
            reporter=telling,
            labels=labels or None,
            slices=numbers(slices, "--slices") if slices else None,
            name=name,
            authors=authors,
            images=images,
            number=number,
            context=context,
            phase=phase,
            smooth=smooth,
            coarsen=coarsen,
            compress=compress or None,
        )
    print_facts([("written", str(written))])
