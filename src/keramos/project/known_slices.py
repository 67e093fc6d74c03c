"""Which slices of a stack a model was trained on."""

from __future__ import annotations

from keramos.core import Volume
from keramos.io import source_fingerprint
from keramos.networks import ModelCard


def trained_on(card: ModelCard | None, volume: Volume) -> tuple[int, ...]:
    """The slices of this very volume that the model was trained on, counted from the volume's first; none of another
    file, and none without a card."""
    if card is None:
        return ()
    training, source, first = card.training, source_fingerprint(volume), volume.origin[0]
    found = {
        z - first
        for name, slices in zip(training.sources, training.annotated_slices, strict=False)
        for z in slices
        if name == source and first <= z < first + volume.shape[0]
    }
    return tuple(sorted(found))
