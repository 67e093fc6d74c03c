"""The README of a package, from the model's card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keramos.core.citation import DOI, PAPER
from keramos.networks import ModelCard
from keramos.version import __version__

_ORDERS = {"increasing": "order", "decreasing": "reverse of the order"}


def readme(card: ModelCard, facts: Mapping[str, Any], name: str, sample: str) -> str:
    """Markdown: what goes in, what comes out, what it was trained on, how to validate it, licence, citation.

    `facts` are those of `model_facts`; `sample` says in words what the test arrays are of.
    """
    parts = [
        f"# {name}\n\n{purpose(facts)}",
        f"## Input and output\n\n{_tensors(facts)}",
        f"## Training\n\n{_training(card)}",
        f"## Validation\n\n{_validation(card, facts, sample)}",
        f"## Licence\n\n{card.licence}",
        f"## Citation\n\n{PAPER}. https://doi.org/{DOI}",
        f"Made by Keramos {__version__} from the model with SHA-256 {facts['model_sha256']}.",
    ]
    return "\n\n".join(parts) + "\n"


def purpose(facts: Mapping[str, Any]) -> str:
    """One sentence."""
    return (
        f"Scores of the phases {', '.join(facts['phases'])} for each pixel of a slice of a FIB-SEM image stack, by the "
        f"network `{facts['architecture']}` of Keramos."
    )


def _tensors(facts: Mapping[str, Any]) -> str:
    planes, (_, rows, columns), halo = facts["planes"], facts["stride"], facts["halo"]
    seen = "the slice to segment"
    if planes > 1:
        order = _ORDERS[facts["cutting_order"]]
        seen = (
            f"{planes} neighbouring slices, the middle one of which is segmented, in the {order} in which they were "
            "cut; beyond an end of the stack the slice at that end is repeated"
        )
    lines = [
        f"Input `grey` (batch, channel, y, x), float32: raw grey values of {seen}. They are normalised inside the "
        "model, by constants of its training data: do not normalise them before.",
        f"Output `scores` (batch, channel, y, x), float32, from 0 to 1: one channel for each of the phases "
        f"{', '.join(facts['phases'])}, in this order. The highest is the phase.",
        f"y must be a multiple of {rows} and x of {columns}. Scores nearer than {halo[1]} pixels to the edge of a tile "
        "depend on what lies outside it.",
        _voxels(facts),
        _greys(facts),
    ]
    return "\n".join(f"- {line}" for line in lines if line)


def _voxels(facts: Mapping[str, Any]) -> str:
    size = facts["voxel_size_nm"]
    if size is None:
        return "The voxel size of the training data is not known."
    edges = " x ".join(f"{edge:g}" for edge in size)
    return f"Made for voxels of {edges} nm (z y x); Keramos refuses stacks whose voxels are more than 20 % off."


def _greys(facts: Mapping[str, Any]) -> str:
    if facts["grey_range"] is None:
        return ""
    low, high = facts["grey_range"]
    return f"98 % of the grey values that it was trained on lay between {low:g} and {high:g} ({facts['grey_dtype']})."


def _training(card: ModelCard) -> str:
    training = card.training
    slices = sum(len(numbers) for numbers in training.annotated_slices)
    images = ", ".join(Path(image).name for image in training.images) or "unknown images"
    text = (
        f"{slices} annotated slice(s) of {images}, {training.annotated_voxels:,} annotated voxels; {training.steps} "
        f"steps in {training.seconds:.0f} s on {training.device}."
    )
    return f"{text} {card.notes}".strip()


def _validation(card: ModelCard, facts: Mapping[str, Any], sample: str) -> str:
    how = (
        "Annotate a slice that the model has not seen, and compare: precision, recall and IoU of the phase "
        f"{facts['positive']} over the annotated pixels, also with the pixels at the boundary left out, where a hand "
        "label is itself uncertain (`keramos evaluate` does this). The test arrays and the cover show "
        f"{sample}: they tell whether the model runs, not how good it is."
    )
    if not card.scores:
        return how
    rows = "\n".join(f"- {key.replace('_', ' ')}: {value:.4f}" for key, value in card.scores.items())
    return f"{how} Scores of the model's card (those named training are a check, not a test):\n\n{rows}"
