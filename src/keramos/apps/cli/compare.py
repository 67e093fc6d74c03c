"""keramos compare"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keramos.apps.cli.console import print_facts, print_table, reporter
from keramos.apps.cli.options import (
    BoxOption,
    DeviceOption,
    IgnoreOption,
    JsonOption,
    PhasesOption,
    PositiveOption,
    VoxelSizeOption,
    numbers,
    reading,
    write_json,
)
from keramos.core import byte_size
from keramos.core.errors import SettingsError

if TYPE_CHECKING:
    from keramos.project.comparison import Compared

Spans = tuple[tuple[int, int], tuple[int, int]]


def compare(
    images: Annotated[list[str], typer.Option("--images", metavar="P [P ...]", help="Images to train on.")],
    labels: Annotated[list[str], typer.Option("--labels", metavar="P [P ...]", help="Their labels, in order.")],
    test_images: Annotated[list[str], typer.Option("--test-images", metavar="P [P ...]", help="Images to test on.")],
    test_labels: Annotated[list[str], typer.Option("--test-labels", metavar="P [P ...]", help="Their labels.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for models, labels, figures and report.")],
    stack: Annotated[
        str | None, typer.Option("--stack", metavar="P", help="The stack to segment (Table 2, Figs 5 and 6).")
    ] = None,
    methods: Annotated[
        str, typer.Option("--methods", help="Any of otsu,sauvola,fcn32s,fcn16s,fcn8s,unet,compact.")
    ] = "otsu,sauvola,fcn32s,fcn16s,fcn8s,unet",
    preset: Annotated[
        str, typer.Option("--preset", metavar="paper|laptop", help="The full protocol, or one for two cores.")
    ] = "laptop",
    slices: Annotated[
        list[str] | None, typer.Option("--slices", metavar="Z [Z ...]", help="Train on these annotated slices only.")
    ] = None,
    test_slices: Annotated[
        list[str] | None, typer.Option("--test-slices", metavar="Z [Z ...]", help="Test on these slices only.")
    ] = None,
    train_z: Annotated[
        list[str] | None, typer.Option("--train-z", metavar="Z [Z ...]", help="Where in the stack they were cut.")
    ] = None,
    test_z: Annotated[
        list[str] | None, typer.Option("--test-z", metavar="Z [Z ...]", help="Where in the stack they were cut.")
    ] = None,
    crop: Annotated[int | None, typer.Option("--crop", metavar="N", help="Edge of all crops, pixels.")] = None,
    otsu_scope: Annotated[
        str, typer.Option("--otsu-scope", metavar="crop|slice|stack", help="Whose histogram Otsu takes in Table 1.")
    ] = "slice",
    trainings: Annotated[
        int, typer.Option("--trainings", metavar="N", help="Train each network N times, from different seeds.")
    ] = 1,
    budget: Annotated[
        float | None, typer.Option("--budget", metavar="SECONDS", help="Train each network this long.")
    ] = None,
    epochs: Annotated[int | None, typer.Option("--epochs", metavar="N", help="Train N times 1,000 crops.")] = None,
    region: Annotated[
        list[str] | None,
        typer.Option("--region", metavar="NAME=y0:y1,x0:x1", help="Show this region of the test slice; repeatable."),
    ] = None,
    memory: Annotated[str, typer.Option("--memory", help="Bounds the blocks of the stack.")] = "2GiB",
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw an earlier comparison in DIR away.")] = False,
    device: DeviceOption = "auto",
    seed: Annotated[int, typer.Option("--seed", help="Decides first weights and crops.")] = 0,
    voxel_size: VoxelSizeOption = None,
    box: BoxOption = None,
    test_box: Annotated[
        str | None, typer.Option("--test-box", metavar="z0:z1,y0:y1,x0:x1", help="The region of the test images.")
    ] = None,
    stack_box: Annotated[
        str | None, typer.Option("--stack-box", metavar="z0:z1,y0:y1,x0:x1", help="The region of the stack.")
    ] = None,
    phases: PhasesOption = None,
    positive: PositiveOption = None,
    ignore: IgnoreOption = None,
    json_file: JsonOption = None,
) -> None:
    """The tables and figures of Hirabayashi et al. 2024 on your data: six methods, one report.

    Killed or stopped, the same command goes on where it was.

    Example: keramos compare --images s5.tif --labels l5.tif --test-images s55.tif --test-labels l55.tif
    --stack stack.tif --preset laptop --out comparison
    """
    from keramos.project.comparison import CompareSettings
    from keramos.project.verbs.compare import compare as run

    settings = CompareSettings(
        methods=tuple(name.strip() for name in methods.split(",") if name.strip()),
        preset=preset,
        crop=crop,
        otsu_scope=otsu_scope,  # type: ignore[arg-type]
        trainings=trainings,
        budget_s=budget,
        epochs=epochs,
        seed=seed,
        device=device,  # type: ignore[arg-type]
        regions=dict(_region(text) for text in region or ()),
        memory_bytes=byte_size(memory),
    )
    with reporter() as telling:
        result = run(
            images,
            labels,
            test_images,
            test_labels,
            out=out,
            stack=stack,
            slices=numbers(slices, "--slices") if slices else None,
            test_slices=numbers(test_slices, "--test-slices") if test_slices else None,
            train_z=numbers(train_z or [], "--train-z"),
            test_z=numbers(test_z or [], "--test-z"),
            test_box=test_box,
            stack_box=stack_box,
            settings=settings,
            fresh=fresh,
            reading=reading(voxel_size, box, phases, positive, ignore),
            reporter=telling,
        )
    _print(result)
    write_json(json_file, result.numbers)


def _region(text: str) -> tuple[str, Spans]:
    match = re.fullmatch(r"(.+)=(\d+):(\d+),(\d+):(\d+)", text)
    if match is None:
        raise SettingsError(f"expected --region NAME=y0:y1,x0:x1 in pixels of the test slice, found '{text}'")
    top, bottom, left, right = (int(part) for part in match.groups()[1:])
    return match[1], ((top, bottom), (left, right))


def _print(result: Compared) -> None:
    """Table 1 and where the rest is."""
    rows = []
    for method in result.content.methods:
        scores = [_spread(method.crops.over_crops[name]) for name in ("precision", "recall", "iou")]
        share = f"{sum(method.fractions) / len(method.fractions):.4f}" if method.fractions else "–"
        rows.append([method.title, *scores, share])
    positive = result.content.positive
    title = f"Scores of {positive} over the test crops, preset {result.content.preset}"
    print_table(title, ["method", "precision", "recall", "IoU", f"{positive} in the stack"], rows)
    print_facts([("report", str(result.report)), ("numbers", str(result.folder / "compare.json"))])


def _spread(spread: object) -> str:
    mean, deviation = getattr(spread, "mean", None), getattr(spread, "deviation", None)
    if mean is None:
        return "–"
    return f"{mean:.4f}" + ("" if deviation is None else f" ± {deviation:.4f}")
