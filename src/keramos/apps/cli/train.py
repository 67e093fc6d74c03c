"""keramos train"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keramos.apps.cli.console import print_facts, reporter
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


def train(
    images: Annotated[list[str], typer.Option("--images", metavar="P [P ...]", help="Images or stacks.")],
    labels: Annotated[
        list[str], typer.Option("--labels", metavar="P [P ...]", help="Their labels, in the same order.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.keramos", help="The model file to write.")],
    model: Annotated[
        str | None,
        typer.Option(
            "--model", metavar="NAME", help="A network or method of `keramos models`: compact if nothing is said."
        ),
    ] = None,
    size: Annotated[
        str | None, typer.Option("--size", metavar="S|M|L", help="Of a compact network; S is usual.")
    ] = None,
    budget: Annotated[
        float | None, typer.Option("--budget", metavar="SECONDS", help="Train this long (120 if nothing is said).")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option("--epochs", metavar="N", help="Train N times 1,000 crops, instead of --budget.")
    ] = None,
    slices: Annotated[
        list[str] | None, typer.Option("--slices", metavar="Z [Z ...]", help="Learn from these annotated slices only.")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="FILE|NAME", help="Go on from this model, or from a bundled one.")
    ] = None,
    width: Annotated[
        int | None, typer.Option("--width", metavar="N", help="Channels of a network's first level.")
    ] = None,
    trunk: Annotated[
        str | None, typer.Option("--trunk", metavar="vgg16|alexnet|resnet50", help="What an FCN builds on.")
    ] = None,
    pretrained: Annotated[
        str | None, typer.Option("--pretrained", metavar="FILE", help="VGG-16 weights for an FCN to start from.")
    ] = None,
    dice: Annotated[
        str, typer.Option("--dice", metavar="batch|pixel", help="Dice loss of the paper's code, or of its Eq. 2.")
    ] = "batch",
    crop: Annotated[int | None, typer.Option("--crop", metavar="N", help="Edge of training crops, pixels.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw an unfinished training of OUT away.")] = False,
    hold_out: Annotated[
        float,
        typer.Option("--hold-out", metavar="SHARE", help="Of the annotation, to test the network and its scores on."),
    ] = 0.0,
    device: DeviceOption = "auto",
    precision: Annotated[
        str, typer.Option("--precision", metavar="auto|fp32|bf16|fp16", help="Of a compact network's convolutions.")
    ] = "auto",
    seed: Annotated[int, typer.Option("--seed", help="Decides the first weights and the crops.")] = 0,
    voxel_size: VoxelSizeOption = None,
    box: BoxOption = None,
    phases: PhasesOption = None,
    positive: PositiveOption = None,
    ignore: IgnoreOption = None,
    json_file: JsonOption = None,
) -> None:
    """Train a network on annotated slices, or choose a threshold's parameters on them.

    A label stack may leave most slices not annotated (255). Ctrl-C ends the training early and keeps the model.

    Example: keramos train --images stack.tif --labels slice48.tif --slices 48 --out model.keramos
    """
    from keramos.networks import ARCHITECTURES
    from keramos.project.verbs.train import train as fit

    if size is not None:
        width = ARCHITECTURES.find(model or "compact").size(size)["width"]
    chosen = {"width": width, "backbone": trunk, "bias": True if pretrained else None}
    network = {name: value for name, value in chosen.items() if value is not None}
    with reporter() as telling:
        fitted = fit(
            images,
            labels,
            out=out,
            model=model,
            budget_s=budget,
            epochs=epochs,
            device=device,  # type: ignore[arg-type]
            seed=seed,
            start=start,
            slices=None if not slices else numbers(slices, "--slices"),
            more={
                "crop": crop,
                "dice": dice,
                "hold_out": hold_out,
                "pretrained": pretrained,
                "fresh": fresh,
                "network": network,
                "precision": precision,
            },
            reading=reading(voxel_size, box, phases, positive, ignore),
            reporter=telling,
        )
    card = fitted.card
    facts = [("model", str(fitted.path)), ("architecture", f"{card.architecture} {card.architecture_settings}")]
    if card.training.steps:
        stopped = ", stopped early" if fitted.stopped else ""
        facts.append(("training", f"{card.training.steps} steps in {card.training.seconds:.0f} s{stopped}"))
    if "training_iou" in card.scores:
        facts.append(("IoU", f"{card.scores['training_iou']:.4f} on the slices it learnt from: a check, not a test"))
    if "held_out_iou" in card.scores:
        facts.append(("IoU, held out", f"{card.scores['held_out_iou']:.4f} on places that it did not learn from"))
        facts.append(("temperature", f"{card.temperature:.2f}: logits are divided by it (temperature scaling)"))
    if card.training.curve:
        facts.append(("learning curve", str(fitted.path.with_name(f"{fitted.path.stem}.curve.png"))))
    print_facts(facts)
    write_json(json_file, {**card.model_dump(mode="json"), "findings": telling.findings})
