"""Slices of a stack that a model was trained on."""

from __future__ import annotations

from keramos.core import LabelVolume, Volume
from keramos.core.errors import KeramosError
from keramos.io import source_fingerprint
from keramos.networks import BUNDLED, ModelCard
from keramos.project.segmentation_facts import card_of, facts_of, images_of, model_of, step_of
from keramos.segmenters import SEGMENTERS


def find_trained_slices(card: ModelCard, volume: Volume) -> tuple[int, ...]:
    """The slices of this very volume that the model was trained on, counted from the volume's first; none of another
    file."""
    return _select_slices(card, source_fingerprint(volume), volume.origin[0], volume.shape[0])


def find_trained_slices_of_labels(labels: LabelVolume, images: Volume | None = None) -> tuple[int, ...] | None:
    """The slices, counted from the first of the labels, that the model which made them was trained on.

    The labels say so themselves. Those of version 0.1 do not: their model is looked for at its path, and `images`, if
    not given, at theirs.

    Returns:
        The slices; none for labels that no model made; None where it cannot be told.
    """
    facts, step = facts_of(labels), step_of(labels)
    if facts is not None:
        first = facts.origin[0] + labels.origin[0]
        return () if facts.card is None else _select_slices(facts.card, facts.fingerprint, first, labels.shape[0])
    if step is None or model_of(labels) in SEGMENTERS or model_of(labels) in BUNDLED:
        return ()
    card = card_of(labels)
    try:
        volume = images or images_of(labels)
    except KeramosError:
        return None
    return None if card is None else find_trained_slices(card, volume)


def _select_slices(card: ModelCard, source: str, first: int, depth: int) -> tuple[int, ...]:
    """The slices of the file with this fingerprint that the model was trained on, of `depth` slices from `first` on."""
    training = card.training
    slices = {
        z - first
        for name, annotated in zip(training.sources, training.annotated_slices, strict=False)
        for z in annotated
        if name == source and first <= z < first + depth
    }
    return tuple(sorted(slices))
