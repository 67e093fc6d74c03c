"""keramos models"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from keramos.apps.cli.console import print_table, reporter
from keramos.apps.cli.options import JsonOption, write_json


def models(
    speed: Annotated[bool, typer.Option("--speed", help="Measure each network on this machine, some seconds.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Networks, methods and bundled weights: how many slices (planes) they read, what they cost, how fast they are.

    Example: keramos models --speed
    """
    from keramos.project.listing import models as listed

    with reporter() as telling:
        rows = listed(measure=speed, progress=telling.progress("look at the networks", "network"))
    columns = ["name", "planes", "parameters", "kFLOP/pixel", *(["Mvoxel/s"] if speed else []), "what it is"]
    cells = [_cells(row, speed) for row in rows if row["kind"] != "bundled weights"]
    print_table("Networks and methods (--model)", columns, cells)
    bundled = [row for row in rows if row["kind"] == "bundled weights"]
    if bundled:
        cells = [
            [
                row["name"],
                str(row["planes"]),
                " x ".join(f"{edge:g}" for edge in row["voxel_size_nm"]),
                f"{row['mebibytes']:.1f}",
                row["licence"],
                row["description"],
            ]
            for row in bundled
        ]
        columns = ["name", "planes", "voxel size, nm", "MiB", "licence", "what it is"]
        print_table("Bundled weights (--model or --from)", columns, cells)
    write_json(json_file, {"models": rows})


def _cells(row: dict[str, Any], speed: bool) -> list[str]:
    if row["kind"] == "method":
        return [row["name"], str(row["planes"]), "", "", *([""] if speed else []), row["description"]]
    numbers = [str(row["planes"]), f"{row['parameters']:,}", f"{row['kflop_per_pixel']:,.1f}"]
    return [row["name"], *numbers, *([f"{row['mvoxel_per_s']:.2f}"] if speed else []), row["description"]]
