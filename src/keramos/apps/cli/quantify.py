"""keramos quantify"""

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
from keramos.apps.cli.quantities import print_quantities
from keramos.core import byte_size
from keramos.core.errors import SettingsError


def quantify(
    labels: Annotated[str, typer.Argument(metavar="LABELS", help="Labels of any software, or a segmentation.")],
    phase: Annotated[
        list[str] | None, typer.Option("--phase", metavar="NAME [NAME ...]", help="Measure only these phases.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write quantities.json, quantities.csv, curves.csv.")
    ] = None,
    connectivity: Annotated[
        int, typer.Option("--connectivity", metavar="6|18|26", help="Neighbours through which voxels are connected.")
    ] = 6,
    transport: Annotated[
        bool, typer.Option("--transport/--no-transport", help="Solve for tortuosity factors along each axis.")
    ] = True,
    conductivity: Annotated[
        list[str] | None,
        typer.Option(
            "--conductivity", metavar="NAME=VALUE [...]", help="Several phases conduct at once: solve for all."
        ),
    ] = None,
    thickness: Annotated[
        bool, typer.Option("--thickness", help="Map local thickness and the narrowest necks, too: slower.")
    ] = False,
    domain: Annotated[
        int,
        typer.Option("--domain", metavar="EDGE", help="Flow and thickness are of a middle cube of this many voxels."),
    ] = 256,
    truth: Annotated[
        str | None,
        typer.Option(
            "--truth",
            metavar="P",
            help="Truth of slices not trained on: how sure is the segmentation? Needs its scores.",
        ),
    ] = None,
    slices: Annotated[
        list[str] | None,
        typer.Option("--slices", metavar="Z [Z ...]", help="Slices of --truth to use, or where its single slice lies."),
    ] = None,
    draws: Annotated[
        int, typer.Option("--draws", metavar="N", help="With --truth: segmentations to draw from the scores.")
    ] = 20,
    memory: Annotated[str, typer.Option("--memory", help="Memory to stay within, such as 2GiB.")] = "2GiB",
    workers: Annotated[int, typer.Option("--workers", metavar="N", help="Threads.")] = 2,
    voxel_size: VoxelSizeOption = None,
    box: BoxOption = None,
    phases: PhasesOption = None,
    positive: PositiveOption = None,
    ignore: IgnoreOption = None,
    json_file: JsonOption = None,
) -> None:
    """Measure the microstructure: fractions, surface, connectivity, sizes, transport; in nm, with intervals.

    With --truth some quantities get a second interval: where the value would lie if every voxel were right.

    Example: keramos quantify segmentation.ome.zarr --out quantities
    """
    if domain < 8:
        raise SettingsError(f"expected --domain of at least 8 voxels, found {domain}")
    from keramos.measurements import QuantifySettings
    from keramos.measurements.tables import to_json
    from keramos.project.verbs.quantify import quantify as measure

    settings = QuantifySettings(
        phases=tuple(name for text in phase or [] for name in text.split(",")),
        connectivity=connectivity,
        workers=workers,
        memory_bytes=byte_size(memory),
        transport=transport,
        thickness=thickness,
        conductivity=_conductivities(conductivity or []),
        domain_voxels=domain**3,
        draws=draws,
    )
    with reporter() as telling:
        options = reading(voxel_size, box, phases, positive, ignore)
        found = measure(
            labels,
            out=out,
            truth=truth,
            slices=numbers(slices, "--slices") if slices else None,
            settings=settings,
            reading=options,
            reporter=telling,
        )
        for note in found.notes:
            telling.note(note)
    print_quantities(found)
    if out is not None:
        print_facts([("written", f"{out}: quantities.json, quantities.csv, curves.csv")])
    write_json(json_file, {**to_json(found), "findings": telling.findings})


def _conductivities(texts: list[str]) -> dict[str, float]:
    """`carbon=30 pore=1` or `carbon=30,pore=1`."""
    found = {}
    for text in (part for each in texts for part in each.replace(",", " ").split()):
        name, _, value = text.partition("=")
        try:
            found[name] = float(value)
        except ValueError:
            raise SettingsError(f"expected --conductivity as NAME=VALUE, found '{text}'") from None
    return found
