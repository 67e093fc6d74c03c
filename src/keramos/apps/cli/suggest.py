"""keramos suggest"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keramos.apps.cli.console import print_facts, print_table, reporter
from keramos.apps.cli.options import BoxOption, DeviceOption, JsonOption, VoxelSizeOption, numbers, reading, write_json

if TYPE_CHECKING:
    from keramos.annotation import Suggestion


def suggest(
    images: Annotated[str, typer.Argument(metavar="IMAGES", help="A stack, a folder or a quoted pattern of slices.")],
    model: Annotated[
        str, typer.Option("--model", metavar="FILE", help="A network trained on what is annotated so far.")
    ],
    count: Annotated[int, typer.Option("--count", metavar="N", help="How many suggestions.")] = 1,
    annotated: Annotated[
        list[str] | None,
        typer.Option("--annotated", metavar="Z [Z ...]", help="Annotated slices, where the model does not know them."),
    ] = None,
    edge: Annotated[int, typer.Option("--edge", metavar="PIXELS", help="Edge of the region to annotate.")] = 256,
    every: Annotated[
        int | None,
        typer.Option("--every", metavar="N", help="Look at every Nth slice (as many as take about a minute)."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="PICTURE.png", help="Draw the slices with the regions framed.")
    ] = None,
    device: DeviceOption = "auto",
    voxel_size: VoxelSizeOption = None,
    box: BoxOption = None,
    json_file: JsonOption = None,
) -> None:
    """Name the next slice and region to annotate: where the network is unsure, far from what is annotated.

    Example: keramos suggest stack.tif --model model.keramos --count 3 --out next.png
    """
    from keramos.annotation import SuggestSettings
    from keramos.project.verbs.suggest import suggest as look

    settings = SuggestSettings(count=count, edge=edge, every=every)
    with reporter() as telling:
        found = look(
            images,
            model,
            annotated=numbers(annotated or [], "--annotated"),
            out=out,
            device=device,  # type: ignore[arg-type]
            settings=settings,
            reading=reading(voxel_size, box),
            reporter=telling,
        )
    rows = [_row(number, suggestion) for number, suggestion in enumerate(found.suggestions, 1)]
    print_table("What to annotate next", ("", "slice z", "region (--box)", "uncertain", "slices away"), rows)
    facts = [(f"why {number}", suggestion.why) for number, suggestion in enumerate(found.suggestions, 1)]
    known = ", ".join(map(str, found.annotated)) or "none that is known"
    facts += [("looked at", f"{len(found.looked_at)} slices"), ("annotated", known)]
    if out is not None:
        facts.append(("picture", str(out)))
    print_facts(facts)
    write_json(json_file, {**found.to_json(), "findings": telling.findings})


def _row(number: int, suggestion: Suggestion) -> tuple[str, ...]:
    away = "-" if suggestion.slices_away is None else str(suggestion.slices_away)
    return str(number), str(suggestion.z), suggestion.box, f"{100 * suggestion.unsure_share:.1f} %", away
