"""Checks of a segmentation: whether the stack is like the slices that the model learnt from."""

from __future__ import annotations

from collections.abc import Mapping

from keramos.core import Finding, Volume
from keramos.inspection.amounts import odds_ratio, percent
from keramos.inspection.check import Check
from keramos.inspection.training import FEW_VOXELS
from keramos.networks import ModelCard, Signature
from keramos.segmenters import grey_difference

_MAX_ODDS_RATIO = 3.0
"""Between slices of one stack it is 1.8 at most, between the paper's two patches 2.2."""


def check_segmentation(card: ModelCard, volume: Volume, fractions: Mapping[str, float]) -> list[Finding]:
    """Findings about a segmentation of `volume` by the model of the card, whose phases take these fractions of it.

    Amounts are not judged where the grey values differ, which explains them, nor of phases with few annotated voxels.
    """
    # A model that takes level and contrast from each stack does not mind others.
    adapts = card.normalisation is not None and card.normalisation.scope == "stack"
    difference = grey_difference(volume, Signature(grey_range=None if adapts else card.training.grey_range))
    return _compare_amounts(card, fractions) if difference is None else [difference]


def _compare_amounts(card: ModelCard, fractions: Mapping[str, float]) -> list[Finding]:
    """Phases of which the stack has none, or far more or less than the annotated slices; of two phases that is said of
    one."""
    names, counts = card.phase_table.names, card.training.phase_voxels
    absent, amounts, total = [], [], sum(counts)
    for code, (name, annotated) in enumerate(zip(names, counts, strict=False)):
        predicted, known = fractions.get(name, 0.0), annotated / max(1, total)
        if annotated < FEW_VOXELS:
            continue
        if predicted == 0:
            absent.append(_absent_phase(name, known))
        elif (len(names) > 2 or code == card.positive) and odds_ratio(predicted, known) > _MAX_ODDS_RATIO:
            amounts.append(_other_amount(name, predicted, known))
    return absent if absent and len(names) == 2 else [*absent, *amounts]


def _absent_phase(name: str, known: float) -> Finding:
    return Finding(
        "phase-never-predicted",
        f"no voxel of the stack is called {name}, which is {percent(known)} of what was annotated",
        f"nothing can be measured of {name}",
        "see whether it is there at all, or train longer on more of it",
    )


def _other_amount(name: str, predicted: float, known: float) -> Finding:
    more = "more" if predicted > known else "less"
    return Finding(
        "other-amount",
        f"the stack has far {more} {name} ({percent(predicted)}) than the annotated slices ({percent(known)})",
        f"other phases may be mistaken for {name}" if predicted > known else f"{name} may be mistaken for other phases",
        "if it should not, annotate a slice from another depth, where this shows most",
    )


SEGMENTATION = Check("segmentation", "segmentation", check_segmentation)
