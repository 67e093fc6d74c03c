"""What is probably wrong with a segmentation: the stack is unlike the slices that the model learnt from."""

from __future__ import annotations

from collections.abc import Mapping

from keramos.core import Volume
from keramos.inspection.amounts import odds_ratio
from keramos.inspection.finding import Finding, share
from keramos.inspection.training import FEW_VOXELS
from keramos.networks import ModelCard, Signature
from keramos.segmenters import grey_difference

_FAR = 3.0
"""As a ratio of odds. Of slices of one stack it is 1.8 at most, of the paper's two patches 2.2."""


def segmentation_findings(card: ModelCard, volume: Volume, fractions: Mapping[str, float]) -> list[Finding]:
    """What is off with a segmentation of `volume` by the model of the card, whose phases take these fractions of it.

    Amounts are not judged where the grey values differ, which explains them, nor of phases with few annotated voxels.
    """
    # A model that takes level and contrast from each stack does not mind others.
    adapts = card.normalisation is not None and card.normalisation.scope == "stack"
    difference = grey_difference(volume, Signature(grey_range=None if adapts else card.training.grey_range))
    if difference is not None:
        return [Finding("other grey values", difference)]
    names, counts = card.phase_table.names, card.training.phase_voxels
    findings, total = [], sum(counts)
    for code, (name, annotated) in enumerate(zip(names, counts, strict=False)):
        found, known = fractions.get(name, 0.0), annotated / total
        if annotated < FEW_VOXELS:
            continue
        if found == 0:
            findings.append(Finding("phase never predicted", _never(name, known)))
        elif (len(names) > 2 or code == card.positive) and odds_ratio(found, known) > _FAR:
            findings.append(Finding("other amount", _other(name, found, known)))
    never = [finding for finding in findings if finding.kind == "phase never predicted"]
    return never if never and len(names) == 2 else findings


def _never(name: str, known: float) -> str:
    return (
        f"no voxel of the stack is called {name}, which is {share(known)} of what was annotated; see whether it is "
        "there at all, or train longer on more of it"
    )


def _other(name: str, found: float, known: float) -> str:
    more = "more" if found > known else "less"
    return (
        f"the stack has far {more} {name} ({share(found)}) than the annotated slices ({share(known)}); if it should "
        "not, annotate a slice from another depth, where this shows most"
    )
