"""Checks of a segmentation: whether the stack is like the slices that the model learnt from."""

from __future__ import annotations

from collections.abc import Mapping

from keramos.core import Finding, Volume
from keramos.inspection.amounts import odds_ratio, percent
from keramos.inspection.check import Check
from keramos.inspection.training import FEW_VOXELS
from keramos.networks import ModelCard, Signature
from keramos.segmenters import grey_difference, grey_mean

_LOPSIDED, _MIRRORED = 0.1, 0.07
"""Of the range of grey values. The mean lies at 0.65 and 0.66 in the paper's two patches."""
_MAX_ODDS_RATIO = 3.0
"""Between slices of one stack it is 1.8 at most, between the paper's two patches 2.2."""


def check_segmentation(card: ModelCard, volume: Volume, fractions: Mapping[str, float]) -> list[Finding]:
    """Findings about a segmentation of `volume` by the model of the card, whose phases take these fractions of it.

    Amounts are not judged where the grey values differ, which explains them, nor of phases with few annotated voxels.
    """
    # A model that takes level and contrast from each stack does not mind others.
    adapts = card.normalisation is not None and card.normalisation.scope == "stack"
    difference = grey_difference(volume, Signature(grey_range=None if adapts else card.training.grey_range))
    if difference is not None:
        return [difference]
    inverted = _find_inverted(card, volume)
    return [*inverted, *_compare_amounts(card, fractions)]


def _find_inverted(card: ModelCard, volume: Volume) -> list[Finding]:
    """A finding where the mean grey value lies in its range as that of the training images does in the mirror: most of
    them bright, most of these dark, or the other way round."""
    if card.normalisation is None or card.training.grey_range is None:
        return []
    low, high = card.training.grey_range
    least, mean, most = grey_mean(volume)
    if high <= low or most <= least:
        return []
    trained, seen = (card.normalisation.mean - low) / (high - low), (mean - least) / (most - least)
    if abs(trained - 0.5) < _LOPSIDED or abs(seen - (1 - trained)) > _MIRRORED:
        return []
    words = ("bright", "dark") if trained > 0.5 else ("dark", "bright")
    return [
        Finding(
            "inverted-contrast",
            f"most of {volume.name} is {words[1]}, where most of what the model was trained on was {words[0]} (mean at "
            f"{percent(seen)} and {percent(trained)} of the range of grey values), as in images of inverted contrast",
            "if they are inverted, the labels mean nothing; if not, this stack has another amount of the "
            f"{words[1]} phase",
            "look at the images: invert them if they are, or train on a slice of this stack",
        )
    ]


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
