"""The steps from images to numbers, as the labels, their model and their quantities record them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from keramos.core import LabelVolume
from keramos.networks import ModelCard
from keramos.project.quantities import QUANTITIES
from keramos.project.training_record import describe_kept, describe_weights
from keramos.reports.plain_words import count, ranges


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
    """The training as its card records it, with the options that were given; older cards hold none."""
    training = card.training
    slices = sorted({z for rows in training.drawn_slices or training.annotated_slices for z in rows})
    voxels = sum(training.drawn_voxels) or training.annotated_voxels
    facts = {
        "network": card.architecture,
        "annotated": f"{voxels:,} voxels on {count(len(slices), 'slice')} (z = {ranges(slices)})",
        "began with": "" if training.start is None else describe_weights(training.start),
        "outcome": describe_kept(training),
        "steps": training.steps,
        "seed": training.seed,
    }
    return {
        "verb": "train",
        "parameters": {**(training.options or {}), **facts},
        "inputs": {"images and labels": training.data_sha256},
        "versions": card.versions,
    }
