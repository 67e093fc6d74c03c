"""Show a trained model."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from keramos.apps.cli.console import print_facts
from keramos.learning import TrainResult
from keramos.settings.train import TrainSettings


def show_train(settings: TrainSettings, fitted: TrainResult) -> dict[str, Any]:
    """Print the model's file, its training and its scores; the next command segments the first stack with it."""
    card = fitted.card
    facts = [
        ("model", str(fitted.path)),
        ("architecture", f"{card.architecture} ({_list(card.architecture_settings)})"),
    ]
    if card.training.steps:
        ended = ", ended by Ctrl-C" if fitted.stopped else ", stopped early" if card.training.stopped_early else ""
        facts.append(("training", f"{card.training.steps} steps in {card.training.seconds:.0f} s{ended}"))
    if "training_iou" in card.scores:
        facts.append(("IoU", f"{card.scores['training_iou']:.4f}: training IoU (not a validation score)"))
    if "held_out_iou" in card.scores:
        facts.append(("IoU, held out", f"{card.scores['held_out_iou']:.4f} on annotation that was not trained on"))
        facts.append(("temperature", f"{card.temperature:.2f}: logits are divided by it (temperature scaling)"))
    if card.training.curve:
        facts.append(("learning curve", str(fitted.path.with_name(f"{fitted.path.stem}.curve.png"))))
    print_facts(facts)
    size = [] if settings.voxel_size is None else ["--voxel-size", *(f"{nm:g}" for nm in settings.voxel_size.zyx)]
    images = str(getattr(settings.images[0], "name", settings.images[0]))
    following = ["keramos", "segment", images, *size, "--model", str(fitted.path), "--out", "OUT.ome.zarr"]
    early = card.training.stopped_early
    return {**card.model_dump(mode="json"), "stopped_early": early, "next": shlex.join(following)}


def _list(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items())
