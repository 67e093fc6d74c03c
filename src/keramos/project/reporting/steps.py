"""The steps from images to numbers, as the labels, their model and their quantities record them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from keramos.core import LabelVolume
from keramos.networks import ModelCard
from keramos.project.quantities import QUANTITIES
from keramos.reports.plain_words import count, ranges

LABELS = "LABELS"
"""What stands in a command for the labels that were trained on: a model does not know their path."""


def list_steps(
    labels: LabelVolume, card: ModelCard | None, quantities: Path | None = None
) -> tuple[dict[str, Any], ...]:
    """The steps of the labels' provenance, with the training before the segmentation, and the measuring after it."""
    steps = labels.provenance.to_json()
    if quantities is not None:
        steps += [step for step in _read_steps(quantities)[-1:] if step.get("verb") == "quantify"]
    place = next((number for number, step in enumerate(steps) if step["verb"] == "segment"), None)
    if card is not None and place is not None and card.training.images:
        steps.insert(place, _training_step(card))
    return tuple(steps)


def _read_steps(folder: Path) -> list[dict[str, Any]]:
    try:
        steps: list[dict[str, Any]] = json.loads((folder / QUANTITIES).read_text(encoding="utf-8"))["provenance"]
    except (OSError, ValueError, LookupError, TypeError):
        return []
    return steps


def _training_step(card: ModelCard) -> dict[str, Any]:
    training, settings = card.training, card.training.settings
    slices = sorted({z for rows in training.annotated_slices for z in rows})
    where = f"{count(len(slices), 'slice')} (z = {ranges(slices)})"
    said = ("budget", "epochs", "hold_out", "crop", "batch", "learning_rate")
    return {
        "verb": "train",
        "parameters": {
            "images": list(training.images),
            "labels": [LABELS],
            "model": settings.get("model") or card.architecture,
            "annotated": f"{training.annotated_voxels:,} voxels on {where}",
            "steps": training.steps,
            "seed": training.seed,
            **{name: settings[name] for name in said if settings.get(name)},
        },
        "inputs": {"images and labels": training.data_sha256},
        "versions": card.versions,
    }
