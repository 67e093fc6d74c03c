"""Show what there is to segment with."""

from __future__ import annotations

from typing import Any

from keramos.apps.cli.console import print_table
from keramos.settings.others import ModelsSettings


def show_models(settings: ModelsSettings, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Print a table of networks and methods, and one of bundled weights."""
    speed = settings.speed
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
    return {"models": rows}


def _cells(row: dict[str, Any], speed: bool) -> list[str]:
    if row["kind"] == "method":
        return [row["name"], str(row["planes"]), "", "", *([""] if speed else []), row["description"]]
    numbers = [str(row["planes"]), f"{row['parameters']:,}", f"{row['kflop_per_pixel']:,.1f}"]
    return [row["name"], *numbers, *([f"{row['mvoxel_per_s']:.2f}"] if speed else []), row["description"]]
