"""keramos report"""

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


def report(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN_DIR [RUN_DIR ...]",
            help="A run's folder, or one or a folder of segmentations; several are set side by side.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.html", help="The page to write.")] = Path("report.html"),
    images: Annotated[str | None, typer.Option("--images", metavar="P", help="Images, if they have moved.")] = None,
    truth: Annotated[str | None, typer.Option("--truth", metavar="P", help="True labels to score with.")] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option("--leave-out", metavar="Z [Z ...]", help="Do not score these slices, as those trained on."),
    ] = None,
    quantities: Annotated[
        Path | None, typer.Option("--quantities", metavar="DIR", help="What keramos quantify wrote of it.")
    ] = None,
    measure: Annotated[
        bool,
        typer.Option("--quantify/--no-quantify", help="Whether the microstructure is measured, where it was not yet."),
    ] = True,
    voxel_size: VoxelSizeOption = None,
    box: BoxOption = None,
    phases: PhasesOption = None,
    positive: PositiveOption = None,
    ignore: IgnoreOption = None,
    json_file: JsonOption = None,
) -> None:
    """Write one HTML page of pictures, scores, microstructure and how they came about; or of samples side by side.

    Example: keramos report segmentation.ome.zarr --truth truth.tif --out report.html
    Example: keramos report fresh.ome.zarr aged.ome.zarr --out aging.html
    """
    from keramos.project.verbs.report import report as write

    with reporter() as telling:
        options = reading(voxel_size, box, phases, positive, ignore)
        left_out = numbers(leave_out or [], "--leave-out")
        reported = write(
            runs if len(runs) > 1 else runs[0],
            out,
            images=images,
            truth=truth,
            leave_out=left_out,
            quantities=quantities,
            measure=measure,
            reading=options,
            reporter=telling,
        )
    print_facts([("report", str(out))])
    write_json(json_file, reported.numbers)
